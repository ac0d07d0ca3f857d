"""Refreshing: what is stored, what is told, and what a failure may not do."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from engine.domain import Chain, Regime
from engine.errors import BadData, NoData, RateLimited, VenueError
from engine.service import Recipient
from jobs.tasks.refresh import refresh
from tests.jobs.service import Clock, ScriptedVenue, make_context, open_store, settings
from tests.samples import NOON, make_chain

pytestmark = pytest.mark.anyio
LATER = NOON + timedelta(minutes=20)
HERE = Recipient("telegram", "1")


async def test_a_refresh_stores_what_the_venue_listed(tmp_path: Path) -> None:
    store, saved = await open_store(tmp_path), list[None]()
    chain = make_chain()
    await refresh(make_context(store, Clock(NOON), ScriptedVenue([chain]), saved=saved), ["BTC"])
    snapshot = await store.latest("BTC")
    assert (snapshot.asof, snapshot.venues, snapshot.regime) == (NOON, ("deribit",), "POSITIVE")
    assert snapshot.contracts.listed == len(chain)
    assert saved == [None]


async def test_the_same_payload_twice_is_one_snapshot_and_wakes_nobody(tmp_path: Path) -> None:
    store, saved = await open_store(tmp_path), list[None]()
    context = make_context(store, Clock(NOON), ScriptedVenue([make_chain()]), saved=saved)
    await refresh(context, ["BTC"])
    await refresh(context, ["BTC"])
    assert (await store.status()).snapshots == 1
    assert saved == [None]


async def test_a_flip_between_two_refreshes_reaches_the_outbox_once(tmp_path: Path) -> None:
    store = await open_store(tmp_path)
    await store.follow(HERE, "BTC", NOON)
    turned = make_chain(asof=LATER, call_oi=20.0, put_oi=200.0)
    venue = ScriptedVenue([make_chain(), turned])
    context = make_context(store, Clock(NOON), venue)
    await refresh(context, ["BTC"])
    assert await store.claim(["telegram"], 10, NOON) == []
    await refresh(context, ["BTC"])
    await refresh(context, ["BTC"])
    [delivery] = await store.claim(["telegram"], 10, LATER)
    assert delivery.recipient == HERE
    assert (delivery.signal.rule, delivery.signal.asof) == ("gamma_flip", LATER)
    assert delivery.signal.evidence["regime"] == Regime.NEGATIVE


async def test_a_silent_venue_leaves_the_last_snapshot_standing(tmp_path: Path) -> None:
    store, said = await open_store(tmp_path), list[str]()
    venue = ScriptedVenue([make_chain(), VenueError("deribit", "timeout")])
    clock = Clock(NOON)
    context = make_context(store, clock, venue, said=said)
    await refresh(context, ["BTC"])
    clock.at = LATER
    await refresh(context, ["BTC"])
    assert (await store.latest("BTC")).asof == NOON
    [feed] = (await store.status()).feeds
    assert (feed.last_ok, feed.last_failure, feed.failures) == (NOON, LATER, 1)
    assert feed.reason == "deribit is not answering (timeout)."


async def test_an_outage_is_said_once_and_so_is_its_end(tmp_path: Path) -> None:
    store, said = await open_store(tmp_path), list[str]()
    down = VenueError("deribit", "timeout")
    venue = ScriptedVenue([down, down, make_chain(), make_chain(asof=LATER)])
    context = make_context(store, Clock(NOON), venue, said=said)
    for _ in range(4):
        await refresh(context, ["BTC"])
    assert said == [
        "deribit is not answering (timeout). I keep trying.",
        "deribit is answering again.",
    ]


async def test_one_dead_symbol_beside_a_live_one_is_said_once(tmp_path: Path) -> None:
    store, said = await open_store(tmp_path), list[str]()

    class HalfDead(ScriptedVenue):
        async def chain(self, asset: str, asof: datetime) -> Chain:
            if asset == "ETH" and len(self.asked) < 5:
                self.asked.append((asset, asof))
                raise RateLimited("deribit", 60.0 - len(self.asked))
            return make_chain(asset=asset, asof=NOON + timedelta(seconds=len(self.asked)))

    declared = settings(BTC=("crypto", ("deribit",)), ETH=("crypto", ("deribit",)))
    context = make_context(store, Clock(NOON), HalfDead([]), declared=declared, said=said)
    for _ in range(7):
        await refresh(context, ["BTC", "ETH"])
    assert said == [
        "deribit is not answering (rate limit, retry in 59 s). I keep trying.",
        "deribit is answering again.",
    ]


@pytest.mark.parametrize("fault", [RuntimeError("bug"), BadData("odd"), VenueError("cboe", "x")])
async def test_a_fault_of_one_venue_does_not_stop_another(tmp_path: Path, fault: Exception) -> None:
    store = await open_store(tmp_path)
    broken = ScriptedVenue([fault], name="cboe")
    healthy = ScriptedVenue([make_chain()])
    declared = settings(SPX=("us", ("cboe",)), BTC=("crypto", ("deribit",)))
    await refresh(
        make_context(store, Clock(NOON), broken, healthy, declared=declared), ["SPX", "BTC"]
    )
    assert (await store.latest("BTC")).asof == NOON
    with pytest.raises(NoData, match="SPX"):
        await store.latest("SPX")


async def test_a_bug_is_told_without_its_trace(tmp_path: Path) -> None:
    store = await open_store(tmp_path)
    await refresh(
        make_context(store, Clock(NOON), ScriptedVenue([RuntimeError("/secret/path")])), ["BTC"]
    )
    [feed] = (await store.status()).feeds
    assert feed.reason == "an error on our side; it has been logged"


async def test_nothing_is_stored_of_a_chain_nobody_can_trust(tmp_path: Path) -> None:
    store = await open_store(tmp_path)
    await refresh(make_context(store, Clock(NOON), ScriptedVenue([BadData("odd")])), ["BTC"])
    assert (await store.status()).snapshots == 0


async def test_neutral_in_between_is_not_a_flip_of_its_own(tmp_path: Path) -> None:
    store = await open_store(tmp_path)
    await store.follow(HERE, "BTC", NOON)
    times = [NOON + timedelta(minutes=each) for each in range(3)]
    balanced = make_chain(asof=times[1], call_oi=1.0, put_oi=1.0)
    balanced = replace(balanced, oi=balanced.oi * 0 + 1.0)
    venue = ScriptedVenue([make_chain(asof=times[0]), balanced, make_chain(asof=times[2])])
    context = make_context(store, Clock(NOON), venue)
    for _ in times:
        await refresh(context, ["BTC"])
    assert (await store.status()).snapshots == 3
    assert await store.claim(["telegram"], 10, times[2]) == []
