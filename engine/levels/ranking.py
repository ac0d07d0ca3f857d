"""Which strike comes first: one rule for ties everywhere, and what counts as nothing."""

from __future__ import annotations

import numpy as np

from engine.domain import Floats

NOISE = 1e-12
"""Relative size below which a difference is rounding, not a difference."""


def ranked(strike: Floats, value: Floats, spot: float, count: int) -> tuple[float, ...]:
    """The `count` strikes of largest value; ties: closest to spot, then lower. Zero never ranks."""
    (there,) = np.nonzero(value > 0)
    if not there.size:
        return ()
    strike, value = strike[there], value[there]
    size = _rounded(value / value.max())
    order = np.lexsort((strike, _rounded(np.abs(strike / spot - 1)), -size))
    return tuple(float(each) for each in strike[order[:count]])


def largest(strike: Floats, value: Floats, spot: float) -> float | None:
    """The strike of the largest value, None when every value is zero."""
    first = ranked(strike, value, spot, 1)
    return first[0] if first else None


def closest(strike: Floats, spot: float) -> float | None:
    """The strike closest to spot, the lower of two equally close; None without strikes."""
    if not strike.size:
        return None
    away = _rounded(np.abs(strike / spot - 1))
    return float(strike[np.lexsort((strike, away))[0]])


def without_noise(net: Floats, gross: Floats) -> Floats:
    """`net` with exact zeros where calls and puts cancel up to rounding."""
    return np.where(np.abs(net) > NOISE * gross, net, 0.0)


def _rounded(share: Floats) -> Floats:
    return np.round(share, 12)
