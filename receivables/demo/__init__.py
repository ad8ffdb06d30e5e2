"""Demo data: two organizations with nine months of invoices and payments, made through the operations.

Everything comes from a seed and a day, so that the same two give the same figures.
"""
