"""The debt monitor: which accounts are chased, by which criteria, and why the others are left alone."""
