"""What the outside implements. Async, and every method is one complete transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from engine.domain import Chain, Signal, Snapshot
from engine.service import Delivery, Recipient, Status


class ChainSource(Protocol):
    """A venue. Errors: VenueError when it does not answer, BadData when it answers nonsense."""

    @property
    def name(self) -> str: ...

    async def chain(self, asset: str, asof: datetime) -> Chain: ...


class Board(Protocol):
    """What has been stored, for reading."""

    async def latest(self, asset: str) -> Snapshot:
        """The newest snapshot of all expiries. Raises NoData."""
        ...

    async def chain(self, snapshot: Snapshot) -> Chain:
        """The chain a stored snapshot was computed from. Raises NoData."""
        ...

    async def status(self) -> Status: ...


class People(Protocol):
    """Who follows what."""

    async def follow(self, recipient: Recipient, asset: str, now: datetime) -> bool:
        """False when it was followed already."""
        ...

    async def unfollow(self, recipient: Recipient, asset: str | None = None) -> int:
        """One asset, or all; how many were followed."""
        ...

    async def follows(self, recipient: Recipient) -> tuple[str, ...]: ...

    async def moved(self, old: Recipient, new: Recipient) -> None:
        """A chat got a new address (Telegram: group to supergroup); its follows go along."""
        ...


class Outbox(Protocol):
    """Signals on their way to followers. A delivery ends as sent or as given up, never silently."""

    async def claim(
        self, platforms: Sequence[str], limit: int, now: datetime
    ) -> list[Delivery]: ...

    async def sent(self, delivery: Delivery, receipt: str, now: datetime) -> None: ...

    async def retry(
        self, delivery: Delivery, reason: str, at: datetime, *, again: bool = True
    ) -> None:
        """`again`: this or an earlier attempt may have been accepted all the same."""
        ...

    async def give_up(
        self, delivery: Delivery, reason: str, now: datetime, *, gone: bool = True
    ) -> None:
        """`gone`: the recipient cannot be reached any more, so its follows end too."""
        ...

    async def record(self, limit: int) -> list[Signal]:
        """The newest signals, newest first."""
        ...
