"""Signals on their way to the people who follow; one failure never blocks the rest.

At least once: a delivery is claimed, sent, then recorded as sent. A process killed in between
leaves the claim, which is handed out anew with `again` set. `key` stays the same, so that a
platform that can recognise a repeat (Discord's enforced nonce) drops it.
"""

from __future__ import annotations

import asyncio
import logging
from base64 import b32encode
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from enum import Enum, auto
from hashlib import blake2b
from typing import Protocol
from zlib import crc32

from bot.reply import Reply
from engine.domain import Signal
from engine.ports import Outbox
from engine.service import Delivery, Recipient

log = logging.getLogger(__name__)

AT_ONCE = 16
"""Messages under way on one platform."""

SEND_TIMEOUT = 50.0
"""A platform that neither accepts nor refuses within this time hangs: shorter than a claim. [s]"""

GRACE = 5.0
"""When stopped, messages under way get this long to be accepted and recorded. [s]"""

_LOOK_AGAIN = 0.5
"""While messages are under way, how often it is looked whether there are more. [s]"""

KEEP_TRYING = timedelta(hours=24)
LEAST_ATTEMPTS = 8
LONGEST_PAUSE = 900.0


class Unreachable(Exception):
    """Blocked, kicked, chat gone, rights missing: trying again cannot help."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TryLater(Exception):
    """The platform will take it later. `maybe_sent`: it may have accepted this attempt already."""

    def __init__(self, retry_after: float, reason: str, *, maybe_sent: bool = False) -> None:
        super().__init__(reason)
        self.retry_after = retry_after
        self.reason = reason
        self.maybe_sent = maybe_sent


class Messenger(Protocol):
    """A platform, seen as a way to reach people who did not just ask."""

    @property
    def platform(self) -> str:
        """As in `Recipient.platform`."""
        ...

    async def send(self, recipient: Recipient, reply: Reply, *, key: str, again: bool) -> str:
        """Deliver, and return the platform's receipt (a message id).

        Args:
            key: The same for every attempt of this delivery; 24 ASCII characters.
            again: An earlier attempt may have arrived without our knowing it.

        Raises:
            Unreachable: this recipient can not be reached any more.
            TryLater: not now. Any other exception is logged, and tried again with backoff.
        """
        ...


class _End(Enum):
    """How an attempt ended: accepted, to be tried again, or over without being accepted."""

    ACCEPTED = auto()
    LATER = auto()
    OVER = auto()


def key(signal: Signal, recipient: Recipient) -> str:
    """The same for every attempt, another for everything else; 24 characters."""
    parts = (signal.key, recipient.platform, recipient.chat, recipient.thread)
    return b32encode(blake2b(repr(parts).encode(), digest_size=15).digest()).decode().lower()


class Alerts:
    """Delivers what the outbox holds.

    Args:
        messengers: One per platform; each is served by itself, so a silent one delays nobody else.
        card: Words a signal, as of the moment it is sent.
    """

    def __init__(
        self,
        outbox: Outbox,
        messengers: Sequence[Messenger],
        card: Callable[[Signal, datetime], Reply],
        now: Callable[[], datetime],
    ) -> None:
        self._outbox = outbox
        self._messengers = tuple(messengers)
        self._card = card
        self._now = now

    async def run(self, wake: asyncio.Event, every: float) -> None:
        """Deliver whenever `wake` is set, and every so often for what is due again. [s]"""
        bells = [asyncio.Event() for _ in self._messengers]
        async with asyncio.TaskGroup() as group:
            for messenger, bell in zip(self._messengers, bells, strict=True):
                group.create_task(self._keep(messenger, bell))
            while True:
                with suppress(TimeoutError):
                    async with asyncio.timeout(every):
                        await wake.wait()
                wake.clear()
                for bell in bells:
                    bell.set()

    async def deliver(self) -> int:
        """Everything that is due now, on all platforms; how many were accepted."""
        return sum(await asyncio.gather(*(self._drain(each) for each in self._messengers)))

    async def _keep(self, messenger: Messenger, bell: asyncio.Event) -> None:
        while True:
            bell.clear()
            await self._drain(messenger)
            await bell.wait()

    async def _drain(self, messenger: Messenger) -> int:
        """Send until nothing is due, or the platform takes nothing; how many were accepted.

        What is claimed is begun at once, so that no claim grows old.
        """
        under_way: set[asyncio.Task[_End]] = set()
        accepted = refused = 0
        try:
            while True:
                room = AT_ONCE - len(under_way) if refused < AT_ONCE else 0
                for each in await self._claim(messenger.platform, room):
                    under_way.add(asyncio.create_task(self._attempt(messenger, each)))
                if not under_way:
                    return accepted
                done, under_way = await asyncio.wait(
                    under_way, timeout=_LOOK_AGAIN, return_when=asyncio.FIRST_COMPLETED
                )
                for task in done:
                    accepted += task.result() is _End.ACCEPTED
                    refused = refused + 1 if task.result() is _End.LATER else 0
        finally:
            await _wind_up(under_way)

    async def _claim(self, platform: str, room: int) -> list[Delivery]:
        if room == 0:
            return []
        try:
            return await self._outbox.claim([platform], room, self._now())
        except Exception:
            log.exception("outbox cannot be read platform=%s", platform)
            return []

    async def _attempt(self, messenger: Messenger, delivery: Delivery) -> _End:
        """One try of one delivery. Raises nothing but a cancellation."""
        try:
            return await self._outcome(messenger, delivery)
        except Exception:
            log.exception("delivery cannot be recorded %s", _name(delivery))
            return _End.LATER

    async def _outcome(self, messenger: Messenger, delivery: Delivery) -> _End:
        identity = key(delivery.signal, delivery.recipient)
        try:
            reply = self._card(delivery.signal, self._now())
        except Exception:
            log.exception("signal cannot be worded %s", _name(delivery))
            return await self._later(
                delivery, "no wording", _backoff(delivery), again=delivery.again
            )
        try:
            async with asyncio.timeout(SEND_TIMEOUT):
                receipt = await messenger.send(
                    delivery.recipient, reply, key=identity, again=delivery.again
                )
        except Unreachable as error:
            log.warning("alert given up %s reason=%s", _name(delivery), error.reason)
            await self._outbox.give_up(delivery, error.reason, self._now())
            return _End.OVER
        except TryLater as error:
            again = delivery.again or error.maybe_sent
            return await self._later(
                delivery, error.reason, max(1.0, error.retry_after), again=again
            )
        except Exception as error:
            log.exception("alert failed %s", _name(delivery))
            return await self._later(delivery, type(error).__name__, _backoff(delivery), again=True)
        await self._outbox.sent(delivery, receipt, self._now())
        return _End.ACCEPTED

    async def _later(self, delivery: Delivery, reason: str, pause: float, *, again: bool) -> _End:
        """Another try after `pause` [s], unless the news is old and enough was tried."""
        now = self._now()
        if now - delivery.signal.asof > KEEP_TRYING and delivery.attempts >= LEAST_ATTEMPTS:
            log.error("alert given up %s reason=%s", _name(delivery), reason)
            await self._outbox.give_up(delivery, f"{reason}, too old now", now, gone=False)
            return _End.OVER
        await self._outbox.retry(delivery, reason, now + timedelta(seconds=pause), again=again)
        return _End.LATER


async def _wind_up(tasks: set[asyncio.Task[_End]]) -> None:
    """Stopped: messages under way may still be accepted and recorded, for a little while."""
    if tasks:
        await asyncio.wait(tasks, timeout=GRACE)
    for task in tasks:
        task.cancel()


def _backoff(delivery: Delivery) -> float:
    """Doubles with every attempt, spread by half either way so that recipients come apart. [s]"""
    pause = min(LONGEST_PAUSE, 2.0 ** min(delivery.attempts, 16))
    spread = crc32(f"{delivery.id}:{delivery.attempts}".encode()) / 2**32
    return pause * (0.5 + spread)


def _name(delivery: Delivery) -> str:
    where = delivery.recipient
    return f"signal={delivery.signal.key} to={where.platform}:{where.chat}:{where.thread}"
