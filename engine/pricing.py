"""Generalised Black-Scholes-Merton: price and greeks to third order, vectorised.

Raw units throughout: of one unit, held long, per 1.00 of volatility and per year; derivatives by
calendar time are d/dt = -d/dT. `to_display_units` turns them into what people quote.

What is held fixed matters for theta, charm and color: `bsm_greeks` holds spot, `black76_greeks`
the forward. Use one of them for delta and charm together.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from math import prod
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.domain import Bools, Floats
from engine.formulas import FORMULAS, Shared

Scalar = TypeVar("Scalar", bound=np.generic)

_CHUNK = 4096
"""Contracts at a time, so that what they share stays in the processor's cache."""
_NUMBERS = ("spot", "strike", "years", "rate", "carry", "iv")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Greeks:
    """Arrays of one shape; None where a greek was not asked for.

    Attributes:
        price: [quote]
        delta: By spot. []
        gamma: delta by spot. [1/quote]
        vega: By volatility. [quote per 1.00]
        theta: By calendar time. [quote per year]
        rho: By the discount rate, income yield fixed. [quote per 1.00]
        rho76: By the discount rate, forward fixed. [quote per 1.00]
        vanna: delta by volatility. [1 per 1.00]
        charm: delta by calendar time. [1 per year]
        vomma: vega by volatility. [quote per 1.00^2]
        speed: gamma by spot. [1/quote^2]
        zomma: gamma by volatility. [1/quote per 1.00]
        color: gamma by calendar time. [1/quote per year]
        ultima: vomma by volatility. [quote per 1.00^3]
        veta: vega by calendar time. [quote per 1.00 per year]
        dual_delta: By strike. []
    """

    price: Floats | None = None
    delta: Floats | None = None
    gamma: Floats | None = None
    vega: Floats | None = None
    theta: Floats | None = None
    rho: Floats | None = None
    rho76: Floats | None = None
    vanna: Floats | None = None
    charm: Floats | None = None
    vomma: Floats | None = None
    speed: Floats | None = None
    zomma: Floats | None = None
    color: Floats | None = None
    ultima: Floats | None = None
    veta: Floats | None = None
    dual_delta: Floats | None = None

    def as_dict(self) -> dict[str, Floats]:
        """Those that were asked for, by name."""
        named = ((each.name, getattr(self, each.name)) for each in fields(self))
        return {name: values for name, values in named if values is not None}


def bsm_greeks(
    spot: ArrayLike,
    strike: ArrayLike,
    years: ArrayLike,
    rate: ArrayLike,
    carry: ArrayLike,
    iv: ArrayLike,
    is_call: ArrayLike,
    *,
    which: Collection[str] | None = None,
) -> Greeks:
    """Price and greeks of European options; spot is what stands still while time passes.

    Args:
        spot, strike: Above 0. [quote] All arguments broadcast against each other.
        years: Time to settlement, actual/365. [years]
        rate: Discount rate, continuously compounded; may be negative. [fraction per year]
        carry: Cost of carry, forward = spot exp(carry years): rate - income yield; 0 when `spot`
            is a forward. [fraction per year]
        iv: Volatility. [fraction per sqrt(year)]
        is_call: True for calls, False for puts.
        which: Names of the greeks to compute, None = all.

    Returns:
        At settlement the intrinsic value, a delta of 0, one half (at the strike) or one, and 0
        for all else but dual delta. At zero volatility the deterministic limit, where carry terms
        survive. NaN for a negative time, a negative or missing volatility, a price or strike not
        above 0, or anything not finite.

    Raises:
        ValueError: `which` names no greek.

    >>> greeks = bsm_greeks(49.0, 50.0, 0.3846, 0.05, 0.05, 0.20, True, which=("delta", "gamma"))
    >>> f"{greeks.delta:.3f} {greeks.gamma:.3f}"  # Hull, Options, Futures..., ch. 19
    '0.522 0.066'
    """
    names = FORMULAS.keys() if which is None else which
    if unknown := set(names) - FORMULAS.keys():
        raise ValueError(f"expected names of greeks, found {', '.join(sorted(unknown))}")
    given = {
        name: np.asarray(each, dtype=np.float64)
        for name, each in zip(_NUMBERS, (spot, strike, years, rate, carry, iv), strict=True)
    }
    call = np.asarray(is_call, dtype=np.bool_)
    shape = np.broadcast_shapes(call.shape, *(each.shape for each in given.values()))
    flat = {name: _flat(each, shape) for name, each in given.items()}
    calls = _flat(call, shape)
    values = {name: np.empty(prod(shape)) for name in names}
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        for start in range(0, prod(shape), _CHUNK):
            rows = slice(start, start + _CHUNK)
            part = {name: each[rows] if each.ndim else each for name, each in flat.items()}
            _fill(values, rows, part, calls[rows] if calls.ndim else calls)
    return Greeks(**{name: each.reshape(shape) for name, each in values.items()})


