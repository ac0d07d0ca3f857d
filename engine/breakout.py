"""Breakout table: eight pairs of signs that price may leave the range between the walls.

A row says bull, bear, both or nothing; the score is bulls minus bears. All thresholds are strict
unless said otherwise, and a row is silent about what it does not know.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from engine.domain import Floats, Regime, Snapshot, StrikeTable
from engine.unknown import above, at_least, at_most, below, or_nan
from engine.volatility import EDGE


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakoutSettings:
    """Thresholds of the rows, in the table's order."""

    asymmetry: float = 0.5
    """One wall's gamma, of the other's."""
    decay: float = 0.10
    """Fall of a wall's open interest, of what it had."""
    straddles: float = 2.0
    """Width of the expected move in straddles."""
    proximity: float = 0.02
    """Distance of a wall, of spot; on it counts as near."""
    beyond: float = 0.40
    """Open interest beyond the wall, of its side."""
    pcr_high: float = 1.5
    pcr_low: float = 0.6
    streak: int = 3
    """Days of flows of one sign; that many are enough."""
    momentum: float = 100e6
    """Average daily flow over five days. [quote]"""


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakoutInputs:
    """One snapshot and what is known of the one before; None = not known.

    Attributes:
        call_wall_gex, put_wall_gex: Gamma at the walls, of either sign. [quote per 1 %]
        call_wall_oi_prev, put_wall_oi_prev: Of the CURRENT wall strikes, one snapshot ago.
        call_oi_above_wall, put_oi_below_wall: Strictly beyond the wall. [contracts]
        flow_streak: Days in a row of inflows, negative for outflows.
        flow_5d_avg: Average daily flow. [quote]
    """

    call_wall_gex: float | None = None
    put_wall_gex: float | None = None
    call_wall_oi: float | None = None
    call_wall_oi_prev: float | None = None
    put_wall_oi: float | None = None
    put_wall_oi_prev: float | None = None
    straddle: float | None = None
    call_wall: float | None = None
    put_wall: float | None = None
    regime: Regime | None = None
    spot: float | None = None
    call_oi_above_wall: float | None = None
    call_oi_total: float | None = None
    put_oi_below_wall: float | None = None
    put_oi_total: float | None = None
    pcr: float | None = None
    flow_streak: float | None = None
    flow_5d_avg: float | None = None


@dataclass(frozen=True, slots=True)
class Breakout:
    """Names of the rows that spoke, in the table's order."""

    bull: tuple[str, ...]
    bear: tuple[str, ...]

    @property
    def score(self) -> int:
        return len(self.bull) - len(self.bear)


Says = tuple[bool, bool]
"""Bull, bear."""

DEFAULTS = BreakoutSettings()


def breakout_signals(seen: BreakoutInputs, settings: BreakoutSettings = DEFAULTS) -> Breakout:
    """All rows of the table."""
    said = {name: row(seen, settings) for name, row in ROWS.items()}
    return Breakout(
        bull=tuple(name for name, (bull, _) in said.items() if bull),
        bear=tuple(name for name, (_, bear) in said.items() if bear),
    )


def breakout_inputs(
    now: Snapshot,
    before: StrikeTable | None = None,
    *,
    flow_streak: float | None = None,
    flow_5d_avg: float | None = None,
) -> BreakoutInputs:
    """What a snapshot says; walls by gamma, each side's own gamma and open interest at its wall.

    Args:
        before: Strikes of the snapshot before, of the same expiries.
        flow_streak, flow_5d_avg: As of `BreakoutInputs`: flows are not in a snapshot.
    """
    table, up, down = now.by_strike, now.levels.call_wall, now.levels.put_wall
    move = now.levels.expected_move
    calls, puts = np.nan_to_num(table.call_oi), np.nan_to_num(table.put_oi)
    return BreakoutInputs(
        call_wall_gex=_at(table.strike, table.call_gex, up),
        put_wall_gex=_at(table.strike, table.put_gex, down),
        call_wall_oi=_at(table.strike, table.call_oi, up),
        call_wall_oi_prev=None if before is None else _at(before.strike, before.call_oi, up),
        put_wall_oi=_at(table.strike, table.put_oi, down),
        put_wall_oi_prev=None if before is None else _at(before.strike, before.put_oi, down),
        straddle=move.straddle if move else None,
        call_wall=up,
        put_wall=down,
        regime=now.regime,
        spot=now.spot,
        call_oi_above_wall=None if up is None else float(calls[table.strike > up].sum()),
        call_oi_total=float(calls.sum()),
        put_oi_below_wall=None if down is None else float(puts[table.strike < down].sum()),
        put_oi_total=float(puts.sum()),
        pcr=now.metrics.get("pcr_oi"),
        flow_streak=flow_streak,
        flow_5d_avg=flow_5d_avg,
    )


