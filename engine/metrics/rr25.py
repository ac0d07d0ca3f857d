"""25-delta risk reversal."""

from __future__ import annotations

from engine.metrics.base import Metric, Unit
from engine.settings import EngineSettings
from engine.valuation import Valuation


def rr25(valuation: Valuation, _: EngineSettings) -> float | None:
    """25-delta risk reversal of the nearest expiry, call - put; None when not bracketed."""
    smile = valuation.risk_reversal
    return smile.rr if smile else None


METRIC = Metric("rr25", "25-delta risk reversal", Unit.VOL_POINTS, rr25)
