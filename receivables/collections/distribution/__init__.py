"""Distributing money over the agreements of an account: which debt is paid first, and by whom that was decided."""
