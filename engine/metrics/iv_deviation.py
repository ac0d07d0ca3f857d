"""Venue's IV against that of its quotes."""

from __future__ import annotations

from engine.deviation import compare_mid_vols
from engine.metrics.base import Metric, Unit
from engine.settings import EngineSettings
from engine.valuation import Valuation


def iv_deviation(valuation: Valuation, _: EngineSettings) -> float | None:
    """Median |venue's IV - IV solved from the mid| out of the money; None without both."""
    middle = compare_mid_vols(valuation.chain, valuation.terms).median
    return None if middle is None else middle / 100


METRIC = Metric(
    "iv_deviation", "Venue's IV against that of its quotes", Unit.VOL_POINTS, iv_deviation
)
