"""Money on account: applied to invoices later, taken off one of them, moved to another, or given back."""
