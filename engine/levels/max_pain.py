"""Max pain: the listed strike at which all open contracts together would pay out least."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.domain import Bools, Floats
from engine.exposure import Groups
from engine.levels.ranking import NOISE, closest


@dataclass(frozen=True, slots=True)
class MaxPain:
    """`ties`: every strike of the flat bottom; `strike`: the one closest to spot, then lower.

    `payout` is what all contracts pay at that strike. [quote]
    """

    strike: float | None
    ties: tuple[float, ...]
    payout: float


NONE = MaxPain(None, (), 0.0)


def max_pain(strike: Floats, is_call: Bools, units: Floats, spot: float) -> MaxPain:
    """Payout is convex and piecewise linear in the settlement price: its bottom is on a strike.

    Args:
        units: Open interest x multiplier, shape (n,), NaN = not published.
    """
    known = np.isfinite(units)
    total = float(units[known].sum())
    if total <= 0:
        return NONE
    strikes, of = np.unique(strike, return_inverse=True)
    groups = Groups(of, strikes.size)
    call = groups.sums(units[known & is_call], known & is_call)
    put = groups.sums(units[known & ~is_call], known & ~is_call)
    slope = np.cumsum(call)[:-1] - (float(put.sum()) - np.cumsum(put)[:-1])
    first = int(np.searchsorted(slope, -NOISE * total, side="left"))
    last = int(np.searchsorted(slope, NOISE * total, side="right"))
    ties = strikes[first : last + 1]
    best = closest(ties, spot)
    return MaxPain(best, tuple(float(each) for each in ties), _payout(strikes, call, put, best))


def _payout(strikes: Floats, call: Floats, put: Floats, settle: float | None) -> float:
    if settle is None:
        return 0.0
    paid = call * np.maximum(settle - strikes, 0.0) + put * np.maximum(strikes - settle, 0.0)
    return float(paid.sum())
