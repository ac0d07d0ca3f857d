"""When the next message may go.

Telegram publishes its limits roughly: one message a second in a chat with short bursts, twenty a
minute in a group, thirty a second in all (https://core.telegram.org/bots/faq). A chat that must
wait makes nobody else wait, and neither does its flood wait.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field

GAP = 1 / 27
"""Between any two messages: evenly, since a burst after a pause would count as one. [s]"""

_CHAT = ((3, 3.0),)
_GROUP = ((3, 3.0), (20, 60.0))
_CALM = (1, 1.0)
"""At most so many messages within so many seconds."""

_MEMORY = 60.0
_FORGET_ABOVE = 4096


@dataclass(slots=True)
class _Lane:
    """One chat: who is next, when its last messages were through, until when it is held."""

    limits: tuple[tuple[int, float], ...]
    door: asyncio.Lock = field(default_factory=asyncio.Lock)
    through: deque[float] = field(default_factory=lambda: deque(maxlen=20))
    held: float = float("-inf")

    def wait(self, now: float) -> float:
        """Until one more message fits. [s]"""
        full = [
            self.through[-count] + period
            for count, period in self.limits
            if len(self.through) >= count
        ]
        return max(0.0, self.held - now, *(each - now for each in full))

    def idle(self, now: float) -> bool:
        past = self.through[-1] + _MEMORY if self.through else now
        return not self.door.locked() and now >= max(past, self.held)


Clock = Callable[[], float]
Sleep = Callable[[float], Awaitable[object]]


class Beat:
    """Lets one through per `gap` [s], first come first served.

    Args:
        now: Seconds, never going back. [s]
        sleep: Waits so many seconds.
    """

    def __init__(
        self, gap: float, now: Clock = time.monotonic, sleep: Sleep = asyncio.sleep
    ) -> None:
        self._gap = gap
        self._now = now
        self._sleep = sleep
        self._door = asyncio.Lock()
        self._next = float("-inf")

    async def next(self) -> None:
        async with self._door:
            while (wait := self._next - self._now()) > 0:
                await self._sleep(wait)
            self._next = self._now() + self._gap


class Pace:
    """Turns at sending to Telegram's chats; arguments as of Beat."""

    def __init__(self, now: Clock = time.monotonic, sleep: Sleep = asyncio.sleep) -> None:
        self._now = now
        self._sleep = sleep
        self._lanes: dict[int, _Lane] = {}
        self._beat = Beat(GAP, now, sleep)
        self._behind = asyncio.Lock()

    @asynccontextmanager
    async def turn(self, chat: int, *, urgent: bool = True) -> AsyncIterator[None]:
        """Hold it while the message is sent: messages of a chat go one after another.

        Of those that are not urgent, however many, only one at a time stands before urgent ones.

        A message counts from when it was through, so that however long an upload took, the
        platform never sees two of them closer than they may be.
        """
        lane = self._lane(chat)
        async with lane.door:
            while wait := lane.wait(self._now()):
                await self._sleep(wait)
            async with nullcontext() if urgent else self._behind:
                await self._beat.next()
            try:
                yield
            finally:
                lane.through.append(self._now())

    def hold(self, chat: int, seconds: float) -> None:
        """The platform asked this chat to wait; from then on it gets no bursts. [s]"""
        lane = self._lane(chat)
        lane.held = max(lane.held, self._now() + seconds)
        lane.limits = (_CALM, *(each for each in lane.limits if each != _CALM))

    def wait(self, chat: int) -> float:
        """How long a message to this chat would have to wait, if nobody else is waiting. [s]"""
        lane = self._lanes.get(chat)
        return lane.wait(self._now()) if lane else 0.0

    def _lane(self, chat: int) -> _Lane:
        lane = self._lanes.get(chat)
        if lane is None:
            if len(self._lanes) >= _FORGET_ABOVE:
                self._forget()
            lane = self._lanes[chat] = _Lane(_CHAT if chat > 0 else _GROUP)
        return lane

    def _forget(self) -> None:
        now = self._now()
        self._lanes = {chat: lane for chat, lane in self._lanes.items() if not lane.idle(now)}
