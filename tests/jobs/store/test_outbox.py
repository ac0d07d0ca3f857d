from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from engine.service import Recipient
from jobs.store import Simulated, Store
from jobs.store.outbox import LEASE, ORDERED_TRIES
from tests.jobs.store.conftest import Opener
from tests.jobs.store.makers import ANNA, BOB, MINUTE, TOPIC, make_signal, save
from tests.samples import NOON, make_chain, make_snapshot

pytestmark = pytest.mark.anyio
BOTH = ("telegram", "discord")
LATER = NOON + 10 * MINUTE
TICK = timedelta(seconds=1)


async def raised(store: Store, *minutes: float, to: tuple[Recipient, ...] = (ANNA,)) -> None:
    for recipient in to:
        await store.follow(recipient, "BTC", NOON)
    for minute in minutes:
        await save(store, minute, signal=True)


async def test_a_delivery_is_claimed_once_and_ends_when_it_was_sent(store: Store) -> None:
    await raised(store, 0)
    (delivery,) = await store.claim(BOTH, 9, LATER)
    assert (delivery.recipient, delivery.attempts, delivery.again) == (ANNA, 0, False)
    assert await store.claim(BOTH, 9, LATER) == []
    assert (await store.status()).alerts_pending == 1
    await store.sent(delivery, "message 17", LATER)
    status = await store.status()
    assert (status.alerts_pending, status.alerts_failed) == (0, 0)
    assert await store.claim(BOTH, 9, LATER + 2 * LEASE) == []


async def test_only_the_platforms_asked_for_are_claimed(store: Store) -> None:
    await raised(store, 0, to=(ANNA, BOB))
    assert await store.claim([], 9, LATER) == []
    assert [each.recipient for each in await store.claim(["discord"], 9, LATER)] == [BOB]
    assert [each.recipient for each in await store.claim(BOTH, 9, LATER)] == [ANNA]


@pytest.mark.parametrize("unsure", [True, False])
async def test_a_delivery_to_be_tried_again_comes_at_its_time(store: Store, unsure: bool) -> None:
    await raised(store, 0)
    (delivery,) = await store.claim(BOTH, 9, LATER)
    await store.retry(delivery, "rate limit", LATER + 30 * TICK, again=unsure)
    assert await store.claim(BOTH, 9, LATER + 29 * TICK) == []
    (again,) = await store.claim(BOTH, 9, LATER + 30 * TICK)
    assert (again.id, again.attempts, again.again) == (delivery.id, 1, unsure)


async def test_a_claim_that_was_never_resolved_is_claimed_again_after_its_lease(
    store: Store, opened: Opener
) -> None:
    await raised(store, 0)
    (lost,) = await store.claim(BOTH, 9, LATER)
    restarted = await opened(Simulated.never())
    assert await restarted.claim(BOTH, 9, LATER + LEASE - TICK) == []
    (again,) = await restarted.claim(BOTH, 9, LATER + LEASE)
    assert (again.id, again.attempts, again.again) == (lost.id, 1, True)
    await restarted.retry(again, "rate limit", LATER + LEASE, again=again.again)
    (third,) = await restarted.claim(BOTH, 9, LATER + LEASE)
    assert (third.attempts, third.again) == (2, True)


class Hasty(Store):
    renew_every = 0.01


async def test_a_sender_that_lives_keeps_its_lease_until_it_says_how_it_ended(
    store: Store, url: str
) -> None:
    await raised(store, 0)
    slow = Hasty(url, simulated=Simulated.never())
    (delivery,) = await slow.claim(BOTH, 9, LATER)
    await asyncio.sleep(0.3)
    over = LATER + LEASE + timedelta(seconds=0.1)
    assert await store.claim(BOTH, 9, over) == []
    await slow.close()
    (again,) = await store.claim(BOTH, 9, over + LEASE)
    assert (again.id, again.again) == (delivery.id, True)


async def test_a_sender_that_lost_its_lease_cannot_undo_what_another_one_did(store: Store) -> None:
    await raised(store, 0)
    (slow,) = await store.claim(BOTH, 9, LATER)
    (quick,) = await store.claim(BOTH, 9, LATER + LEASE)
    await store.retry(slow, "timeout", LATER + LEASE)
    await store.give_up(slow, "blocked", LATER + LEASE)
    assert await store.claim(BOTH, 9, LATER + LEASE + TICK) == []
    assert await store.follows(ANNA) == ("BTC",)
    await store.sent(quick, "17", LATER + LEASE)
    await store.retry(quick, "late", LATER + LEASE)
    assert (await store.status()).alerts_pending == 0


