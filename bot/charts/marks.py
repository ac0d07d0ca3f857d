"""The levels a chart marks, in the words and numbers the text uses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.charts.style import Theme
from bot.format import distance, known, percent, price, unavailable
from engine.domain import Snapshot

_NAMES = {
    "call_wall": "Call wall",
    "put_wall": "Put wall",
    "gamma_flip": "Gamma flip",
    "expected_move": "Expected move",
}


@dataclass(frozen=True, slots=True)
class Mark:
    """A labelled price. `dashes`: on and off, () = solid, so that of equal levels both show."""

    name: str
    at: float
    value: str
    color: str
    dashes: tuple[float, ...] = ()
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Band:
    """The expected move around spot. [quote]"""

    low: float
    high: float


def marks(snapshot: Snapshot, theme: Theme) -> list[Mark]:
    """Spot and the levels that exist, most important first; the expected move by its upper end."""
    spot, levels = snapshot.spot, snapshot.levels
    singles = (
        ("call_wall", levels.call_wall, theme.positive, ()),
        ("put_wall", levels.put_wall, theme.negative, (6.0, 4.0)),
        ("gamma_flip", levels.gamma_flip, theme.flip, (2.0, 3.0)),
    )
    found = [Mark("Spot", spot, price(spot), theme.text, strong=True)]
    for name, at, color, dashes in singles:
        if known(at):
            value = f"{price(at)}  {distance(at, spot)}"
            found.append(Mark(_NAMES[name], at, value, color, dashes))
    if around := band(snapshot):
        straddle = around.high - spot
        value = f"±{price(straddle, like=spot)}  {percent(straddle / spot)}"
        found.append(Mark(_NAMES["expected_move"], around.high, value, theme.muted, (1.0, 2.0)))
    return found


def further_flips(snapshot: Snapshot, theme: Theme) -> list[Mark]:
    """Roots of the profile other than the nearest, most prominent first."""
    roots = sorted(snapshot.levels.gamma_flips, key=lambda each: -each.prominence)
    return [
        Mark("Flip", each.level, f"{price(each.level)}  {distance(each.level, snapshot.spot)}",
             theme.flip, (2.0, 3.0))
        for each in roots
        if each.level != snapshot.levels.gamma_flip
    ]  # fmt: skip


def band(snapshot: Snapshot) -> Band | None:
    move = snapshot.levels.expected_move
    straddle = move.straddle if move else None
    if not known(straddle):
        return None
    return Band(snapshot.spot - straddle, snapshot.spot + straddle)


def missing(snapshot: Snapshot) -> Iterator[str]:
    """ "Put wall unavailable (no put open interest)", of every mark that does not exist."""
    levels = snapshot.levels
    there = {
        "call_wall": levels.call_wall,
        "put_wall": levels.put_wall,
        "gamma_flip": levels.gamma_flip,
        "expected_move": around.high if (around := band(snapshot)) else None,
    }
    for name, value in there.items():
        if not known(value):
            yield f"{_NAMES[name]} {unavailable(levels.unavailable.get(name))}"
