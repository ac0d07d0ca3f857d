"""A snapshot in blocks: title, meaning, the six facts, small print."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.cards.freshness import Freshness
from bot.cards.regime import SIDES, meaning
from bot.format import (
    MADE_UP,
    SIMULATED,
    age,
    cautions,
    count,
    dealer_sign,
    distance,
    known,
    net_gex,
    of_live,
    percent,
    price,
    unavailable,
    when,
)
from bot.reply import Block, Facts, Footnote, Text, Title
from engine.domain import ExpectedMove, Snapshot
from engine.flags import at_flip
from engine.window import ALL

_FURTHER_FLIPS = 2


def title(snapshot: Snapshot, about: str, fresh: Freshness) -> Title:
    """ "SIMULATED · STALE · BTC 71,703 · 7d · levels", as far as each applies."""
    parts = (
        SIMULATED if snapshot.simulated else "",
        "STALE" if fresh.stale else "",
        f"{snapshot.asset} {price(snapshot.spot)}",
        "" if snapshot.window == ALL.label else snapshot.window,
        about,
    )
    return Title(" · ".join(filter(None, parts)), snapshot.regime)


def regime_name(snapshot: Snapshot) -> str:
    return f"dealer gamma {snapshot.regime or 'unavailable'}"


def regime_meaning(snapshot: Snapshot) -> str:
    """Without gamma there is neither a regime nor a flip, for the same reason."""
    return meaning(snapshot.regime, snapshot.levels.unavailable.get("gamma_flip"))


def warnings(snapshot: Snapshot, fresh: Freshness) -> tuple[Block, ...]:
    """What must be read before the numbers: one sentence a line, or nothing at all."""
    sentences = (
        MADE_UP if snapshot.simulated else "",
        fresh.note,
        *(f"{each}." for each in cautions(snapshot)),
    )
    text = "\n".join(filter(None, sentences))
    return (Text(text),) if text else ()


def facts(snapshot: Snapshot) -> Facts:
    """The fixed six. A level that does not exist says why."""
    levels, spot, why = snapshot.levels, snapshot.spot, snapshot.levels.unavailable
    net = net_gex(snapshot, why.get("net_gex"))
    return Facts(
        (
            ("Net GEX", f"{net} per 1 % move" if "net_gex" not in why else net),
            ("Call wall", level(levels.call_wall, spot, why.get("call_wall"))),
            ("Put wall", level(levels.put_wall, spot, why.get("put_wall"))),
            ("Gamma flip", flips(snapshot)),
            ("Max pain", level(levels.max_pain, spot, why.get("max_pain"))),
            ("Expected move", expected_move(snapshot)),
        )
    )


def footnote(snapshot: Snapshot, zone: ZoneInfo, now: datetime | None = None) -> Footnote:
    """Venue, as-of, age, coverage, convention, unit. Without `now` there is no age to tell."""
    old = f", {age(snapshot.asof, now)} ago" if now else ""
    parts = (
        f"{snapshot.venue}{f' {SIMULATED}' if snapshot.simulated else ''}",
        f"as of {when(snapshot.asof, zone)}{old}",
        coverage(snapshot),
        f"dealer sign {dealer_sign(snapshot.convention)}",
        f"GEX in {snapshot.currency} per 1 % move",
    )
    return Footnote(" · ".join(parts))


def summary(snapshot: Snapshot, zone: ZoneInfo) -> tuple[Block, ...]:
    """A snapshot by itself, whenever it is from."""
    fresh = Freshness()
    return (
        title(snapshot, regime_name(snapshot), fresh),
        *warnings(snapshot, fresh),
        Text(regime_meaning(snapshot)),
        facts(snapshot),
        footnote(snapshot, zone),
    )


def level(value: float | None, spot: float | None, reason: str | None = None) -> str:
    """ "104,000 (+4.0 %)" """
    if not known(value):
        return unavailable(reason)
    if not known(spot):
        return price(value)
    return f"{price(value)} ({distance(value, spot)})"


def flip(
    at: float | None, spot: float | None, direction: str | None, reason: str | None = None
) -> str:
    """ "96,500 (-3.5 %), positive above, negative below" """
    where = level(at, spot, reason)
    if known(at) and known(spot) and at_flip(at, spot):
        where = f"{price(at)} (spot is at flip)"
    side = next((text for name, text in SIDES.items() if name == direction), "")
    return f"{where}, {side}" if known(at) and side else where


def flips(snapshot: Snapshot) -> str:
    """The nearest root of the profile with its sides, then further ones."""
    nearest = snapshot.levels.gamma_flip
    if not known(nearest):
        return unavailable(snapshot.levels.unavailable.get("gamma_flip"))
    roots = {each.level: each for each in snapshot.levels.gamma_flips}
    root = roots.pop(nearest, None)
    first = flip(nearest, snapshot.spot, root.direction if root else None)
    further = sorted(roots.values(), key=lambda each: abs(each.level - snapshot.spot))
    told = [
        f"also {flip(each.level, snapshot.spot, each.direction)}"
        for each in further[:_FURTHER_FLIPS]
    ]
    rest = len(further) - len(told)
    return "; ".join([first, *told, *([f"{rest} more in /levels"] if rest else [])])


def expected_move(snapshot: Snapshot) -> str:
    """The straddle with what it covers, one sigma beside it, and until when."""
    move, reason = snapshot.levels.expected_move, snapshot.levels.unavailable.get("expected_move")
    if move is None:
        return unavailable(reason)
    if known(move.straddle):
        share = percent(move.straddle / snapshot.spot)
        first = f"±{price(move.straddle, like=snapshot.spot)} ({share}), 57 % of outcomes"
    else:
        first = unavailable(reason or "no quoted straddle")
    until = f"; until {snapshot.by_expiry[0].settlement:%Y-%m-%d}" if snapshot.by_expiry else ""
    return f"{first}{_sigma(move, snapshot.spot)}{until}"


def coverage(snapshot: Snapshot) -> str:
    """ "186 of 196 live contracts, 4 expired left out" """
    contracts = snapshot.contracts
    gone = [
        f"{count(number)} {why}"
        for why, number in contracts.left_out.items()
        if number and why != "no_vol"
    ]
    text = of_live(contracts)
    return f"{text}, {', '.join(gone)} left out" if gone else text


def _sigma(move: ExpectedMove, spot: float) -> str:
    sigma = move.one_sigma_from_straddle
    if not known(sigma):
        sigma = move.one_sigma_iv
    return f"; 1 sigma ±{price(sigma, like=spot)}" if known(sigma) else ""
