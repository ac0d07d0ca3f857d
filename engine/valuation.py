"""A chain valued once: greeks, positions and sums, which levels and metrics read."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from engine.domain import Chain, Exposures, Floats, StrikeTable
from engine.exposure import (
    Dealt,
    Groups,
    Priced,
    dealt,
    known,
    price,
    strike_table,
    strikes,
    totals,
)
from engine.levels.settlements import Settlement, settlements
from engine.levels.walls import Ladder
from engine.terms import Terms
from engine.volatility import RiskReversal, Skew, risk_reversal_25d, skew_otm


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Valuation:
    """Everything that needs no search: one chain under one convention.

    `ladder` is what is open, whoever holds it; `by_strike` is what the dealers hold.
    """

    chain: Chain
    terms: Terms
    priced: Priced
    book: Dealt
    grid: Groups
    exposures: Exposures
    by_strike: StrikeTable
    ladder: Ladder
    settlements: tuple[Settlement, ...]

    @property
    def nearest(self) -> Settlement | None:
        return self.settlements[0] if self.settlements else None

    @property
    def modelled(self) -> Priced:
        """`priced` with every greek our own, also where the venue's are used."""
        terms = self.terms
        return price(self.chain, terms.modelled) if terms.given.any() else self.priced

    @property
    def skew(self) -> Skew | None:
        """Of the nearest settlement, None without any."""
        nearest, chain = self.nearest, self.chain
        if nearest is None:
            return None
        rows = nearest.rows
        return skew_otm(chain.strike[rows], chain.is_call[rows], self.terms.iv[rows], chain.spot)

    @property
    def risk_reversal(self) -> RiskReversal | None:
        """Of the nearest settlement, None without any."""
        nearest, priced = self.nearest, self.priced
        if nearest is None:
            return None
        rows = nearest.priced
        return risk_reversal_25d(
            priced.strike[rows],
            priced.is_call[rows],
            priced.iv[rows],
            priced.delta[rows],
            nearest.forward,
        )

    def open_interest(self, *, calls: bool) -> float | None:
        """Of one side, also without a volatility; None when none is published. [contracts]"""
        return _sum(self.chain.oi[self.chain.is_call == calls])

    def volume(self, *, calls: bool) -> float | None:
        """Of one side, also without a volatility; None when none is published. [contracts]"""
        return _sum(self.chain.volume[self.chain.is_call == calls])


def value(chain: Chain, terms: Terms, position: Floats) -> Valuation:
    """Greeks of every contract with a volatility, and all sums over them.

    Args:
        position: Of the dealers, shape (n,), + = long, NaN = unknown. [contracts]
    """
    priced = price(chain, terms)
    book = dealt(priced, position)
    strike, grid = strikes(chain)
    return Valuation(
        chain=chain,
        terms=terms,
        priced=priced,
        book=book,
        grid=grid,
        exposures=totals(priced, book),
        by_strike=strike_table(chain, priced, book, strike, grid),
        ladder=_ladder(chain, priced, strike, grid),
        settlements=settlements(chain, terms, priced),
    )


def reheld(valuation: Valuation, position: Floats) -> Valuation:
    """The same contracts at the same prices in other hands: no greek is computed again."""
    priced, book = valuation.priced, dealt(valuation.priced, position)
    table = valuation.by_strike
    return replace(
        valuation,
        book=book,
        exposures=totals(priced, book),
        by_strike=strike_table(valuation.chain, priced, book, table.strike, valuation.grid),
    )


def _sum(values: Floats) -> float | None:
    """0 of nothing listed, None when what is listed is not published."""
    there = np.isfinite(values)
    return float(values[there].sum()) if there.any() or not values.size else None


def _ladder(chain: Chain, priced: Priced, strike: Floats, grid: Groups) -> Ladder:
    calls, gamma, rows = priced.is_call, priced.open_gamma, priced.rows
    oi = known(chain.oi)
    return Ladder(
        spot=chain.spot,
        strike=strike,
        call_gamma=grid.sums(gamma[calls], rows[calls]),
        put_gamma=grid.sums(gamma[~calls], rows[~calls]),
        call_oi=grid.sums(oi[chain.is_call], chain.is_call),
        put_oi=grid.sums(oi[~chain.is_call], ~chain.is_call),
    )
