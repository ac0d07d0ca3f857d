"""Expected move: the at-the-money straddle of one settlement and its one-sigma forms."""

from __future__ import annotations

import math

import numpy as np

from engine.domain import Bools, ExpectedMove, Floats, Ints
from engine.levels.ranking import closest

SIGMA_PER_STRADDLE = math.sqrt(math.pi / 2)
"""A straddle is the expected |move|, 0.798 sigma: it covers 57.5 %, not 68 %."""


def expected_move(
    root: Ints,
    strike: Floats,
    is_call: Bools,
    mid: Floats,
    *,
    spot: float,
    years: float,
    atm_iv: float | None,
) -> ExpectedMove:
    """From one settlement's contracts; each part is None where its input is missing.

    The strike is the listed one closest to spot of which call and put both have a usable quote.

    Args:
        root: A number per contract root; both legs are of one, the smallest where several quote.
        mid: Mids of usable quotes, shape (n,), NaN = none. [quote]
    """
    at, straddle = _straddle(root, strike, is_call, mid, spot)
    return ExpectedMove(
        strike=at,
        straddle=straddle,
        straddle_085=None if straddle is None else 0.85 * straddle,
        one_sigma_from_straddle=None if straddle is None else SIGMA_PER_STRADDLE * straddle,
        one_sigma_iv=None if atm_iv is None else spot * atm_iv * math.sqrt(years),
    )


def _straddle(
    root: Ints, strike: Floats, is_call: Bools, mid: Floats, spot: float
) -> tuple[float | None, float | None]:
    quoted = np.isfinite(mid)
    calls, puts = np.flatnonzero(quoted & is_call), np.flatnonzero(quoted & ~is_call)
    strikes, of = np.unique(strike, return_inverse=True)
    leg = of + root * strikes.size
    _, call, put = np.intersect1d(leg[calls], leg[puts], return_indices=True)
    calls, puts = calls[call], puts[put]
    at = closest(strike[calls], spot)
    if at is None:
        return None, None
    first = int(np.flatnonzero(strike[calls] == at)[0])
    return at, float(mid[calls[first]] + mid[puts[first]])
