"""Regime: the sign of the dealers' net gamma, in total and near spot.

POSITIVE: dealers are long gamma, sell rallies and buy dips, which damps moves. NEGATIVE: the
opposite. NEUTRAL: net gamma is a small share of gross, so its sign says nothing.
"""

from __future__ import annotations

from enum import StrEnum

from engine.domain import Exposures, Levels, Regime, StrikeTable
from engine.levels.ranking import NOISE
from engine.volatility import EDGE


class Behaviour(StrEnum):
    """What a wall is to price in a regime: hard where hedging damps, no hold where it feeds."""

    HARD_FLOOR = "HARD FLOOR"
    HARD_CEILING = "HARD CEILING"
    REACTION = "REACTION"
    WEAK = "WEAK"
    """Net gamma says nothing, so neither does a wall."""


def behaviours(regime: Regime | None, levels: Levels, spot: float) -> dict[str, Behaviour | None]:
    """Of the put wall below spot and the call wall above it; None for one elsewhere or missing.

    None for both without a regime.
    """
    put, call = levels.put_wall, levels.call_wall
    below, above = put is not None and put < spot, call is not None and call > spot
    return {
        "put_wall": _behaviour(regime, Behaviour.HARD_FLOOR) if below else None,
        "call_wall": _behaviour(regime, Behaviour.HARD_CEILING) if above else None,
    }


def _behaviour(regime: Regime | None, hard: Behaviour) -> Behaviour | None:
    if regime is None:
        return None
    others = {Regime.NEGATIVE: Behaviour.REACTION, Regime.NEUTRAL: Behaviour.WEAK}
    return others.get(regime, hard)


def regime(exposures: Exposures, neutral_band: float) -> Regime | None:
    """Of the whole book; None when it has no gamma at all."""
    net, gross = exposures.gex_usd_per_1pct, exposures.gex_gross_usd_per_1pct
    if gross == 0:
        return None
    if abs(net) <= neutral_band * gross:
        return Regime.NEUTRAL
    return Regime.POSITIVE if net > 0 else Regime.NEGATIVE


def local_gex(table: StrikeTable, spot: float, band: float) -> float | None:
    """Net GEX of the strikes within `band` of spot, None without any. [quote per 1 %]

    It can have the other sign than the total.
    """
    low, high = spot * (1 - band) * (1 - EDGE), spot * (1 + band) * (1 + EDGE)
    near = (table.strike >= low) & (table.strike <= high)
    if not near.any():
        return None
    net, gross = float(table.net_gex[near].sum()), float(table.gross_gex[near].sum())
    return net if abs(net) > NOISE * gross else 0.0


def sign(net: float | None) -> Regime | None:
    """POSITIVE or NEGATIVE, without a neutral band; None for nothing and for exactly nothing."""
    if not net:
        return None
    return Regime.POSITIVE if net > 0 else Regime.NEGATIVE
