from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from engine.domain import DEMO
from engine.errors import NoData
from jobs.store import Simulated, Store, retention
from jobs.store.outbox import LEASE
from tests.jobs.store.conftest import Opener
from tests.jobs.store.makers import ANNA, BOB, MINUTE, save
from tests.samples import NOON, make_chain, make_snapshot

pytestmark = pytest.mark.anyio
HOUR = timedelta(hours=1)
FAR = NOON - 999 * HOUR


async def test_chains_go_first_and_levels_stay(store: Store) -> None:
    old, new = await save(store, -120), await save(store, 0)
    deleted = await store.prune(chains_before=NOON - HOUR, snapshots_before=FAR)
    assert deleted == {"chains": 1, "signals": 0, "snapshots": 0}
    assert (await store.status()).snapshots == 2
    with pytest.raises(NoData, match="no longer kept; its levels are"):
        await store.chain(old)
    assert len(await store.chain(new)) == len(make_chain())


async def test_whole_snapshots_go_later_with_the_signals_that_are_done(store: Store) -> None:
    await store.follow(ANNA, "BTC", NOON - 3 * HOUR)
    await save(store, -120, signal=True)
    (delivery,) = await store.claim(["telegram"], 9, NOON - HOUR)
    await store.sent(delivery, "1", NOON - HOUR)
    await save(store, 0)
    deleted = await store.prune(chains_before=NOON - HOUR, snapshots_before=NOON - HOUR)
    assert deleted == {"chains": 1, "signals": 1, "snapshots": 1}
    assert await store.record(9) == []


async def test_the_newest_snapshot_of_an_asset_stays_with_its_chain_however_old(
    store: Store,
) -> None:
    for asset, minute in (("BTC", -300), ("BTC", -200), ("ETH", -250)):
        await save(store, minute, asset=asset)
    deleted = await store.prune(chains_before=NOON, snapshots_before=NOON)
    assert deleted == {"chains": 1, "signals": 0, "snapshots": 1}
    for asset in ("BTC", "ETH"):
        assert len(await store.chain(await store.latest(asset))) > 0


async def test_a_signal_somebody_still_awaits_is_never_pruned(store: Store) -> None:
    await store.follow(ANNA, "BTC", NOON - 3 * HOUR)
    await store.follow(BOB, "BTC", NOON - 3 * HOUR)
    await save(store, -120, signal=True)
    await save(store, 0)
    (first,) = await store.claim(["telegram"], 9, NOON)
    await store.sent(first, "1", NOON)
    await store.claim(["discord"], 9, NOON)
    deleted = await store.prune(chains_before=NOON, snapshots_before=NOON)
    assert deleted == {"chains": 1, "signals": 0, "snapshots": 0}
    (second,) = await store.claim(["discord"], 9, NOON + LEASE)
    await store.give_up(second, "blocked", NOON)
    deleted = await store.prune(chains_before=NOON, snapshots_before=NOON)
    assert deleted == {"chains": 0, "signals": 1, "snapshots": 1}


async def test_simulated_rows_go_whole_with_the_chains_whatever_waits(opened: Opener) -> None:
    store = await opened(Simulated.only())
    await store.follow(ANNA, "BTC", NOON - 3 * HOUR)
    await save(store, -120, venues=(DEMO,), signal=True)
    await save(store, 0, venues=(DEMO,))
    await save(store, -90)
    deleted = await store.prune(chains_before=NOON - HOUR, snapshots_before=FAR)
    assert deleted == {"chains": 1, "signals": 1, "snapshots": 1}
    assert (await store.status()).snapshots == 1


async def test_feeds_and_jobs_that_are_no_longer_run_are_forgotten(store: Store) -> None:
    await store.feed_ok("okx", "BTC", NOON - 2 * HOUR)
    await store.feed_failed("okx", "BTC", "okx is not answering (timeout).", NOON - HOUR)
    await store.feed_failed("cboe", "SPX", "cboe is not answering (timeout).", NOON)
    await store.job_started("retired", NOON - HOUR)
    await store.job_started("prune", NOON)
    await store.prune(chains_before=NOON, snapshots_before=NOON - MINUTE)
    status = await store.status()
    assert [each.venue for each in status.feeds] == ["cboe"]
    assert [each.name for each in status.jobs] == ["prune"]


async def test_pruning_twice_deletes_nothing_more(store: Store) -> None:
    for minute in range(-5, 0):
        await save(store, minute)
    first = await store.prune(chains_before=NOON, snapshots_before=NOON)
    assert first == {"chains": 4, "signals": 0, "snapshots": 4}
    second = await store.prune(chains_before=NOON, snapshots_before=NOON)
    assert second == {"chains": 0, "signals": 0, "snapshots": 0}


async def test_readers_and_writers_go_on_while_much_is_pruned(store: Store) -> None:
    count = 2 * retention.BATCH + 7
    for minute in range(-count, 1):
        await save(store, minute)
    pruning = asyncio.create_task(store.prune(chains_before=NOON, snapshots_before=NOON))
    minute = 0
    while not pruning.done():
        minute += 1
        await save(store, minute)
        assert (await store.latest("BTC")).asof == NOON + minute * MINUTE
    assert (await pruning)["snapshots"] >= count


async def test_an_sqlite_file_shrinks_when_much_was_deleted(tmp_path: Path) -> None:
    file = tmp_path / "gexwire.db"
    store = Store(f"sqlite:///{file}", simulated=Simulated.never())
    await store.upgrade()
    for minute in range(-99, 1):
        chain = make_chain(asof=NOON + minute * MINUTE, iv=np.random.default_rng(1).random(126))
        await store.save(make_snapshot(asof=chain.asof), chain, [])
    await store.close()
    before = file.stat().st_size
    await store.prune(chains_before=NOON, snapshots_before=NOON)
    await store.close()
    assert file.stat().st_size < before / 4
