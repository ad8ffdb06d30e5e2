"""Money that comes after all for what was given up: recovering bad debt, and taking a recovery back."""
