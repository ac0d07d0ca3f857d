"""Which strikes a chart shows, and as how many bars."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bot.charts.scale import round_step
from bot.format import known
from engine.domain import Bools, Floats, Snapshot, StrikeTable

_BULK = 0.9
"""Share of the gross GEX that is in view, unless it lies beyond the widest view."""

_ROUNDING = 1e-12

_REACH = 2.0
"""Times the distance of the bulk's farther end from spot: so far from spot a level is in view."""

_LOWEST, _HIGHEST = 0.4, 1.8
"""The view never extends beyond these multiples of spot."""

_MOVES = 1.3
"""Expected moves in view on either side, at least."""

_NEIGHBOURS = 4
"""Strikes in view, at least, as far as they are listed."""

_LEAST = 0.004
"""Half-width of the narrowest view, as a share of spot."""

_MARGIN = 0.04
_OFF_GRID = 1e-6
_ALONE = 20
"""A single strike's bar takes one of so many parts of the view."""


@dataclass(frozen=True, slots=True, eq=False)
class Bars:
    """GEX per bar, ascending; arrays of shape (b,). [quote currency per 1 % move]

    Attributes:
        at: Middle of each bar. [quote]
        step: Distance of neighbouring bars where they are closest. [quote]
        merged: Whether a bar may stand for several strikes, all within `step` / 2 of it.
        share: Of the chain's gross GEX, what the bars hold; None when it is zero. [fraction]
    """

    at: Floats
    call: Floats
    put: Floats
    net: Floats
    step: float
    merged: bool
    share: float | None

    @property
    def largest(self) -> float:
        """Magnitude of the largest bar. [quote currency per 1 % move]"""
        return float(np.abs([self.call, self.put, self.net]).max(initial=0.0))


def view(snapshot: Snapshot) -> tuple[float, float]:
    """Lowest and highest price of the strike axis: the bulk of the gamma, and what is near spot."""
    spot, levels = snapshot.spot, snapshot.levels
    shown = [spot, *_bulk(snapshot.by_strike)]
    reach = _REACH * max(abs(each - spot) for each in shown)
    wanted = (levels.call_wall, levels.put_wall, levels.gamma_flip)
    shown += [each for each in wanted if known(each) and abs(each - spot) <= reach]
    move = levels.expected_move
    straddle = move.straddle if move and known(move.straddle) else 0.0
    least = max(_MOVES * straddle, _LEAST * spot, _neighbours(snapshot.by_strike.strike, spot))
    low, high = min(*shown, spot - least), max(*shown, spot + least)
    margin = _MARGIN * (high - low)
    return max(low - margin, _LOWEST * spot), min(high + margin, _HIGHEST * spot)


def bars(table: StrikeTable, low: float, high: float, most: int) -> Bars:
    """Every strike of [low, high] as a bar, or, when these are too close, merged into steps.

    Sums over the bars are the sums over the strikes.
    """
    inside = (table.strike >= low) & (table.strike <= high)
    strike = table.strike[inside]
    step = float(np.diff(strike).min()) if strike.size > 1 else (high - low) / _ALONE
    merged = (high - low) / step > most
    if merged:
        step = _wider(strike, step, (high - low) / most)
        numbers, bar = np.unique(np.floor(strike / step + 0.5), return_inverse=True)
        at = numbers * step
    else:
        at, bar = strike, np.arange(strike.size)
    call, put, net = (
        _summed(bar, each[inside], at.size)
        for each in (table.call_gex, table.put_gex, table.net_gex)
    )
    return Bars(at, call, put, net, step, merged, _share(table.gross_gex, inside))


def _wider(strike: Floats, spacing: float, least: float) -> float:
    """A step of `least` or more: of as many listed steps each, where strikes form a grid. [quote]

    So bars stand for equally many strikes, and those at round prices are in the middle of theirs.
    """
    off_grid = np.abs(strike / spacing - np.round(strike / spacing)) > _OFF_GRID
    if off_grid.any():
        return round_step(least, 1)
    return spacing * round_step(least / spacing, 1, (1.0, 2.0, 5.0, 10.0))


def _summed(bar: np.ndarray[tuple[int], np.dtype[np.intp]], value: Floats, size: int) -> Floats:
    """`value` summed by bar; without any strike numpy would count instead."""
    return np.bincount(bar, value, minlength=size).astype(np.float64)


def _share(gross: Floats, inside: Bools) -> float | None:
    total = float(gross.sum())
    return float(gross[inside].sum()) / total if total > 0 else None


def _bulk(table: StrikeTable) -> tuple[float, ...]:
    """Ends of the shortest range of strikes that holds most of the gross GEX; none without any."""
    strike, below = table.strike, np.cumsum(table.gross_gex)
    if not (below.size and below[-1] > 0):
        return ()
    before = below - table.gross_gex
    last = np.searchsorted(below, before + _BULK * below[-1] * (1 - _ROUNDING))
    (first,) = np.nonzero(last < strike.size)
    shortest = int(np.argmin(strike[last[first]] - strike[first]))
    return float(strike[first[shortest]]), float(strike[last[first[shortest]]])


def _neighbours(strike: Floats, spot: float) -> float:
    """Distance from spot that takes in a few listed strikes; 0 without any. [quote]"""
    away = np.sort(np.abs(strike - spot))[:_NEIGHBOURS]
    return float(away[-1]) if away.size else 0.0
