"""/levels BTC 7d: every level around spot, highest first."""

from __future__ import annotations

from bot.cards.ladder import ladder
from bot.cards.look import look
from bot.cards.regime import local, walls
from bot.cards.snapshot import footnote, regime_meaning, regime_name, title, warnings
from bot.command import Asset, Call, Command, Expiry
from bot.reply import Choices, Reply, Text
from engine.window import ALL


async def levels(call: Call, asset: Asset, expiry: Expiry = ALL) -> Reply:
    view = await look(call, asset, expiry)
    snapshot = view.snapshot
    meaning = f"{regime_meaning(snapshot)} {walls(snapshot)}".rstrip()
    shown = f"{asset} {expiry.label}" if expiry != ALL else asset
    return Reply(
        (
            title(snapshot, f"levels · {regime_name(snapshot)}", view.fresh),
            *warnings(snapshot, view.fresh),
            Text("\n".join(filter(None, (meaning, local(snapshot))))),
            *ladder(snapshot),
            footnote(snapshot, call.zone, call.now),
            Choices((("Chart", f"gex {shown}"), ("Refresh", f"levels {shown}"))),
        )
    )


COMMAND = Command("levels", "Every level around spot, highest first", "/levels BTC", levels)
