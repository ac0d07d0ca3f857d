"""What every job receives. Built by the composition root; jobs reach for nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from engine.ports import ChainSource
from engine.settings import EngineSettings
from engine.signals.base import Rule
from jobs.config import JobsSettings
from jobs.store import Store


class Contact:
    """Which venues answer, since this process started; every change is said once.

    Args:
        said: Receives the sentence.
    """

    def __init__(self, said: Callable[[str], None]) -> None:
        self._said = said
        self._up: dict[str, bool] = {}
        self._standing_in = False
        self._changed = asyncio.Event()

    def ok(self, venue: str) -> None:
        if self._up.get(venue) is False:
            self._said(f"{venue} is answering again.")
        self._up[venue] = True
        self._changed.set()

    def failed(self, venue: str, reason: str) -> None:
        if self._up.get(venue) is not False:
            self._said(f"{reason} I keep trying.")
        self._up[venue] = False
        self._changed.set()

    def stood_in(self) -> None:
        if not self._standing_in:
            self._said("No venue answers: a SIMULATED market stands in until one does.")
        self._standing_in = True

    async def first(self, venues: Iterable[str], within: float) -> bool:
        """Wait until one of the venues has answered (True) or each has failed once (False).

        One that has done neither after `within` [s] counts as failed.
        """
        waiting = set(venues)
        try:
            async with asyncio.timeout(within):
                while not self.answered(waiting) and waiting - self._up.keys():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            for venue in waiting - self._up.keys():
                self.failed(venue, f"{venue} is not answering (nothing within {within:.0f} s).")
        return self.answered(waiting)

    def answered(self, venues: Iterable[str]) -> bool:
        return any(self._up.get(venue) for venue in venues)


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Dependencies of the jobs.

    Attributes:
        now: The clock; aware UTC.
        store: Storage, the side that writes.
        venues: Enabled venues by name; `demo` is among them only when it is the market.
        demo: The simulated market that may stand in, or None when it never does.
        rules: The signal rules that are checked at every refresh.
        saved: Called after every transaction that stored a snapshot: wakes the alerts.
        contact: Which venues answer; what a person should see of it is said once.
    """

    now: Callable[[], datetime]
    store: Store
    venues: Mapping[str, ChainSource]
    demo: ChainSource | None
    rules: tuple[Rule, ...]
    engine: EngineSettings
    settings: JobsSettings
    saved: Callable[[], None]
    contact: Contact
