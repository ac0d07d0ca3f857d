"""Call delta minus put delta (flow dashboard)."""

from __future__ import annotations

from engine.levels.flips import open_delta_by_strike
from engine.metrics.base import Metric, Unit
from engine.settings import EngineSettings
from engine.valuation import Valuation


def net_dealer_delta(valuation: Valuation, _: EngineSettings) -> float:
    """Delta of open calls minus delta of open puts, as one dashboard has it. [quote]

    Never negative, whoever holds what: it is no direction, and is kept to compare with.
    """
    call, put = open_delta_by_strike(valuation.priced, valuation.grid)
    return float(call.sum() - put.sum())


METRIC = Metric(
    "net_dealer_delta_flow_dashboard",
    "Call delta minus put delta (flow dashboard)",
    Unit.MONEY,
    net_dealer_delta,
)
