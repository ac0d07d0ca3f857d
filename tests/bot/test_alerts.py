from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import alerts
from bot.alerts import Alerts, TryLater, Unreachable, key
from bot.cards.alert import alert
from bot.reply import Reply
from engine.domain import Signal
from engine.service import Recipient
from tests.bot.memory import make_signal
from tests.bot.messengers import UTC_ZONE, Clock, FakeMessenger, cancelled, chat, make_alerts, until
from tests.bot.outbox import LEASE, MemoryOutbox
from tests.samples import NOON


@pytest.mark.anyio
async def test_every_follower_gets_the_signal_once_with_a_receipt() -> None:
    outbox, messenger = MemoryOutbox(), FakeMessenger()
    outbox.put(make_signal(), *map(chat, range(200)))
    delivering = make_alerts(outbox, messenger)
    assert await delivering.deliver() == 200
    assert await delivering.deliver() == 0
    assert sorted(int(each) for each, _, _ in messenger.arrived) == list(range(200))
    assert all(row.state == "sent" and row.receipt for row in outbox.rows)
    assert messenger.most_at_once == alerts.AT_ONCE


@pytest.mark.anyio
async def test_who_blocked_the_bot_is_given_up_and_the_others_are_served() -> None:
    outbox = MemoryOutbox()
    outbox.put(make_signal(), chat(1), chat(2), chat(3))
    messenger = FakeMessenger(trouble={"2": [Unreachable("bot was blocked by the user")]})
    assert await make_alerts(outbox, messenger).deliver() == 2
    assert outbox.states() == {"1": "sent", "2": "given_up", "3": "sent"}
    assert outbox.row("2").gone
    assert outbox.row("2").reason == "bot was blocked by the user"


@pytest.mark.anyio
async def test_told_to_wait_it_waits_and_then_sends_without_doubt() -> None:
    outbox, clock = MemoryOutbox(), Clock()
    outbox.put(make_signal(), chat(1))
    messenger = FakeMessenger(trouble={"1": [TryLater(30, "flood")]})
    delivering = make_alerts(outbox, messenger, clock=clock)
    assert await delivering.deliver() == 0
    clock.forward(seconds=29)
    assert await delivering.deliver() == 0
    clock.forward(seconds=1)
    assert await delivering.deliver() == 1
    assert [again for _, _, again in messenger.arrived] == [False]


@pytest.mark.anyio
@pytest.mark.parametrize(
    "error", [RuntimeError("?"), TimeoutError(), TryLater(1, "connection lost", maybe_sent=True)]
)
async def test_an_attempt_that_may_have_arrived_is_repeated_and_marked(error: Exception) -> None:
    outbox, clock = MemoryOutbox(), Clock()
    outbox.put(make_signal(), chat(1), chat(2))
    messenger = FakeMessenger(trouble={"1": [error]})
    delivering = make_alerts(outbox, messenger, clock=clock)
    assert await delivering.deliver() == 1
    clock.forward(seconds=10)
    assert await delivering.deliver() == 1
    (_, other, _), (_, repeated, again) = messenger.arrived
    assert again
    assert repeated == key(make_signal(), chat(1)) != other


@pytest.mark.anyio
async def test_doubt_once_there_stays_through_later_certain_refusals() -> None:
    outbox, clock = MemoryOutbox(), Clock()
    outbox.put(make_signal(), chat(1))
    messenger = FakeMessenger(trouble={"1": [OSError("reset"), TryLater(1, "flood")]})
    delivering = make_alerts(outbox, messenger, clock=clock)
    for _ in range(3):
        await delivering.deliver()
        clock.forward(seconds=10)
    assert [again for _, _, again in messenger.arrived] == [True]


