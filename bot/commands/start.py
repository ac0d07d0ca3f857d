"""/start: what this is, in four lines."""

from __future__ import annotations

from bot.cards.simulated import made_up
from bot.command import Call, Command
from bot.reply import Choices, Reply, Text, Title

_ASSETS = 3


async def start(call: Call) -> Reply:
    assets = list(call.assets)
    first = assets[0] if assets else "ASSET"
    return Reply(
        (
            Title("gexwire: where option dealers' hedging damps or amplifies price"),
            *await made_up(call),
            Text(
                f"/gex {first} shows net gamma, walls, flip, max pain and the expected move.\n"
                f"/follow {first} tells you here when its gamma regime changes.\n"
                f"Assets: {', '.join(assets)}.\n"
                "Computed from listed open interest under an assumed dealer sign. Not advice."
            ),
            Choices(
                (
                    *((f"GEX {each}", f"gex {each}") for each in assets[:_ASSETS]),
                    ("Status", "status"),
                    ("Help", "help"),
                )
            ),
        )
    )


COMMAND = Command("start", "What this is", "/start", start)
