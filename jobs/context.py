"""What every job receives. Built by the composition root; jobs reach for nothing else."""

from __future__ import annotations

import asyncio
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from engine.ports import ChainSource
from engine.settings import EngineSettings
from engine.signals.base import Rule
from jobs.config import JobsSettings
from jobs.store import Store


class Contact:
    """Which venues answer, since this process started.

    Each kind of trouble of a venue is said once, and so is the end of it: when every asset that
    failed has been fetched again.

    Args:
        said: Receives the sentence.
    """

    def __init__(self, said: Callable[[str], None]) -> None:
        self._said = said
        self._answered: set[str] = set()
        self._failing: defaultdict[str, set[str]] = defaultdict(set)
        self._told: defaultdict[str, set[str]] = defaultdict(set)
        self._standing_in = False
        self._changed = asyncio.Event()

    def ok(self, venue: str, asset: str) -> None:
        self._answered.add(venue)
        self._failing[venue] -= {asset, _ANY}
        if not self._failing[venue] and self._told.pop(venue, set()):
            self._said(f"{venue} is answering again.")
        self._changed.set()

    def failed(self, venue: str, asset: str, reason: str) -> None:
        self._failing[venue].add(asset)
        kind = re.sub(r"\d+", "", reason)
        if kind not in self._told[venue]:
            self._told[venue].add(kind)
            self._said(f"{reason.rstrip('.')}. I keep trying.")
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
                while not self.answered(waiting) and self._silent(waiting):
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            for venue in self._silent(waiting):
                told = f"{venue} is not answering (nothing within {within:.0f} s)."
                self.failed(venue, _ANY, told)
        return self.answered(waiting)

    def answered(self, venues: Iterable[str]) -> bool:
        return not self._answered.isdisjoint(venues)

    def _silent(self, venues: set[str]) -> set[str]:
        return {venue for venue in venues - self._answered if not self._failing[venue]}


_ANY = ""
"""Stands for a venue's assets together."""


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
