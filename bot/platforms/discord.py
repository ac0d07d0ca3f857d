"""Discord: slash commands, buttons that outlive restarts, and alerts."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Mapping
from itertools import chain, repeat
from typing import Any, cast

import discord

from bot.alerts import TryLater
from bot.command import Person
from bot.config import DiscordSettings
from bot.desk import Desk
from bot.platforms.base import Paint
from bot.platforms.contact import Contact, refused, usable
from bot.platforms.discord_alerts import GAP, alert
from bot.platforms.discord_answers import acknowledged, respond
from bot.platforms.discord_client import Client, point_at
from bot.platforms.discord_commands import arguments, choices, definitions, focused, given, same
from bot.platforms.discord_messages import NETWORK, reason
from bot.platforms.pace import Beat
from bot.platforms.pictures import PATIENCE, Pictures
from bot.platforms.turns import Turns
from bot.render.discord import render
from bot.reply import Reply, Text
from engine.errors import BadConfiguration
from engine.ports import People
from engine.service import Recipient

log = logging.getLogger(__name__)

PLATFORM = "discord"
GRACE = 8.0
"""When stopped, answers under way get this long. [s]"""

BACKLOG = 100
_LOGIN_TIMEOUT = 10.0
_PAUSES = (1.0, 2.0, 5.0, 10.0)
"""Between attempts; the last one again and again. [s]"""

_REFUSED = refused("Discord", "DISCORD_TOKEN", "https://discord.com/developers")
_TROUBLE = (*NETWORK, discord.HTTPException, KeyError, TypeError, ValueError)
"""The last three: somebody else answered, a proxy for example, and the library tripped over it."""

_GAP = "Fill in the options in their order: one was left out before another."
_FOLLOW = "follow"
_SILENCED = (
    "But I may not write here by myself, so no alert can arrive: allow me View Channel,"
    " Send Messages and Embed Links in this channel."
)
_NOWHERE = "I don't know this kind of channel."


class Discord:
    """The platform; see `bot.platforms.base.Platform`."""

    platform = PLATFORM

    def __init__(
        self,
        token: str,
        desk: Desk,
        paint: Paint,
        people: People,  # noqa: ARG002  channels keep their ids here
        settings: DiscordSettings,
        *,
        patience: float = PATIENCE,
    ) -> None:
        self._token = token.strip()
        self._desk = desk
        self._paint = paint
        self._settings = settings
        self._patience = patience
        self._contact = Contact("Discord")
        self._turns = Turns()
        self._beat = Beat(GAP)
        self._under_way: set[asyncio.Task[Any]] = set()
        self._running: asyncio.Task[None] | None = None
        self._publishing: asyncio.Task[None] | None = None
        self._client: Client | None = None
        self._leaving = False

    async def start(self) -> None:
        """Returns once Discord let us in, or did not answer: then it is tried until it does.

        Raises:
            BadConfiguration: Discord does not accept the token.
        """
        if not usable(self._token):
            raise BadConfiguration(_REFUSED)
        point_at(self._settings)
        self._leaving = False
        try:
            await self._log_in()
        except discord.LoginFailure:
            raise BadConfiguration(_REFUSED) from None
        except _TROUBLE as error:
            self._contact.failed(reason(error))
        self._running = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Let answers under way finish, within reason."""
        self._leaving = True
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=GRACE)
        client, self._client = self._client, None
        for task in filter(None, (*self._under_way, self._running, self._publishing)):
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        if client:
            await client.close()

    async def send(self, recipient: Recipient, reply: Reply, *, key: str, again: bool) -> str:
        """Deliver an alert; see `bot.alerts.Messenger`."""
        if self._client is None:
            raise TryLater(5.0, "Discord is not connected")
        channel = int(recipient.thread or recipient.chat)
        pictures = Pictures(self._paint, reply, self._patience)
        try:
            return await alert(
                self._client,
                channel,
                render(reply),
                pictures,
                key=key,
                again=again,
                beat=self._beat,
            )
        finally:
            pictures.close()

    async def _log_in(self) -> None:
        client = Client(self._contact, self._heard, self._begun)
        try:
            async with asyncio.timeout(_LOGIN_TIMEOUT):
                await client.login(self._token)
        except BaseException:
            await client.close()
            raise
        self._client = client
        log.info("Discord knows us as %s", client.user)

    async def _run(self) -> None:
        pauses = _pauses()
        while self._client is None:
            await asyncio.sleep(next(pauses))
            try:
                await self._log_in()
            except discord.LoginFailure:
                log.error(_REFUSED)  # noqa: TRY400  the sentence is all there is to it
                return
            except _TROUBLE as error:
                self._contact.failed(reason(error))
        await _stay(self._client)

    def _begun(self) -> None:
        """Whatever happened to the commands while nobody was connected, they are put right."""
        if self._publishing:
            self._publishing.cancel()
        if self._client:
            self._publishing = asyncio.create_task(self._publish(self._client))

    async def _publish(self, client: Client) -> None:
        """Register the commands when they are not what Discord has."""
        wanted = definitions(self._desk.commands.values())
        application = cast("int", client.application_id)
        for pause in _pauses():
            try:
                registered = await client.http.get_global_commands(application)
                if not same(wanted, cast("list[Mapping[str, Any]]", registered)):
                    await client.http.bulk_upsert_global_commands(application, cast("Any", wanted))
                    log.info("Discord has %d commands", len(wanted))
            except (discord.DiscordServerError, *NETWORK) as error:
                log.warning("commands not registered yet reason=%s", reason(error))
                await asyncio.sleep(pause)
            except discord.HTTPException as error:
                log.error("Discord refused the commands: %s", error.text)  # noqa: TRY400
                return
            else:
                return

    async def _heard(self, interaction: discord.Interaction) -> None:
        """discord.py gives every interaction a task of its own: this one."""
        task = asyncio.current_task()
        if self._leaving or task is None:
            return
        self._under_way.add(task)
        try:
            if interaction.type is discord.InteractionType.autocomplete:
                await self._complete(interaction)
            elif await acknowledged(interaction, private=self._desk.mutes(_person(interaction))):
                await self._respond(interaction)
        except discord.NotFound as error:
            log.info("interaction gone id=%s reason=%s", interaction.id, error.text)
        except (*NETWORK, discord.HTTPException) as error:
            log.warning("not delivered reason=%s", reason(error))
        except Exception:
            log.exception("an interaction was not handled")
        finally:
            self._under_way.discard(task)

    async def _respond(self, interaction: discord.Interaction) -> None:
        """A person's commands in a channel are answered one after the other."""
        key = (interaction.channel_id, interaction.user.id)
        if self._turns.waiting(key) >= BACKLOG:
            log.warning("not listened to channel=%s person=%s", *key)
            return
        async with self._turns.turn(key):
            reply = await self._answer(interaction)
            pictures = Pictures(self._paint, reply, self._patience)
            try:
                await respond(interaction, render(reply), pictures)
            finally:
                pictures.close()

    async def _answer(self, interaction: discord.Interaction) -> Reply:
        where = _place(interaction)
        if where is None:
            return Reply((Text(_NOWHERE),), error=True)
        line = self._line(interaction)
        if line is None:
            return Reply((Text(_GAP),), error=True)
        reply = await self._desk.line(_person(interaction), where, line)
        if line.startswith(f"{_FOLLOW} ") and not reply.error and _silenced(interaction):
            return Reply((*reply.blocks, Text(_SILENCED)))
        return reply

    def _line(self, interaction: discord.Interaction) -> str | None:
        """The command line; None when an option was left out before one that was given."""
        data = cast("Mapping[str, Any]", interaction.data or {})
        if interaction.type is discord.InteractionType.component:
            return str(data["custom_id"])
        command = self._desk.commands.get(str(data["name"]))
        words = arguments(command, given(data)) if command else ""
        return None if words is None else f"{data['name']} {words}"

    async def _complete(self, interaction: discord.Interaction) -> None:
        where = _place(interaction)
        data = cast("Mapping[str, Any]", interaction.data or {})
        others = given(data)
        parameter = focused(data)
        if where is None or parameter is None:
            return
        typed = others.pop(parameter)
        offered = await self._desk.offer(
            _person(interaction), where, str(data["name"]), parameter, given=others, typed=typed
        )
        await interaction.response.autocomplete(choices(offered))


