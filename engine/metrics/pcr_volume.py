"""Put/call ratio, volume."""

from __future__ import annotations

from engine.metrics.base import Metric, Unit
from engine.settings import EngineSettings
from engine.valuation import Valuation


def pcr_volume(valuation: Valuation, _: EngineSettings) -> float | None:
    """Put / call volume; None without call volume, never infinite."""
    calls, puts = valuation.volume(calls=True), valuation.volume(calls=False)
    return puts / calls if calls and puts is not None else None


METRIC = Metric("pcr_volume", "Put/call ratio, volume", Unit.RATIO, pcr_volume)
