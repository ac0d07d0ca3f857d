"""Dealer gamma changed sign.

Hysteresis is the neutral band: a regime is POSITIVE or NEGATIVE only when net GEX is more than
that share of gross, and NEUTRAL neither fires nor counts as a baseline. So a net wandering about
zero is silent, however often it crosses; it fires once, when it has left the band on the other
side from where it was last seen outside.
"""

from __future__ import annotations

from engine.domain import Regime, Signal, Snapshot
from engine.signals.base import Baseline, Rule

NAME = "gamma_flip"
_OPPOSITE = {Regime.POSITIVE: Regime.NEGATIVE, Regime.NEGATIVE: Regime.POSITIVE}


def gamma_flip(now: Snapshot, before: Snapshot) -> Signal | None:
    """Fires when the regime is the opposite of the last decided one, under one convention."""
    opposite = None if now.regime is None else _OPPOSITE.get(now.regime)
    if now.regime is None or opposite is None:
        return None
    if before.regime is not opposite or before.convention != now.convention:
        return None
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
            "gamma_flip": now.levels.gamma_flip,
            "call_wall": now.levels.call_wall,
            "put_wall": now.levels.put_wall,
            "coverage": now.contracts.coverage,
            "convention": now.convention,
        },
    )


RULE = Rule(NAME, "Dealer gamma changes sign", Baseline.DECIDED, gamma_flip)
