"""`python -m bot` and the installed `gexwire` command."""

from __future__ import annotations

import sys

_INTERRUPTED = 130
"""What a shell reports of a process that Ctrl-C ended."""


def main() -> None:
    """Loading the libraries takes a moment, and Ctrl-C ends that too without a trace."""
    try:
        from bot.cli.main import main as command_line
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)
    command_line()


if __name__ == "__main__":
    main()