@pytest.mark.anyio
async def test_failures_are_tried_ever_more_rarely_and_the_follow_survives_the_end() -> None:
    outbox, clock = MemoryOutbox(), Clock()
    outbox.put(make_signal(), chat(1))
    messenger = FakeMessenger(trouble={"1": [OSError("down")] * 10_000})
    delivering = make_alerts(outbox, messenger, clock=clock)
    waits = []
    while outbox.row("1").state == "pending":
        before = outbox.row("1").due
        await delivering.deliver()
        waits.append((outbox.row("1").due - before).total_seconds())
        clock.now = max(clock.now, outbox.row("1").due)
    assert waits[1] < waits[4] < waits[8]
    assert max(waits) <= 1.5 * alerts.LONGEST_PAUSE
    assert clock.now - NOON > alerts.KEEP_TRYING
    assert len(waits) < 300
    assert outbox.row("1").state == "given_up"
    assert not outbox.row("1").gone


@pytest.mark.anyio
async def test_an_old_signal_gets_its_fair_number_of_tries() -> None:
    outbox, clock = MemoryOutbox(), Clock(NOON + timedelta(days=3))
    outbox.put(make_signal(), chat(1))
    messenger = FakeMessenger(trouble={"1": [TryLater(1, "not connected")] * 3})
    delivering = make_alerts(outbox, messenger, clock=clock)
    for _ in range(4):
        await delivering.deliver()
        clock.forward(seconds=2)
    assert outbox.row("1").state == "sent"


@pytest.mark.anyio
async def test_a_signal_that_cannot_be_worded_harms_no_other_and_no_follow(
    caplog: pytest.LogCaptureFixture,
) -> None:
    outbox, messenger = MemoryOutbox(), FakeMessenger()
    outbox.put(make_signal(asset="ETH"), chat(1))
    outbox.put(make_signal(), chat(2))

    def card(signal: Signal, now: datetime) -> Reply:
        if signal.asset == "ETH":
            raise KeyError("spot")
        return alert(signal, now, UTC_ZONE)

    assert await Alerts(outbox, (messenger,), card, Clock()).deliver() == 1
    assert outbox.row("1").state == "pending"
    assert not outbox.row("1").again


@pytest.mark.anyio
async def test_a_silent_platform_does_not_hold_up_another() -> None:
    outbox = MemoryOutbox()
    outbox.put(make_signal(), chat(1, "telegram"), chat(2, "discord"))
    hold = asyncio.Event()
    stuck, fine = FakeMessenger(hold=hold), FakeMessenger("discord")
    delivering = make_alerts(outbox, stuck, fine)
    running = asyncio.create_task(delivering.run(asyncio.Event(), every=0.01))
    async with asyncio.timeout(5):
        await until(lambda: outbox.row("2").state == "sent")
        outbox.put(make_signal(asset="ETH"), chat(3, "discord"))
        await until(lambda: outbox.row("3").state == "sent")
    assert outbox.row("1").state == "sending"
    hold.set()
    await cancelled(running)


@pytest.mark.anyio
async def test_one_hanging_chat_does_not_hold_up_its_platform() -> None:
    outbox, hold = MemoryOutbox(), asyncio.Event()

    class HangsOnce(FakeMessenger):
        async def send(self, recipient: Recipient, reply: Reply, *, key: str, again: bool) -> str:
            if recipient.chat == "0":
                await hold.wait()
            return await super().send(recipient, reply, key=key, again=again)

    outbox.put(make_signal(), *map(chat, range(100)))
    running = asyncio.create_task(make_alerts(outbox, HangsOnce()).deliver())
    async with asyncio.timeout(5):
        await until(lambda: list(outbox.states().values()).count("sent") == 99)
        outbox.put(make_signal(asset="ETH"), chat("late"))
        await until(lambda: outbox.row("late").state == "sent")
    hold.set()
    assert await running == 101


@pytest.mark.anyio
async def test_a_send_that_hangs_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alerts, "SEND_TIMEOUT", 0.01)
    outbox = MemoryOutbox()
    outbox.put(make_signal(), chat(1))
    await make_alerts(outbox, FakeMessenger(hold=asyncio.Event())).deliver()
    assert (outbox.row("1").state, outbox.row("1").again) == ("pending", True)


