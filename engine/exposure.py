"""Greeks x positions -> dealer exposures by contract, strike and in total.

Every exposure is position x multiplier x greek of a long option; units in docs/words.md.
Greeks are taken to spot. What stands still while time passes (charm, theta): the forward where
the venue quotes one (Black-76), else spot (Merton).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from engine.domain import Bools, Chain, Exposures, Floats, Ints, StrikeTable
from engine.pricing import bsm_greeks
from engine.terms import Terms

WHICH = ("delta", "gamma", "vega", "theta", "vanna", "charm", "vomma", "speed", "zomma")

_BY_SPOT = {
    "delta": 1, "gamma": 2, "vega": 0, "theta": 0, "vanna": 1,
    "charm": 1, "vomma": 0, "speed": 3, "zomma": 2,
}  # fmt: skip
"""How often each is a derivative by the underlying."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Priced:
    """The contracts that have a volatility, and their greeks to spot; arrays of shape (m,).

    Attributes:
        rows: Where each contract stands in the chain.
        carry: Cost of carry, forward = spot exp(carry years). [fraction per year]
        oi: Open interest, 0 where it is not published. [contracts]
        delta, gamma, ...: Raw greeks of one unit, long: per 1.00 vol and per year.
    """

    spot: float
    rate: float
    rows: Ints
    strike: Floats
    years: Floats
    iv: Floats
    carry: Floats
    is_call: Bools
    multiplier: Floats
    oi: Floats
    delta: Floats
    gamma: Floats
    vega: Floats
    theta: Floats
    vanna: Floats
    charm: Floats
    vomma: Floats
    speed: Floats
    zomma: Floats

    def __len__(self) -> int:
        return int(self.rows.size)

    @property
    def gamma_1pct(self) -> Floats:
        """Delta a holder of one contract gains per 1 % move, shape (m,). [quote]"""
        return self.multiplier * self.gamma * self.spot**2 * 0.01

    @property
    def open_gamma(self) -> Floats:
        """Gamma of all open interest, whoever holds it, shape (m,). [quote per 1 %]"""
        return self.oi * self.gamma_1pct


def price(chain: Chain, terms: Terms) -> Priced:
    """Greeks of every contract of `chain` that has a volatility; the venue's where `terms` say."""
    rows = np.flatnonzero(np.isfinite(terms.iv))
    strike, is_call, iv = chain.strike[rows], chain.is_call[rows], terms.iv[rows]
    years, carry = terms.years[rows], terms.carry[rows]
    return Priced(
        spot=chain.spot,
        rate=terms.rate,
        rows=rows,
        strike=strike,
        years=years,
        iv=iv,
        carry=carry,
        is_call=is_call,
        multiplier=known(chain.multiplier[rows]),
        oi=known(chain.oi[rows]),
        **or_given(
            greeks_to_spot(
                spot=chain.spot,
                strike=strike,
                years=years,
                rate=terms.rate,
                forward=terms.forward[rows],
                carry=carry,
                quoted=terms.quoted[rows],
                iv=iv,
                is_call=is_call,
            ),
            delta=terms.delta[rows],
            gamma=terms.gamma[rows],
        ),
    )


def or_given(greeks: Mapping[str, Floats], **given: Floats) -> dict[str, Floats]:
    """`greeks` with those of another source in their place where it gives any, shape (m,)."""
    return {
        **greeks,
        **{name: np.where(np.isfinite(each), each, greeks[name]) for name, each in given.items()},
    }


def greeks_to_spot(
    *,
    spot: float | Floats,
    strike: Floats,
    years: Floats,
    rate: float | Floats,
    forward: Floats,
    carry: Floats,
    quoted: Bools,
    iv: Floats,
    is_call: Bools,
) -> dict[str, Floats]:
    """The greeks of `WHICH`, raw, to spot, shape (m,); `spot` and `rate` may be per contract.

    Where the forward is `quoted` it stands still while time passes, elsewhere spot does.
    """
    frame = np.where(quoted, forward / spot, 1.0)
    greeks = bsm_greeks(
        spot * frame,
        strike,
        years,
        rate,
        np.where(quoted, 0.0, carry),
        iv,
        is_call,
        which=WHICH,
    ).as_dict()
    return {name: greeks[name] * frame ** _BY_SPOT[name] for name in WHICH}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Dealt:
    """What the dealers hold, and their exposure contract by contract; arrays of shape (m,).

    Attributes:
        units: Position x multiplier, + = long, 0 where the position is not known.
        gex: [quote per 1 %]
        dex: [quote]
        vex: [quote per vol point]
        cex: [quote per day]
    """

    units: Floats
    gex: Floats
    dex: Floats
    vex: Floats
    cex: Floats


def dealt(priced: Priced, position: Floats) -> Dealt:
    """`position` is the whole chain's, shape (n,). [contracts, + = long]"""
    held = known(position[priced.rows])
    units = held * priced.multiplier
    return Dealt(
        units=units,
        gex=held * priced.gamma_1pct,
        dex=units * priced.delta * priced.spot,
        vex=units * priced.vanna * priced.spot * 0.01,
        cex=units * priced.charm * priced.spot / 365,
    )


