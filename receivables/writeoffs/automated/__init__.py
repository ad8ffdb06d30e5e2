"""Automated write-off: the monitor, the processes that it starts, and the activator that carries out their events.

An application of its own, so that its tables and migrations do not wait for those of write-offs by hand; it uses their
planning and posting, and nothing there knows of it.
"""
