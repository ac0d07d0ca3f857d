"""Exit codes of every sub-command, and how an expected error leaves the process."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum

from engine.errors import (
    BadConfiguration,
    BadData,
    BadInput,
    GexError,
    NoData,
    NotAllowed,
    VenueError,
)


class Exit(IntEnum):
    """Documented in README.md."""

    OK = 0
    FAILED = 1
    """A check failed: `verify` found a deviation, `doctor` a problem, a bug surfaced."""
    USAGE = 2
    """The command line or the request itself is wrong."""
    CONFIGURATION = 3
    NO_DATA = 4
    """Nothing is known: no venue answered, or a payload could not be trusted."""


def code_of(error: GexError) -> Exit:
    if isinstance(error, BadConfiguration):
        return Exit.CONFIGURATION
    if isinstance(error, (BadInput, NotAllowed)):
        return Exit.USAGE
    if isinstance(error, (NoData, BadData, VenueError)):
        return Exit.NO_DATA
    return Exit.FAILED


@contextmanager
def exits() -> Iterator[None]:
    """Expected errors become one sentence on stderr and a documented exit code."""
    try:
        yield
    except GexError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(code_of(error))