def totals(priced: Priced, book: Dealt) -> Exposures:
    """The dealers' sums over all contracts that have a volatility."""
    units = book.units
    held = {name: _dot(units, getattr(priced, name)) for name in WHICH}
    return in_units(
        priced.spot,
        held,
        gross=float(np.abs(book.gex).sum()),
        vanna_iv=_dot(units, priced.vanna * priced.iv),
    )


def in_units(spot: float, held: Mapping[str, float], *, gross: float, vanna_iv: float) -> Exposures:
    """Sums of units x raw greek, by the names of `WHICH`, in the units that are published.

    Args:
        gross: Sum of the sizes of each contract's GEX. [quote per 1 %]
        vanna_iv: Sum of units x vanna x volatility.
    """
    gamma, vanna, charm = held["gamma"], held["vanna"], held["charm"]
    return Exposures(
        gex_usd_per_1pct=gamma * spot**2 * 0.01,
        gex_gross_usd_per_1pct=gross,
        gex_usd_per_1usd=gamma * spot,
        gex_units_per_1usd=gamma,
        gex_usd_s2=gamma * spot**2,
        dex_usd=held["delta"] * spot,
        dex_units=held["delta"],
        vex_usd_per_volpt=vanna * spot * 0.01,
        vex_units_per_volpt=vanna * 0.01,
        vex_fno_monitor=vanna_iv * spot,
        cex_usd_per_day=charm * spot / 365,
        cex_units_per_day=charm / 365,
        cex_fno_monitor_units_per_year=charm,
        vega_usd_per_volpt=held["vega"] * 0.01,
        theta_usd_per_day=held["theta"] / 365,
        vomma_usd_per_volpt2=held["vomma"] * 1e-4,
        speed_usd_per_1pct2=held["speed"] * spot**3 * 1e-4,
        zomma_usd_per_1pct_per_volpt=held["zomma"] * spot**2 * 1e-4,
    )


def known(values: Floats) -> Floats:
    """0 for what is not known: it contributes nothing."""
    return np.where(np.isfinite(values), values, 0.0)


def _dot(left: Floats, right: Floats) -> float:
    return float((left * right).sum())


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """The contracts of a chain in `count` groups; `of` is the group of each, shape (n,)."""

    of: Ints
    count: int

    def sums(self, values: Floats, rows: Ints | Bools) -> Floats:
        """Sums per group, shape (count,), of `values` that belong to `rows` of the chain."""
        sums = np.bincount(self.of[rows], weights=values, minlength=self.count)
        return np.asarray(sums, dtype=np.float64)

    def published(self, values: Floats, side: Bools) -> Floats:
        """Sums per group of one side; NaN where it is listed and nothing of it is published."""
        there = side & np.isfinite(values)
        listed = np.bincount(self.of[side], minlength=self.count)
        answered = np.bincount(self.of[there], minlength=self.count)
        sums = self.sums(values[there], there)
        return np.where((listed > 0) & (answered == 0), np.nan, sums)


def strikes(chain: Chain) -> tuple[Floats, Groups]:
    """The listed strikes, ascending, shape (k,), and the contracts by strike."""
    strike, of = np.unique(chain.strike, return_inverse=True)
    return strike, Groups(of, strike.size)


def strike_table(
    chain: Chain, priced: Priced, book: Dealt, strike: Floats, grid: Groups
) -> StrikeTable:
    """Sums of every listed strike, those without any volatility included (for their OI)."""
    calls, rows = priced.is_call, priced.rows
    call_gex = grid.sums(book.gex[calls], rows[calls])
    put_gex = grid.sums(book.gex[~calls], rows[~calls])
    return StrikeTable(
        strike=strike,
        call_gex=call_gex,
        put_gex=put_gex,
        net_gex=call_gex + put_gex,
        gross_gex=grid.sums(np.abs(book.gex), rows),
        call_oi=grid.published(chain.oi, chain.is_call),
        put_oi=grid.published(chain.oi, ~chain.is_call),
        call_volume=grid.published(chain.volume, chain.is_call),
        put_volume=grid.published(chain.volume, ~chain.is_call),
        net_dex=grid.sums(book.dex, rows),
        net_vex=grid.sums(book.vex, rows),
        net_cex=grid.sums(book.cex, rows),
    )


def hedge_flows(exposures: Exposures, spot: float) -> dict[str, float]:
    """What hedging the dealers' book takes; + = dealers BUY. [units of the underlying]

    Hedging sells what the option delta gains: minus the change of delta, nothing else.
    """
    gamma = exposures.gex_units_per_1usd * spot / 100
    charm, vanna = exposures.cex_units_per_day, exposures.vex_units_per_volpt
    return {
        "charm_overnight": 0.0 - charm,
        "vanna_crush_5pt": 5 * vanna,
        "vanna_spike_5pt": 0.0 - 5 * vanna,
        "overnight_combined": 0.5 * vanna - charm,
        "gamma_up_1pct": 0.0 - gamma,
        "gamma_down_1pct": gamma,
    }
