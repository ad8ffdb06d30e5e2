"""Budgets and payment arrangements: what is asked for now differs from what is truly owed, by a plan."""
