"""Pin score, nearest expiry."""

from __future__ import annotations

from engine.levels.summary import nearest_pin
from engine.metrics.base import Metric, Unit
from engine.settings import EngineSettings
from engine.valuation import Valuation


def pin_score(valuation: Valuation, _: EngineSettings) -> float | None:
    """Concentration of the nearest expiry's gamma on one strike, damped by its distance. 0..1"""
    at = nearest_pin(valuation)
    return at.score if at else None


METRIC = Metric("pin_score", "Pin score, nearest expiry", Unit.RATIO, pin_score)
