"""What Telegram's refusals mean. Mind that BadRequest is a NetworkError to the library."""

from __future__ import annotations

from datetime import timedelta

import httpx
from telegram.error import (
    BadRequest,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)

from bot.alerts import TryLater, Unreachable

_GONE = (
    "chat not found",
    "chat_write_forbidden",
    "chat_restricted",
    "channel_private",
    "group chat was deactivated",
    "have no rights to send",
    "message thread not found",
    "need administrator rights",
    "not enough rights to send text messages",
    "peer_id_invalid",
    "topic_closed",
    "topic_deleted",
    "user is deactivated",
)


def seconds(wait: float | timedelta) -> float:
    """A flood wait, whichever way this version of the library says it. [s]"""
    return wait.total_seconds() if isinstance(wait, timedelta) else float(wait)


def reachable(error: BadRequest) -> bool:
    """Whether another message to the same chat may succeed."""
    return not any(each in error.message.lower() for each in _GONE)


def verdict(error: TelegramError) -> Exception:
    """What a failed attempt means for an alert."""
    match error:
        case RetryAfter():
            return TryLater(seconds(error.retry_after), "flood wait")
        case Forbidden():
            return Unreachable(error.message)
        case BadRequest():
            return error if reachable(error) else Unreachable(error.message)
        case InvalidToken():
            return TryLater(300.0, "Telegram does not accept the token")
        case NetworkError():
            never = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
            return TryLater(5.0, reason(error), maybe_sent=not isinstance(error.__cause__, never))
    return error


def reason(error: TelegramError) -> str:
    """Why, in a few words without addresses."""
    cause = error.__cause__
    return (
        type(cause).__name__
        if isinstance(cause, httpx.HTTPError)
        else error.message.partition(". ")[0][:80]
    )
