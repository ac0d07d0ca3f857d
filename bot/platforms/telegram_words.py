"""What a Telegram message means to the Desk: a command line, a person, a place."""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches

from telegram import Chat, MaybeInaccessibleMessage, Message, User
from telegram.constants import ChatType

from bot.command import Person
from bot.platforms.telegram_sending import PLATFORM
from engine.service import Recipient


def command_line(text: str, bot: str, known: Collection[str], *, private: bool) -> str | None:
    """The line for the Desk; None when the bot is not meant.

    In a private chat everything is meant for the bot, unless it names another one. Elsewhere
    several bots may listen: there a command is answered when it names this bot, is one of ours, or
    is a slip of the pen for one of ours.

    Args:
        text: What was written.
        bot: This bot's user name, without @.
        known: Names of the commands.

    >>> command_line("/gex@Us_bot BTC 7d", "us_bot", ["gex"], private=False)
    'gex BTC 7d'
    >>> command_line("/ban spammer", "us_bot", ["gex"], private=False) is None
    True
    """
    words = text.split()
    if not words:
        return None
    if not words[0].startswith("/"):
        return " ".join(words) if private else None
    name, _, named = words[0][1:].partition("@")
    if named and named.lower() != bot.lower():
        return None
    ours = private or named or get_close_matches(name.lower(), known, n=1)
    return " ".join([name, *words[1:]]) if ours else None


def place(message: MaybeInaccessibleMessage) -> Recipient:
    """Chat, and the topic when it was written in one."""
    topic = isinstance(message, Message) and message.is_topic_message
    thread = str(message.message_thread_id) if isinstance(message, Message) and topic else ""
    return Recipient(PLATFORM, str(message.chat.id), thread)


def author(message: Message) -> Person:
    """Who wrote; a channel or an anonymous administrator is known by the chat's id."""
    if message.sender_chat is not None:
        return of_chat(message.sender_chat)
    return of_user(message.from_user) if message.from_user else of_chat(message.chat)


def of_user(user: User) -> Person:
    return Person(PLATFORM, str(user.id), user.full_name)


def of_chat(chat: Chat) -> Person:
    return Person(PLATFORM, str(chat.id), chat.effective_name or "")


def private(chat: Chat) -> bool:
    return chat.type == ChatType.PRIVATE
