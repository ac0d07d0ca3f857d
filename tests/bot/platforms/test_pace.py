"""No chat hears more, and nobody sends more, than Telegram allows; whatever the order of wishes."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.platforms.pace import GAP, Beat, Pace

ALICE, BOB, GROUP = 1, 2, -3


@dataclass
class Time:
    """Sleeping moves it on; nothing else takes any."""

    now: float = 0.0
    slept: list[float] = field(default_factory=list)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def most(times: list[float], period: float) -> int:
    """Largest number of messages in any window of `period` seconds."""
    return max(sum(1 for each in times if t <= each < t + period) for t in times)


wishes = st.lists(
    st.tuples(st.sampled_from([ALICE, BOB, GROUP]), st.floats(0, 4), st.floats(0, 2)),
    min_size=1,
    max_size=120,
)


@given(wishes)
def test_every_window_of_every_chat_and_of_all_together_holds_no_more_than_allowed(
    wanted: list[tuple[int, float, float]],
) -> None:
    """A wish is (chat, idle time before it, how long its sending takes)."""
    arrived: dict[int, list[float]] = {ALICE: [], BOB: [], GROUP: []}

    async def send() -> None:
        time = Time()
        pace = Pace(lambda: time.now, time.sleep)
        for chat, idle, took in wanted:
            time.now += idle
            async with pace.turn(chat):
                time.now += took
                arrived[chat].append(time.now)

    asyncio.run(send())
    for chat, times in arrived.items():
        if times:
            assert most(times, 2.99) <= 3
            assert chat > 0 or most(times, 59.9) <= 20
    everybody = sorted(each for times in arrived.values() for each in times)
    assert most(everybody, 1.0) <= 30


def test_a_short_burst_to_one_person_does_not_wait() -> None:
    time = Time()
    pace = Pace(lambda: time.now, time.sleep)

    async def burst() -> None:
        for _ in range(4):
            async with pace.turn(ALICE):
                pass

    asyncio.run(burst())
    assert time.slept[:2] == pytest.approx([GAP, GAP])
    assert sum(time.slept) == pytest.approx(3.0)


def arrivals(*chats: int) -> list[float]:
    """When messages arrive that are all wished for at once."""
    time, times = Time(), []
    pace = Pace(lambda: time.now, time.sleep)

    async def send() -> None:
        for chat in chats:
            async with pace.turn(chat):
                times.append(time.now)

    asyncio.run(send())
    return times


def test_a_group_hears_twenty_messages_a_minute_and_not_fewer() -> None:
    times = arrivals(*[GROUP] * 60)
    assert most(times, 59.9) == 20
    assert times[-1] < 180


def test_a_crowd_is_reached_at_nearly_the_rate_that_is_allowed() -> None:
    times = arrivals(*range(1, 301))
    assert 25 <= most(times, 1.0) <= 29


def test_a_chat_that_is_held_waits_alone() -> None:
    time = Time()
    pace = Pace(lambda: time.now, time.sleep)
    pace.hold(ALICE, 10.0)
    assert (pace.wait(ALICE), pace.wait(BOB)) == (10.0, 0.0)

    async def both() -> float:
        async with pace.turn(BOB):
            free = time.now
        async with pace.turn(ALICE):
            assert time.now >= 10.0
        return free

    assert asyncio.run(both()) < 0.1


def test_a_chat_that_was_held_gets_no_more_bursts() -> None:
    time = Time()
    pace = Pace(lambda: time.now, time.sleep)
    pace.hold(ALICE, 0.0)
    pace.hold(ALICE, 0.0)

    async def burst() -> None:
        for _ in range(3):
            async with pace.turn(ALICE):
                pass

    asyncio.run(burst())
    assert time.now == pytest.approx(2.0)


def test_chats_that_have_long_been_quiet_are_forgotten() -> None:
    time = Time()
    pace = Pace(lambda: time.now, time.sleep)

    async def crowd() -> None:
        for chat in range(1, 10_000):
            async with pace.turn(chat):
                pass

    asyncio.run(crowd())
    assert len(pace._lanes) < 6000


@pytest.mark.anyio
async def test_a_beat_lets_waiters_through_in_their_order() -> None:
    beat = Beat(0.005)
    order: list[int] = []

    async def one(number: int) -> None:
        await beat.next()
        order.append(number)

    began = asyncio.get_running_loop().time()
    await asyncio.gather(*(one(each) for each in range(6)))
    assert order == list(range(6))
    assert asyncio.get_running_loop().time() - began >= 0.024


@pytest.mark.anyio
async def test_an_answer_overtakes_a_crowd_of_alerts() -> None:
    pace = Pace()
    order: list[int] = []

    async def one(chat: int, *, urgent: bool) -> None:
        async with pace.turn(chat, urgent=urgent):
            order.append(chat)

    alerts = [asyncio.create_task(one(chat, urgent=False)) for chat in range(1, 9)]
    await asyncio.sleep(0.01)
    await one(100, urgent=True)
    await asyncio.gather(*alerts)
    assert order.index(100) <= 2
