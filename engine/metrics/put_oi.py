"""Put open interest."""

from __future__ import annotations

from engine.metrics.base import Metric, Unit
from engine.settings import EngineSettings
from engine.valuation import Valuation


def put_oi(valuation: Valuation, _: EngineSettings) -> float | None:
    """Open puts, with and without a volatility; None when none is published. [contracts]"""
    return valuation.open_interest(calls=False)


METRIC = Metric("put_oi", "Put open interest", Unit.CONTRACTS, put_oi)
