"""Platforms that accept, refuse or hang as told, and a clock to go with them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from bot.alerts import Alerts
from bot.cards.alert import alert
from bot.reply import Reply
from engine.service import Recipient
from tests.bot.outbox import MemoryOutbox
from tests.samples import NOON

UTC_ZONE = ZoneInfo("UTC")


@dataclass
class Clock:
    now: datetime = NOON + timedelta(seconds=5)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass
class FakeMessenger:
    """Accepts everything, unless told what happens to a chat; remembers what arrived."""

    platform: str = "telegram"
    trouble: dict[str, list[Exception]] = field(default_factory=dict)
    hold: asyncio.Event | None = None
    arrived: list[tuple[str, str, bool]] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0

    async def send(self, recipient: Recipient, reply: Reply, *, key: str, again: bool) -> str:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await asyncio.sleep(0)
            if self.trouble.get(recipient.chat):
                raise self.trouble[recipient.chat].pop(0)
            self.arrived.append((recipient.chat, key, again))
            self.replies.append(reply)
            if self.hold:
                await self.hold.wait()
            return f"m{len(self.arrived)}"
        finally:
            self.at_once -= 1


def chat(number: int | str, platform: str = "telegram") -> Recipient:
    return Recipient(platform, str(number))


def make_alerts(
    outbox: MemoryOutbox, *messengers: FakeMessenger, clock: Clock | None = None
) -> Alerts:
    return Alerts(outbox, messengers, partial(alert, zone=UTC_ZONE), clock or Clock())


async def until(probe: Callable[[], bool]) -> None:
    while not probe():  # noqa: ASYNC110  what is watched has no event to wait for
        await asyncio.sleep(0.005)


async def cancelled(task: asyncio.Task[object]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
