from __future__ import annotations

import asyncio
from dataclasses import fields, replace

import numpy as np
import pytest

from engine.domain import Exposures, Levels, Regime, Snapshot
from engine.errors import BadData, NoData
from engine.signals.base import Baseline
from jobs.store import Store
from jobs.store.tables import SnapshotRow
from tests.jobs.store.makers import ANNA, BOB, MINUTE, TOPIC, make_signal, save
from tests.samples import NOON, later, make_chain, make_snapshot

pytestmark = pytest.mark.anyio
PLATFORMS = ("telegram", "discord")


def same(found: Snapshot, expected: Snapshot) -> None:
    """Every field, arrays and all."""
    for each in fields(Snapshot):
        a, b = getattr(found, each.name), getattr(expected, each.name)
        if each.name in ("by_strike", "profile"):
            for column in fields(b):
                np.testing.assert_array_equal(getattr(a, column.name), getattr(b, column.name))
        else:
            assert a == b, each.name


async def test_a_snapshot_comes_back_as_it_was_saved(store: Store) -> None:
    levels = make_snapshot().levels
    rich = make_snapshot(
        levels=replace(
            levels,
            more={"abs_gamma_strike": 100_500.5, "hvl": None},
            lists={"gamma_walls": (90_000.0, 110_000.0)},
            unavailable={"hvl": "no crossing in range"},
        )
    )
    assert await store.save(rich, make_chain(), [])
    same(await store.latest("BTC"), rich)


async def test_levels_that_do_not_exist_come_back_as_none_with_their_reasons(store: Store) -> None:
    none = Levels(
        gamma_flip=None, gamma_flips=(), call_wall=None, put_wall=None, max_pain=None,
        expected_move=None, unavailable={"gamma_flip": "gamma has one sign in range"},
    )  # fmt: skip
    bare = make_snapshot(levels=none, regime=None, by_expiry=(), metrics={}, flags=())
    assert await store.save(bare, make_chain(), [])
    same(await store.latest("BTC"), bare)


async def test_an_expiry_without_published_open_interest_keeps_not_a_number(store: Store) -> None:
    first, *others = make_snapshot().by_expiry
    odd = make_snapshot(by_expiry=(replace(first, call_oi=float("nan"), atm_iv=None), *others))
    assert await store.save(odd, make_chain(), [])
    found = (await store.latest("BTC")).by_expiry[0]
    assert np.isnan(found.call_oi)
    assert found.atm_iv is None
    assert found.put_oi == first.put_oi


def test_every_total_is_an_ordinary_column() -> None:
    assert {each.name for each in fields(Exposures)} <= set(SnapshotRow.model_fields)


async def test_saving_the_same_snapshot_twice_changes_nothing(store: Store) -> None:
    await store.follow(ANNA, "BTC", NOON)
    snapshot = await save(store, signal=True)
    await store.follow(BOB, "BTC", NOON)
    assert not await store.save(snapshot, make_chain(), [make_signal(snapshot)])
    assert [each.recipient for each in await store.claim(PLATFORMS, 9, NOON)] == [ANNA]
    assert len(await store.record(9)) == 1
    assert (await store.status()).snapshots == 1


async def test_two_writers_of_one_snapshot_store_it_once(store: Store) -> None:
    await store.follow(ANNA, "BTC", NOON)
    snapshot, chain = make_snapshot(), make_chain()
    saves = (store.save(snapshot, chain, [make_signal(snapshot)]) for _ in range(6))
    assert sorted(await asyncio.gather(*saves)) == [False] * 5 + [True]
    assert len(await store.claim(PLATFORMS, 9, NOON)) == 1


async def test_every_follower_of_the_asset_gets_the_signal(store: Store) -> None:
    for recipient in (ANNA, TOPIC, BOB):
        await store.follow(recipient, "BTC", NOON)
    await store.follow(ANNA, "ETH", NOON)
    snapshot = await save(store, signal=True)
    claimed = await store.claim(PLATFORMS, 9, NOON)
    assert {each.recipient for each in claimed} == {ANNA, TOPIC, BOB}
    assert all(each.signal == make_signal(snapshot) for each in claimed)


async def test_a_follower_of_tomorrow_does_not_get_the_signal_of_today(store: Store) -> None:
    await save(store, signal=True)
    await store.follow(ANNA, "BTC", NOON + MINUTE)
    assert await store.claim(PLATFORMS, 9, NOON + MINUTE) == []


