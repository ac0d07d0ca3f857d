"""Every level of a snapshot around spot, highest first."""

from __future__ import annotations

from collections.abc import Iterator

from bot.cards.regime import SIDES
from bot.format import distance, known, price, unavailable
from bot.reply import Block, Table, Text
from engine.domain import Snapshot

NAMES = {
    "net_gex": "Net GEX",
    "call_wall": "Call wall",
    "put_wall": "Put wall",
    "gamma_flip": "Gamma flip",
    "max_pain": "Max pain",
    "expected_move": "Expected move",
    "abs_gamma_strike": "Largest gamma",
    "call_wall_oi": "Call OI wall",
    "put_wall_oi": "Put OI wall",
    "hvl": "High vol level",
    "delta_flip": "Delta flip",
    "delta_flip_strike_flow_dashboard": "Delta flip by strike",
    "max_pain_all": "Max pain, all expiries",
    "gamma_centroid": "Gamma centroid",
    "pin_strike": "Pin strike",
    "flip_strike_cumulative": "Cumulative GEX crossing",
    "flip_strike_sign": "GEX sign change by strike",
    "gamma_walls": "Gamma wall",
    "call_oi_walls": "Call OI",
    "put_oi_walls": "Put OI",
}
_UNTOLD = {"atm_strike", "max_pain_ties", "vacuum_up", "vacuum_down"}
"""No rungs: what stands beside spot or max pain anyway, and what is a stretch, not a level."""

_LEADERS = {"call_oi_walls": "call_wall_oi", "put_oi_walls": "put_wall_oi"}
"""Lists whose first has a name of its own."""


def ladder(snapshot: Snapshot) -> tuple[Block, ...]:
    """A table around spot; below it the nearest gaps, and what does not exist and why."""
    rungs = sorted(_rungs(snapshot), key=lambda rung: (-rung[0], rung[1] == _SPOT))
    rows = []
    above: float | None = None
    for value, name in rungs:
        repeated = value == above
        away = "" if name == _SPOT else distance(value, snapshot.spot)
        rows.append(("", "", name) if repeated else (price(value), away, name))
        above = value
    return (
        Table(("Price", "Away", "Level"), tuple(rows)),
        *_vacuums(snapshot),
        *_missing(snapshot),
    )


_SPOT = "SPOT"


def _rungs(snapshot: Snapshot) -> Iterator[tuple[float, str]]:
    """(price, name), in order of importance, so that equal prices keep it."""
    levels = snapshot.levels
    yield snapshot.spot, _SPOT
    single = {
        "call_wall": levels.call_wall,
        "put_wall": levels.put_wall,
        "max_pain": levels.max_pain,
        **levels.more,
    }
    yield from (
        (value, name_of(key))
        for key, value in single.items()
        if key not in _UNTOLD and known(value)
    )
    for flip in levels.gamma_flips:
        yield flip.level, f"Gamma flip, {SIDES[flip.direction].partition(',')[0]}"
    straddle = levels.expected_move.straddle if levels.expected_move else None
    if known(straddle):
        yield snapshot.spot + straddle, "Expected move, up"
        yield snapshot.spot - straddle, "Expected move, down"
    for key in levels.lists:
        if key not in _UNTOLD:
            yield from _several(snapshot, key)


def _several(snapshot: Snapshot, key: str) -> Iterator[tuple[float, str]]:
    for rank, value in enumerate(snapshot.levels.lists[key], start=1):
        if rank > 1 or value != snapshot.levels.more.get(_LEADERS.get(key, "")):
            yield value, f"{name_of(key)} {rank}"


def _vacuums(snapshot: Snapshot) -> tuple[Block, ...]:
    """Stretches with hardly any gamma: the nearest on either side of spot."""
    sides = (("above", "vacuum_up"), ("below", "vacuum_down"))
    told = []
    for side, key in sides:
        edges = snapshot.levels.lists.get(key, ())
        runs = zip(edges[::2], edges[1::2], strict=False)
        nearest = min(runs, key=lambda run: min(abs(e - snapshot.spot) for e in run), default=None)
        if nearest:
            told.append(f"{price(nearest[0])} to {price(nearest[1])} {side}")
    return (Text(f"Nearest stretch with hardly any gamma: {', '.join(told)}."),) if told else ()


def _missing(snapshot: Snapshot) -> tuple[Block, ...]:
    reasons = snapshot.levels.unavailable
    lines = [
        f"{name_of(key)}: {unavailable(reason)}"
        for key, reason in reasons.items()
        if key not in _UNTOLD
    ]
    return (Text("\n".join(lines)),) if lines else ()


def name_of(key: str) -> str:
    return NAMES.get(key) or key.replace("_", " ").capitalize()
