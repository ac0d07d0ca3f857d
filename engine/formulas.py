"""The Black-Scholes-Merton formulas, sharing what they have in common.

Inputs here are sane already (`engine.pricing` sees to it). Where total standard deviation is
zero the density is exactly 0 and probabilities are exactly 0, one half or 1, so that the formulas
give the deterministic limit by themselves.

Source:
    Haug, The Complete Guide to Option Pricing Formulas, 2nd ed., chapter 2, written with the
    cost of carry b; every formula is checked against 60-digit references and finite differences.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property

import numpy as np
from scipy.special import ndtr

from engine.domain import Bools, Floats

INV_SQRT_2PI = 0.3989422804014327
NO_SPREAD = 1e-30
"""Total standard deviations up to here are zero."""
_FAR = 1e3
"""Standard deviations at which the density is exactly 0 and a probability exactly 0 or 1."""


class Shared:
    """What the formulas of one call have in common, each computed once and only when needed."""

    def __init__(
        self,
        *,
        spot: Floats,
        strike: Floats,
        years: Floats,
        rate: Floats,
        carry: Floats,
        iv: Floats,
        is_call: Bools,
    ) -> None:
        self.spot = spot
        self.strike = strike
        self.years = years
        self.rate = rate
        self.carry = carry
        self.sign = 2.0 * is_call - 1.0
        root = np.sqrt(years)
        spread = iv * root
        self.spreads = spread > NO_SPREAD
        drift = log_ratio(spot, strike) + carry * years
        if self.spreads.all():
            self.root, self.iv, self.spread = root, iv, spread
            middle = drift / spread
        else:
            self.root, self.iv, self.spread = (self._or_one(each) for each in (root, iv, spread))
            middle = np.where(self.spreads, drift / self.spread, np.sign(drift) * _FAR)
        d1 = middle + 0.5 * spread
        self.d1 = np.clip(d1, -_FAR, _FAR)
        self.d2 = np.clip(d1 - spread, -_FAR, _FAR)

    def _or_one(self, values: Floats) -> Floats:
        """A divisor that does no harm where there is no spread: it then divides zeros."""
        return np.where(self.spreads, values, 1.0)

    @cached_property
    def income(self) -> Floats:
        """Cost of carry less the discount rate: minus the income yield. [fraction per year]"""
        return self.carry - self.rate

    @cached_property
    def asset(self) -> Floats:
        """Discount factor of the asset leg, exp((b - r) T)."""
        return np.exp(self.income * self.years)

    @cached_property
    def cash(self) -> Floats:
        """Strike, discounted. [quote]"""
        return self.strike * np.exp(-self.rate * self.years)

    @cached_property
    def density(self) -> Floats:
        """asset n(d1), 0 without any spread."""
        density = (INV_SQRT_2PI * self.asset) * np.exp(-0.5 * self.d1 * self.d1)
        return density if self.spreads.all() else np.where(self.spreads, density, 0.0)

    @cached_property
    def ends_above(self) -> Floats:
        """N(phi d1), taken from the option's own side, never as 1 - N."""
        return np.asarray(ndtr(self.sign * self.d1))

    @cached_property
    def exercised(self) -> Floats:
        """N(phi d2), the risk-neutral probability of exercise."""
        return np.asarray(ndtr(self.sign * self.d2))

    @cached_property
    def gamma(self) -> Floats:
        return self.density / (self.spot * self.spread)

    @cached_property
    def vega(self) -> Floats:
        return self.spot * self.density * self.root

    @cached_property
    def product(self) -> Floats:
        return self.d1 * self.d2

    @cached_property
    def twice(self) -> Floats:
        """2 T. [years]"""
        return 2 * self.root * self.root

    def until_settled(self, values: Floats) -> Floats:
        """`values`, and 0 where no time is left: nothing accrues any more."""
        running = self.years > 0
        return values if running.all() else np.where(running, values, 0.0)


def log_ratio(spot: Floats, strike: Floats) -> Floats:
    """ln(spot / strike), to full relative precision also where they nearly agree."""
    distance = spot - strike
    return np.copysign(np.log1p(np.abs(distance) / np.minimum(spot, strike)), distance)


def price(at: Shared) -> Floats:
    return at.sign * (at.spot * at.asset * at.ends_above - at.cash * at.exercised)


def delta(at: Shared) -> Floats:
    return at.sign * at.asset * at.ends_above


def gamma(at: Shared) -> Floats:
    return at.gamma


def vega(at: Shared) -> Floats:
    return at.vega


def theta(at: Shared) -> Floats:
    decay = at.spot * at.density * at.iv / (2 * at.root)
    on_asset = at.income * at.spot * at.asset * at.ends_above
    on_cash = at.rate * at.cash * at.exercised
    return at.until_settled(-decay - at.sign * (on_asset + on_cash))


def rho(at: Shared) -> Floats:
    return at.sign * at.years * at.cash * at.exercised


def rho76(at: Shared) -> Floats:
    return -at.years * price(at)


def vanna(at: Shared) -> Floats:
    return -at.density * at.d2 / at.iv


def charm(at: Shared) -> Floats:
    diffusion = at.density * (at.carry / at.spread - at.d2 / at.twice)
    return at.until_settled(-diffusion - at.sign * at.income * at.asset * at.ends_above)


def vomma(at: Shared) -> Floats:
    return at.vega * at.product / at.iv


def speed(at: Shared) -> Floats:
    return -at.gamma / at.spot * (1 + at.d1 / at.spread)


def zomma(at: Shared) -> Floats:
    return at.gamma * (at.product - 1) / at.iv


def color(at: Shared) -> Floats:
    drift = at.carry * at.d1 / at.spread - at.income
    return at.gamma * (drift + (1 - at.product) / at.twice)


def ultima(at: Shared) -> Floats:
    bracket = at.product * (1 - at.product) + at.d1 * at.d1 + at.d2 * at.d2
    return -at.vega / (at.iv * at.iv) * bracket


def veta(at: Shared) -> Floats:
    drift = at.income - at.carry * at.d1 / at.spread
    return -at.vega * (drift + (1 + at.product) / at.twice)


def dual_delta(at: Shared) -> Floats:
    return -at.sign * at.exercised * np.exp(-at.rate * at.years)


FORMULAS: Mapping[str, Callable[[Shared], Floats]] = {
    each.__name__: each
    for each in (
        price,
        delta,
        gamma,
        vega,
        theta,
        rho,
        rho76,
        vanna,
        charm,
        vomma,
        speed,
        zomma,
        color,
        ultima,
        veta,
        dual_delta,
    )
}
