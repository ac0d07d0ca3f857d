"""Messages without data say it too when what the service shows now is the simulated market."""

from __future__ import annotations

from bot.command import Call
from bot.format import MADE_UP
from bot.reply import Text


async def made_up(call: Call) -> tuple[Text, ...]:
    """The sentence, or nothing."""
    return (Text(MADE_UP),) if (await call.board.status()).simulated else ()
