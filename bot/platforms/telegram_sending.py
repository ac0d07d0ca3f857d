"""Messages to Telegram: paced, flood waits honoured, groups followed where they moved."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import partial
from html import escape

from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputFile,
    LinkPreviewOptions,
    Message,
    ReplyParameters,
)
from telegram.constants import ParseMode
from telegram.error import (
    BadRequest,
    ChatMigrated,
    NetworkError,
    RetryAfter,
    TelegramError,
)

from bot.alerts import TryLater
from bot.platforms.pace import Pace
from bot.platforms.pictures import Pictures
from bot.platforms.telegram_failures import reachable, seconds, verdict
from bot.render.telegram import TelegramMessage
from bot.reply import Chart
from engine.ports import People
from engine.service import Recipient

log = logging.getLogger(__name__)

PLATFORM = "telegram"
BUTTONS_PER_ROW = 3
KEEP_TRYING = 180.0
"""An answer that cannot be delivered for so long is given up: nobody waits for it any more. [s]"""

LONGEST_TURN = 10.0
"""An alert that would have to wait longer for its turn goes back to the outbox. [s]"""

CONTINUED_WITHIN = 5.0
"""What follows the first message of an alert must not make it look undelivered. [s]"""

ATTEMPTS = 4
UNREAD = "accepted, the answer was unreadable"

_NO_PICTURES = "not enough rights to send photos"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a message goes, and what it answers."""

    chat: int
    thread: int | None = None
    answers: int | None = None


def address(recipient: Recipient, answers: int | None = None) -> Address:
    thread = int(recipient.thread) if recipient.thread else None
    return Address(int(recipient.chat), thread, answers)


