"""Net GEX of strikes near spot."""

from __future__ import annotations

from engine.metrics.base import Metric, Unit
from engine.regime import local_gex
from engine.settings import EngineSettings
from engine.valuation import Valuation


def net_gex_local(valuation: Valuation, settings: EngineSettings) -> float | None:
    """Net GEX of the strikes near spot; its sign is the local regime. [quote per 1 %]"""
    return local_gex(valuation.by_strike, valuation.chain.spot, settings.local_band)


METRIC = Metric("net_gex_local", "Net GEX of strikes near spot", Unit.MONEY, net_gex_local)
