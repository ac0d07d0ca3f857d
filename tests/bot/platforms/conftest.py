"""A Telegram, a Discord, and what stands behind them."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.bot.fakes.discord import DiscordServer
from tests.bot.fakes.telegram import TelegramServer
from tests.bot.memory import MemoryPeople


@pytest.fixture
def people() -> MemoryPeople:
    return MemoryPeople()


@pytest.fixture
async def telegram_server(anyio_backend: str) -> AsyncIterator[TelegramServer]:
    async with TelegramServer() as server:
        yield server


@pytest.fixture
async def discord_server(anyio_backend: str) -> AsyncIterator[DiscordServer]:
    async with DiscordServer() as server:
        yield server