@pytest.mark.anyio
async def test_a_platform_that_takes_nothing_is_not_asked_for_everybody() -> None:
    class Offline(FakeMessenger):
        async def send(self, recipient: Recipient, reply: Reply, *, key: str, again: bool) -> str:
            self.arrived.append((recipient.chat, key, again))
            raise TryLater(5, "not connected")

    outbox, messenger = MemoryOutbox(), Offline()
    outbox.put(make_signal(), *map(chat, range(500)))
    assert await make_alerts(outbox, messenger).deliver() == 0
    assert len(messenger.arrived) < 3 * alerts.AT_ONCE


@pytest.mark.anyio
async def test_saving_a_signal_wakes_the_delivery_at_once() -> None:
    outbox, messenger, wake = MemoryOutbox(), FakeMessenger(), asyncio.Event()
    running = asyncio.create_task(make_alerts(outbox, messenger).run(wake, every=3600))
    await asyncio.sleep(0.02)
    outbox.put(make_signal(), chat(1))
    wake.set()
    async with asyncio.timeout(5):
        await until(lambda: outbox.row("1").state == "sent")
    await cancelled(running)


@pytest.mark.anyio
async def test_a_stop_lets_what_is_under_way_arrive_and_leaves_the_rest_for_the_next_start() -> (
    None
):
    outbox, hold = MemoryOutbox(), asyncio.Event()
    messenger = FakeMessenger(hold=hold)
    outbox.put(make_signal(), *map(chat, range(40)))
    running = asyncio.create_task(make_alerts(outbox, messenger).run(asyncio.Event(), 3600))
    async with asyncio.timeout(5):
        await until(lambda: len(messenger.arrived) == alerts.AT_ONCE)
    running.cancel()
    await asyncio.sleep(0.01)
    hold.set()
    await cancelled(running)
    states = [row.state for row in outbox.rows]
    assert states.count("sent") == alerts.AT_ONCE
    assert states.count("pending") == 40 - alerts.AT_ONCE
    await make_alerts(outbox, messenger).deliver()
    assert sorted(int(each) for each, _, _ in messenger.arrived) == list(range(40))


@pytest.mark.anyio
async def test_killed_between_accepted_and_recorded_the_same_key_comes_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(alerts, "GRACE", 0.01)
    outbox, clock = MemoryOutbox(), Clock()
    outbox.put(make_signal(), chat(1))
    killed = FakeMessenger(hold=asyncio.Event())
    running = asyncio.create_task(make_alerts(outbox, killed, clock=clock).deliver())
    async with asyncio.timeout(5):
        await until(lambda: bool(killed.arrived))
    await cancelled(running)
    assert outbox.row("1").state == "sending"

    restarted = FakeMessenger()
    assert await make_alerts(outbox, restarted, clock=clock).deliver() == 0
    clock.forward(seconds=LEASE.total_seconds())
    assert await make_alerts(outbox, restarted, clock=clock).deliver() == 1
    [(_, first, doubted)], [(_, second, again)] = killed.arrived, restarted.arrived
    assert first == second
    assert (doubted, again) == (False, True)


@pytest.mark.anyio
async def test_a_store_that_fails_for_a_moment_stops_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    outbox, messenger = MemoryOutbox(broken=1), FakeMessenger()
    outbox.put(make_signal(), chat(1))
    delivering = make_alerts(outbox, messenger)
    with caplog.at_level(logging.CRITICAL):
        assert await delivering.deliver() == 0
        assert await delivering.deliver() == 1


@given(st.text(), st.text(), st.text())
def test_a_key_fits_a_discord_nonce_and_tells_recipients_apart(
    one: str, other: str, thread: str
) -> None:
    keys = {
        key(make_signal(), Recipient("discord", one, thread)),
        key(make_signal(), Recipient("discord", other, thread)),
        key(make_signal(asset="ETH"), Recipient("discord", one, thread)),
    }
    assert len(keys) == (2 if one == other else 3)
    assert all(len(each) == 24 and each.isascii() for each in keys)
