"""Call open interest."""

from __future__ import annotations

from engine.metrics.base import Metric, Unit
from engine.settings import EngineSettings
from engine.valuation import Valuation


def call_oi(valuation: Valuation, _: EngineSettings) -> float | None:
    """Open calls, with and without a volatility; None when none is published. [contracts]"""
    return valuation.open_interest(calls=True)


METRIC = Metric("call_oi", "Call open interest", Unit.CONTRACTS, call_oi)
