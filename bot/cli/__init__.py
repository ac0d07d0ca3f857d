"""The `gexwire` command line: one file per sub-command."""
