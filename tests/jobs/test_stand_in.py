"""The simulated market stands in late, visibly, and never beside a real one."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from engine.errors import NoData, VenueError
from jobs.context import Contact
from jobs.store import Simulated
from jobs.tasks.on_demand import fetch_missing
from jobs.tasks.refresh import refresh
from jobs.tasks.stand_in import needed, stand_in
from tests.jobs.service import Clock, ScriptedVenue, make_context, open_store, settings
from tests.samples import NOON, make_chain

pytestmark = pytest.mark.anyio
DOWN = VenueError("deribit", "connection refused")


def simulated() -> ScriptedVenue:
    return ScriptedVenue([make_chain(venue="demo")], name="demo")


async def test_it_stands_in_after_every_venue_has_failed_once(tmp_path: Path) -> None:
    store, said = await open_store(tmp_path, Simulated.stand_in(NOON)), list[str]()
    venue = ScriptedVenue([DOWN])
    context = make_context(store, Clock(NOON), venue, demo=simulated(), said=said)
    await asyncio.gather(refresh(context, ["BTC"]), stand_in(context))
    assert (await store.latest("BTC")).simulated
    assert said == [
        "deribit is not answering (connection refused). I keep trying.",
        "No venue answers: a SIMULATED market stands in until one does.",
    ]


async def test_one_answering_venue_is_enough_to_keep_it_out(tmp_path: Path) -> None:
    store = await open_store(tmp_path, Simulated.stand_in(NOON))
    venues = (ScriptedVenue([DOWN], name="cboe"), ScriptedVenue([make_chain()]))
    declared = settings(SPX=("us", ("cboe",)), BTC=("crypto", ("deribit",)))
    demo = simulated()
    context = make_context(store, Clock(NOON), *venues, demo=demo, declared=declared)
    await asyncio.gather(refresh(context, ["SPX", "BTC"]), stand_in(context))
    assert demo.asked == []
    with pytest.raises(NoData):
        await store.latest("SPX")


async def test_the_first_real_snapshot_ends_it(tmp_path: Path) -> None:
    store = await open_store(tmp_path, Simulated.stand_in(NOON))
    later = NOON + timedelta(minutes=1)
    venue, clock, demo = ScriptedVenue([DOWN, make_chain(asof=later)]), Clock(NOON), simulated()
    context = make_context(store, clock, venue, demo=demo)
    await asyncio.gather(refresh(context, ["BTC"]), stand_in(context))
    clock.at = later
    await refresh(context, ["BTC"])
    assert not (await store.latest("BTC")).simulated
    asked = len(demo.asked)
    await stand_in(context)
    assert len(demo.asked) == asked


async def test_an_outage_after_real_data_never_brings_it_back(tmp_path: Path) -> None:
    store = await open_store(tmp_path, Simulated.stand_in(NOON))
    await refresh(make_context(store, Clock(NOON), ScriptedVenue([make_chain()])), ["BTC"])
    context = make_context(store, Clock(NOON), ScriptedVenue([DOWN]), demo=simulated())
    await refresh(context, ["BTC"])
    assert not await needed(context)
    assert not (await store.latest("BTC")).simulated


async def test_a_venue_that_says_nothing_in_time_counts_as_failed() -> None:
    said: list[str] = []
    assert not await Contact(said.append).first(["deribit"], within=0.01)
    assert said == ["deribit is not answering (nothing within 0 s). I keep trying."]


async def test_without_any_venue_it_stands_in_at_once() -> None:
    assert not await Contact(lambda _: None).first([], within=5)


async def test_a_question_fetches_only_what_was_never_stored(tmp_path: Path) -> None:
    store, venue = await open_store(tmp_path), ScriptedVenue([make_chain()])
    context = make_context(store, Clock(NOON), venue)
    assert await fetch_missing(context, ["BTC"]) == []
    assert await fetch_missing(context, ["BTC"]) == []
    assert len(venue.asked) == 1


async def test_a_question_without_network_is_answered_by_the_simulated_market(
    tmp_path: Path,
) -> None:
    store = await open_store(tmp_path, Simulated.stand_in(NOON))
    silent = ScriptedVenue([VenueError("cboe", "timeout")], name="cboe")
    declared = settings(SPX=("us", ("cboe",)), BTC=("crypto", ("deribit",)))
    context = make_context(
        store, Clock(NOON), ScriptedVenue([DOWN]), silent, demo=simulated(), declared=declared
    )
    assert await fetch_missing(context, ["BTC"]) == []
    assert [asset for asset, _ in silent.asked] == ["SPX"]
    assert (await store.latest("BTC")).simulated


async def test_a_question_about_a_dead_venue_stays_unanswered_while_another_lives(
    tmp_path: Path,
) -> None:
    store = await open_store(tmp_path, Simulated.stand_in(NOON))
    alive = ScriptedVenue([make_chain(asset="SPX", venue="cboe")], name="cboe")
    declared = settings(SPX=("us", ("cboe",)), BTC=("crypto", ("deribit",)))
    context = make_context(
        store, Clock(NOON), ScriptedVenue([DOWN]), alive, demo=simulated(), declared=declared
    )
    assert await fetch_missing(context, ["BTC"]) == ["BTC"]
