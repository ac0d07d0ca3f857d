"""A rendered message as discord.py's arguments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from io import BytesIO
from json import JSONDecodeError
from typing import Any

import aiohttp
import discord

from bot.platforms.pictures import Drawn, Pictures
from bot.render.discord import DiscordMessage, Embed

NETWORK = (aiohttp.ClientError, OSError, TimeoutError, JSONDecodeError)
"""What a call raises when Discord cannot be reached, or its answer cannot be read."""


async def drawn(message: DiscordMessage, pictures: Pictures, *, wait: bool) -> dict[str, Drawn]:
    """Pictures by name; without `wait`, one that is not ready is left out."""
    return {
        name: await pictures.get(chart)
        for name, chart in message.pictures
        if wait or await pictures.ready(chart)
    }


def new(message: DiscordMessage, shown: Mapping[str, Drawn]) -> dict[str, Any]:
    """Arguments of a new message."""
    embeds, files, view, note = _parts(message, shown)
    return {"embeds": embeds, "files": files, "view": view} | ({"content": note} if note else {})


def edited(message: DiscordMessage, shown: Mapping[str, Drawn]) -> dict[str, Any]:
    """Arguments of the same put into a message that is there already."""
    embeds, files, view, note = _parts(message, shown)
    return {"embeds": embeds, "attachments": files, "view": view, "content": note or None}


def reason(error: BaseException) -> str:
    """Why a call failed, in a few words without addresses."""
    if isinstance(error, discord.HTTPException):
        return f"HTTP {error.status}"
    return type(error).__name__


def _parts(
    message: DiscordMessage, shown: Mapping[str, Drawn]
) -> tuple[list[discord.Embed], list[discord.File], discord.ui.View, str]:
    captions = {name: chart.caption for name, chart in message.pictures}
    files = {name: png for name, png in shown.items() if isinstance(png, bytes)}
    embeds = (each if each.image in files else _bare(each, captions) for each in message.embeds)
    return (
        [discord.Embed.from_dict(each.as_dict()) for each in embeds],
        [discord.File(BytesIO(png), name) for name, png in files.items()],
        _view(message.buttons),
        " ".join(each for each in shown.values() if isinstance(each, str)),
    )


def _bare(embed: Embed, captions: Mapping[str, str]) -> Embed:
    """The embed without its picture; one that was nothing else says what it would have shown."""
    bare = replace(embed, image="")
    if embed.image and not bare.size:
        return replace(bare, description=captions[embed.image])
    return bare


def _view(buttons: tuple[tuple[str, str], ...]) -> discord.ui.View:
    """Buttons that work for ever: a press carries the command line, so nothing is remembered."""
    view = discord.ui.View(timeout=None)
    for line, label in {line: label for label, line in buttons}.items():
        view.add_item(discord.ui.Button(label=label, custom_id=line))
    view.stop()
    return view
