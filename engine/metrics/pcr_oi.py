"""Put/call ratio, open interest."""

from __future__ import annotations

from engine.metrics.base import Metric, Unit
from engine.settings import EngineSettings
from engine.valuation import Valuation


def pcr_oi(valuation: Valuation, _: EngineSettings) -> float | None:
    """Put / call open interest; None without calls, never infinite."""
    calls, puts = valuation.open_interest(calls=True), valuation.open_interest(calls=False)
    return puts / calls if calls and puts is not None else None


METRIC = Metric("pcr_oi", "Put/call ratio, open interest", Unit.RATIO, pcr_oi)
