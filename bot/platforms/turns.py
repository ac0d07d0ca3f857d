"""One at a time per key, in the order of arrival; a key nobody waits for is forgotten."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager


class Turns:
    def __init__(self) -> None:
        self._doors: dict[Hashable, asyncio.Lock] = {}
        self._inside: Counter[Hashable] = Counter()

    def waiting(self, key: Hashable) -> int:
        """How many are at it or wait for it."""
        return self._inside[key]

    @asynccontextmanager
    async def turn(self, key: Hashable) -> AsyncIterator[None]:
        door = self._doors.setdefault(key, asyncio.Lock())
        self._inside[key] += 1
        try:
            async with door:
                yield
        finally:
            self._inside[key] -= 1
            if not self._inside[key]:
                del self._inside[key], self._doors[key]
