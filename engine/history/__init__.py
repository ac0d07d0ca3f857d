"""Numbers against their own past: IV rank, changes of open interest."""
