"""Positioning confidence: how far the assumed side of the dealers can be believed, 0..100.

A convention says who holds what without having seen a trade. Each penalty is a circumstance in
which customers probably do not hold what it says: few puts, far calls, calls bought rather than
held, one strike, holders leaving. The weights are ours: the design names the circumstances only.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass, fields

import numpy as np

from engine.domain import StrikeTable
from engine.unknown import or_nan


@dataclass(frozen=True, slots=True)
class Ramp:
    """No penalty at `start`, all of `points` from `end` on, linear between; either may be lower."""

    start: float
    end: float
    points: float

    def at(self, value: float | None) -> float:
        """0 for what is not known.

        >>> Ramp(0.5, 0.9, 20.0).at(0.6), Ramp(0.9, 0.5, 20.0).at(None)
        (4.999999999999999, 0.0)
        """
        gone = (or_nan(value) - self.start) / (self.end - self.start)
        return self.points * min(1.0, gone) if gone > 0 else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfidenceSettings:
    low_pcr: Ramp = Ramp(0.70, 0.30, 20.0)
    otm_call_share: Ramp = Ramp(0.50, 0.80, 20.0)
    call_turnover: Ramp = Ramp(0.30, 1.00, 20.0)
    single_strike: Ramp = Ramp(0.15, 0.40, 20.0)
    outflow_streak: Ramp = Ramp(2.0, 6.0, 20.0)
    low: float = 60.0
    """Below it, confidence is low."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfidenceInputs:
    """None = not known.

    Attributes:
        pcr: Puts / calls by open interest.
        otm_call_share: Calls struck above 1.05 spot, of all open calls. [fraction]
        call_turnover: Volume of calls / their open interest.
        max_strike_share: Largest strike's open interest, of all. [fraction]
        outflow_streak: Days in a row with money leaving.
    """

    pcr: float | None = None
    otm_call_share: float | None = None
    call_turnover: float | None = None
    max_strike_share: float | None = None
    outflow_streak: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Penalties:
    """Points taken off, each 0..its ramp's."""

    low_pcr: float
    otm_call_share: float
    call_turnover: float
    single_strike: float
    outflow_streak: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Confidence:
    """`unknown`: the inputs that were missing and so took nothing off."""

    score: float
    penalties: Penalties
    low: bool
    unknown: tuple[str, ...]


DEFAULTS = ConfidenceSettings()
FAR = 1.05
"""Calls struck above this much of spot are far out of the money."""


def confidence_inputs(
    table: StrikeTable, spot: float, outflow_streak: float | None = None
) -> ConfidenceInputs:
    """What one snapshot's strikes say; unpublished open interest counts as none. [contracts]"""
    calls, puts = np.nan_to_num(table.call_oi), np.nan_to_num(table.put_oi)
    open_calls, everything = float(calls.sum()), float((calls + puts).sum())
    traded = None if np.isnan(table.call_volume).all() else float(np.nansum(table.call_volume))
    return ConfidenceInputs(
        pcr=_share(float(puts.sum()), open_calls),
        otm_call_share=_share(float(calls[table.strike > FAR * spot].sum()), open_calls),
        call_turnover=_share(traded, open_calls),
        max_strike_share=_share(float((calls + puts).max(initial=0.0)), everything),
        outflow_streak=outflow_streak,
    )


def positioning_confidence(
    seen: ConfidenceInputs, settings: ConfidenceSettings = DEFAULTS
) -> Confidence:
    """100 minus the penalties, never below 0."""
    penalties = Penalties(
        low_pcr=settings.low_pcr.at(seen.pcr),
        otm_call_share=settings.otm_call_share.at(seen.otm_call_share),
        call_turnover=settings.call_turnover.at(seen.call_turnover),
        single_strike=settings.single_strike.at(seen.max_strike_share),
        outflow_streak=settings.outflow_streak.at(seen.outflow_streak),
    )
    taken: float = sum(astuple(penalties))
    score = min(100.0, max(0.0, 100.0 - taken))
    return Confidence(
        score=score,
        penalties=penalties,
        low=score < settings.low,
        unknown=tuple(each.name for each in fields(seen) if getattr(seen, each.name) is None),
    )


def _share(part: float | None, whole: float) -> float | None:
    return None if part is None or whole <= 0 else part / whole
