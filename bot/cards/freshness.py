"""How old an answer is, whether that is too old, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.command import Call
from bot.format import age
from engine.domain import Market, Snapshot
from engine.errors import BadData, CalendarExpired
from engine.expiry import hours, is_open, zone

_LONGEST_PAUSE = 14
"""No market stays closed for that many days."""


@dataclass(frozen=True, slots=True)
class Freshness:
    """`note` is the sentence a reader must see; empty when the numbers are fresh."""

    stale: bool = False
    note: str = ""


async def freshness(call: Call, snapshot: Snapshot) -> Freshness:
    """STALE means older than this market, in its present state, can explain."""
    late = call.now - snapshot.asof > call.stale_after(snapshot.market)
    old = f"{age(snapshot.asof, call.now)} old"
    try:
        if not snapshot.simulated and not is_open(snapshot.market, call.now):
            return _closed(snapshot, call.now, old)
    except (CalendarExpired, BadData) as error:
        return Freshness(late, f"STALE: {old}. {error}" if late else "")
    if not late:
        return Freshness()
    return Freshness(stale=True, note=f"STALE: {old}. {await _why(call, snapshot)}".strip())


def _closed(snapshot: Snapshot, now: datetime, old: str) -> Freshness:
    """Between sessions nothing moves; but the numbers must be those of the last one."""
    opened = _last_opening(snapshot.market, now)
    if opened is not None and snapshot.asof < opened:
        return Freshness(
            stale=True, note=f"STALE: {old}, from before the last session. The market is closed."
        )
    return Freshness(note=f"Market closed, last session: the numbers are {old}.")


def _last_opening(market: Market, now: datetime) -> datetime | None:
    """When the newest session that is over began."""
    today = now.astimezone(zone(market)).date()
    for back in range(_LONGEST_PAUSE):
        session = hours(market, today - timedelta(days=back))
        if session is not None and session[1] <= now:
            return session[0]
    return None


async def _why(call: Call, snapshot: Snapshot) -> str:
    """The venues' failures since the snapshot was made, in their own words."""
    feeds = (await call.board.status()).feeds
    reasons = [
        feed.reason
        for feed in feeds
        if feed.asset == snapshot.asset and feed.venue in snapshot.venues and feed.failures
    ]
    return " ".join(f"{each.rstrip('.')}." for each in reasons if each)
