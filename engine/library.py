"""The signal library of the F&O scan: eleven rules on one symbol's numbers.

What a rule needs and does not know keeps it silent. GAMMA_FLIP here is one way only, from positive
to not positive; the service's own `gamma_flip` is a change of regime either way, with hysteresis.
Flows are the dealers' hedging, + = they buy.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from engine.unknown import above, at_least, at_most, below, or_nan


class LibrarySignal(StrEnum):
    LONG_BUILDUP = "LONG_BUILDUP"
    SHORT_SQUEEZE_SETUP = "SHORT_SQUEEZE_SETUP"
    GAMMA_FLIP = "GAMMA_FLIP"
    OTM_ACCUMULATION = "OTM_ACCUMULATION"
    CHARM_BLEED_BULL = "CHARM_BLEED_BULL"
    VANNA_FUEL_BULL = "VANNA_FUEL_BULL"
    MAX_PAIN_MAGNET = "MAX_PAIN_MAGNET"
    FII_NET_LONG_SURGE = "FII_NET_LONG_SURGE"
    PCR_REVERSAL_BUY = "PCR_REVERSAL_BUY"
    PCR_REVERSAL_SELL = "PCR_REVERSAL_SELL"
    IV_CRUSH_SETUP = "IV_CRUSH_SETUP"
    DELTA_HEDGING_PRESSURE = "DELTA_HEDGING_PRESSURE"


@dataclass(frozen=True, slots=True, kw_only=True)
class LibrarySettings:
    """Strict, except the squeeze's percentile, the days and the z-score, which count when met."""

    short_oi_percentile: float = 80.0
    rel_volume: float = 2.0
    accumulation: float = 3.0
    """Times the average."""
    accumulation_minutes: float = 30.0
    bleed_dte: float = 1.0
    magnet_distance: float = 0.05
    """Of max pain."""
    magnet_dte: float = 5.0
    fii_surge: float = 10_000.0
    pcr_buy: float = 1.5
    pcr_sell: float = 0.6
    crush_rank: float = 80.0
    crush_days: float = 1.0
    dex_zscore: float = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryInputs:
    """None = not known.

    Attributes:
        price_chg, oi_chg, fut_oi_chg: Of the option chain and of the future.
        short_oi_percentile: Of short open interest in its own past. [0..100]
        rel_volume: Volume over its average.
        gex_prev, gex: Net GEX before and now. [quote per 1 %]
        otm_call_oi_added: Over the last `minutes`. [contracts]
        charm_flow, vanna_crush_flow: Dealers' hedging, + = they buy. [units]
        dte_days: Days to the nearest expiry.
        event_days: Days to the next known event, negative = over.
        dex_zscore: DEX in its own past. [standard deviations]
    """

    price_chg: float | None = None
    oi_chg: float | None = None
    fut_oi_chg: float | None = None
    short_oi_percentile: float | None = None
    spot: float | None = None
    resistance: float | None = None
    rel_volume: float | None = None
    gex_prev: float | None = None
    gex: float | None = None
    otm_call_oi_added: float | None = None
    otm_call_oi_avg: float | None = None
    minutes: float | None = None
    charm_flow: float | None = None
    dte_days: float | None = None
    put_oi_chg: float | None = None
    vanna_crush_flow: float | None = None
    iv_drop_expected: bool | None = None
    max_pain: float | None = None
    fii_net_long_chg: float | None = None
    pcr_prev: float | None = None
    pcr: float | None = None
    iv_rank: float | None = None
    event_days: float | None = None
    dex_zscore: float | None = None


DEFAULTS = LibrarySettings()


def signal_library(
    seen: LibraryInputs, settings: LibrarySettings = DEFAULTS
) -> tuple[LibrarySignal, ...]:
    """The signals that fire, in the library's order."""
    return tuple(signal for signal, fires in RULES.items() if fires(seen, settings))


def _long_buildup(seen: LibraryInputs, _: LibrarySettings) -> bool:
    return above(seen.price_chg, 0) and above(seen.oi_chg, 0) and above(seen.fut_oi_chg, 0)


