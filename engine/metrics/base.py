"""A metric: one number of a valued chain, finite or None."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from engine.settings import EngineSettings
from engine.valuation import Valuation


class Unit(StrEnum):
    """How a value reads. MONEY is the quote currency, its rate is said by the title."""

    MONEY = "money"
    PRICE = "price"
    RATIO = "ratio"
    VOL = "vol"
    """A volatility, as a fraction per sqrt(year)."""
    VOL_POINTS = "vol_points"
    """A difference of volatilities, as a fraction: 0.01 is one vol point."""
    CONTRACTS = "contracts"


Compute = Callable[[Valuation, EngineSettings], float | None]


@dataclass(frozen=True, slots=True)
class Metric:
    """`name` is the key in storage and JSON; `compute` gives None where there is no such number."""

    name: str
    title: str
    unit: Unit
    compute: Compute
