"""Writing off the debts of many accounts by one decision: worked out, confirmed, done in the background, undone."""