class Sending:
    """Everything this bot says goes through here."""

    def __init__(self, bot: Bot, people: People, pace: Pace) -> None:
        self._bot = bot
        self._people = people
        self._pace = pace

    async def answer(
        self, to: Address, messages: tuple[TelegramMessage, ...], pictures: Pictures
    ) -> None:
        """All messages of a reply, in order; a text whose picture is slow goes ahead of it.

        Raises:
            TelegramError: it could not be delivered, and everything sensible was tried.
        """
        late: list[Chart] = []
        for message in messages:
            if message.chart is None or await pictures.ready(message.chart):
                await self._whole(to, message, pictures, self._patiently)
            else:
                late.append(message.chart)
                if message.text:
                    await self._patiently(to, self._text(message))
            to = replace(to, answers=None)
        for chart in late:
            alone = TelegramMessage(escape(chart.caption, quote=False), chart)
            await self._whole(to, alone, pictures, self._patiently)

    async def alert(
        self, to: Address, messages: tuple[TelegramMessage, ...], pictures: Pictures
    ) -> str:
        """The first message decides: once it is accepted the alert counts as delivered.

        Returns:
            The id of that message.

        Raises:
            Unreachable, TryLater: see `bot.alerts.Messenger`.
        """
        wait = self._pace.wait(to.chat)
        if wait > LONGEST_TURN:
            raise TryLater(wait, "the chat has to wait")
        first, *rest = messages
        deliver = partial(self._once, urgent=False)
        try:
            receipt = await self._alerted(to, first, pictures, deliver)
        except TelegramError as error:
            outcome = verdict(error)
            if outcome is error:
                raise
            raise outcome from error
        try:
            async with asyncio.timeout(CONTINUED_WITHIN):
                for message in rest:
                    await self._alerted(to, message, pictures, deliver)
        except (TelegramError, TimeoutError) as error:
            log.warning("alert not continued chat=%s reason=%s", to.chat, type(error).__name__)
        return receipt

    async def _alerted(
        self, to: Address, message: TelegramMessage, pictures: Pictures, deliver: _Deliver
    ) -> str:
        """One message whatever happens: a picture that is not ready is left out."""
        if message.chart is None or await pictures.ready(message.chart):
            return await self._whole(to, message, pictures, deliver)
        return await deliver(to, self._text(_noted(message, "")))

    async def _whole(
        self, to: Address, message: TelegramMessage, pictures: Pictures, deliver: _Deliver
    ) -> str:
        if message.chart is None:
            return await deliver(to, self._text(message))
        picture = await pictures.get(message.chart)
        if isinstance(picture, str):
            return await deliver(to, self._text(_noted(message, picture)))
        try:
            return await deliver(to, self._photo(message, message.chart.filename, picture))
        except BadRequest as error:
            if not reachable(error):
                raise
            log.warning("photo refused chat=%s reason=%s", to.chat, error.message)
            return await deliver(to, self._text(_noted(message, _without_picture(error))))

    def _text(self, message: TelegramMessage) -> _Make:
        async def make(at: Address) -> Message:
            return await self._bot.send_message(
                at.chat,
                message.text,
                parse_mode=ParseMode.HTML,
                message_thread_id=at.thread,
                reply_parameters=_answering(at),
                reply_markup=_keyboard(message.buttons),
                link_preview_options=LinkPreviewOptions(is_disabled=True),
            )

        return make

    def _photo(self, message: TelegramMessage, name: str, picture: bytes) -> _Make:
        async def make(at: Address) -> Message:
            return await self._bot.send_photo(
                at.chat,
                InputFile(picture, filename=name),
                caption=message.text or None,
                parse_mode=ParseMode.HTML,
                message_thread_id=at.thread,
                reply_parameters=_answering(at),
                reply_markup=_keyboard(message.buttons),
            )

        return make

    async def _patiently(self, to: Address, make: _Make) -> str:
        """Wait out flood waits, and short failures, as long as somebody may wait for an answer."""
        deadline = time.monotonic() + KEEP_TRYING
        failures = 0
        while True:
            try:
                return await self._once(to, make)
            except RetryAfter as error:
                if time.monotonic() + seconds(error.retry_after) > deadline:
                    raise
            except BadRequest:
                raise
            except NetworkError:
                failures += 1
                if failures == ATTEMPTS or time.monotonic() > deadline:
                    raise
                await asyncio.sleep(2.0 ** (failures - 1))

    async def _once(self, to: Address, make: _Make, *, urgent: bool = True) -> str:
        """One try; the message's id."""
        try:
            async with self._pace.turn(to.chat, urgent=urgent):
                message = await make(to)
        except ChatMigrated as moved:
            await self.moved(to.chat, moved.new_chat_id)
            there = replace(to, chat=moved.new_chat_id, answers=None)
            return await self._once(there, make, urgent=urgent)
        except RetryAfter as error:
            self._pace.hold(to.chat, seconds(error.retry_after))
            raise
        except TelegramError as error:
            if type(error) is TelegramError:
                # The library says so of a 2xx it cannot parse: it was accepted.
                log.warning("unreadable answer chat=%s", to.chat)
                return UNREAD
            raise
        return str(message.message_id)

    async def moved(self, old: int, new: int) -> None:
        """A group became a supergroup: what it follows goes along."""
        log.info("chat moved old=%s new=%s", old, new)
        await self._people.moved(Recipient(PLATFORM, str(old)), Recipient(PLATFORM, str(new)))


_Make = Callable[[Address], Awaitable[Message]]
_Deliver = Callable[[Address, _Make], Awaitable[str]]


def _answering(at: Address) -> ReplyParameters | None:
    if at.answers is None:
        return None
    return ReplyParameters(at.answers, allow_sending_without_reply=True)


def _keyboard(buttons: tuple[tuple[str, str], ...]) -> InlineKeyboardMarkup | None:
    if not buttons:
        return None
    keys = [InlineKeyboardButton(label, callback_data=line) for label, line in buttons]
    rows = range(0, len(keys), BUTTONS_PER_ROW)
    return InlineKeyboardMarkup([keys[at : at + BUTTONS_PER_ROW] for at in rows])


def _noted(message: TelegramMessage, note: str) -> TelegramMessage:
    """The same without its picture, saying why."""
    caption = escape(message.chart.caption, quote=False) if message.chart else ""
    return replace(message, chart=None, text=f"{message.text or caption}\n\n{note}".strip())


def _without_picture(error: BadRequest) -> str:
    if _NO_PICTURES in error.message.lower():
        return "I am not allowed to send pictures in this chat."
    return "Telegram did not take the picture."
