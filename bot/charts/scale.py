"""Round steps for axes and bars, and the unit an axis is read in."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from engine.domain import Floats

_ROUND = (1.0, 2.0, 2.5, 5.0, 10.0)
_UNITS = ((1e12, "tn"), (1e9, "bn"), (1e6, "mn"), (1e3, "k"))


@dataclass(frozen=True, slots=True, eq=False)
class Axis:
    """What an axis shows, and where its labels stand."""

    low: float
    high: float
    ticks: Floats


def round_step(span: float, most: int, leading: tuple[float, ...] = _ROUND) -> float:
    """The smallest of 1, 2, 2.5, 5, 10, ... that divides `span` into at most `most` steps.

    Args:
        leading: Other steps to choose from, between one power of ten and the next.

    >>> round_step(100.0, 4), round_step(70_000.0, 90), round_step(0.3, 5)
    (25.0, 1000.0, 0.1)
    """
    least = span / most * (1 - 1e-9)
    power = 10.0 ** math.floor(math.log10(least))
    return next(float(f"{each * power:.12g}") for each in leading if each * power >= least)


def ticks(low: float, high: float, most: int) -> Floats:
    """Round values inside [low, high].

    >>> ticks(-30.0, 82.0, 4)
    array([ 0., 50.])
    """
    step = round_step(high - low, most)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return np.array([float(f"{each * step:.12g}") for each in range(first, last + 1)])


def labels(values: Floats) -> list[str]:
    """Ticks in figures, all with as many decimals as the one that needs most.

    >>> labels(np.array([0.9, 1.0, 1.25])), labels(np.array([-5000.0, 0.0]))
    (['0.90', '1.00', '1.25'], ['-5,000', '0'])
    """
    texts = (np.format_float_positional(each, trim="-") for each in values)
    decimals = max((len(each.partition(".")[2]) for each in texts), default=0)
    return [f"{each:,.{decimals}f}" for each in values]


def unit(largest: float) -> tuple[float, str]:
    """What to divide an axis by, and that unit's name; (1.0, "") below a thousand.

    >>> unit(2.5e8), unit(0.0)
    ((1000000.0, 'mn'), (1.0, ''))
    """
    return next((each for each in _UNITS if largest >= each[0]), (1.0, ""))
