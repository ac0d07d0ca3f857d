"""What the regime and the levels mean, in fixed words. They describe; they never advise."""

from __future__ import annotations

from bot.format import known, money
from engine.domain import Direction, Regime, Snapshot
from engine.regime import Behaviour, behaviours, sign

MEANING = {
    Regime.POSITIVE: (
        "Dealers are long gamma: hedging, they sell rallies and buy dips, which damps moves."
    ),
    Regime.NEGATIVE: (
        "Dealers are short gamma: hedging, they buy rallies and sell dips, which amplifies moves."
    ),
    Regime.NEUTRAL: (
        "Dealers' long and short gamma nearly cancel: hedging hardly damps or amplifies moves."
    ),
}

ROLES = {"put wall": "floor", "call wall": "ceiling"}

SIDES: dict[Direction, str] = {
    "neg_to_pos": "positive above, negative below",
    "pos_to_neg": "negative above, positive below",
}


def meaning(regime: Regime | None, reason: str | None) -> str:
    if regime is None:
        return f"The dealer gamma regime is unavailable ({reason or 'nothing to sum'})."
    return MEANING[regime]


def walls(snapshot: Snapshot) -> str:
    """What the walls are in this regime; of one on the wrong side of spot there is no saying."""
    found = behaviours(snapshot.regime, snapshot.levels, snapshot.spot)
    said = {name.replace("_", " "): each for name, each in found.items() if each}
    if not said:
        return ""
    if Behaviour.WEAK in said.values():
        return "In this regime the walls say little."
    if Behaviour.REACTION in said.values():
        there = " and ".join(f"the {wall}" for wall in said)
        neither = " and ".join(f"no {ROLES[wall]}" for wall in said)
        return f"In this regime price reacts at {there}: {neither}."
    hard = ", ".join(f"the {wall} is a {each.lower()}" for wall, each in said.items())
    return f"In this regime {hard}."


def local(snapshot: Snapshot) -> str:
    """The regime of the strikes near spot alone, which can differ; empty where it is not known."""
    net = snapshot.metrics.get("net_gex_local")
    if not known(net) or "net_gex" in snapshot.levels.unavailable:
        return ""
    amount = money(net, snapshot.currency)
    return f"Strikes near spot alone: {sign(net) or 'no net gamma'} ({amount} per 1 % move)."
