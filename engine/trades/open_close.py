"""What open interest proves about opening and closing, since no print says it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from engine.domain import Bools, Floats


@dataclass(frozen=True, slots=True, eq=False)
class OpenClose:
    """Bounds per contract and day, shape (n,); all NaN where `consistent` is False. [contracts]

    Each trade has two sides, and each side opens or closes: with a trades in which both opened and
    z in which both closed, a - z is the change of open interest, exactly. How many opened AND
    closed is not known, so a and z are known within bounds; their share of sides is exact.

    Attributes:
        both_open: Lowest and highest a.
        both_close: Lowest and highest z.
        opening_side_share: Of all sides of all trades. [fraction]
        consistent: There was volume, and open interest did not change by more than it: otherwise
            exercise, assignment, an adjustment or bad data.
    """

    both_open: tuple[Floats, Floats]
    both_close: tuple[Floats, Floats]
    opening_side_share: Floats
    consistent: Bools


def open_close_bounds(prev_oi: ArrayLike, next_oi: ArrayLike, volume: ArrayLike) -> OpenClose:
    """Bounds from the open interest before and after a day, and the day's volume.

    >>> found = open_close_bounds([1000.0], [700.0], [900.0])
    >>> [float(each[0]) for each in (*found.both_open, *found.both_close)]
    [0.0, 300.0, 300.0, 600.0]
    """
    before, after, traded = (
        np.asarray(each, dtype=np.float64) for each in (prev_oi, next_oi, volume)
    )
    change = after - before
    consistent = (traded > 0) & (np.abs(change) <= traded)
    change = np.where(consistent, change, np.nan)
    whole = np.where(consistent, traded, np.nan)
    return OpenClose(
        both_open=(np.maximum(change, 0.0), (whole + change) / 2),
        both_close=(np.maximum(-change, 0.0), (whole - change) / 2),
        opening_side_share=(whole + change) / (2 * whole),
        consistent=consistent,
    )


def must_open(size: ArrayLike, prev_oi: ArrayLike, volume_before: ArrayLike) -> Bools:
    """Prints that certainly opened: larger than everything that could have been closed. Shape (n,).

    Args:
        size: Of the print. [contracts]
        prev_oi: Open interest before the day. [contracts]
        volume_before: Traded earlier that day: it may all have been opening. [contracts]
    """
    closable = np.asarray(prev_oi, dtype=np.float64) + np.asarray(volume_before, dtype=np.float64)
    return np.asarray(np.asarray(size, dtype=np.float64) > closable)
