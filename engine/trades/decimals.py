"""Exact comparisons of prices as the decimals they are written as, over whole arrays.

0.1 + 0.2 is not 0.3 in binary, so a print at the decimal mid of 0.1 and 0.3 would be a buy or a
sell by rounding alone. Floats decide where the difference is larger than any rounding; what is
left, nearly all of it prints exactly at the mid, is decided in integers of the price's last digit.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from engine.domain import Bools, Floats

Signs = NDArray[np.int8]

PLACES = (2, 4, 6, 8, 10, 12)
_SAFE = 1e15
"""Below it, an integer is the only decimal of its length that reads as the float it gives."""
_ROUNDING = 8 * float(np.finfo(np.float64).eps)


def exact_sign(weights: tuple[int, ...], columns: tuple[Floats, ...]) -> Signs:
    """Sign of sum(weight x column) with every number taken as its shortest decimal text.

    Args:
        weights: Integers, one per column.
        columns: Arrays of shape (n,); where one is not finite, 0 comes out. [quote]

    Returns:
        -1, 0 or 1, shape (n,).

    >>> mid, bid, ask = np.array([0.2, 0.21]), np.array([0.1, 0.1]), np.array([0.3, 0.3])
    >>> exact_sign((2, -1, -1), (mid, bid, ask)).tolist()
    [0, 1]
    """
    finite = np.logical_and.reduce([np.isfinite(column) for column in columns])
    if not finite.all():
        columns = tuple(np.where(finite, column, 0.0) for column in columns)
    total, size = np.zeros_like(columns[0]), np.zeros_like(columns[0])
    for weight, column in zip(weights, columns, strict=True):
        term = weight * column
        total += term
        size += np.abs(term)
    signs = np.sign(total).astype(np.int8)
    close = np.flatnonzero((np.abs(total) <= _ROUNDING * size) & (size > 0))
    signs[close] = _close_signs(weights, [column[close] for column in columns])
    return signs


def _close_signs(weights: tuple[int, ...], columns: list[Floats]) -> Signs:
    """Of rows that floats cannot tell apart, by the fewest decimal places that hold a row."""
    signs = np.zeros(columns[0].size, dtype=np.int8)
    left = np.arange(signs.size)
    largest = min(_SAFE, 2.0**62 / max(1, sum(map(abs, weights))))
    for places in PLACES:
        parts = [column[left] for column in columns]
        scaled = [np.rint(part * 10.0**places) for part in parts]
        exact = _hold(scaled, parts, places, largest)
        total = np.zeros(int(exact.sum()), dtype=np.int64)
        for weight, each in zip(weights, scaled, strict=True):
            total += weight * each[exact].astype(np.int64)
        signs[left[exact]] = np.sign(total)
        left = left[~exact]
        if not left.size:
            return signs
    for row in left.tolist():
        signs[row] = _text_sign(weights, [float(column[row]) for column in columns])
    return signs


def _hold(scaled: list[Floats], parts: list[Floats], places: int, largest: float) -> Bools:
    """Where the integers, put back, are all the numbers they came from."""
    back = [
        (np.abs(each) < largest) & (each / 10.0**places == part)
        for each, part in zip(scaled, parts, strict=True)
    ]
    return np.asarray(np.logical_and.reduce(back))


def _text_sign(weights: tuple[int, ...], numbers: list[float]) -> int:
    """Of one row with more digits than prices have."""
    pairs = zip(weights, numbers, strict=True)
    total = sum((weight * Fraction(repr(each)) for weight, each in pairs), Fraction(0))
    return (total > 0) - (total < 0)
