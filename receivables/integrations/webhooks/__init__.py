"""Signed webhooks: what becomes of documents is told to addresses that an administrator chose (Standard Webhooks)."""
