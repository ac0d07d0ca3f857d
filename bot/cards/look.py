"""From an asset and a window to the snapshot that is shown, out of storage only."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from bot.cards.freshness import Freshness, freshness
from bot.command import Call
from engine.domain import Snapshot
from engine.errors import BadInput
from engine.expiry import zone
from engine.window import ALL, Window, expiry_dates, within

_NAMED = 8


@dataclass(frozen=True, slots=True)
class View:
    """`snapshot` is what was asked for; `whole` has all expiries."""

    snapshot: Snapshot
    whole: Snapshot
    fresh: Freshness


async def look(call: Call, asset: str, window: Window = ALL) -> View:
    """Raises NoData, and BadInput when nothing expires inside the window."""
    whole = await call.board.latest(asset)
    snapshot = whole if window == ALL else await _inside(call, whole, window)
    return View(snapshot, whole, await freshness(call, whole))


async def _inside(call: Call, whole: Snapshot, window: Window) -> Snapshot:
    chain = await call.board.chain(whole)
    if len(within(chain, window)) == 0:
        listed = _some([f"{each:%Y-%m-%d}" for each in expiry_dates(chain)], whole.asset)
        span = f"on {window.label}" if window.day else f"within {window.label}"
        raise BadInput(f"No {whole.asset} option expires {span}. {listed}")
    return await asyncio.to_thread(call.analyse, chain, window)


def _some(dates: list[str], asset: str) -> str:
    if not dates:
        return f"{asset} lists no expiry at all."
    more = len(dates) - _NAMED
    rest = f" and {more} more, see /expiries {asset}" if more > 0 else ""
    return f"It lists {', '.join(dates[:_NAMED])}{rest}."


def dates(snapshot: Snapshot) -> list[date]:
    """Expiry days in the market's zone, nearest first."""
    here = zone(snapshot.market)
    return sorted({each.settlement.astimezone(here).date() for each in snapshot.by_expiry})


def following(window: Window, listed: Iterable[date]) -> date | None:
    """The expiry after the one shown; the nearest when the window is no single day."""
    return next((each for each in listed if window.day is None or each > window.day), None)
