"""How open interest changed over exchange sessions, and whether it builds or decays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike

from engine.domain import Floats
from engine.unknown import or_nan

SESSIONS: Mapping[str, int] = {"1D": 1, "3D": 3, "1W": 5, "1M": 21}
"""Sessions, not calendar days: a Monday's 1D is against Friday."""

CHANGED = 0.10


class Trend(StrEnum):
    BUILDING = "BUILDING"
    DECAYING = "DECAYING"
    STABLE = "STABLE"


@dataclass(frozen=True, slots=True, eq=False)
class OiDeltas:
    """Changes up to the last session, NaN where one of the two ends is missing. [contracts]"""

    day: Floats
    three_days: Floats
    week: Floats
    month: Floats

    def by_name(self) -> dict[str, Floats]:
        """By the names of `SESSIONS`."""
        return dict(zip(SESSIONS, (self.day, self.three_days, self.week, self.month), strict=True))


def oi_deltas(oi: ArrayLike) -> OiDeltas:
    """Changes over 1, 3, 5 and 21 sessions.

    Args:
        oi: Open interest per session, oldest first, shape (sessions,) or (sessions, n) for n
            contracts at once; NaN = not published. [contracts]

    >>> {name: float(change) for name, change in oi_deltas([100, 250, 850, 900]).by_name().items()}
    {'1D': 50.0, '3D': 800.0, '1W': nan, '1M': nan}
    """
    values = np.asarray(oi, dtype=np.float64)
    return OiDeltas(*(_change(values, sessions) for sessions in SESSIONS.values()))


def oi_trend(oi: float | None, previous: float | None, changed: float = CHANGED) -> Trend | None:
    """BUILDING or DECAYING when the change is more than `changed` of what was there before.

    From nothing, any open interest is BUILDING. None when one of the two is not known.
    """
    now, before = or_nan(oi), or_nan(previous)
    if np.isnan(now) or np.isnan(before):
        return None
    if before == 0:
        return Trend.BUILDING if now > 0 else Trend.STABLE
    grown = (now - before) / before
    if grown > changed:
        return Trend.BUILDING
    return Trend.DECAYING if grown < -changed else Trend.STABLE


def _change(values: Floats, sessions: int) -> Floats:
    if values.shape[0] <= sessions:
        return np.full(values.shape[1:], np.nan)
    return np.asarray(values[-1] - values[-1 - sessions])
