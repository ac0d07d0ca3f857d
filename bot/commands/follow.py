"""/follow BTC: be told when the regime changes."""

from __future__ import annotations

from bot.cards.following import followed_here
from bot.cards.simulated import made_up
from bot.command import Asset, Call, Command
from bot.reply import Choices, Reply, Text


async def follow(call: Call, asset: Asset) -> Reply:
    new = await call.people.follow(call.where, asset, call.now)
    said = f"{asset} is followed here now." if new else f"{asset} was followed here already."
    return Reply(
        (
            *await made_up(call),
            Text(
                f"{said} A message comes here when its dealer gamma turns from POSITIVE to NEGATIVE"
                " or back, as soon as the data shows it."
            ),
            followed_here(await call.people.follows(call.where)),
            Choices(((f"Unfollow {asset}", f"unfollow {asset}"), ("Show it", f"gex {asset}"))),
        )
    )


COMMAND = Command("follow", "Be told when an asset's regime changes", "/follow BTC", follow)
