"""Distance of volatilities from their smile."""

from __future__ import annotations

from engine.metrics.base import Metric, Unit
from engine.settings import EngineSettings
from engine.smile import fit_error, smiles
from engine.valuation import Valuation


def smile_error(valuation: Valuation, _: EngineSettings) -> float | None:
    """Root mean square over all expiries, outliers left out; None where no smile can be drawn."""
    error = fit_error(smiles(valuation.chain, valuation.terms))
    return None if error is None else error / 100


METRIC = Metric("smile_error", "Distance of IVs from their smile", Unit.VOL_POINTS, smile_error)