def _short_squeeze_setup(seen: LibraryInputs, limits: LibrarySettings) -> bool:
    """Many shorts, and price above what they lean on."""
    return (
        at_least(seen.short_oi_percentile, limits.short_oi_percentile)
        and above(seen.spot, seen.resistance)
        and above(seen.rel_volume, limits.rel_volume)
    )


def _gamma_flip(seen: LibraryInputs, _: LibrarySettings) -> bool:
    return above(seen.gex_prev, 0) and at_most(seen.gex, 0)


def _otm_accumulation(seen: LibraryInputs, limits: LibrarySettings) -> bool:
    average = or_nan(seen.otm_call_oi_avg)
    return (
        average > 0
        and above(seen.otm_call_oi_added, limits.accumulation * average)
        and below(seen.minutes, limits.accumulation_minutes)
    )


def _charm_bleed_bull(seen: LibraryInputs, limits: LibrarySettings) -> bool:
    """Time alone makes dealers buy, and puts are leaving."""
    return (
        above(seen.charm_flow, 0)
        and at_most(seen.dte_days, limits.bleed_dte)
        and below(seen.put_oi_chg, 0)
    )


def _vanna_fuel_bull(seen: LibraryInputs, _: LibrarySettings) -> bool:
    """A fall of volatility makes dealers buy, and one is expected."""
    return above(seen.vanna_crush_flow, 0) and seen.iv_drop_expected is True


def _max_pain_magnet(seen: LibraryInputs, limits: LibrarySettings) -> bool:
    """Spot is far from max pain and the expiry is near."""
    pain = or_nan(seen.max_pain)
    far = pain > 0 and abs(or_nan(seen.spot) - pain) / pain > limits.magnet_distance
    return far and at_most(seen.dte_days, limits.magnet_dte)


def _fii_net_long_surge(seen: LibraryInputs, limits: LibrarySettings) -> bool:
    return above(seen.fii_net_long_chg, limits.fii_surge)


def _pcr_reversal_buy(seen: LibraryInputs, limits: LibrarySettings) -> bool:
    """A crossing upwards; being above is not enough."""
    return at_most(seen.pcr_prev, limits.pcr_buy) and above(seen.pcr, limits.pcr_buy)


def _pcr_reversal_sell(seen: LibraryInputs, limits: LibrarySettings) -> bool:
    return at_least(seen.pcr_prev, limits.pcr_sell) and below(seen.pcr, limits.pcr_sell)


def _iv_crush_setup(seen: LibraryInputs, limits: LibrarySettings) -> bool:
    return above(seen.iv_rank, limits.crush_rank) and (
        0 <= or_nan(seen.event_days) <= limits.crush_days
    )


def _delta_hedging_pressure(seen: LibraryInputs, limits: LibrarySettings) -> bool:
    return abs(or_nan(seen.dex_zscore)) >= limits.dex_zscore


RULES: Mapping[LibrarySignal, Callable[[LibraryInputs, LibrarySettings], bool]] = {
    LibrarySignal.LONG_BUILDUP: _long_buildup,
    LibrarySignal.SHORT_SQUEEZE_SETUP: _short_squeeze_setup,
    LibrarySignal.GAMMA_FLIP: _gamma_flip,
    LibrarySignal.OTM_ACCUMULATION: _otm_accumulation,
    LibrarySignal.CHARM_BLEED_BULL: _charm_bleed_bull,
    LibrarySignal.VANNA_FUEL_BULL: _vanna_fuel_bull,
    LibrarySignal.MAX_PAIN_MAGNET: _max_pain_magnet,
    LibrarySignal.FII_NET_LONG_SURGE: _fii_net_long_surge,
    LibrarySignal.PCR_REVERSAL_BUY: _pcr_reversal_buy,
    LibrarySignal.PCR_REVERSAL_SELL: _pcr_reversal_sell,
    LibrarySignal.IV_CRUSH_SETUP: _iv_crush_setup,
    LibrarySignal.DELTA_HEDGING_PRESSURE: _delta_hedging_pressure,
}
