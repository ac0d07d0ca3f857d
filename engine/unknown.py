"""Numbers that may be missing, for rules that stay silent about what they do not know.

>>> above(1, 0), above(None, 0), at_most(0, None)
(True, False, False)
"""

from __future__ import annotations

import math


def or_nan(value: float | None) -> float:
    """None as NaN: every comparison with it is false."""
    return math.nan if value is None else float(value)


def above(value: float | None, limit: float | None) -> bool:
    return or_nan(value) > or_nan(limit)


def below(value: float | None, limit: float | None) -> bool:
    return or_nan(value) < or_nan(limit)


def at_least(value: float | None, limit: float | None) -> bool:
    return or_nan(value) >= or_nan(limit)


def at_most(value: float | None, limit: float | None) -> bool:
    return or_nan(value) <= or_nan(limit)
