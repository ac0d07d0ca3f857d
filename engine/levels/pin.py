"""Pin: how strongly the nearest settlement's gamma sits on one strike near spot."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from engine.domain import Floats
from engine.exposure import Groups
from engine.levels.ranking import largest


@dataclass(frozen=True, slots=True)
class Pin:
    """`concentration`: the strike's share of gross gamma; `distance_sigma`: |ln(K/S)| in sigmas.

    `score` = concentration exp(-distance^2 / 2), 0..1.
    """

    strike: float
    concentration: float
    distance_sigma: float
    score: float


def pin(
    strike: Floats, open_gamma: Floats, spot: float, years: float, atm_iv: float | None
) -> Pin | None:
    """From the priced contracts of one settlement, shape (m,); None without any open gamma."""
    strikes, of = np.unique(strike, return_inverse=True)
    gross = Groups(of, strikes.size).sums(open_gamma, np.arange(of.size))
    at = largest(strikes, gross, spot)
    if at is None or atm_iv is None:
        return None
    concentration = float(gross[strikes == at][0] / gross.sum())
    distance = abs(math.log(at / spot)) / (atm_iv * math.sqrt(years))
    return Pin(at, concentration, distance, concentration * math.exp(-distance * distance / 2))
