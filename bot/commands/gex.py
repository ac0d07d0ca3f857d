"""/gex BTC 7d: the levels where dealer hedging damps or amplifies moves, with the chart."""

from __future__ import annotations

from bot.cards.look import View, dates, following, look
from bot.cards.snapshot import facts, footnote, regime_meaning, regime_name, title, warnings
from bot.command import Asset, Call, Command, Expiry
from bot.format import SIMULATED
from bot.reply import Chart, Choices, Reply, Text
from engine.domain import Snapshot
from engine.window import ALL, Window


async def gex(call: Call, asset: Asset, expiry: Expiry = ALL) -> Reply:
    view = await look(call, asset, expiry)
    snapshot = view.snapshot
    return Reply(
        (
            title(snapshot, regime_name(snapshot), view.fresh),
            *warnings(snapshot, view.fresh),
            Text(regime_meaning(snapshot)),
            facts(snapshot),
            Chart("gex", snapshot, _caption(snapshot)),
            footnote(snapshot, call.zone, call.now),
            _choices(view, expiry),
        )
    )


def _caption(snapshot: Snapshot) -> str:
    window = "" if snapshot.window == ALL.label else f", {snapshot.window}"
    simulated = f"{SIMULATED} · " if snapshot.simulated else ""
    return f"{simulated}{snapshot.asset} gamma exposure by strike{window}"


def _choices(view: View, window: Window) -> Choices:
    asset = view.whole.asset
    shown = f"{asset} {window.label}" if window != ALL else asset
    return Choices(
        (
            ("Levels", f"levels {shown}"),
            *_step(view, window),
            ("Refresh", f"gex {shown}"),
            ("Follow", f"follow {asset}"),
        )
    )


def _step(view: View, window: Window) -> tuple[tuple[str, str], ...]:
    """To the next expiry, and from the last one back to all of them."""
    asset = view.whole.asset
    after = following(window, dates(view.whole))
    if after is not None:
        return ((f"Next: {after:%d %b}", f"gex {asset} {after:%Y-%m-%d}"),)
    return () if window == ALL else (("All expiries", f"gex {asset}"),)


COMMAND = Command("gex", "Dealer gamma, walls and flip, with the chart", "/gex BTC 7d", gex)
