"""The pipeline in one function: Chain -> Snapshot."""

from __future__ import annotations

import numpy as np

from engine.domain import Chain, Contracts, Flip, Floats, Profile, Snapshot
from engine.expiries import by_expiry
from engine.flags import flags
from engine.levels.summary import levels
from engine.metrics import METRICS
from engine.positions import convention as named
from engine.positions import signed
from engine.profile import gamma_flips
from engine.regime import regime
from engine.settings import EngineSettings
from engine.terms import Rates, terms
from engine.valuation import Valuation, value
from engine.window import ALL, Window, within

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
) -> Snapshot:
    """Everything about one chain; what cannot be known is None with a reason, never an error.

    Args:
        convention: Name of `engine.positions`; the settings' one by default.
        rates: By hand; the venue's rate or the settings' one, and parity forwards, by default.
        window: Which expiries it is about.
        book: Dealers' contracts signed from trades, a value per contract of `chain`, + = long.

    Raises:
        BadInput: an unknown convention, or `book` without a book.
    """
    sign = named(convention or settings.convention, settings.conventions, has_book=book is not None)
    position = signed(chain.oi, chain.is_call, sign, book)
    inside = within(chain, window)
    position = position[np.isin(chain.settlement, inside.settlement)]
    valuation = value(inside, terms(inside, settings, rates), position)
    flips, primary, profile = profiled(valuation, settings)
    found = levels(valuation, settings, flips, primary, empty=_nothing(chain))
    return Snapshot(
        asset=chain.asset,
        venues=(chain.venue,),
        market=chain.market,
        asof=chain.asof,
        spot=chain.spot,
        currency=chain.currency,
        convention=sign.name,
        window=window.label,
        regime=regime(valuation.exposures, settings.neutral_band),
        contracts=_contracts(valuation),
        exposures=valuation.exposures,
        levels=found,
        by_strike=valuation.by_strike,
        by_expiry=by_expiry(valuation),
        profile=profile,
        metrics={each.name: each.compute(valuation, settings) for each in METRICS},
        flags=flags(valuation, settings, sign, found, position),
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


def _nothing(chain: Chain) -> str:
    return "no expiry in this window" if len(chain) else "no live contract is listed"
