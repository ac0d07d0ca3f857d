"""What pricing a chain needs beside the chain: time, discount rate, forwards, volatilities.

Forward of a settlement, the first there is: the venue's own; spot carried at rates given by
hand; put-call parity; spot carried at the discount rate alone, which is said.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from engine.domain import SECONDS_PER_YEAR, Bools, Chain, Floats, Texts
from engine.forward import forwards
from engine.settings import EngineSettings
from engine.volatility import contract_vols, no_vol


@dataclass(frozen=True, slots=True)
class Rates:
    """Given by hand, continuously compounded: parity forwards are then off. [fraction per year]"""

    rate: float
    dividend: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Terms:
    """Arrays of shape (n,), a row per contract of the chain.

    Attributes:
        years: Time to settlement, not below the settings' floor. [years]
        rate: Discount rate. [fraction per year]
        rate_known: False when none is configured for the currency and 0 stands in.
        forward: Forward of the contract's settlement, spot exp(carry years). [quote]
        carry: Cost of carry. [fraction per year]
        quoted: True where `forward` is the venue's own.
        guessed: True where nothing said the income yield, so that 0 stands in.
        iv: Volatility, NaN = none. [fraction per sqrt(year)]
        no_vol: Why a contract has none, "" where it has one.
        delta, gamma: The venue's, where they are used; NaN = to be computed.
    """

    years: Floats
    rate: float
    rate_known: bool
    forward: Floats
    carry: Floats
    quoted: Bools
    guessed: Bools
    iv: Floats
    no_vol: Texts
    delta: Floats
    gamma: Floats

    @property
    def given(self) -> Bools:
        """Contracts of which a greek is the venue's, shape (n,)."""
        return np.isfinite(self.delta) | np.isfinite(self.gamma)

    @property
    def modelled(self) -> Terms:
        """Every greek to be computed."""
        nothing = np.full_like(self.years, np.nan)
        return replace(self, delta=nothing, gamma=nothing)


def terms(chain: Chain, settings: EngineSettings, rates: Rates | None = None) -> Terms:
    """The terms of every contract. A floor on time keeps the sums finite at the last second."""
    years = np.maximum(chain.years, settings.min_seconds / SECONDS_PER_YEAR)
    rate, rate_known = _rate(chain, settings, rates)
    quoted = np.isfinite(chain.forward) & (chain.forward > 0)
    if rates is None:
        found, income = forwards(chain, rate), 0.0
        observed, missing = found.forward, found.guessed
    else:
        observed, missing, income = chain.forward, ~quoted, rates.dividend
    ratio = np.where(missing, 1.0, observed) / chain.spot
    carry = np.where(missing, rate - income, np.log(ratio) / years)
    iv = contract_vols(chain, years, rate, carry, settings)
    return Terms(
        years=years,
        rate=rate,
        rate_known=rate_known,
        forward=np.where(missing, chain.spot * np.exp(carry * years), observed),
        carry=carry,
        quoted=quoted,
        guessed=missing if rates is None else np.zeros_like(missing),
        iv=iv,
        no_vol=no_vol(chain, iv, years, rate, carry),
        delta=np.where(settings.use_venue_greeks, chain.delta, np.nan),
        gamma=np.where(settings.use_venue_greeks & (chain.gamma >= 0), chain.gamma, np.nan),
    )


def _rate(chain: Chain, settings: EngineSettings, rates: Rates | None) -> tuple[float, bool]:
    if rates is not None:
        return rates.rate, True
    if chain.rate is not None:
        return chain.rate, True
    configured = settings.rates.get(chain.currency)
    return (0.0, False) if configured is None else (configured, True)
