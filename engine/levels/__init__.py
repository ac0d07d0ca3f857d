"""Prices at which something is open, changes sign or is expected; one family per file."""
