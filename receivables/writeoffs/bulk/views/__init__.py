"""Pages of batches of write-offs."""
