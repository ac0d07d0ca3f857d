"""The strict stand-ins for both chat platforms, where they are there (../shared/rig)."""

from __future__ import annotations

import importlib
import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from bot.config import DiscordSettings, TelegramSettings
from bot.platforms.discord import Discord
from bot.platforms.telegram import Telegram
from tests.bot.fakes.picture import paint
from tests.bot.memory import MemoryPeople, make_desk
from tests.recorded import SHARED


def chatrig(module: str = "chatrig") -> Any:
    """Its modules; skips the test, with the reason, when they are not on this machine."""
    folder = SHARED / "rig"
    if not (folder / "chatrig").is_dir():
        pytest.skip("the chat platforms' stand-ins are not on this machine")
    if str(folder) not in sys.path:
        sys.path.append(str(folder))
    return importlib.import_module(module)


@asynccontextmanager
async def telegram(rig: Any, people: MemoryPeople) -> AsyncIterator[Telegram]:
    where = rig.settings()
    settings = TelegramSettings(
        base_url=where["telegram.base_url"], base_file_url=where["telegram.base_file_url"]
    )
    desk = make_desk(people=people)
    platform = Telegram(where["telegram.token"], desk, paint, people, settings)
    await platform.start()
    try:
        assert await rig.tg.wait_ready(timeout=10)
        yield platform
    finally:
        await platform.stop()


@asynccontextmanager
async def discord(rig: Any, people: MemoryPeople) -> AsyncIterator[Discord]:
    where = rig.settings()
    settings = DiscordSettings(
        api_base=where["discord.api_base"], gateway_url=where["discord.gateway_url"]
    )
    desk = make_desk(people=people)
    platform = Discord(where["discord.token"], desk, paint, people, settings)
    await platform.start()
    try:
        assert await rig.dc.wait_ready(timeout=10, commands=["gex", "help"])
        yield platform
    finally:
        await platform.stop()


def assert_clean(side: Any, allowed: Iterable[str] = ()) -> None:
    """Nothing was refused but what the test brought about itself, nothing left unanswered."""
    found = side.violations()
    refused = [each for each in found["refused"] if not any(part in each for part in allowed)]
    assert refused == []
    for kind in ("floods", "unsupported", "unanswered_interactions", "warnings"):
        assert not found.get(kind), f"{kind}: {found[kind]}"
