"""The pipeline in one function: Chain -> Snapshot."""

from __future__ import annotations

from engine.domain import Chain, Contracts, Flip, Floats, Profile, Snapshot
from engine.expiries import by_expiry
from engine.flags import flags
from engine.held import Held, hold
from engine.levels.summary import levels
from engine.metrics import METRICS
from engine.positions import Weight
from engine.profile import gamma_flips
from engine.regime import regime
from engine.settings import EngineSettings
from engine.terms import Rates
from engine.valuation import Valuation
from engine.window import ALL, Window

LEFT_OUT = ("expired", "no_vol", "adjusted", "duplicate", "invalid")
"""Every reason why a listed contract is in no sum."""


def analyse(
    chain: Chain,
    settings: EngineSettings,
    *,
    convention: str | None = None,
    rates: Rates | None = None,
    window: Window = ALL,
    book: Floats | None = None,
    weight: Weight = "oi",
) -> Snapshot:
    """Everything about one chain; what cannot be known is None with a reason, never an error.

    Args:
        convention: Name of `engine.positions`; the settings' one by default.
        rates: By hand; the venue's rate or the settings' one, and parity forwards, by default.
        window: Which expiries it is about.
        book: Dealers' contracts signed from trades, a value per contract of `chain`, + = long.
        weight: What the convention signs: open interest, or the volume traded.

    Raises:
        BadInput: an unknown convention or weight, or `book` without a book, or with a volume.
    """
    held = hold(
        chain,
        settings,
        convention=convention,
        rates=rates,
        window=window,
        book=book,
        weight=weight,
    )
    return concluded(held, held.value(), settings)


def concluded(held: Held, valuation: Valuation, settings: EngineSettings) -> Snapshot:
    """Everything that follows from a valuation of what is held."""
    chain, sign = valuation.chain, held.sign
    flips, primary, profile = profiled(valuation, settings)
    found = levels(valuation, settings, flips, primary, empty=held.empty)
    return Snapshot(
        asset=chain.asset,
        venues=(chain.venue,),
        market=chain.market,
        asof=chain.asof,
        spot=chain.spot,
        currency=chain.currency,
        convention=sign.name,
        window=held.window.label,
        regime=regime(valuation.exposures, settings.neutral_band),
        contracts=_contracts(valuation),
        exposures=valuation.exposures,
        levels=found,
        by_strike=valuation.by_strike,
        by_expiry=by_expiry(valuation),
        profile=profile,
        metrics={each.name: each.compute(valuation, settings) for each in METRICS},
        flags=flags(valuation, settings, sign, found, held.position, held.weight),
    )


def profiled(
    valuation: Valuation, settings: EngineSettings
) -> tuple[tuple[Flip, ...], float | None, Profile]:
    """Roots of the dealers' gamma profile, the one nearest to spot, and the profile itself."""
    priced = valuation.priced
    return gamma_flips(
        priced.spot,
        priced.strike,
        priced.years,
        priced.iv,
        priced.rate,
        priced.carry,
        valuation.book.units,
        low=settings.profile_low,
        high=settings.profile_high,
    )


def _contracts(valuation: Valuation) -> Contracts:
    chain, used = valuation.chain, len(valuation.priced)
    left_out = {**dict.fromkeys(LEFT_OUT, 0), **chain.left_out, "no_vol": len(chain) - used}
    return Contracts(listed=chain.listed, used=used, left_out=left_out)
