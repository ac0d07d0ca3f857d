"""A context over a real store, with venues that behave as told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from engine.domain import Chain
from engine.settings import EngineSettings
from engine.signals import RULES
from jobs.config import JobsSettings
from jobs.context import Contact, Context
from jobs.store import Simulated, Store


@dataclass
class ScriptedVenue:
    """Answers with prepared chains, oldest first, the last one for ever; errors are raised."""

    answers: Sequence[Chain | Exception]
    name: str = "deribit"
    asked: list[tuple[str, datetime]] = field(default_factory=list)

    async def chain(self, asset: str, asof: datetime) -> Chain:
        answer = self.answers[min(len(self.asked), len(self.answers) - 1)]
        self.asked.append((asset, asof))
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def aclose(self) -> None:
        return


@dataclass
class Clock:
    """Stands still until it is set."""

    at: datetime

    def __call__(self) -> datetime:
        return self.at


def settings(**assets: tuple[str, tuple[str, ...]]) -> JobsSettings:
    declared = {
        name: {"group": group, "venues": venues} for name, (group, venues) in assets.items()
    }
    return JobsSettings.model_validate({"assets": declared})


OPENED: list[Store] = []
"""What `open_store` opened in the running test; closed after it by the folder's conftest."""


async def open_store(tmp_path: Path, simulated: Simulated | None = None) -> Store:
    store = Store(f"sqlite:///{tmp_path}/gexwire.db", simulated=simulated or Simulated.never())
    OPENED.append(store)
    await store.upgrade()
    return store


def make_context(
    store: Store,
    now: Callable[[], datetime],
    *venues: ScriptedVenue,
    demo: ScriptedVenue | None = None,
    declared: JobsSettings | None = None,
    said: list[str] | None = None,
    saved: list[None] | None = None,
) -> Context:
    sentences = said if said is not None else []
    wakes = saved if saved is not None else []
    return Context(
        now=now,
        store=store,
        venues={venue.name: venue for venue in venues},
        demo=demo,
        rules=RULES,
        engine=EngineSettings(),
        settings=declared or settings(BTC=("crypto", ("deribit",))),
        saved=lambda: wakes.append(None),
        contact=Contact(sentences.append),
    )
