"""OTM skew, puts - calls."""

from __future__ import annotations

from engine.metrics.base import Metric, Unit
from engine.settings import EngineSettings
from engine.valuation import Valuation


def skew_otm(valuation: Valuation, _: EngineSettings) -> float | None:
    """Vol of puts minus calls out of the money within 10 %: the opposite sign of rr25."""
    smile = valuation.skew
    return smile.skew if smile else None


METRIC = Metric("skew_otm", "OTM skew, puts - calls", Unit.VOL_POINTS, skew_otm)
