"""Platforms, started and stopped, and a way to see that nothing happens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.config import BotSettings
from bot.platforms.base import Paint
from bot.platforms.discord import Discord
from bot.platforms.telegram import Telegram
from tests.bot.fakes.discord import DiscordServer
from tests.bot.fakes.picture import paint
from tests.bot.fakes.telegram import TelegramServer
from tests.bot.fakes.trouble import eventually
from tests.bot.memory import OPEN, MemoryPeople, make_desk


@asynccontextmanager
async def telegram(
    server: TelegramServer,
    people: MemoryPeople,
    paint: Paint = paint,
    patience: float = 4.0,
    settings: BotSettings = OPEN,
) -> AsyncIterator[Telegram]:
    desk = make_desk(people=people, settings=settings)
    platform = Telegram(server.token, desk, paint, people, server.settings, patience=patience)
    await platform.start()
    try:
        yield platform
    finally:
        await platform.stop()


@asynccontextmanager
async def discord(
    server: DiscordServer,
    people: MemoryPeople,
    paint: Paint = paint,
    patience: float = 4.0,
    settings: BotSettings = OPEN,
) -> AsyncIterator[Discord]:
    desk = make_desk(people=people, settings=settings)
    platform = Discord(server.token, desk, paint, people, server.settings, patience=patience)
    await platform.start()
    try:
        await eventually(lambda: server.connected and server.commands)
        yield platform
    finally:
        await platform.stop()


async def quiet(server: TelegramServer) -> None:
    """Long enough for an answer that must not come."""
    await eventually(lambda: not server.pending or server.calls["getUpdates"] > 1)
    await asyncio.sleep(0.15)
