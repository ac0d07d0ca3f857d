"""Exposures by days to expiry: seven windows, each holding the ones before, from one valuation."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np

from engine.domain import Bools, Chain, Exposures, Floats, Regime
from engine.exposure import Dealt, Priced, totals
from engine.levels.ranking import largest
from engine.regime import regime
from engine.settings import EngineSettings
from engine.valuation import Valuation
from engine.window import ALL, Window, days_away

WINDOWS = (
    Window("0dte", days=0),
    *(Window(f"{days}d", days=days) for days in (3, 7, 14, 30, 45)),
    ALL,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowRow:
    """What settles within a window.

    Attributes:
        contracts, used: Listed, and with greeks.
        share: Gross GEX of the dealers here, of that of all; None when that is 0. [fraction]
        top_strike: The strike with the most gamma of open interest, calls and puts together.
        concentration: Its share of that gamma. [fraction]
        herfindahl: Sum of the squared shares of all strikes, 1/k when k are alike. [fraction]
        gamma_centroid: Mean strike weighted by that gamma. [quote]
        reason: Why the last four are None, None when they are there.
    """

    window: str
    expiries: int
    contracts: int
    used: int
    exposures: Exposures
    regime: Regime | None
    share: float | None
    top_strike: float | None
    concentration: float | None
    herfindahl: float | None
    gamma_centroid: float | None
    reason: str | None


def by_window(valuation: Valuation, settings: EngineSettings) -> tuple[WindowRow, ...]:
    """Of a valued chain, 0dte first.

    Raises:
        CalendarExpired: the chain lies past its market's calendar.
    """
    return tuple(
        _row(valuation, settings, window, inside)
        for window, inside in zip(WINDOWS, insides(valuation.chain), strict=True)
    )


def insides(chain: Chain) -> tuple[Bools, ...]:
    """Which contracts each of `WINDOWS` holds, shape (n,).

    Raises:
        CalendarExpired: the chain lies past its market's calendar.
    """
    away = days_away(chain)
    everything = np.ones(len(chain), dtype=np.bool_)
    return tuple(everything if each.days is None else away <= each.days for each in WINDOWS)


def _row(
    valuation: Valuation, settings: EngineSettings, window: Window, inside: Bools
) -> WindowRow:
    chain, everything = valuation.chain, valuation.priced
    rows = inside[everything.rows]
    priced = _part(everything, rows)
    found = totals(priced, _of(valuation.book, rows))
    gross = valuation.exposures.gex_gross_usd_per_1pct
    shares = _shares(valuation, priced)
    strike = valuation.ladder.strike
    return WindowRow(
        window=window.label,
        expiries=int(np.unique(chain.settlement[inside]).size),
        contracts=int(inside.sum()),
        used=len(priced),
        exposures=found,
        regime=regime(found, settings.neutral_band),
        share=found.gex_gross_usd_per_1pct / gross if gross > 0 else None,
        top_strike=None if shares is None else largest(strike, shares, chain.spot),
        concentration=None if shares is None else float(shares.max()),
        herfindahl=None if shares is None else float((shares * shares).sum()),
        gamma_centroid=None if shares is None else float((strike * shares).sum()),
        reason=None if shares is not None else _why_not(int(inside.sum()), len(priced)),
    )


def _shares(valuation: Valuation, priced: Priced) -> Floats | None:
    """Share of every strike in the gamma of all open interest; None without any."""
    sums = valuation.grid.sums(priced.open_gamma, priced.rows)
    total = float(sums.sum())
    return sums / total if total > 0 else None


def _why_not(contracts: int, used: int) -> str:
    if not contracts:
        return "no expiry in this window"
    return "nothing open has gamma" if used else "no contract has a volatility"


def _part(priced: Priced, rows: Bools) -> Priced:
    cut = {
        each.name: getattr(priced, each.name)[rows]
        for each in fields(priced)
        if each.name not in {"spot", "rate"}
    }
    return replace(priced, **cut)


def _of(book: Dealt, rows: Bools) -> Dealt:
    return Dealt(**{each.name: getattr(book, each.name)[rows] for each in fields(book)})
