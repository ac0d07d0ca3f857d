from __future__ import annotations

import pytest

from engine.domain import DEMO
from engine.errors import NoData
from engine.signals.base import Baseline
from jobs.store import Simulated, Store
from tests.jobs.store.conftest import Opener
from tests.jobs.store.makers import ANNA, MINUTE, save
from tests.samples import NOON, make_snapshot

pytestmark = pytest.mark.anyio


async def newest(store: Store) -> str | None:
    try:
        return (await store.latest("BTC")).venue
    except NoData:
        return None


async def test_simulated_snapshots_are_invisible_unless_asked_for(opened: Opener) -> None:
    never, only = await opened(Simulated.never()), await opened(Simulated.only())
    await save(only, 5, venues=(DEMO,), signal=True)
    assert (await newest(never), await newest(only)) == (None, DEMO)
    assert (await never.status()).snapshots == 0
    assert [(await each.status()).simulated for each in (never, only)] == [False, True]
    assert (await never.record(9), len(await only.record(9))) == ([], 1)
    with pytest.raises(NoData):
        await never.chain(await only.latest("BTC"))


async def test_when_only_simulated_rows_are_asked_for_real_ones_are_invisible(
    opened: Opener,
) -> None:
    only = await opened(Simulated.only())
    await save(only, 0, venues=(DEMO,))
    await save(only, 5, signal=True)
    status = await only.status()
    assert (await newest(only), status.snapshots, status.newest) == (DEMO, 1, NOON)
    assert await only.record(9) == []
    assert await only.has_real()


async def test_the_stand_in_ends_with_the_first_real_snapshot_of_any_asset(opened: Opener) -> None:
    store = await opened(Simulated.stand_in(NOON))
    await save(store, 1, venues=(DEMO,), signal=True)
    assert not await store.has_real()
    assert (await newest(store), (await store.status()).snapshots) == (DEMO, 1)
    assert (await store.status()).simulated
    await save(store, 0, asset="ETH")
    assert not (await store.status()).simulated
    assert await store.has_real()
    assert await newest(store) is None
    assert ((await store.status()).snapshots, await store.record(9)) == (1, [])
    await save(store, -60)
    assert await newest(store) == "deribit"


async def test_the_stand_in_of_an_earlier_run_is_not_shown_again(opened: Opener) -> None:
    store = await opened(Simulated.stand_in(NOON))
    await save(store, -1, venues=(DEMO,))
    assert await newest(store) is None
    await save(store, 0, venues=(DEMO,))
    assert (await store.latest("BTC")).asof == NOON


async def test_a_simulated_signal_is_delivered_only_where_it_is_shown(opened: Opener) -> None:
    never, only = await opened(Simulated.never()), await opened(Simulated.only())
    await never.follow(ANNA, "BTC", NOON)
    await save(never, 1, venues=(DEMO,), signal=True)
    assert await only.claim(["telegram"], 9, NOON + MINUTE) == []
    await save(only, 2, venues=(DEMO,), signal=True)
    assert (await never.status()).alerts_pending == 0
    assert await never.claim(["telegram"], 9, NOON + 9 * MINUTE) == []
    (delivery,) = await only.claim(["telegram"], 9, NOON + 9 * MINUTE)
    assert delivery.signal.venue == DEMO


async def test_a_signal_of_a_market_that_stood_in_is_not_sent_once_real_data_is_there(
    opened: Opener,
) -> None:
    store = await opened(Simulated.stand_in(NOON))
    await store.follow(ANNA, "BTC", NOON)
    await save(store, 1, venues=(DEMO,), signal=True)
    await save(store, 2, signal=True)
    (delivery,) = await store.claim(["telegram"], 9, NOON + 9 * MINUTE)
    assert delivery.signal.venue == "deribit"


async def test_rules_compare_simulated_with_simulated_only(opened: Opener) -> None:
    store = await opened(Simulated.stand_in(NOON))
    await save(store, 1, venues=(DEMO,))
    assert await store.before(make_snapshot(asof=NOON + 2 * MINUTE), Baseline.PREVIOUS) is None


async def test_the_status_tells_of_real_feeds_while_something_stands_in(opened: Opener) -> None:
    store = await opened(Simulated.stand_in(NOON))
    await store.feed_failed("deribit", "BTC", "deribit is not answering (timeout).", NOON)
    await store.feed_ok(DEMO, "BTC", NOON)
    assert [each.venue for each in (await store.status()).feeds] == [DEMO, "deribit"]
    await save(store, 1)
    assert [each.venue for each in (await store.status()).feeds] == ["deribit"]
    only = await opened(Simulated.only())
    assert [each.venue for each in (await only.status()).feeds] == [DEMO]
