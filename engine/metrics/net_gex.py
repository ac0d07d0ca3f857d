"""Net GEX per 1 %."""

from __future__ import annotations

from engine.metrics.base import Metric, Unit
from engine.settings import EngineSettings
from engine.valuation import Valuation


def net_gex(valuation: Valuation, _: EngineSettings) -> float:
    """Change of the dealers' delta when spot rises 1 %. [quote]"""
    return valuation.exposures.gex_usd_per_1pct


METRIC = Metric("net_gex", "Net GEX per 1 %", Unit.MONEY, net_gex)
