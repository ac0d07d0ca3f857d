"""discord.py's client with another way of coming back after an outage.

The library's own loop waits up to 17 minutes between attempts, prints a trace for each of them, and
fails with an AttributeError when the very first connection is refused.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import discord
import yarl
from discord.gateway import DiscordWebSocket, ReconnectWebSocket

from bot.config import DiscordSettings
from bot.platforms.contact import Contact

log = logging.getLogger(__name__)

_CONNECT_TIMEOUT = 30.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 5.0
_SHORT = 5.0
"""A connection that ends sooner is not followed by the next one at once. [s]"""

_LONGEST_BUCKET_WAIT = 30.0
_FATAL = {
    4004: "Discord no longer accepts the token.",
    4014: "Discord refused the bot's intents.",
}

Heard = Callable[[discord.Interaction], Awaitable[None]]


class Client(discord.Client):
    """Asks for no privileged intent and keeps nothing it does not need.

    Args:
        heard: Receives every interaction, each in a task of its own.
        begun: Called at the beginning of every session that could not go on from the one before.
    """

    def __init__(self, contact: Contact, heard: Heard, begun: Callable[[], None]) -> None:
        super().__init__(
            intents=discord.Intents(guilds=True),
            allowed_mentions=discord.AllowedMentions.none(),
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_messages=None,
            max_ratelimit_timeout=_LONGEST_BUCKET_WAIT,
        )
        self._contact = contact
        self._heard = heard
        self._begun = begun

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        await self._heard(interaction)

    async def on_connect(self) -> None:
        self._begun()

    async def connect(self, *, reconnect: bool = True) -> None:  # noqa: ARG002  always
        """Stay connected until closed.

        Raises:
            discord.ConnectionClosed: Discord will not have us; trying again cannot help.
        """
        how: dict[str, Any] = {"initial": True}
        pause = 0.0
        while not self.is_closed():
            await asyncio.sleep(pause)
            began = time.monotonic()
            try:
                await self._follow(how)
            except ReconnectWebSocket as asked:
                how = self._again(resume=asked.resume)
                pause = 0.0 if time.monotonic() - began > _SHORT else _FIRST_PAUSE
            except discord.ConnectionClosed as closed:
                if self.is_closed():
                    return
                log.error(_FATAL.get(closed.code, f"Discord closed the connection: {closed.code}."))  # noqa: TRY400
                raise
            except (OSError, TimeoutError, aiohttp.ClientError, discord.DiscordException) as error:
                self._contact.failed(type(error).__name__)
                how = self._again(resume=True)
                before = 0.0 if time.monotonic() - began > _SHORT else pause
                pause = min(max(_FIRST_PAUSE, 2 * before), _LONGEST_PAUSE)

    async def _follow(self, how: dict[str, Any]) -> None:
        """One connection, until it ends with an exception."""
        opening = DiscordWebSocket.from_client(self, shard_id=self.shard_id, **how)
        self.ws = await asyncio.wait_for(opening, _CONNECT_TIMEOUT)
        self._contact.ok()
        while True:
            await self.ws.poll_event()

    def _again(self, *, resume: bool) -> dict[str, Any]:
        """How to connect next: going on where it broke off, or anew."""
        last: DiscordWebSocket | None = self.ws
        if last is None or not resume or last.session_id is None:
            return {"initial": last is None}
        return {
            "resume": True,
            "gateway": last.gateway,
            "session": last.session_id,
            "sequence": last.sequence,
        }


def point_at(settings: DiscordSettings) -> None:
    """The library has no setting for its addresses; both are read when they are needed."""
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
    discord.http.Route.BASE = settings.api_base.rstrip("/")
    if settings.gateway_url:
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(settings.gateway_url)
