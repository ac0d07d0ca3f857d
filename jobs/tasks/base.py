"""A job: a named plain function of the context, and how often it runs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from jobs.config import JobsSettings
from jobs.context import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """`every` and `jitter` read the settings, so that the schedule is declared in one place. [s]"""

    name: str
    every: Callable[[JobsSettings], float]
    jitter: Callable[[JobsSettings], float]
    run: Callable[[Context], Awaitable[None]]
