"""The seven exposures by contract, strike, expiry or DTE window, from one valuation.

Each column adds up to the total of the same name: over the contracts, strikes and expiries, and in
the window "all" by itself, since windows hold the ones before.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from engine.domain import Floats, Ints
from engine.expiries import series
from engine.exposure import WHICH, Groups, in_units
from engine.valuation import Valuation
from engine.windows import WINDOWS, insides

GREEK = {
    "gex_usd_per_1pct": "gamma",
    "dex_usd": "delta",
    "vex_usd_per_volpt": "vanna",
    "cex_usd_per_day": "charm",
    "vomma_usd_per_volpt2": "vomma",
    "speed_usd_per_1pct2": "speed",
    "zomma_usd_per_1pct_per_volpt": "zomma",
}
"""Which greek each exposure is of."""

By = TypeVar("By")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Breakdown(Generic[By]):
    """A row per group; the exposures are arrays of shape (g,), + = the dealers are long.

    Attributes:
        by: What the rows are.
        used: Contracts with a volatility; a row of none sums to 0 because nothing is known.
    """

    by: By
    used: Ints
    gex_usd_per_1pct: Floats
    dex_usd: Floats
    vex_usd_per_volpt: Floats
    cex_usd_per_day: Floats
    vomma_usd_per_volpt2: Floats
    speed_usd_per_1pct2: Floats
    zomma_usd_per_1pct_per_volpt: Floats


def by_contract(valuation: Valuation) -> Breakdown[Ints]:
    """`by`: rows of the chain, of the contracts that have a volatility."""
    return _summed(valuation, valuation.priced.rows, lambda column: column)


def by_strike(valuation: Valuation) -> Breakdown[Floats]:
    """`by`: every listed strike, ascending. [quote]"""
    return _summed(valuation, valuation.by_strike.strike, _sums(valuation, valuation.grid))


def by_expiry(valuation: Valuation) -> Breakdown[tuple[tuple[str, int], ...]]:
    """`by`: root and settlement instant, nearest first, as `engine.expiries` has them. [s]"""
    kinds, groups = series(valuation.chain)
    return _summed(valuation, kinds, _sums(valuation, groups))


def by_window(valuation: Valuation) -> Breakdown[tuple[str, ...]]:
    """`by`: labels of `engine.windows`, 0dte first.

    Raises:
        CalendarExpired: the chain lies past its market's calendar.
    """
    inside = np.array(insides(valuation.chain))[:, valuation.priced.rows]
    return _summed(
        valuation,
        tuple(each.label for each in WINDOWS),
        lambda column: np.where(inside, column, 0.0).sum(axis=1),
    )


Sum = Callable[[Floats], Floats]
"""From a column by contract, shape (m,), to one by group."""


def _sums(valuation: Valuation, groups: Groups) -> Sum:
    return lambda column: groups.sums(column, valuation.priced.rows)


def _summed(valuation: Valuation, by: By, add: Sum) -> Breakdown[By]:
    """The totals are linear in what is held: those of one unit of each greek are the factors."""
    priced, units = valuation.priced, valuation.book.units
    one = in_units(priced.spot, dict.fromkeys(WHICH, 1.0), gross=0.0, vanna_iv=0.0).as_dict()
    return Breakdown(
        by=by,
        used=add(np.ones(len(priced))).astype(np.int64),
        **{name: add(units * getattr(priced, each) * one[name]) for name, each in GREEK.items()},
    )
