"""Charges that an agreement is billed by itself, and the runs that bill them."""
