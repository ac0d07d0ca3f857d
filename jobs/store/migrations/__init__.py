"""Alembic's scripts. A change of `tables` needs a new file in `versions`; a test compares them."""
