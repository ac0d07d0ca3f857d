"""What stands around every picture: whose numbers, of when, and how far to trust them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from zoneinfo import ZoneInfo

from bot.charts.pen import Box, Pen
from bot.charts.style import BIG, EDGE, GAP, HEIGHT, LABEL, RIGHT, SMALL, TITLE, WIDTH
from bot.format import MADE_UP, SIMULATED, count, dealer_sign, net_gex, of_live, price, when
from engine.domain import Regime, Snapshot
from engine.expiry import zone
from engine.window import ALL

_BANNER = 38
_PADDING = 12
_LINE = SMALL + 5
_UNDER = 10
_MOST_LINES = 3
_MORE = "more notes in the text"


def header(pen: Pen, snapshot: Snapshot) -> float:
    """Asset, spot, regime and net GEX, and whose numbers these are, of when, on what belief.

    Returns the height at which it ends. [px]
    """
    top = _banner(pen) if snapshot.simulated else HEIGHT - 4.0
    baseline = top - TITLE - 4
    left = _title(pen, snapshot, baseline)
    room = RIGHT - left - 2 * GAP
    variants = _variants(snapshot)
    name, unit = next(
        (each for each in variants if _wide(pen, snapshot, *each) <= room), variants[-1]
    )
    _pill(pen, snapshot, name, left, baseline)
    _net(pen, snapshot, unit, baseline)
    for line in pen.wrapped(_source(snapshot), SMALL, WIDTH - 2 * EDGE):
        baseline -= _LINE
        pen.text(EDGE, baseline - _UNDER, line, SMALL, pen.theme.muted)
    return baseline - 20


def footer(pen: Pen, notes: Iterable[str]) -> float:
    """What else there is to know; returns the height it reaches. [px]"""
    lines = pen.wrapped(notes, SMALL, WIDTH - 2 * EDGE)
    if len(lines) > _MOST_LINES:
        lines = [*lines[: _MOST_LINES - 1], _MORE]
    baseline = float(EDGE - 12)
    for line in reversed(lines):
        pen.text(EDGE, baseline, line, SMALL, pen.theme.muted)
        baseline += _LINE
    return baseline


def window(snapshot: Snapshot) -> Iterator[str]:
    """What the picture is about, the longest wording first.

    "all 3 expiries, 2026-11-21 to 2026-12-25", "0dte: expiry 2026-11-21"
    """
    here = zone(snapshot.market)
    days = sorted({f"{each.settlement.astimezone(here):%Y-%m-%d}" for each in snapshot.by_expiry})
    if snapshot.window == ALL.label:
        named = f"all {count(len(days))} expiries" if len(days) > 1 else "all expiries"
    elif [snapshot.window] == days:
        named = f"expiry {snapshot.window}"
    else:
        named = f"{snapshot.window}: {count(len(days))} expir{'y' if len(days) == 1 else 'ies'}"
    if len(days) > 1:
        yield f"{named}, {days[0]} to {days[-1]}"
    elif days and days[0] not in named:
        yield f"{named}, {days[0]}"
    yield named


def watermark(pen: Pen, box: Box) -> None:
    """Across what could otherwise be cut out and passed on as real."""
    pen.text(
        (box.left + box.right) / 2,
        (box.bottom + box.top) / 2,
        SIMULATED,
        min(box.height / 2.75, 140),
        pen.theme.text,
        bold=True,
        side="center",
        va="center",
        rotation=16,
        alpha=0.14,
        zorder=3,
    )


def _banner(pen: Pen) -> float:
    bottom = HEIGHT - float(_BANNER)
    pen.box(Box(0, bottom, WIDTH, HEIGHT), pen.theme.warning)
    pen.text(WIDTH / 2, bottom + 10, MADE_UP.rstrip("."), 24, "#000000", bold=True, side="center")
    return bottom


def _title(pen: Pen, snapshot: Snapshot, baseline: float) -> float:
    """Returns where it ends; a name that would take half the width is written smaller. [px]"""
    spot = price(snapshot.spot)
    size = float(TITLE)
    wide = pen.width(snapshot.asset, size, bold=True) + pen.width(spot, size)
    size *= min(1.0, 0.45 * WIDTH / wide)
    middle = EDGE + pen.width(snapshot.asset, size, bold=True) + 14
    pen.text(EDGE, baseline, snapshot.asset, size, bold=True)
    pen.text(middle, baseline, spot, size)
    return middle + pen.width(spot, size) + 22


def _variants(snapshot: Snapshot) -> tuple[tuple[str, str], ...]:
    """Names of the regime and of the unit, shorter and shorter; the axis has the unit as well."""
    name = snapshot.regime or "unavailable"
    unit = "" if "net_gex" in snapshot.levels.unavailable else "per 1 % move"
    return (
        (f"dealer gamma {name}", unit),
        (f"dealer gamma {name}", ""),
        (f"gamma {name}", ""),
    )


def _wide(pen: Pen, snapshot: Snapshot, name: str, unit: str) -> float:
    """What the regime and the net GEX take up together. [px]"""
    pill = pen.width(name, LABEL, bold=True) + 2 * _PADDING
    value = pen.width(net_gex(snapshot), BIG, bold=True)
    return pill + value + pen.width("Net GEX", LABEL) + pen.width(unit, LABEL) + 2 * GAP


def _pill(pen: Pen, snapshot: Snapshot, name: str, left: float, baseline: float) -> None:
    theme = pen.theme
    colors = {Regime.POSITIVE: theme.positive, Regime.NEGATIVE: theme.negative}
    color = colors.get(snapshot.regime or Regime.NEUTRAL, theme.neutral)
    width = pen.width(name, LABEL, bold=True)
    pen.box(Box(left, baseline - 7, left + width + 2 * _PADDING, baseline + 29), color, radius=8)
    pen.text(left + _PADDING, baseline + 4, name, LABEL, theme.on_color, bold=True)


def _net(pen: Pen, snapshot: Snapshot, unit: str, baseline: float) -> None:
    muted = pen.theme.muted
    right = float(RIGHT)
    if unit:
        pen.text(right, baseline, unit, LABEL, muted, side="right")
        right -= pen.width(unit, LABEL) + GAP
    value = net_gex(snapshot)
    pen.text(right, baseline, value, BIG, bold=True, side="right")
    right -= pen.width(value, BIG, bold=True) + GAP
    pen.text(right, baseline, "Net GEX", LABEL, muted, side="right")


def _source(snapshot: Snapshot) -> Iterable[str]:
    return (
        snapshot.venue,
        f"as of {when(snapshot.asof, ZoneInfo('UTC'))}",
        f"dealer sign {dealer_sign(snapshot.convention)}",
        of_live(snapshot.contracts),
    )
