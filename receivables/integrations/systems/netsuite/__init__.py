"""NetSuite: records are upserted by our own id and edited in place; what is undone is deleted."""
