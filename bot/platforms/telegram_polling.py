"""Updates from Telegram, by long polling.

The library's own Updater waits up to 30 s after an outage, cannot be stopped meanwhile, says
nothing of timeouts and ends silently when the token is revoked; so updates are fetched here and
handed on one by one.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress

from telegram import Bot, Update
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError

from bot.platforms.contact import Contact
from bot.platforms.telegram_failures import reason, seconds

log = logging.getLogger(__name__)

KINDS = (Update.MESSAGE, Update.CHANNEL_POST, Update.CALLBACK_QUERY)
"""Edited messages are not asked for: an answer once given stands."""

LONG_POLL = 25
CONFIRM_TIMEOUT = 5.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 3.0
_TAKEN = "another program is polling this bot: stop it, or give it a token of its own"


class Polling:
    """Fetches until cancelled.

    Args:
        take: Receives every update once, in order.
    """

    def __init__(self, bot: Bot, contact: Contact, take: Callable[[Update], None]) -> None:
        self._bot = bot
        self._contact = contact
        self._take = take
        self._offset = 0

    async def run(self) -> None:
        """Ends only when Telegram no longer accepts the token. Raises InvalidToken."""
        pause = _FIRST_PAUSE
        while True:
            try:
                await self._fetch()
            except InvalidToken:
                raise
            except RetryAfter as error:
                await asyncio.sleep(seconds(error.retry_after))
            except TelegramError as error:
                self._contact.failed(_TAKEN if isinstance(error, Conflict) else reason(error))
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
            except Exception:
                log.exception("an update cannot be read")
                await asyncio.sleep(_LONGEST_PAUSE)
            else:
                self._contact.ok()
                pause = _FIRST_PAUSE

    async def confirm(self) -> None:
        """Tell Telegram what was taken, so that the next start does not get it again."""
        if self._offset:
            with suppress(TelegramError, TimeoutError):
                async with asyncio.timeout(CONFIRM_TIMEOUT):
                    await self._bot.get_updates(self._offset, timeout=0, allowed_updates=KINDS)

    async def _fetch(self) -> None:
        """Asking for what follows confirms what came before."""
        updates = await self._bot.get_updates(
            self._offset or None, timeout=LONG_POLL, allowed_updates=KINDS
        )
        for update in updates:
            self._take(update)
            self._offset = update.update_id + 1
