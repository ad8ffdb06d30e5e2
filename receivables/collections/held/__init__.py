"""Money of a customer that is held on an agreement of its own: deposits, and what was paid too much."""
