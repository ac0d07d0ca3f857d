from __future__ import annotations

import asyncio

import pytest

from engine.service import Recipient
from jobs.store import Store
from tests.jobs.store.makers import ANNA, BOB, MINUTE, TOPIC, save
from tests.samples import NOON

pytestmark = pytest.mark.anyio
GROUP, SUPERGROUP = Recipient("telegram", "-55"), Recipient("telegram", "-10055")


async def test_following_twice_is_following_once(store: Store) -> None:
    assert await store.follow(ANNA, "BTC", NOON)
    assert not await store.follow(ANNA, "BTC", NOON + MINUTE)
    assert await store.follows(ANNA) == ("BTC",)


async def test_many_presses_of_one_button_follow_once(store: Store) -> None:
    presses = (store.follow(ANNA, "BTC", NOON) for _ in range(8))
    assert sorted(await asyncio.gather(*presses)) == [False] * 7 + [True]


async def test_a_topic_follows_apart_from_its_chat_and_from_other_platforms(store: Store) -> None:
    chat = Recipient(TOPIC.platform, TOPIC.chat)
    elsewhere = Recipient("discord", TOPIC.chat, TOPIC.thread)
    await store.follow(TOPIC, "SPX", NOON)
    assert await store.follows(chat) == await store.follows(elsewhere) == ()
    assert await store.follow(chat, "SPX", NOON)
    assert await store.unfollow(chat) == 1
    assert await store.follows(TOPIC) == ("SPX",)


async def test_unfollowing_ends_one_asset_or_all_and_says_how_many(store: Store) -> None:
    for asset in ("SPX", "BTC", "ETH"):
        await store.follow(ANNA, asset, NOON)
    await store.follow(BOB, "BTC", NOON)
    assert await store.follows(ANNA) == ("BTC", "ETH", "SPX")
    assert await store.unfollow(ANNA, "ETH") == 1
    assert await store.unfollow(ANNA, "ETH") == 0
    assert await store.unfollow(ANNA) == 2
    assert await store.follows(ANNA) == ()
    assert await store.follows(BOB) == ("BTC",)


async def test_a_moved_chat_takes_its_follows_along_without_doubling_them(store: Store) -> None:
    for recipient, asset in ((GROUP, "BTC"), (GROUP, "ETH"), (SUPERGROUP, "BTC"), (ANNA, "BTC")):
        await store.follow(recipient, asset, NOON)
    await store.moved(GROUP, SUPERGROUP)
    assert await store.follows(GROUP) == ()
    assert await store.follows(SUPERGROUP) == ("BTC", "ETH")
    assert await store.follows(ANNA) == ("BTC",)
    await store.moved(SUPERGROUP, SUPERGROUP)
    assert await store.follows(SUPERGROUP) == ("BTC", "ETH")


async def test_what_waits_for_a_moved_chat_goes_to_its_new_address_once(store: Store) -> None:
    await store.follow(GROUP, "BTC", NOON)
    await save(store, 0, signal=True)
    await store.follow(SUPERGROUP, "BTC", NOON)
    await save(store, 1, signal=True)
    (first, second) = await store.claim(["telegram"], 2, NOON + MINUTE)
    assert (first.recipient, second.recipient) == (GROUP, GROUP)
    await store.moved(GROUP, SUPERGROUP)
    await store.retry(first, "the group has moved", NOON + MINUTE)
    await store.retry(second, "the group has moved", NOON + MINUTE)
    claimed = await store.claim(["telegram"], 9, NOON + 2 * MINUTE)
    assert [each.recipient for each in claimed] == [SUPERGROUP, SUPERGROUP]
    assert [each.signal.asof for each in claimed] == [NOON, NOON + MINUTE]


async def test_what_was_sent_to_the_old_address_stays_sent(store: Store) -> None:
    await store.follow(GROUP, "BTC", NOON)
    await save(store, 0, signal=True)
    (delivery,) = await store.claim(["telegram"], 9, NOON)
    await store.sent(delivery, "42", NOON)
    await store.moved(GROUP, SUPERGROUP)
    assert await store.claim(["telegram"], 9, NOON + 9 * MINUTE) == []
