"""Summary invoices: one invoice over many loads, each with its own part of what is billed and paid."""
