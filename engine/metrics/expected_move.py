"""Expected move (57 %), nearest expiry."""

from __future__ import annotations

from engine.metrics.base import Metric, Unit
from engine.settings import EngineSettings
from engine.valuation import Valuation


def expected_move(valuation: Valuation, _: EngineSettings) -> float | None:
    """Straddle at the money of the nearest expiry: the expected |move|. [quote]"""
    nearest = valuation.nearest
    return nearest.expected_move.straddle if nearest else None


METRIC = Metric("expected_move", "Expected move (57 %), nearest expiry", Unit.PRICE, expected_move)
