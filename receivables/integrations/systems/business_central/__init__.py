"""Dynamics 365 Business Central: what is posted stays, so only differences are posted; payments go through journals."""
