"""Whether what the service shows now is the simulated market; messages without data say it too."""

from __future__ import annotations

from bot.cards.snapshot import MADE_UP
from bot.command import Call
from bot.reply import Text
from engine.domain import DEMO
from engine.service import Feed


async def made_up(call: Call) -> tuple[Text, ...]:
    """The sentence, or nothing."""
    return (Text(MADE_UP),) if newest_is_simulated((await call.board.status()).feeds) else ()


def newest_is_simulated(feeds: tuple[Feed, ...]) -> bool:
    """The newest data came from the simulated market."""
    answered = [(each.last_ok, each.venue) for each in feeds if each.last_ok is not None]
    return max(answered)[1] == DEMO if answered else False
