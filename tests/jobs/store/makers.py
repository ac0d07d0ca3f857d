"""Signals and recipients the store's tests share."""

from __future__ import annotations

from datetime import datetime, timedelta

from engine.domain import Signal, Snapshot
from engine.service import Recipient
from jobs.store import Store
from tests.samples import NOON, make_chain, make_snapshot

MINUTE = timedelta(minutes=1)
ANNA = Recipient("telegram", "1001")
TOPIC = Recipient("telegram", "-1002", "77")
BOB = Recipient("discord", "2002")


def make_signal(snapshot: Snapshot, rule: str = "gamma_flip") -> Signal:
    return Signal(
        rule=rule,
        asset=snapshot.asset,
        venue=snapshot.venue,
        asof=snapshot.asof,
        evidence={"spot": snapshot.spot, "regime": "NEGATIVE", "flip": None},
    )


async def save(
    store: Store,
    minute: float = 0.0,
    *,
    signal: bool = False,
    asof: datetime = NOON,
    **changes: object,
) -> Snapshot:
    """Store a sample snapshot with its chain, some minutes after noon."""
    snapshot = make_snapshot(asof=asof + minute * MINUTE, **changes)
    chain = make_chain(asset=snapshot.asset, venue=snapshot.venue, asof=snapshot.asof)
    assert await store.save(snapshot, chain, [make_signal(snapshot)] if signal else [])
    return snapshot
