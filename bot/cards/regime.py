"""What the regime and the levels mean, in fixed words. They describe; they never advise."""

from __future__ import annotations

from engine.domain import Direction, Regime

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

WALLS = {
    Regime.POSITIVE: "In this regime the put wall is a hard floor, the call wall a hard ceiling.",
    Regime.NEGATIVE: "In this regime price reacts at the walls; they are no floor and no ceiling.",
    Regime.NEUTRAL: "In this regime the walls say little.",
}

SIDES: dict[Direction, str] = {
    "neg_to_pos": "positive above, negative below",
    "pos_to_neg": "negative above, positive below",
}

AT_FLIP = 1e-6
"""Spot this close to a flip, as a share of spot, is on it."""


def meaning(regime: Regime | None, reason: str | None) -> str:
    if regime is None:
        return f"The dealer gamma regime is unavailable ({reason or 'nothing to sum'})."
    return MEANING[regime]


def dealer_sign(convention: str) -> str:
    """Where the dealers' sign comes from; only a trade book observes it."""
    return convention if convention == "book" else f"{convention} (assumed)"
