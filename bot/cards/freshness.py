"""How old an answer is, whether that is too old, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.command import Call
from bot.format import age
from engine.domain import Snapshot
from engine.errors import BadData, CalendarExpired
from engine.expiry import is_open, last_session


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
    opened, _ = last_session(snapshot.market, now)
    if snapshot.asof < opened:
        return Freshness(
            stale=True, note=f"STALE: {old}, from before the last session. The market is closed."
        )
    return Freshness(note=f"Market closed, last session: the numbers are {old}.")


async def _why(call: Call, snapshot: Snapshot) -> str:
    """The venues' failures since the snapshot was made, in their own words."""
    feeds = (await call.board.status()).feeds
    reasons = [
        feed.reason
        for feed in feeds
        if feed.asset == snapshot.asset and feed.venue in snapshot.venues and feed.failures
    ]
    return " ".join(f"{each.rstrip('.')}." for each in reasons if each)
