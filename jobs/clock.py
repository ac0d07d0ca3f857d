"""The only clock: everything else is told what time it is."""

from __future__ import annotations

import time
from datetime import UTC, datetime


def now() -> datetime:
    """The current instant, aware UTC."""
    return datetime.now(UTC)


def monotonic() -> float:
    """Seconds since some fixed point; never jumps, for measuring waits. [s]"""
    return time.monotonic()
