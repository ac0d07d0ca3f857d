"""Net gamma of the whole book re-priced over a range of spots, and where it changes sign.

Sticky strike: every contract keeps its volatility, time and carry while spot moves. Definitions:
docs/words.md, "gamma flip".
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq

from engine.domain import Direction, Flip, Floats, Profile
from engine.formulas import INV_SQRT_2PI, NO_SPREAD
from engine.gaussians import mixture

STEP = 0.00025
"""Spacing of the spots at which flips are looked for, of spot."""
NOISE = 1e-9
"""Net GEX smaller than this share of the largest gross GEX is rounding, not a sign."""
_CHART = 10
_NO_DENSITY = 39.0
"""Standard deviations at which a density is 0 even in floating point."""
_TIE = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class _Book:
    """GEX at spot S is S sum weight exp(-d1^2/2), d1 = (ln(S/reference) - centre) / spread."""

    reference: float
    centre: Floats
    spread: Floats
    weight: Floats

    def net(self, spot: float) -> float:
        away = (np.log(spot / self.reference) - self.centre) / self.spread
        return float(spot * (self.weight * np.exp(-0.5 * away * away)).sum())

    def over(self, spots: Floats, weights: Floats) -> Floats:
        """GEX at each of the spots, ascending, for every row of `weights`, shape (k, m)."""
        points = np.log(spots / self.reference)
        return spots * mixture(points, self.centre, self.spread, weights)

    def between(self, low: float, high: float) -> _Book:
        """Only the contracts that have any gamma between two spots."""
        reach = _NO_DENSITY * self.spread
        above = self.centre - reach <= np.log(high / self.reference)
        near = above & (self.centre + reach >= np.log(low / self.reference))
        return _Book(self.reference, self.centre[near], self.spread[near], self.weight[near])


def gamma_profile(
    spots: ArrayLike,
    strike: ArrayLike,
    years: ArrayLike,
    iv: ArrayLike,
    rate: ArrayLike,
    carry: ArrayLike,
    weight: ArrayLike,
) -> Floats:
    """Net GEX per 1 % move at each spot: sum of weight gamma(S) S^2 0.01.

    Args:
        spots: Positive, ascending, shape (m,). [quote]
        strike: Shape (n,), as the others, which broadcast to it. [quote]
        years: Contracts at or past settlement have no gamma. [years]
        iv: Contracts of zero volatility have no gamma. [fraction per sqrt(year)]
        rate, carry: As in `bsm_greeks`. [fraction per year]
        weight: Signed dealer position x multiplier. [units of the underlying]

    Returns:
        Shape (m,), to 1e-10 of the largest gross GEX. [quote per 1 %]

    Raises:
        ValueError: spots not positive and ascending, or a contract with a number missing.
    """
    at = np.asarray(spots, dtype=np.float64)
    if at.ndim != 1 or not ((at > 0).all() and (np.diff(at) >= 0).all()):
        raise ValueError("expected positive spots in ascending order")
    if not at.size:
        return np.zeros(0)
    book = _book(float(np.median(at)), strike, years, iv, rate, carry, weight)
    net: Floats = book.over(at, book.weight[None])[0]
    return net


def gamma_flips(
    spot: float,
    strike: ArrayLike,
    years: ArrayLike,
    iv: ArrayLike,
    rate: ArrayLike,
    carry: ArrayLike,
    weight: ArrayLike,
    *,
    low: float = 0.65,
    high: float = 1.35,
) -> tuple[tuple[Flip, ...], float | None, Profile]:
    """Every spot in [low, high] x spot at which net GEX changes sign.

    Signs are read every 0.025 % of spot, skipping values that are only rounding, so a flip may
    lie in a dead zone where there is next to no gamma at all.

    Args:
        spot: [quote]
        strike, years, iv, rate, carry, weight: As in `gamma_profile`.
        low, high: Ends of the range, of spot.

    Returns:
        The flips, ascending, to 1e-10 of spot; the one nearest to spot in |ln|, of two equally
        near the one from negative to positive, None without any; and a profile for charts.

    Raises:
        ValueError: as in `gamma_profile`.
    """
    book = _book(spot, strike, years, iv, rate, carry, weight)
    count = max(2, round((high - low) / STEP) + 1)
    spots = spot * np.linspace(low, high, count)
    net, gross = book.over(spots, np.stack((book.weight, np.abs(book.weight))))
    flips = _flips(book, spots, net, float(gross.max()))
    return flips, _primary(flips, spot), Profile(spots[::_CHART], net[::_CHART])


def _book(reference: float, *contracts: ArrayLike) -> _Book:
    """The contracts that have gamma, as Gaussians against ln(spot/reference).

    Args:
        reference: [quote]
        contracts: strike, years, iv, rate, carry, weight.
    """
    given = (np.asarray(each, dtype=np.float64) for each in contracts)
    struck, term, vol, discount, drift, held = np.broadcast_arrays(*given)
    spread = vol * np.sqrt(np.maximum(term, 0.0))
    complete = np.isfinite(struck + spread + discount + drift + held)
    if not (complete & (struck > 0) & (vol >= 0)).all():
        raise ValueError("expected contracts with a strike, time, volatility, rates and weight")
    (live,) = np.nonzero((spread > NO_SPREAD) & (held != 0))
    spread, term = spread[live], term[live]
    growth = drift[live] * term
    density = np.exp(growth - discount[live] * term) * INV_SQRT_2PI / spread
    return _Book(
        reference=reference,
        centre=np.log(struck[live] / reference) - growth - 0.5 * spread * spread,
        spread=spread,
        weight=0.01 * held[live] * density,
    )


def _flips(book: _Book, spots: Floats, net: Floats, largest: float) -> tuple[Flip, ...]:
    """`largest` is the largest gross GEX on the grid."""
    (told,) = np.nonzero((np.abs(net) >= NOISE * largest) & (largest > 0))
    at, value = spots[told], net[told]
    (before,) = np.nonzero(np.signbit(value[:-1]) != np.signbit(value[1:]))
    if not before.size:
        return ()
    runs = np.concatenate(([0], before + 1))
    peaks = np.maximum.reduceat(np.abs(value), runs)
    swing = np.minimum(peaks[:-1], peaks[1:]) / peaks.max()
    flips = []
    for i, prominence in zip(before, swing, strict=True):
        direction: Direction = "neg_to_pos" if value[i] < 0 else "pos_to_neg"
        level = _root(book, float(at[i]), float(at[i + 1]))
        flips.append(Flip(level, direction, float(prominence)))
    return tuple(flips)


def _root(book: _Book, low: float, high: float) -> float:
    near = book.between(low, high)
    return float(brentq(near.net, low, high, xtol=1e-11 * low, rtol=1e-12))


def _primary(flips: tuple[Flip, ...], spot: float) -> float | None:
    """Level of the flip nearest to spot in |ln|; of a tie the one from negative to positive."""
    if not flips:
        return None
    away = [abs(float(np.log(flip.level / spot))) for flip in flips]
    tied = [flip for flip, each in zip(flips, away, strict=True) if each <= min(away) + _TIE]
    rising = [flip for flip in tied if flip.direction == "neg_to_pos"]
    return (rising or tied)[0].level
