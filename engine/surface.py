"""The gamma profile through time: net GEX over spot x time, and the flips along it.

Sticky strike: spot moves, time passes, contracts leave as they settle; volatility, carry and
position of each stay. A row is one profile, so memory does not grow with the contracts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.domain import Flip, Floats
from engine.errors import BadInput
from engine.held import Held
from engine.settings import EngineSettings
from engine.whatif import MOST_DAYS, WhatIf, moved

WEEK = (0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0, 5.5, 6.0, 6.5, 7.0)
MOST_ROWS = 400


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Surface:
    """Net GEX at each time and spot.

    Attributes:
        spots: Ascending, shape (m,). [quote]
        days: Calendar days from now, ascending, shape (t,).
        gex: Shape (t, m); the first row is the profile of `analyse` when `days` starts at 0.
            [quote per 1 %]
        flips: Of every time.
        primary: The flip nearest to today's spot at every time, None without any.
        contracts: Not settled yet and with a volatility, at every time.
    """

    spot: float
    spots: Floats
    days: Floats
    gex: Floats
    flips: tuple[tuple[Flip, ...], ...]
    primary: tuple[float | None, ...]
    contracts: tuple[int, ...]


def gamma_surface(held: Held, settings: EngineSettings, days: Sequence[float] = WEEK) -> Surface:
    """Of a held book; an empty one has a flat surface.

    Args:
        days: Calendar days from now, ascending, 400 of them at most.

    Raises:
        BadInput: other `days`.
    """
    at = np.asarray(days, dtype=np.float64)
    if not (at.ndim == 1 and 0 < at.size <= MOST_ROWS):
        raise BadInput(f"Expected 1 to {MOST_ROWS} times, found {at.size}.")
    if not ((at >= 0).all() and (at <= MOST_DAYS).all() and (np.diff(at) > 0).all()):
        raise BadInput(f"Expected times from 0 to {MOST_DAYS:g} days in ascending order.")
    flips, primary, contracts, rows, spots = [], [], [], [], np.zeros(0)
    for day in at.tolist():
        then = moved(held, WhatIf(days=day), settings)
        found, nearest, profile = then.profiled(settings)
        flips.append(found)
        primary.append(nearest)
        contracts.append(int(np.isfinite(then.terms.iv).sum()))
        rows.append(profile.gex)
        spots = profile.spots
    return Surface(
        spot=held.chain.spot,
        spots=spots,
        days=at,
        gex=np.stack(rows),
        flips=tuple(flips),
        primary=tuple(primary),
        contracts=tuple(contracts),
    )
