"""What every platform is to the rest of the service."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

from bot.alerts import Messenger
from bot.reply import Chart

Paint = Callable[[Chart], Awaitable[bytes]]
"""Chart to PNG."""


class Platform(Messenger, Protocol):
    """Answers through the Desk while started, and delivers alerts as a Messenger."""

    async def start(self) -> None:
        """Returns as soon as the platform is being listened to; keeps going in the background."""
        ...

    async def stop(self) -> None:
        """Lets answers under way finish, then leaves; harmless when not started."""
        ...
