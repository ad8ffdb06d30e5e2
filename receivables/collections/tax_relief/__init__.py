"""Tax inside bad debt that is claimed back later: what is eligible, the claims, and taking them back."""
