"""Venue's delta against ours."""

from __future__ import annotations

from engine.deviation import compare_greeks
from engine.metrics.base import Metric, Unit
from engine.settings import EngineSettings
from engine.valuation import Valuation


def venue_delta_deviation(valuation: Valuation, _: EngineSettings) -> float | None:
    """95th percentile of |our delta - the venue's|; None where the venue gives no delta."""
    chain = valuation.chain
    found = compare_greeks(chain, valuation.terms, valuation.modelled, {"delta": chain.delta})
    return found["delta"].p95


METRIC = Metric(
    "venue_delta_deviation", "Venue's delta against ours", Unit.RATIO, venue_delta_deviation
)
