"""ATM IV, nearest expiry."""

from __future__ import annotations

from engine.metrics.base import Metric, Unit
from engine.settings import EngineSettings
from engine.valuation import Valuation


def atm_iv(valuation: Valuation, _: EngineSettings) -> float | None:
    """At-the-money volatility of the nearest expiry."""
    nearest = valuation.nearest
    return nearest.atm_iv if nearest else None


METRIC = Metric("atm_iv", "ATM IV, nearest expiry", Unit.VOL, atm_iv)
