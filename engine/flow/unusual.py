"""Unusual options activity: volume and new open interest that stand out, ratios, short gamma.

`unusual_activity` looks at both sides; `unusual_activity_fno_monitor` is the design it comes from,
as that states it: calls only, no least volume, and an average that may be negative (then any
change beats three times it).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from engine.domain import Bools, Floats
from engine.unknown import above, below, or_nan


class Urgency(StrEnum):
    LOW = "LOW"
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"


class Unusual(StrEnum):
    CALL_VOLUME = "UNUSUAL_CALL_VOLUME"
    PUT_VOLUME = "UNUSUAL_PUT_VOLUME"
    CALL_ACCUMULATION = "OTM_CALL_ACCUMULATION"
    PUT_ACCUMULATION = "OTM_PUT_ACCUMULATION"
    PCR_HIGH = "PCR_EXTREME_HIGH"
    PCR_LOW = "PCR_EXTREME_LOW"
    NEGATIVE_GAMMA = "NEGATIVE_GAMMA_ZONE"


class Bias(StrEnum):
    BULLISH = "CONTRARIAN_BULLISH"
    BEARISH = "CONTRARIAN_BEARISH"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnusualSettings:
    """Every threshold is strict; a value on it is not unusual."""

    turnover: float = 0.5
    """Volume of one strike, of its open interest (of 1 where there is none)."""
    least_volume: float = 100.0
    """Not under `fno_monitor`: below, a ratio says nothing. At least this much. [contracts]"""
    otm: float = 0.05
    """How far out of the money accumulation begins, of the strike nearest to spot."""
    accumulation: float = 3.0
    """Times the average change of open interest."""
    pcr_high: float = 1.6
    pcr_low: float = 0.5
    gex_zone: float = -50_000_000.0
    """The design's absolute money, [quote per 1 %]: scale it to the asset before using it."""


@dataclass(frozen=True, slots=True, eq=False)
class SideFlow:
    """Calls or puts by strike; arrays of shape (k,), NaN = not known. [contracts]

    Attributes:
        average: Average change of open interest to compare `oi_change` with, None = not known.
    """

    oi: Floats
    volume: Floats
    oi_change: Floats
    average: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """One thing that stood out, and the number that made it stand out; the others are None."""

    kind: Unusual
    strike: float | None = None
    ratio: float | None = None
    """Volume over open interest."""
    pcr: float | None = None
    gex: float | None = None
    urgency: Urgency | None = None
    bias: Bias | None = None


DEFAULTS = UnusualSettings()


def unusual_activity(
    strike: Floats,
    spot: float,
    calls: SideFlow,
    puts: SideFlow,
    *,
    pcr: float | None,
    gex: float | None,
    settings: UnusualSettings = DEFAULTS,
) -> tuple[Activity, ...]:
    """Calls, puts mirrored, then the put/call ratio and the gamma zone; unknowns stay silent.

    Volume needs `least_volume` and growing open interest. Accumulation lies out of the money and
    needs a positive average: a multiple of a negative one is no yardstick.

    Args:
        strike: Listed strikes, shape (k,); entries come in this order. [quote]
        spot: [quote]
        pcr: Puts / calls by open interest.
        gex: Net GEX. [quote per 1 %]
    """
    middle = _nearest(strike, spot)
    far_calls = strike > (1 + settings.otm) * middle
    far_puts = strike < (1 - settings.otm) * middle
    return (
        *_both(strike, calls, far_calls, Unusual.CALL_VOLUME, Unusual.CALL_ACCUMULATION, settings),
        *_both(strike, puts, far_puts, Unusual.PUT_VOLUME, Unusual.PUT_ACCUMULATION, settings),
        *_market(pcr, gex, settings),
    )


def unusual_activity_fno_monitor(
    strike: Floats,
    spot: float,
    calls: SideFlow,
    *,
    pcr: float | None,
    gex: float | None,
    settings: UnusualSettings = DEFAULTS,
) -> tuple[Activity, ...]:
    """The design's own list. Arguments as of `unusual_activity`."""
    far = strike > (1 + settings.otm) * _nearest(strike, spot)
    ratio = calls.volume / np.maximum(calls.oi, 1.0)
    heavy = (ratio > settings.turnover) & (calls.oi_change > 0)
    grown = far & (calls.oi_change > settings.accumulation * or_nan(calls.average))
    return (
        *_volumes(strike, ratio, heavy, Unusual.CALL_VOLUME, None),
        *_accumulations(strike, grown, Unusual.CALL_ACCUMULATION),
        *_market(pcr, gex, settings),
    )


def pcr_extreme(pcr: float | None, settings: UnusualSettings = DEFAULTS) -> Unusual | None:
    """PCR_HIGH, PCR_LOW, or None between the two and when the ratio is not known.

    >>> pcr_extreme(1.7).value, pcr_extreme(1.6), pcr_extreme(None)
    ('PCR_EXTREME_HIGH', None, None)
    """
    if above(pcr, settings.pcr_high):
        return Unusual.PCR_HIGH
    return Unusual.PCR_LOW if below(pcr, settings.pcr_low) else None


def _nearest(strike: Floats, spot: float) -> float:
    """Listed strike closest to spot, the lower one of two; NaN without any."""
    if not strike.size:
        return np.nan
    away = np.abs(strike - spot)
    return float(strike[away == away.min()].min())


def _both(
    strike: Floats,
    side: SideFlow,
    far: Bools,
    volume: Unusual,
    accumulation: Unusual,
    settings: UnusualSettings,
) -> Iterator[Activity]:
    average = or_nan(side.average)
    ratio = side.volume / np.maximum(side.oi, 1.0)
    grows = side.oi_change > 0
    heavy = grows & (ratio > settings.turnover) & (side.volume >= settings.least_volume)
    grown = grows & far & (average > 0) & (side.oi_change > settings.accumulation * average)
    yield from _volumes(strike, ratio, heavy, volume, Urgency.MEDIUM)
    yield from _accumulations(strike, grown, accumulation)


def _volumes(
    strike: Floats, ratio: Floats, where: Bools, kind: Unusual, urgency: Urgency | None
) -> Iterator[Activity]:
    for each, turned in zip(strike[where].tolist(), ratio[where].tolist(), strict=True):
        yield Activity(kind=kind, strike=each, ratio=turned, urgency=urgency)


def _accumulations(strike: Floats, where: Bools, kind: Unusual) -> Iterator[Activity]:
    for each in strike[where].tolist():
        yield Activity(kind=kind, strike=each, urgency=Urgency.HIGH)


def _market(pcr: float | None, gex: float | None, settings: UnusualSettings) -> Iterator[Activity]:
    extreme = pcr_extreme(pcr, settings)
    if extreme is not None:
        bias = Bias.BULLISH if extreme is Unusual.PCR_HIGH else Bias.BEARISH
        yield Activity(kind=extreme, pcr=pcr, bias=bias)
    if below(gex, settings.gex_zone):
        yield Activity(kind=Unusual.NEGATIVE_GAMMA, gex=gex)
