"""Venue's gamma against ours, per 1 % move."""

from __future__ import annotations

from engine.deviation import compare_greeks
from engine.metrics.base import Metric, Unit
from engine.settings import EngineSettings
from engine.valuation import Valuation


def venue_gamma_deviation(valuation: Valuation, _: EngineSettings) -> float | None:
    """95th percentile of |our gamma - the venue's|; None where there is none. [delta per 1 %]"""
    chain = valuation.chain
    found = compare_greeks(chain, valuation.terms, valuation.modelled, {"gamma": chain.gamma})
    away = found["gamma"].p95
    return None if away is None else away * chain.spot / 100


METRIC = Metric(
    "venue_gamma_deviation",
    "Venue's gamma against ours, per 1 % move",
    Unit.RATIO,
    venue_gamma_deviation,
)
