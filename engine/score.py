"""Momentum score, 0..100: five parts of an F&O scan added up.

`momentum_score` holds every part to the weight its design gives it. `momentum_score_fno_monitor`
adds the same points as the design's code does, where unusual flow has no bound and technicals
reach 25: its weights are only written down.

What the parts mean is the design's: short build-up costs 10, long unwinding and selling by foreign
institutions cost nothing, and an RSI below 40 ADDS, as oversold.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple, dataclass, field
from types import MappingProxyType

from engine.flow.buildup import Buildup
from engine.flow.unusual import Urgency
from engine.unknown import below, or_nan

HIGHEST = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class MomentumSettings:
    """Points and their bounds."""

    oi_signal: Mapping[Buildup, float] = field(
        default_factory=lambda: MappingProxyType(
            {
                Buildup.LONG_BUILDUP: 25.0,
                Buildup.SHORT_COVERING: 15.0,
                Buildup.SHORT_BUILDUP: -10.0,
            }
        )
    )
    gex_per_point: float = 200_000.0
    """Negative GEX that earns one point: absolute money in the design, scale it to the asset."""
    urgency: Mapping[Urgency, float] = field(
        default_factory=lambda: MappingProxyType({Urgency.HIGH: 8.0, Urgency.MEDIUM: 4.0})
    )
    fii_per_point: float = 2_000.0
    """Bought net delta that earns one point. [contracts]"""
    oversold: float = 40.0
    """RSI strictly below it."""
    oversold_points: float = 10.0
    technical_points: float = 5.0
    """Each of MACD crossover, volume spike and breakout."""
    oi_weight: float = 25.0
    gex_weight: float = 20.0
    flow_weight: float = 20.0
    fii_weight: float = 15.0
    technical_weight: float = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class MomentumInputs:
    """What a scan of one symbol found; None = not known, which earns nothing.

    Attributes:
        gex: Net GEX. [quote per 1 %]
        urgencies: Of each unusual activity, None where it carries none.
        fii_net_delta_change: Foreign institutions' net change of index futures. [contracts]
        rsi_14: 0..100.
    """

    oi_signal: Buildup
    gex: float | None
    urgencies: tuple[Urgency | None, ...]
    fii_net_delta_change: float | None
    rsi_14: float | None
    macd_crossover: bool | None
    volume_spike: bool | None
    breakout: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Points per part."""

    oi_signal: float
    gex_regime: float
    unusual_flow: float
    fii_positioning: float
    technicals: float


@dataclass(frozen=True, slots=True)
class Score:
    """`value` is the sum of the parts, held to 0..100."""

    value: float
    parts: Parts


DEFAULTS = MomentumSettings()


def momentum_score(found: MomentumInputs, settings: MomentumSettings = DEFAULTS) -> Score:
    """Every part held to its weight."""
    raw = _parts(found, settings)
    parts = Parts(
        oi_signal=min(settings.oi_weight, raw.oi_signal),
        gex_regime=raw.gex_regime,
        unusual_flow=min(settings.flow_weight, raw.unusual_flow),
        fii_positioning=raw.fii_positioning,
        technicals=min(settings.technical_weight, raw.technicals),
    )
    return _score(parts)


def momentum_score_fno_monitor(
    found: MomentumInputs, settings: MomentumSettings = DEFAULTS
) -> Score:
    """As the design's code adds up: flow and technicals without a bound."""
    return _score(_parts(found, settings))


def _parts(found: MomentumInputs, settings: MomentumSettings) -> Parts:
    gex, bought = or_nan(found.gex), or_nan(found.fii_net_delta_change)
    return Parts(
        oi_signal=settings.oi_signal.get(found.oi_signal, 0.0),
        gex_regime=min(settings.gex_weight, -gex / settings.gex_per_point) if gex < 0 else 0.0,
        unusual_flow=sum(settings.urgency.get(each, 0.0) for each in found.urgencies if each),
        fii_positioning=(
            min(settings.fii_weight, bought / settings.fii_per_point) if bought > 0 else 0.0
        ),
        technicals=_technicals(found, settings),
    )


def _technicals(found: MomentumInputs, settings: MomentumSettings) -> float:
    oversold = below(found.rsi_14, settings.oversold)
    seen = (found.macd_crossover, found.volume_spike, found.breakout)
    return settings.oversold_points * oversold + settings.technical_points * sum(map(bool, seen))


def _score(parts: Parts) -> Score:
    total: float = sum(astuple(parts))
    return Score(min(HIGHEST, max(0.0, total)), parts)
