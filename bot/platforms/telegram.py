"""Telegram: commands by long polling, buttons, and alerts.

Besides the library's Bot nothing is needed of it: updates are fetched by `Polling`, messages go
out through `Sending`, and in between stands only the Desk.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Coroutine

from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    CallbackQuery,
    Message,
    Update,
)
from telegram.constants import BotCommandLimit
from telegram.error import InvalidToken, NetworkError, TelegramError, TimedOut
from telegram.request import HTTPXRequest

from bot.alerts import TryLater
from bot.command import Person
from bot.config import TelegramSettings
from bot.desk import Desk
from bot.platforms.base import Paint
from bot.platforms.contact import Contact, refused, usable
from bot.platforms.pace import Pace
from bot.platforms.pictures import PATIENCE, Pictures
from bot.platforms.silence import Silence
from bot.platforms.telegram_failures import reason
from bot.platforms.telegram_polling import Polling
from bot.platforms.telegram_sending import PLATFORM, Sending, address
from bot.platforms.telegram_words import author, command_line, of_user, place, private
from bot.platforms.turns import Turns
from bot.render.telegram import render
from bot.reply import Reply
from engine.errors import BadConfiguration
from engine.ports import People
from engine.service import Recipient

log = logging.getLogger(__name__)

GRACE = 8.0
"""When stopped, answers under way get this long. [s]"""

BACKLOG = 100
"""A person with more unanswered commands in one chat is not listened to there."""

_START_TIMEOUT = 10.0
_CONNECT_TIMEOUT = 8.0
_READ_TIMEOUT = 40.0
"""Long: a message that is given up too early is sent twice. [s]"""

_UPLOAD_TIMEOUT = 40.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 10.0
_REFUSED = refused("Telegram", "TELEGRAM_TOKEN", "@BotFather")


class Telegram:
    """The platform; see `bot.platforms.base.Platform`."""

    platform = PLATFORM

    def __init__(
        self,
        token: str,
        desk: Desk,
        paint: Paint,
        people: People,
        settings: TelegramSettings,
        *,
        patience: float = PATIENCE,
    ) -> None:
        self._token = token.strip()
        self._desk = desk
        self._paint = paint
        self._people = people
        self._settings = settings
        self._patience = patience
        self._contact = Contact("Telegram")
        self._silence = Silence(self._token)
        self._turns = Turns()
        self._tasks: set[asyncio.Task[None]] = set()
        self._listening: asyncio.Task[None] | None = None
        self._bot: Bot | None = None
        self._polling: Polling | None = None
        self._sending: Sending | None = None

    async def start(self) -> None:
        """Returns once Telegram answered, or did not: then it is tried until it does.

        Raises:
            BadConfiguration: Telegram does not accept the token.
        """
        if not usable(self._token):
            raise BadConfiguration(_REFUSED)
        # The library's own switch to the type that its next version returns anyway.
        os.environ.setdefault("PTB_TIMEDELTA", "true")
        self._silence.begin()
        self._bot = bot = self._made()
        self._polling = Polling(bot, self._contact, self._take)
        try:
            await self._connect(bot)
        except InvalidToken:
            await self.stop()
            raise BadConfiguration(_REFUSED) from None
        except TelegramError as error:
            self._contact.failed(reason(error))
        self._listening = asyncio.create_task(self._listen(bot, self._polling))

    async def stop(self) -> None:
        """Let answers under way finish, within reason."""
        listening, self._listening = self._listening, None
        if listening:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
        if self._polling and self._sending:
            await self._polling.confirm()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=GRACE)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._sending = None
        if self._bot:
            await self._bot.shutdown()
        self._silence.end()

    async def send(
        self,
        recipient: Recipient,
        reply: Reply,
        *,
        key: str,  # noqa: ARG002  Telegram cannot recognise a repeat
        again: bool,  # noqa: ARG002
    ) -> str:
        """Deliver an alert; see `bot.alerts.Messenger`."""
        if self._sending is None:
            raise TryLater(5.0, "Telegram is not connected")
        messages = render(reply)
        pictures = self._pictures(reply)
        try:
            return await self._sending.alert(address(recipient), messages, pictures)
        finally:
            pictures.close()

    def _made(self) -> Bot:
        def request(read: float) -> HTTPXRequest:
            return HTTPXRequest(
                connect_timeout=_CONNECT_TIMEOUT,
                read_timeout=read,
                pool_timeout=_CONNECT_TIMEOUT,
                media_write_timeout=_UPLOAD_TIMEOUT,
            )

        return Bot(
            self._token,
            base_url=self._settings.base_url,
            base_file_url=self._settings.base_file_url,
            request=request(_READ_TIMEOUT),
            get_updates_request=request(_CONNECT_TIMEOUT),
        )

    async def _connect(self, bot: Bot) -> None:
        try:
            async with asyncio.timeout(_START_TIMEOUT):
                await bot.initialize()
                await bot.delete_webhook(drop_pending_updates=False)
        except TimeoutError as error:
            raise TimedOut from error
        except (KeyError, TypeError) as error:
            raise NetworkError("somebody else answered") from error
        self._contact.ok()
        self._sending = Sending(bot, self._people, Pace())
        log.info("Telegram is listened to as @%s", bot.username)

    async def _listen(self, bot: Bot, polling: Polling) -> None:
        pause = _FIRST_PAUSE
        try:
            while self._sending is None:
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
                try:
                    await self._connect(bot)
                except InvalidToken:
                    raise
                except TelegramError as error:
                    self._contact.failed(reason(error))
            await self._menu(bot)
            await polling.run()
        except InvalidToken:
            log.error(_REFUSED)  # noqa: TRY400  the sentence is all there is to it

    async def _menu(self, bot: Bot) -> None:
        """Without it everything works all the same, so a failure is only noted."""
        menu = [
            BotCommand(each.name, each.description[: BotCommandLimit.MAX_DESCRIPTION])
            for each in self._desk.commands.values()
        ]
        try:
            async with asyncio.timeout(_START_TIMEOUT):
                for scope in (BotCommandScopeAllPrivateChats(), BotCommandScopeAllGroupChats()):
                    await bot.set_my_commands(menu, scope)
        except InvalidToken:
            raise
        except (TelegramError, TimeoutError) as error:
            log.warning("the command menu was not set until the next start reason=%s", error)

    def _take(self, update: Update) -> None:
        if update.callback_query:
            self._spawn(self._pressed(update.callback_query))
        elif message := update.message or update.channel_post:
            self._spawn(self._said(message))

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(_survived(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _said(self, message: Message) -> None:
        chat = message.chat
        if message.migrate_to_chat_id and self._sending:
            await self._sending.moved(chat.id, message.migrate_to_chat_id)
        if not message.text or message.is_automatic_forward or not self._bot:
            return
        alone = private(chat)
        line = command_line(message.text, self._bot.username, self._desk.commands, private=alone)
        if line is not None:
            answers = None if alone else message.message_id
            await self._respond(author(message), place(message), line, answers)

    async def _pressed(self, query: CallbackQuery) -> None:
        self._spawn(_acknowledged(query))
        if query.data and query.message:
            await self._respond(of_user(query.from_user), place(query.message), query.data)

    async def _respond(
        self, who: Person, where: Recipient, line: str, answers: int | None = None
    ) -> None:
        """A person's commands in a chat are answered one after the other, if not too many."""
        key = (where.chat, who.id)
        if self._sending is None or self._turns.waiting(key) >= BACKLOG:
            log.warning("not listened to chat=%s person=%s", where.chat, who.id)
            return
        async with self._turns.turn(key):
            if self._desk.mutes(who):
                return
            reply = await self._desk.line(who, where, line)
            pictures = self._pictures(reply)
            try:
                await self._sending.answer(address(where, answers), render(reply), pictures)
            finally:
                pictures.close()

    def _pictures(self, reply: Reply) -> Pictures:
        return Pictures(self._paint, reply, self._patience)


async def _acknowledged(query: CallbackQuery) -> None:
    """The button stops spinning. One pressed long ago is acknowledged by nobody any more."""
    try:
        await query.answer()
    except TelegramError as error:
        log.debug("press not acknowledged reason=%s", reason(error))


async def _survived(work: Coroutine[None, None, None]) -> None:
    try:
        await work
    except TelegramError as error:
        log.warning("not delivered reason=%s", reason(error))
    except Exception:
        log.exception("an update was not handled")
