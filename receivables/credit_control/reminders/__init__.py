"""Reminder letters of collection processes: written, e-mailed with their PDF or posted, kept as they were sent."""
