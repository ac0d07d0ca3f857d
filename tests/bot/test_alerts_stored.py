"""Alerts over the real store: what a kill and a restart do to a delivery."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot import alerts
from bot.alerts import Alerts, TryLater, Unreachable
from bot.cards.alert import alert
from engine.service import Recipient
from jobs.store import Simulated, Store
from tests.bot.memory import make_signal
from tests.bot.messengers import Clock, FakeMessenger, cancelled, until
from tests.samples import NOON, make_chain, make_snapshot

ONE = Recipient("telegram", "1")
TWO = Recipient("telegram", "2", "7")


@asynccontextmanager
async def opened(tmp_path: Path) -> AsyncIterator[Store]:
    store = Store(f"sqlite:///{tmp_path}/gexwire.db", simulated=Simulated.never())
    await store.upgrade()
    try:
        yield store
    finally:
        await store.close()


async def flip(store: Store, at: datetime = NOON) -> None:
    """A snapshot with its signal, in one transaction, for two followers."""
    for each in (ONE, TWO):
        await store.follow(each, "BTC", at - timedelta(minutes=1))
    await store.save(make_snapshot(asof=at), make_chain(asof=at), [make_signal(asof=at)])


def delivering(store: Store, messenger: FakeMessenger, clock: Clock) -> Alerts:
    card = partial(alert, zone=ZoneInfo("UTC"))
    return Alerts(store, (messenger,), card, clock)


@pytest.mark.anyio
async def test_a_saved_signal_reaches_every_follower_once_across_restarts(tmp_path: Path) -> None:
    messenger, clock = FakeMessenger(), Clock()
    async with opened(tmp_path) as store:
        await flip(store)
    async with opened(tmp_path) as store:
        assert await delivering(store, messenger, clock).deliver() == 2
    async with opened(tmp_path) as store:
        clock.forward(days=1)
        assert await delivering(store, messenger, clock).deliver() == 0
        assert (await store.status()).alerts_pending == 0
    assert sorted(each for each, _, _ in messenger.arrived) == ["1", "2"]


@pytest.mark.anyio
async def test_killed_before_the_receipt_was_stored_the_same_key_comes_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alerts, "GRACE", 0.01)
    clock = Clock()
    killed, restarted = FakeMessenger(hold=asyncio.Event()), FakeMessenger()
    async with opened(tmp_path) as store:
        await flip(store)
        running = asyncio.create_task(delivering(store, killed, clock).deliver())
        async with asyncio.timeout(5):
            await until(lambda: len(killed.arrived) == 2)
        await cancelled(running)
    async with opened(tmp_path) as store:
        assert await delivering(store, restarted, clock).deliver() == 0
        clock.forward(minutes=2)
        assert await delivering(store, restarted, clock).deliver() == 2
    keys = {(chat, key) for chat, key, _ in killed.arrived}
    assert keys == {(chat, key) for chat, key, _ in restarted.arrived}
    assert [again for _, _, again in restarted.arrived] == [True, True]


@pytest.mark.anyio
async def test_a_gone_recipient_follows_nothing_any_more_and_a_slow_one_still_does(
    tmp_path: Path,
) -> None:
    clock = Clock()
    messenger = FakeMessenger(
        trouble={"1": [Unreachable("bot was blocked by the user")], "2": [TryLater(30, "flood")]}
    )
    async with opened(tmp_path) as store:
        await flip(store)
        sending = delivering(store, messenger, clock)
        assert await sending.deliver() == 0
        clock.forward(seconds=31)
        assert await sending.deliver() == 1
        assert await store.follows(ONE) == ()
        assert await store.follows(TWO) == ("BTC",)
        assert [(chat, again) for chat, _, again in messenger.arrived] == [("2", False)]
        status = await store.status()
        assert (status.alerts_pending, status.alerts_failed) == (0, 1)


@pytest.mark.anyio
async def test_trying_for_a_whole_day_ends_the_alert_and_not_the_follow(tmp_path: Path) -> None:
    clock = Clock()
    messenger = FakeMessenger(trouble={each: [OSError("down")] * 500 for each in "12"})
    async with opened(tmp_path) as store:
        await flip(store)
        sending = delivering(store, messenger, clock)
        while clock.now - NOON < alerts.KEEP_TRYING + timedelta(hours=1):
            await sending.deliver()
            clock.forward(minutes=30)
        status = await store.status()
        assert (status.alerts_pending, status.alerts_failed) == (0, 2)
        assert await store.follows(ONE) == ("BTC",)
