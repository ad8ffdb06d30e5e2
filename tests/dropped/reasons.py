"""Guards whose loss no attack sees, each with the reason why it stays."""

SUPERFLUOUS: dict[str, str] = {}
