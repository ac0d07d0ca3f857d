"""Implied volatility to machine precision: a few branch-free Householder steps for all contracts.

A price is reduced to the undiscounted time value of its out-of-the-money side in units of
sqrt(forward strike). With x = -|ln(F/K)|, s = iv sqrt(T), h = x/s and t = s/2 that is Black's

    beta(s) = e^(x/2) N(h + t) - e^(-x/2) N(h - t) = n(h) e^(-t t/2) [Y(h + t) - Y(h - t)]

with Mills' ratio Y = N/n, which scipy's erfcx gives without underflow. Below half of the upper
bound ln beta is matched, above it the logarithm of what is missing to the bound: both are nearly
straight lines there, and neither underflows.

Source:
    P. Jaeckel, "Let's Be Rational", Wilmott 75 (2015); the starting values are this module's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import erfcx, ndtri

from engine.domain import Bools, Floats, Texts
from engine.formulas import log_ratio

_SQRT_HALF = 0.7071067811865476
_SQRT_HALF_PI = 1.2533141373155003
_SQRT_2PI = 2.5066282746310002
_HALF_LN_2PI = 0.9189385332046727
_AT_THE_MONEY = 1e-100
_NOISE = 8 * np.finfo(np.float64).eps
_SMALL = 0.02
"""Half spreads below take the difference of two Mills' ratios from its series."""
_CHUNK = 4096
"""Prices at a time, so that a step's numbers stay in the processor's cache."""
_STEPS = 3
_CONVERGED = 1e-3
"""Relative size of the last step; what is left after it is that to the fourth power."""
_NAMES = ("price", "spot", "strike", "years", "rate", "carry")


class NoVol(StrEnum):
    """Why a price has no volatility, in words that follow "30 contracts"."""

    INPUT = "with an impossible input"
    EXPIRED = "expired"
    NO_PRICE = "without a price"
    ZERO_PRICE = "at a price of zero or less"
    BOUND = "at or above the upper bound"
    INTRINSIC = "at or below intrinsic value"
    UNSOLVED = "of a magnitude that cannot be solved"


def implied_vol(
    price: ArrayLike,
    spot: ArrayLike,
    strike: ArrayLike,
    years: ArrayLike,
    rate: ArrayLike,
    carry: ArrayLike,
    is_call: ArrayLike,
) -> Floats:
    """The volatility at which `bsm_greeks` gives `price`.

    Args:
        price: [quote] All arguments broadcast against each other.
        spot, strike, years, rate, carry, is_call: As in `bsm_greeks`.

    Returns:
        NaN where there is none: at or below intrinsic value (of the forward, discounted), at or
        above the upper bound, no price, no time left. [fraction per sqrt(year)]
    """
    columns, call = _columns(price, spot, strike, years, rate, carry, is_call)
    sane = np.isfinite(list(columns.values())).all(axis=0)
    for positive in ("price", "spot", "strike", "years"):
        sane &= columns[positive] > 0
    found = np.full(call.size, np.nan)
    rows = np.flatnonzero(sane)
    sign = _sign(call)
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        for start in range(0, rows.size, _CHUNK):
            part = rows[start : start + _CHUNK]
            chosen = {name: each[part] for name, each in columns.items()}
            found[part] = _solve(**chosen, sign=sign[part])
    return found.reshape(call.shape)


def no_vol_reason(
    price: ArrayLike,
    spot: ArrayLike,
    strike: ArrayLike,
    years: ArrayLike,
    rate: ArrayLike,
    carry: ArrayLike,
    is_call: ArrayLike,
) -> Texts:
    """Why `implied_vol` gives NaN: a `NoVol` each, "" exactly where there is a volatility.

    Arguments and shape as of `implied_vol`.
    """
    given = (price, spot, strike, years, rate, carry, is_call)
    columns, call = _columns(*given)
    quote, left = columns["price"], columns["years"]
    sane = np.isfinite([columns[name] for name in _NAMES[1:]]).all(axis=0)
    sane &= (columns["spot"] > 0) & (columns["strike"] > 0)
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        reduced = _reduced(**columns, sign=_sign(call))
    reasons = {
        "": np.isfinite(implied_vol(*given)).reshape(-1),
        NoVol.INPUT: ~sane,
        NoVol.EXPIRED: left <= 0,
        NoVol.NO_PRICE: np.isnan(quote),
        NoVol.ZERO_PRICE: quote <= 0,
        NoVol.BOUND: ~reduced.below,
        NoVol.INTRINSIC: ~reduced.above,
    }
    first = np.select(list(reasons.values()), list(reasons), default=NoVol.UNSOLVED)
    return np.asarray(first, dtype=np.str_).reshape(call.shape)


def _columns(*given: ArrayLike) -> tuple[dict[str, Floats], Bools]:
    """The numbers of `_NAMES`, broadcast and flat, shape (n,); calls keep the common shape."""
    *numbers, is_call = given
    *flat, call = np.broadcast_arrays(
        *(np.asarray(each, dtype=np.float64) for each in numbers), np.asarray(is_call, np.bool_)
    )
    return {name: each.reshape(-1) for name, each in zip(_NAMES, flat, strict=True)}, call


def _sign(call: Bools) -> Floats:
    return np.where(call, 1.0, -1.0).reshape(-1)


@dataclass(frozen=True, slots=True, eq=False)
class _Reduced:
    """Undiscounted value of the out-of-the-money side, and what is missing to its upper bound.

    `above`, `below`: by more than rounding above intrinsic value, below the bound.
    """

    value: Floats
    room: Floats
    scale: Floats
    x: Floats
    above: Bools
    below: Bools