def black76_greeks(
    forward: ArrayLike,
    strike: ArrayLike,
    years: ArrayLike,
    rate: ArrayLike,
    iv: ArrayLike,
    is_call: ArrayLike,
    *,
    which: Collection[str] | None = None,
) -> Greeks:
    """`bsm_greeks` to the forward: it is what stands still while time passes."""
    return bsm_greeks(forward, strike, years, rate, 0.0, iv, is_call, which=which)


DISPLAY = {
    "vega": 1e-2,
    "vanna": 1e-2,
    "zomma": 1e-2,
    "vomma": 1e-4,
    "ultima": 1e-6,
    "theta": 1 / 365,
    "charm": 1 / 365,
    "color": 1 / 365,
    "veta": 1 / 36_500,
}
"""Per vol point and per calendar day; the other greeks stay as they are."""


def to_display_units(greeks: Greeks) -> Greeks:
    """Per vol point instead of 1.00, per calendar day instead of a year."""
    raw = greeks.as_dict()
    return Greeks(**{name: values * DISPLAY.get(name, 1.0) for name, values in raw.items()})


def premium_adjusted(greeks: Greeks, spot: ArrayLike) -> Greeks:
    """Price, delta and gamma of an option settled in the coin itself (inverse), per unit of coin.

    price is in coin; delta x spot is the dollar notional of a perpetual that hedges the coin
    value ("net transaction delta"), gamma its change. Other greeks are None.

    Args:
        greeks: With price, delta and gamma, in quote currency.
        spot: [quote]

    Raises:
        ValueError: one of the three was not asked for.
    """
    price, delta, gamma = greeks.price, greeks.delta, greeks.gamma
    if price is None or delta is None or gamma is None:
        raise ValueError("expected greeks with price, delta and gamma")
    at = np.asarray(spot, dtype=np.float64)
    coins = price / at
    return Greeks(price=coins, delta=delta - coins, gamma=gamma - (delta - coins) / at)


def _flat(values: NDArray[Scalar], shape: tuple[int, ...]) -> NDArray[Scalar]:
    """One value for all, shape (), or one for each, shape (n,)."""
    one_for_all = values.size == 1
    return values.reshape(()) if one_for_all else np.broadcast_to(values, shape).reshape(-1)


def _fill(
    values: Mapping[str, Floats], rows: slice, given: Mapping[str, Floats], is_call: Bools
) -> None:
    """Write the greeks of some rows into `values`, NaN where there is no option to price."""
    finite = np.isfinite(sum(given.values()))
    positive = np.minimum(given["spot"], given["strike"]) > 0
    known = finite & positive & (np.minimum(given["years"], given["iv"]) >= 0)
    whole = bool(np.all(known))
    if not whole:
        given = {name: np.where(known, each, 1.0) for name, each in given.items()}
    shared = Shared(**given, is_call=is_call)
    for name, column in values.items():
        column[rows] = FORMULAS[name](shared)
        if not whole:
            column[rows] = np.where(known, column[rows], np.nan)
