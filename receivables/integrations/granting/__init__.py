"""Access that an administrator gives us at another system's own page (OAuth 2): asked for, taken, given back."""