def _reduced(
    *,
    price: Floats,
    spot: Floats,
    strike: Floats,
    years: Floats,
    rate: Floats,
    carry: Floats,
    sign: Floats,
) -> _Reduced:
    """Of an option in the money only what it is worth beyond intrinsic value says anything about
    volatility: spot and strike are subtracted before their small discounts are. Shape (n,).
    """
    lift, growth = carry * years, rate * years
    forward, compounded = spot * np.exp(lift), np.exp(growth)
    carried = spot * np.expm1(lift - growth) - strike * np.expm1(-growth)
    inside = sign * ((spot - strike) + carried)
    deep = inside > 0
    beyond = np.where(deep, (price - sign * (spot - strike)) - sign * carried, price)
    value = beyond * compounded
    bound = np.minimum(forward, strike)
    room = bound - value
    noise = _NOISE * np.where(deep, np.maximum(price, spot), 0.0)
    return _Reduced(
        value=value,
        room=room,
        scale=np.sqrt(forward) * np.sqrt(strike),
        x=-np.abs(log_ratio(spot, strike) + lift),
        above=beyond > noise,
        below=room > _NOISE * bound,
    )


def _solve(
    *,
    price: Floats,
    spot: Floats,
    strike: Floats,
    years: Floats,
    rate: Floats,
    carry: Floats,
    sign: Floats,
) -> Floats:
    """Everything finite and positive where it has to be, shape (n,)."""
    reduced = _reduced(
        price=price, spot=spot, strike=strike, years=years, rate=rate, carry=carry, sign=sign
    )
    scale = reduced.scale
    spread = np.full(price.shape, np.nan)
    (rows,) = np.nonzero(reduced.above & reduced.below)
    spread[rows] = total_deviation(
        reduced.value[rows] / scale[rows], reduced.room[rows] / scale[rows], reduced.x[rows]
    )
    return spread / np.sqrt(years)


def total_deviation(value: Floats, room: Floats, x: Floats) -> Floats:
    """s of Black's normalised out-of-the-money price, shape (n,).

    Args:
        value: Above 0.
        room: What is missing to the upper bound exp(x/2), above 0.
        x: -|ln(forward/strike)|, at most 0.

    Returns:
        NaN where the steps did not converge: magnitudes no market has.
    """
    lower = value <= room
    target = np.log(np.where(lower, value, room))
    side = np.where(lower, 1.0, -1.0)
    s = _start(value, room, x, lower)
    step = np.full_like(s, np.inf)
    for _ in range(_STEPS):
        step = _householder(s, x, side, target)
        s = s + step
    return np.where(np.abs(step) < _CONVERGED * s, s, np.nan)


def _start(value: Floats, room: Floats, x: Floats, lower: Bools) -> Floats:
    """Within 1 % at ordinary strikes, within half everywhere.

    Below, the straight-line (Bachelier) deviation of the same price by a rational function good
    to 0.3 %, then its curvature; above, the normal tail that is exact at the money.
    """
    away = np.maximum(-x, _AT_THE_MONEY)
    scarce = np.log1p(2 * np.sinh(0.5 * away) / value)
    p = np.sqrt(scarce)
    up = 1 + p * (0.13005587 + p * 0.12867239)
    down = 1 + p * (0.15528207 + p * (0.06945542 + p * 0.03540487))
    straight = away * _SQRT_2PI / scarce * down / up
    tail = np.minimum(room / (2 * np.cosh(0.5 * away)), 0.5)
    return np.where(lower, straight * (1 + straight * straight / 24), -2 * ndtri(tail))


def _householder(s: Floats, x: Floats, side: Floats, target: Floats) -> Floats:
    """Step of third order towards the root of ln(beta) - target, or ln(bound - beta) - target."""
    h, t = x / s, 0.5 * s
    mills = side * _mills_gap(h, t, side)
    error = np.log(np.abs(mills)) - 0.5 * (h * h + t * t) - _HALF_LN_2PI - target
    slope = 1.0 / mills
    curve = h * h / s - 0.5 * t
    third = curve * curve - 3 * (h / s) ** 2 - 0.25
    newton = -error / slope
    halley = curve - slope
    last = third - 3 * slope * curve + 2 * slope * slope
    return newton * (1 + 0.5 * halley * newton) / (1 + newton * (halley + last * newton / 6))


def _mills_gap(h: Floats, t: Floats, side: Floats) -> Floats:
    """Y(h + t) - Y(h - t) where `side` is 1; Y(-h - t) + Y(h - t) where it is -1."""
    gap = _mills(side * (h + t)) - side * _mills(h - t)
    (close,) = np.nonzero((t < _SMALL) & (side > 0))
    if close.size:
        gap[close] = _series(h[close], t[close])
    return gap


def _mills(z: Floats) -> Floats:
    return _SQRT_HALF_PI * np.asarray(erfcx(-_SQRT_HALF * z))


def _series(h: Floats, t: Floats) -> Floats:
    """Y(h + t) - Y(h - t) from odd derivatives of Y at h, Y(k+1) = k Y(k-1) + h Y(k)."""
    even = _mills(h)
    odd = 1 + h * even
    square = t * t
    power = 2 * t
    gap = power * odd
    for k in (1, 3, 5):
        even = k * even + h * odd
        odd = (k + 1) * odd + h * even
        power = power * square / ((k + 1) * (k + 2))
        gap = gap + power * odd
    return gap
