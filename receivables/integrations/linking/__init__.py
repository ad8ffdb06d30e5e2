"""Whom and what of ours an accounting system has already, from before it was connected: found, proposed, linked."""
