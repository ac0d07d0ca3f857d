"""Answers to Discord interactions: acknowledged at once, filled in when they are ready."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import discord

from bot.platforms.discord_messages import NETWORK, drawn, edited, new
from bot.platforms.pictures import Pictures
from bot.render.discord import DiscordMessage

log = logging.getLogger(__name__)

_ACKNOWLEDGED = 40060
_PAUSES = (0.5, 1.0, 2.0)
_NOT_ALLOWED = "I am not allowed to show the answer here: I need Embed Links and Attach Files."


async def acknowledged(interaction: discord.Interaction, *, private: bool) -> bool:
    """Tell Discord within its 3 s that an answer will come; False when it was too late for one.

    After an outage Discord hands over interactions that have long failed before the person's eyes.

    Args:
        private: Only the person will see the answer; there must be one.
    """
    try:
        defer = partial(interaction.response.defer, thinking=True, ephemeral=private)
        await _persistently(defer)
    except discord.NotFound:
        log.info("interaction came too late id=%s", interaction.id)
        return False
    except discord.HTTPException as error:
        if error.code != _ACKNOWLEDGED:
            raise
    return True


async def respond(
    interaction: discord.Interaction, messages: tuple[DiscordMessage, ...], pictures: Pictures
) -> None:
    """Fill in the acknowledged answer; pictures that are slow are put in later."""
    first, *rest = messages
    try:
        await _fill(interaction, first, pictures)
        for message in rest:
            await _follow_up(interaction, message, pictures)
    except discord.Forbidden as error:
        log.warning("answer refused channel=%s reason=%s", interaction.channel_id, error.text)
        await interaction.edit_original_response(
            content=_NOT_ALLOWED, embeds=[], attachments=[], view=None
        )


async def _fill(
    interaction: discord.Interaction, message: DiscordMessage, pictures: Pictures
) -> None:
    soon = await drawn(message, pictures, wait=False)
    await _persistently(lambda: interaction.edit_original_response(**edited(message, soon)))
    if len(soon) < len(message.pictures):
        late = await drawn(message, pictures, wait=True)
        await _persistently(lambda: interaction.edit_original_response(**edited(message, late)))


async def _follow_up(
    interaction: discord.Interaction, message: DiscordMessage, pictures: Pictures
) -> None:
    shown = await drawn(message, pictures, wait=True)
    await _persistently(lambda: interaction.followup.send(**new(message, shown)))


async def _persistently(call: Callable[[], Awaitable[Any]]) -> None:
    """Again after short trouble. Raises whatever the last attempt did."""
    for pause in _PAUSES:
        try:
            await call()
        except (discord.DiscordServerError, *NETWORK):
            await asyncio.sleep(pause)
        else:
            return
    await call()
