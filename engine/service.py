"""What the service keeps about itself: recipients, deliveries under way, feeds, jobs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from engine.domain import Signal


@dataclass(frozen=True, slots=True)
class Recipient:
    """Where an alert goes: a chat of a platform, or a thread (topic) inside it."""

    platform: str
    chat: str
    thread: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One signal for one recipient, claimed for sending.

    `again` is True when an earlier attempt may have been accepted without our knowing it.
    """

    id: int
    recipient: Recipient
    signal: Signal
    attempts: int
    again: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """How the refreshing of one asset from one venue is going."""

    venue: str
    asset: str
    last_ok: datetime | None
    last_failure: datetime | None
    failures: int
    """Since the last success."""
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobState:
    """How a scheduled job is going. `outcome`: ok, failed, overran, running."""

    name: str
    started: datetime | None
    finished: datetime | None
    outcome: str
    detail: str | None
    runs: int
    failures: int
    overruns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """`simulated`: what is shown now is the simulated market."""

    feeds: tuple[Feed, ...]
    jobs: tuple[JobState, ...]
    snapshots: int
    newest: datetime | None
    alerts_pending: int
    alerts_failed: int
    simulated: bool = False