async def _stay(client: Client) -> None:
    while not client.is_closed():
        try:
            await client.connect()
        except discord.ConnectionClosed:
            return  # The client has said why.
        except Exception:
            log.exception("the connection to Discord failed")
            await asyncio.sleep(_PAUSES[-1])


def _pauses() -> Iterator[float]:
    return chain(_PAUSES, repeat(_PAUSES[-1]))


def _person(interaction: discord.Interaction) -> Person:
    guild = "" if interaction.guild_id is None else str(interaction.guild_id)
    return Person(PLATFORM, str(interaction.user.id), interaction.user.display_name, guild)


def _silenced(interaction: discord.Interaction) -> bool:
    """Answers need no permission, alerts do."""
    may = interaction.app_permissions
    in_thread = isinstance(interaction.channel, discord.Thread)
    speak = may.send_messages_in_threads if in_thread else may.send_messages
    return interaction.guild_id is not None and not (may.view_channel and speak and may.embed_links)


def _place(interaction: discord.Interaction) -> Recipient | None:
    """Channel, and the thread when it was used in one: what holds for a channel holds there."""
    channel = interaction.channel
    if isinstance(channel, discord.Thread):
        return Recipient(PLATFORM, str(channel.parent_id), str(channel.id))
    return None if channel is None else Recipient(PLATFORM, str(channel.id))