async def test_another_convention_is_another_snapshot_but_not_another_signal(store: Store) -> None:
    await store.follow(ANNA, "BTC", NOON)
    await save(store, signal=True)
    await save(store, signal=True, convention="inverse")
    assert (await store.status()).snapshots == 2
    assert len(await store.claim(PLATFORMS, 9, NOON)) == 1


@pytest.mark.parametrize("wrong", [float("nan"), float("inf")])
async def test_a_total_that_is_no_number_is_refused_and_nothing_is_stored(
    store: Store, wrong: float
) -> None:
    snapshot = make_snapshot()
    broken = replace(snapshot, exposures=replace(snapshot.exposures, dex_usd=wrong))
    with pytest.raises(BadData, match=f"expected a finite BTC dex_usd, found {wrong}"):
        await store.save(broken, make_chain(), [make_signal(broken)])
    assert (await store.status()).snapshots == 0
    assert await store.record(9) == []


async def test_latest_is_the_newest_of_all_expiries_whatever_came_last(store: Store) -> None:
    await save(store, 5)
    await save(store, 3)
    await save(store, 9, asset="ETH")
    await save(store, 8, window="0dte")
    assert (await store.latest("BTC")).asof == NOON + 5 * MINUTE


async def test_of_one_instant_the_last_one_saved_is_the_latest(store: Store) -> None:
    await save(store, 0)
    await save(store, 0, convention="inverse")
    assert (await store.latest("BTC")).convention == "inverse"


async def test_the_chain_of_a_snapshot_can_be_read_again(store: Store) -> None:
    snapshot = await save(store, 2)
    chain = await store.chain(replace(snapshot, window="7d", convention="inverse"))
    expected = make_chain(asof=snapshot.asof)
    np.testing.assert_array_equal(chain.iv, expected.iv)
    assert (chain.asof, chain.spot, len(chain)) == (expected.asof, expected.spot, len(expected))


async def test_a_chain_that_is_not_kept_is_told_in_one_sentence(store: Store) -> None:
    with pytest.raises(NoData, match=r"^The BTC chain of 2026-11-20 12:00 UTC is no longer kept"):
        await store.chain(make_snapshot())


async def test_without_data_the_sentence_says_what_is_known(store: Store) -> None:
    with pytest.raises(
        NoData, match=r"^No data for SPX yet: its first refresh has not finished\.$"
    ):
        await store.latest("SPX")
    await store.feed_failed("cboe", "SPX", "cboe is not answering (timeout).", NOON)
    await store.feed_failed("cboe", "SPY", "cboe is not answering (HTTP 503).", NOON)
    with pytest.raises(NoData, match=r"^No data for SPX yet: cboe is not answering \(timeout\)\.$"):
        await store.latest("SPX")


async def test_before_is_the_newest_earlier_one_of_the_same_kind(store: Store) -> None:
    now = make_snapshot()
    assert await store.before(now, Baseline.PREVIOUS) is None
    await save(store, -10)
    expected = await save(store, -5)
    await save(store, -4, convention="inverse")
    await save(store, -3, venues=("okx",))
    await save(store, -2, asset="ETH")
    await save(store, 0)
    await save(store, 1)
    found = await store.before(now, Baseline.PREVIOUS)
    assert found is not None
    same(found, expected)


async def test_before_can_look_past_undecided_regimes(store: Store) -> None:
    await save(store, -9, regime=Regime.NEGATIVE)
    await save(store, -8, regime=Regime.NEUTRAL)
    await save(store, -7, regime=None)
    now = later(make_snapshot(), 0)
    previous = await store.before(now, Baseline.PREVIOUS)
    decided = await store.before(now, Baseline.DECIDED)
    assert previous is not None
    assert decided is not None
    assert (previous.asof, previous.regime) == (NOON - 7 * MINUTE, None)
    assert (decided.asof, decided.regime) == (NOON - 9 * MINUTE, Regime.NEGATIVE)


async def test_everything_is_still_there_after_a_restart(store: Store, url: str) -> None:
    snapshot = await save(store)
    await store.follow(ANNA, "BTC", NOON)
    await store.close()
    second = Store(url, simulated=store._database.simulated)
    await second.upgrade()
    try:
        same(await second.latest("BTC"), snapshot)
        assert await second.follows(ANNA) == ("BTC",)
    finally:
        await second.close()
