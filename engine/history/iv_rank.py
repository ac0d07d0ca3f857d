"""Where today's implied volatility stands in its own past.

The caller chooses the past: one value per session, the last 252 of them, today's not included.
The forms named `fno_monitor` are the design's own: any number of observations, and a rank that
leaves 0..100 as soon as volatility does what it never did before.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from engine.domain import Floats

LEAST = 20
"""Observations below which a rank is noise."""


def iv_rank(current: float | None, history: ArrayLike, least: int = LEAST) -> float | None:
    """Position between the lowest and the highest, both including today. [0..100]

    None without a current value, with fewer than `least` observations, or when nothing moved.

    Args:
        current: Today's volatility. [fraction per sqrt(year)]
        history: Earlier sessions, NaN = none that day; those are dropped.
    """
    past = _known(history)
    if current is None or not np.isfinite(current) or past.size < least:
        return None
    return _between(current, min(current, float(past.min())), max(current, float(past.max())))


def iv_percentile(current: float | None, history: ArrayLike, least: int = LEAST) -> float | None:
    """Share of the earlier sessions strictly below today. [0..100] Arguments as of `iv_rank`."""
    return _share_below(current, _known(history), least)


def iv_rank_fno_monitor(current: float | None, history: ArrayLike) -> float | None:
    """The same between the bounds of the history alone: below 0 or above 100 outside them."""
    past = _known(history)
    if current is None or not np.isfinite(current) or not past.size:
        return None
    return _between(current, float(past.min()), float(past.max()))


def iv_percentile_fno_monitor(current: float | None, history: ArrayLike) -> float | None:
    """`iv_percentile` of however few observations."""
    return _share_below(current, _known(history), 1)


def _known(history: ArrayLike) -> Floats:
    values = np.asarray(history, dtype=np.float64).ravel()
    return values[np.isfinite(values)]


def _between(current: float, low: float, high: float) -> float | None:
    return None if high == low else (current - low) / (high - low) * 100


def _share_below(current: float | None, past: Floats, least: int) -> float | None:
    if current is None or not np.isfinite(current) or past.size < least:
        return None
    return int((past < current).sum()) / past.size * 100