async def test_what_a_slow_sender_did_send_counts_as_sent(store: Store) -> None:
    await raised(store, 0)
    (slow,) = await store.claim(BOTH, 9, LATER)
    (quick,) = await store.claim(BOTH, 9, LATER + LEASE)
    await store.sent(slow, "17", LATER + LEASE)
    await store.retry(quick, "timeout", LATER + LEASE)
    assert await store.claim(BOTH, 9, LATER + 9 * LEASE) == []


async def test_a_recipient_gets_the_oldest_signal_first(store: Store) -> None:
    await raised(store, 0, 1, 2, to=(ANNA, BOB))
    claimed = await store.claim(BOTH, 3, LATER)
    claimed += await store.claim(BOTH, 3, LATER)
    for recipient in (ANNA, BOB):
        mine = [each.signal.asof for each in claimed if each.recipient == recipient]
        assert mine in ([NOON, NOON + MINUTE, NOON + 2 * MINUTE], [NOON], [NOON, NOON + MINUTE])
        assert mine == sorted(mine)


async def test_newer_signals_wait_behind_an_older_one_of_the_same_recipient_only(
    store: Store,
) -> None:
    await raised(store, 0, 1, to=(ANNA, TOPIC))
    claimed = await store.claim(BOTH, 2, LATER)
    (held,) = (each for each in claimed if each.recipient == ANNA)
    (done,) = (each for each in claimed if each.recipient == TOPIC)
    await store.sent(done, "1", LATER)
    (next_of_topic,) = await store.claim(BOTH, 9, LATER)
    assert next_of_topic.recipient == TOPIC
    await store.retry(held, "rate limit", LATER + 9 * TICK)
    assert await store.claim(BOTH, 9, LATER + 8 * TICK) == []
    claimed = await store.claim(BOTH, 9, LATER + 9 * TICK)
    assert [each.signal.asof for each in claimed] == [NOON, NOON + MINUTE]


async def test_a_recipient_that_is_gone_ends_with_all_that_waits_for_it(store: Store) -> None:
    await raised(store, 0, 1, to=(ANNA, BOB))
    await store.follow(ANNA, "ETH", NOON)
    claimed = await store.claim(["telegram"], 1, LATER)
    await store.give_up(claimed[0], "the bot was blocked", LATER)
    assert await store.follows(ANNA) == ()
    assert await store.follows(BOB) == ("BTC",)
    assert await store.claim(["telegram"], 9, LATER + LEASE) == []
    status = await store.status()
    assert (status.alerts_failed, status.alerts_pending) == (2, 2)


async def test_one_that_fails_again_and_again_lets_newer_ones_pass(store: Store) -> None:
    await raised(store, 0, 1)
    for attempt in range(ORDERED_TRIES + 1):
        (poison, *newer) = await store.claim(BOTH, 9, LATER)
        assert (poison.attempts, poison.signal.asof) == (attempt, NOON)
        for each in newer:
            await store.retry(each, "stopped first", LATER, again=False)
        await store.retry(poison, "KeyError", LATER + (attempt == ORDERED_TRIES) * TICK)
    assert [each.signal.asof for each in await store.claim(BOTH, 9, LATER)] == [NOON + MINUTE]


async def test_a_signal_that_is_too_old_ends_without_ending_the_follow(store: Store) -> None:
    await raised(store, 0, 1)
    (old,) = await store.claim(BOTH, 1, LATER)
    await store.give_up(old, "too old now", LATER, gone=False)
    assert await store.follows(ANNA) == ("BTC",)
    assert [each.signal.asof for each in await store.claim(BOTH, 9, LATER)] == [NOON + MINUTE]
    assert (await store.status()).alerts_failed == 1


async def test_two_senders_never_claim_the_same_delivery(store: Store, opened: Opener) -> None:
    crowd = tuple(Recipient("telegram", str(n)) for n in range(40))
    await raised(store, 0, 1, to=crowd)
    stores = [store, *[await opened(Simulated.never()) for _ in range(2)]]
    ids: list[int] = []

    async def send(sender: Store) -> None:
        while claimed := await sender.claim(BOTH, 5, LATER):
            ids.extend(each.id for each in claimed)
            await asyncio.gather(*(sender.sent(each, "1", LATER) for each in claimed))

    await asyncio.gather(*(send(each) for each in stores))
    await send(store)
    assert len(ids) == len(set(ids)) == 80


async def test_the_record_lists_the_newest_signals_first(store: Store) -> None:
    await raised(store, 0, 2, 1)
    newest = make_snapshot(asof=NOON + 2 * MINUTE)
    both = [make_signal(newest, "other"), make_signal(newest)]
    assert not await store.save(newest, make_chain(asof=newest.asof), both)
    found = await store.record(2)
    assert [each.asof for each in found] == [NOON + 2 * MINUTE, NOON + MINUTE]
    assert found[0] == make_signal(newest)
    assert len(await store.record(9)) == 3
