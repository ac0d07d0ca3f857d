"""A rule: the newest snapshot against an earlier one, to a signal or silence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from engine.domain import Signal, Snapshot


class Baseline(StrEnum):
    """Which earlier snapshot, of the same asset and venue, a rule is shown."""

    PREVIOUS = "previous"
    """The latest earlier one."""
    DECIDED = "decided"
    """The latest earlier one whose regime was POSITIVE or NEGATIVE."""


Check = Callable[[Snapshot, Snapshot], Signal | None]


@dataclass(frozen=True, slots=True)
class Rule:
    """`check(now, before)`: pure; evidence holds every number the wording needs."""

    name: str
    title: str
    baseline: Baseline
    check: Check
