"""/unfollow BTC, or all: no more messages unasked."""

from __future__ import annotations

from bot.cards.following import followed_here
from bot.cards.simulated import made_up
from bot.command import Asset, Call, Command
from bot.reply import Choices, Reply, Text

_MOST = 5


async def unfollow(call: Call, asset: Asset | None = None) -> Reply:
    before = await call.people.follows(call.where)
    await call.people.unfollow(call.where, asset)
    blocks = (
        *await made_up(call),
        Text(_said(asset, before)),
        followed_here(await call.people.follows(call.where)),
    )
    again = (before if asset is None else (asset,))[:_MOST]
    if not again:
        return Reply(blocks)
    return Reply((*blocks, Choices(tuple((f"Follow {each}", f"follow {each}") for each in again))))


def _said(asset: str | None, before: tuple[str, ...]) -> str:
    gone = before if asset is None else tuple(each for each in before if each == asset)
    if gone:
        return f"No more messages here about {', '.join(gone)}."
    return f"{asset} was not followed here." if asset else "There was nothing to end."


COMMAND = Command("unfollow", "No more messages about an asset, or any", "/unfollow BTC", unfollow)
