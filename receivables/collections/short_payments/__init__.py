"""The work of short payments: what is short, resolving many at once, and undoing that again."""
