"""Gross GEX per 1 %."""

from __future__ import annotations

from engine.metrics.base import Metric, Unit
from engine.settings import EngineSettings
from engine.valuation import Valuation


def gross_gex(valuation: Valuation, _: EngineSettings) -> float:
    """Sum of |GEX| over contracts: what net GEX is a share of. [quote per 1 %]"""
    return valuation.exposures.gex_gross_usd_per_1pct


METRIC = Metric("gross_gex", "Gross GEX per 1 %", Unit.MONEY, gross_gex)
