"""Alerts to Discord channels: once, however often they are tried."""

from __future__ import annotations

import logging
import re
from json import JSONDecodeError

import aiohttp
import discord

from bot.alerts import TryLater, Unreachable
from bot.platforms.discord_client import Client
from bot.platforms.discord_messages import NETWORK, drawn, new, reason
from bot.platforms.pace import Beat
from bot.platforms.pictures import Pictures
from bot.render.discord import DiscordMessage

log = logging.getLogger(__name__)

GAP = 1 / 40
"""Between two calls: a bot has 50 a second in all, and answers need some of them. [s]"""

NONCE = 25
LOOK_BACK = 100
"""Messages looked through for an alert that may have arrived already."""

_REFERENCE = re.compile(r"\bref [0-9a-f]+")
_CLOSED = (50008, 50083, 160005)
"""Not a text channel; an archived thread; a locked one."""


async def alert(
    client: Client,
    channel: int,
    messages: tuple[DiscordMessage, ...],
    pictures: Pictures,
    *,
    key: str,
    again: bool,
    beat: Beat,
) -> str:
    """Deliver once: Discord drops a repeated nonce for some minutes, after that we look ourselves.

    The first message decides, as on the other platforms; pictures that are slow are left out.

    Returns:
        The id of the first message.

    Raises:
        Unreachable, TryLater: see `bot.alerts.Messenger`.
    """
    target = client.get_partial_messageable(channel)
    first, *rest = messages

    async def send(message: DiscordMessage, nonce: str) -> str:
        shown = await drawn(message, pictures, wait=False)
        await beat.next()
        return str((await target.send(**new(message, shown), nonce=nonce)).id)

    try:
        if again and (earlier := await _earlier(client, target, _reference(first), beat)):
            return earlier
        receipt = await send(first, key[:NONCE])
    except (discord.DiscordException, *NETWORK) as error:
        outcome = verdict(error)
        if outcome is error:
            raise
        raise outcome from error
    try:
        for place, message in enumerate(rest):
            await send(message, f"{key[: NONCE - 3]}+{place}")
    except (discord.DiscordException, *NETWORK) as error:
        log.warning("alert not continued channel=%s reason=%s", channel, reason(error))
    return receipt


def _reference(message: DiscordMessage) -> str | None:
    """What the card's small print calls this alert by; the same in every copy of it."""
    found = (_REFERENCE.search(each.footer) for each in message.embeds)
    return next((each.group() for each in found if each), None)


async def _earlier(
    client: Client, channel: discord.PartialMessageable, reference: str | None, beat: Beat
) -> str | None:
    """The id of this alert's message, when it arrived before."""
    if reference is None or client.user is None:
        return None
    await beat.next()
    try:
        async for message in channel.history(limit=LOOK_BACK):
            footers = (each.footer.text or "" for each in message.embeds)
            if message.author.id == client.user.id and any(reference in each for each in footers):
                return str(message.id)
    except discord.Forbidden:
        log.info("cannot read back channel=%s", channel.id)
    return None


def verdict(error: Exception) -> Exception:
    """What a failed attempt means for an alert."""
    match error:
        case discord.RateLimited():
            return TryLater(error.retry_after, "rate limit")
        case discord.HTTPException():
            return _refusal(error)
        case aiohttp.ClientConnectorError():
            return TryLater(5.0, "no connection")
        case aiohttp.ClientError() | OSError() | TimeoutError() | JSONDecodeError():
            return TryLater(5.0, type(error).__name__, maybe_sent=True)
    return error


def _refusal(error: discord.HTTPException) -> Exception:
    if isinstance(error, (discord.Forbidden, discord.NotFound)) or error.code in _CLOSED:
        return Unreachable(error.text or f"HTTP {error.status}")
    if error.status >= 500:
        return TryLater(10.0, f"HTTP {error.status}", maybe_sent=True)
    if error.status == 429:
        return TryLater(_retry_after(error), "rate limit of the whole bot")
    if error.status == 401:
        return TryLater(300.0, "Discord does not accept the token")
    return error


def _retry_after(error: discord.HTTPException) -> float:
    """Seconds to wait; a minute when Discord says nothing we can read. [s]"""
    value = error.response.headers.get("Retry-After", "")
    return float(value) if value.isdecimal() else 60.0
