"""A little more was paid than is owed: booked as income by choice, within a limit of its own."""
