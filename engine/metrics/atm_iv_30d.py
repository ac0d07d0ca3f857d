"""ATM IV, 30 days."""

from __future__ import annotations

from engine.metrics.base import Metric, Unit
from engine.settings import EngineSettings
from engine.valuation import Valuation
from engine.volatility import atm_iv_month


def atm_iv_30d(valuation: Valuation, _: EngineSettings) -> float | None:
    """At-the-money volatility 30 days out; None unless expiries lie on both sides."""
    term = valuation.settlements
    return atm_iv_month([each.years for each in term], [each.atm_iv for each in term])


METRIC = Metric("atm_iv_30d", "ATM IV, 30 days", Unit.VOL, atm_iv_30d)
