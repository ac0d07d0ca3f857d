"""Dealer gamma changed sign.

Hysteresis is the neutral band: a regime is POSITIVE or NEGATIVE only when net GEX is more than
that share of gross, and NEUTRAL neither fires nor counts as a baseline. So a net wandering about
zero is silent, however often it crosses; it fires once, when it has left the band on the other
side from where it was last seen outside.
"""

from __future__ import annotations

from engine.domain import Levels, Regime, Signal, Snapshot
from engine.signals.base import Baseline, Rule

NAME = "gamma_flip"
_LEVELS = ("gamma_flip", "call_wall", "put_wall")
_OPPOSITE = {Regime.POSITIVE: Regime.NEGATIVE, Regime.NEGATIVE: Regime.POSITIVE}


def gamma_flip(now: Snapshot, before: Snapshot) -> Signal | None:
    """Fires when the regime is the opposite of the last decided one, under one convention."""
    opposite = None if now.regime is None else _OPPOSITE.get(now.regime)
    if now.regime is None or opposite is None:
        return None
    if before.regime is not opposite or before.convention != now.convention:
        return None
    levels = now.levels
    return Signal(
        rule=NAME,
        asset=now.asset,
        venue=now.venue,
        asof=now.asof,
        evidence={
            "regime": now.regime.value,
            "regime_before": opposite.value,
            "before_asof": before.asof.isoformat(),
            "net_gex": now.exposures.gex_usd_per_1pct,
            "net_gex_before": before.exposures.gex_usd_per_1pct,
            "gross_gex": now.exposures.gex_gross_usd_per_1pct,
            "spot": now.spot,
            "currency": now.currency,
            "gamma_flip": levels.gamma_flip,
            "gamma_flip_direction": _direction(levels),
            "call_wall": levels.call_wall,
            "put_wall": levels.put_wall,
            **_missing(levels),
            "coverage": now.contracts.coverage,
            "convention": now.convention,
        },
    )


def _direction(levels: Levels) -> str | None:
    """Of the nearest flip."""
    there = (each.direction for each in levels.gamma_flips if each.level == levels.gamma_flip)
    return next(there, None)


def _missing(levels: Levels) -> dict[str, str]:
    """Why a level does not exist, of those that the card tells."""
    reasons = levels.unavailable
    return {f"{name}_unavailable": reasons[name] for name in _LEVELS if name in reasons}


RULE = Rule(NAME, "Dealer gamma changes sign", Baseline.DECIDED, gamma_flip)