def _at(strike: Floats, values: Floats, wall: float | None) -> float | None:
    """Value of one strike, None when it is not listed or not published."""
    [rows] = np.nonzero(strike == or_nan(wall))
    found = values[rows[0]] if rows.size else np.nan
    return None if np.isnan(found) else float(found)


def _wall_asymmetry(seen: BreakoutInputs, settings: BreakoutSettings) -> Says:
    """The weaker wall gives way."""
    call, put = abs(or_nan(seen.call_wall_gex)), abs(or_nan(seen.put_wall_gex))
    return call < settings.asymmetry * put, put < settings.asymmetry * call


def _wall_decay(seen: BreakoutInputs, settings: BreakoutSettings) -> Says:
    """Open interest leaves a wall."""

    def decayed(now: float | None, before: float | None) -> bool:
        was = or_nan(before)
        return was > 0 and (or_nan(now) - was) / was < -settings.decay

    return (
        decayed(seen.call_wall_oi, seen.call_wall_oi_prev),
        decayed(seen.put_wall_oi, seen.put_wall_oi_prev),
    )


def _em_exceeds_range(seen: BreakoutInputs, settings: BreakoutSettings) -> Says:
    """The options expect more than the walls leave room for: it says that, not which way."""
    room = or_nan(seen.call_wall) - or_nan(seen.put_wall)
    exceeds = room > 0 and settings.straddles * or_nan(seen.straddle) > room
    return exceeds, exceeds


def _neg_gamma_proximity(seen: BreakoutInputs, settings: BreakoutSettings) -> Says:
    """Hedging feeds the move, and a wall is close."""
    if seen.regime is not Regime.NEGATIVE:
        return False, False
    spot = or_nan(seen.spot)
    near = settings.proximity * spot * (1 + EDGE)
    return abs(or_nan(seen.call_wall) - spot) <= near, abs(or_nan(seen.put_wall) - spot) <= near


def _oi_beyond_wall(seen: BreakoutInputs, settings: BreakoutSettings) -> Says:
    """Much of a side is struck beyond its wall."""

    def beyond(part: float | None, total: float | None) -> bool:
        whole = or_nan(total)
        return whole > 0 and or_nan(part) / whole > settings.beyond

    return (
        beyond(seen.call_oi_above_wall, seen.call_oi_total),
        beyond(seen.put_oi_below_wall, seen.put_oi_total),
    )


def _pcr_extreme(seen: BreakoutInputs, settings: BreakoutSettings) -> Says:
    """Contrarian: many puts are bullish."""
    return above(seen.pcr, settings.pcr_high), below(seen.pcr, settings.pcr_low)


def _flow_streak(seen: BreakoutInputs, settings: BreakoutSettings) -> Says:
    days = seen.flow_streak
    return at_least(days, settings.streak), at_most(days, -settings.streak)


def _flow_momentum(seen: BreakoutInputs, settings: BreakoutSettings) -> Says:
    average = seen.flow_5d_avg
    return above(average, settings.momentum), below(average, -settings.momentum)


ROWS: Mapping[str, Callable[[BreakoutInputs, BreakoutSettings], Says]] = {
    "wall_asymmetry": _wall_asymmetry,
    "wall_decay": _wall_decay,
    "em_exceeds_range": _em_exceeds_range,
    "neg_gamma_proximity": _neg_gamma_proximity,
    "oi_beyond_wall": _oi_beyond_wall,
    "pcr_extreme": _pcr_extreme,
    "flow_streak": _flow_streak,
    "flow_momentum": _flow_momentum,
}
