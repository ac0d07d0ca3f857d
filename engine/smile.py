"""The smile of every settlement: a robust curve through its volatilities, and what lies off it.

Total variance as a polynomial in z = ln(strike/forward) / (atm sqrt(years)), through the
out-of-the-money side within 3.5 standard deviations. Contracts count by exp(-z^2/2), as their
gamma does, and those far off the curve lose their vote (bisquare weights). It is a ruler for
data, not a surface to extrapolate: beyond the strikes it was fitted to it is flat.

Why not SVI: on seven recorded chains (Bitcoin, Ether, SPX twice, SPY, RUT, AAPL; 223 expiries)
the median expiry lies 0.03 to 0.12 vol points from a quartic, 0.06 to 0.25 from raw SVI (found
quasi-explicitly, on a grid of centres and widths) and 0.05 to 0.23 from a parabola, all weighted
alike and measured within 2.5 standard deviations. SVI takes twenty times the time, and a search
that can fail.

Source:
    Gatheral, The Volatility Surface, ch. 3 (total variance by log-moneyness; forward variance);
    Beaton & Tukey 1974 (bisquare).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from engine.domain import Bools, Chain, Floats, Ints
from engine.terms import Terms

REACH = 3.5
"""Standard deviations from the forward up to which contracts are fitted and judged."""

QUARTIC, PARABOLA = 12, 6
"""Contracts that a polynomial of four and of two degrees needs at least."""

OUTLIER = 6.0
"""Robust standard deviations off the curve, and at least `LEAST`, that make an outlier."""
LEAST = 0.01
"""One vol point: closer than that nothing is an outlier. [fraction per sqrt(year)]"""

_NEAREST = 5
_VOTE = 0.02
"""Least weight by distance, so that wings are followed where nothing else is quoted."""
_FIRST, _THEN = 8, 5
"""Rounds of least absolute distances, which no wild value can pull, then of bisquare weights."""
_BISQUARE = 4.685
_MAD = 1.4826
_EXACT = 1e-4
"""Robust deviation is not below a hundredth of a vol point. [fraction per sqrt(year)]"""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Smile:
    """The curve of one settlement; everything about it is None when `reason` says why.

    Attributes:
        years: [years]
        forward: [quote]
        atm: Volatility of the curve at the forward. [fraction per sqrt(year)]
        skew: Slope there: change of volatility per 1.00 of ln(strike/forward).
        error: Root mean square distance of the fitted contracts that are no outliers, by weight.
            [vol points]
        weight: Sum of these weights, for pooling. 0 without a curve.
        fitted: Contracts the curve was drawn through.
        outliers: Rows of the chain, calls and puts on either side, too far off the curve.
    """

    settlement: datetime
    years: float
    forward: float
    atm: float | None
    skew: float | None
    error: float | None
    weight: float
    fitted: int
    outliers: Ints
    reason: str | None
    curve: Curve | None

    def vol(self, strike: Floats) -> Floats:
        """The curve at `strike`, any shape; NaN without a curve. [fraction per sqrt(year)]"""
        if self.curve is None:
            return np.full(np.shape(strike), np.nan)
        return self.curve.vol(np.log(strike / self.forward))


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """Total variance / (scale^2) = polynomial of ln(strike/forward) / scale; flat beyond."""

    scale: float
    root_years: float
    coefficients: Floats
    low: float
    high: float

    def vol(self, moneyness: Floats) -> Floats:
        z = np.clip(moneyness / self.scale, self.low, self.high)
        ratio = np.polynomial.polynomial.polyval(z, self.coefficients)
        return np.asarray(self.scale / self.root_years * np.sqrt(np.maximum(ratio, 0.0)))


@dataclass(frozen=True, slots=True)
class TermPoint:
    """At-the-money volatility of one settlement, and what lies between it and the one before.

    Attributes:
        atm: Of the smile's curve. [fraction per sqrt(year)]
        forward_iv: Volatility from the point before to this one, from the increase of total
            variance; None for the first, and where total variance falls. [fraction per sqrt(year)]
        falling: True where total variance falls: calendar arbitrage, or a bad quote.
    """

    settlement: datetime
    years: float
    atm: float
    forward_iv: float | None
    falling: bool


def smiles(chain: Chain, terms: Terms) -> tuple[Smile, ...]:
    """The smile of every settlement, nearest first."""
    order = np.argsort(chain.settlement, kind="stable")
    instants, first = np.unique(chain.settlement[order], return_index=True)
    edges = [*first.tolist(), len(chain)]
    return tuple(
        _smile(chain, terms, instant, order[start:end])
        for instant, start, end in zip(instants.tolist(), edges, edges[1:], strict=False)
    )


def fit_error(found: Sequence[Smile]) -> float | None:
    """Over all settlements, pooled by weight; None without a curve. [vol points]"""
    known = [each for each in found if each.error is not None]
    total = sum(each.weight for each in known)
    if not total:
        return None
    squares = sum(each.weight * each.error**2 for each in known if each.error is not None)
    return float(np.sqrt(squares / total))


def term_structure(found: Sequence[Smile]) -> tuple[TermPoint, ...]:
    """At-the-money volatilities of the settlements that have a curve, nearest first."""
    points: list[TermPoint] = []
    for each in found:
        if each.atm is None:
            continue
        before = points[-1] if points else None
        gained = each.years * each.atm**2 - (before.years * before.atm**2 if before else 0.0)
        span = each.years - (before.years if before else 0.0)
        between = gained / span if before and span > 0 and gained >= 0 else None
        points.append(
            TermPoint(
                settlement=each.settlement,
                years=each.years,
                atm=each.atm,
                forward_iv=None if between is None else float(np.sqrt(between)),
                falling=before is not None and gained < 0,
            )
        )
    return tuple(points)


def _smile(chain: Chain, terms: Terms, instant: int, rows: Ints) -> Smile:
    years, forward = float(terms.years[rows[0]]), float(np.median(terms.forward[rows]))
    rows = rows[np.isfinite(terms.iv[rows])]
    away, iv = np.log(chain.strike[rows] / forward), terms.iv[rows]
    outside = chain.is_call[rows] == (away >= 0)
    drawn = _draw(away, iv, outside, years)
    if isinstance(drawn, str):
        curve, error, weight, fitted, off = None, None, 0.0, 0, np.zeros(rows.size, np.bool_)
    else:
        curve, fit = drawn
        z, residual = away / curve.scale, iv - curve.vol(away)
        votes = _votes(z)
        counts = np.sqrt(votes) * residual
        limit = max(LEAST, OUTLIER * _spread(counts[fit]))
        off = (np.abs(z) <= REACH) & (np.abs(counts) > limit)
        kept = fit & ~off
        weight, fitted = float(votes[kept].sum()), int(fit.sum())
        error = 100 * float(np.sqrt((counts[kept] ** 2).sum() / weight))
    return Smile(
        settlement=datetime.fromtimestamp(instant, UTC),
        years=years,
        forward=forward,
        atm=None if curve is None else float(curve.vol(np.zeros(1))[0]),
        skew=None if curve is None else _slope(curve),
        error=error,
        weight=weight,
        fitted=fitted,
        outliers=rows[off],
        reason=drawn if isinstance(drawn, str) else None,
        curve=curve,
    )


def _draw(away: Floats, iv: Floats, outside: Bools, years: float) -> tuple[Curve, Bools] | str:
    """The curve and which contracts it was drawn through, or why there is none."""
    candidates = np.flatnonzero(outside & (iv > 0))
    few = f"fewer than {PARABOLA} out-of-the-money volatilities"
    if candidates.size < PARABOLA:
        return few
    nearest = candidates[np.argsort(np.abs(away[candidates]), kind="stable")[:_NEAREST]]
    scale = float(np.median(iv[nearest]) * np.sqrt(years))
    z = away / scale
    fit = outside & (iv > 0) & (np.abs(z) <= REACH)
    distinct = np.unique(z[fit]).size
    if distinct < PARABOLA:
        return f"{few} within {REACH:g} standard deviations"
    if z[fit].min() > 0 or z[fit].max() < 0:
        return "volatilities on one side of the forward only"
    degree = 4 if distinct >= QUARTIC else 2
    coefficients = _robust(z[fit], iv[fit] * np.sqrt(years) / scale, degree, scale, years)
    curve = Curve(
        scale, float(np.sqrt(years)), coefficients, float(z[fit].min()), float(z[fit].max())
    )
    return curve, fit


def _robust(z: Floats, ratio: Floats, degree: int, scale: float, years: float) -> Floats:
    """Coefficients of ratio^2 by z, shape (degree + 1,), minimising distances in volatility.

    A distance in variance is 2 x volatility times one in volatility: the curve of the round
    before says how much, never the contract itself, which would let a tiny volatility that is
    wrong outvote all others.
    """
    powers = np.polynomial.polynomial.polyvander(z, degree)
    votes, trust, level = _votes(z), np.ones_like(z), np.ones_like(z)
    unit = scale / np.sqrt(years)
    coefficients = np.zeros(degree + 1)
    for turn in range(_FIRST + _THEN):
        share = np.sqrt(votes * trust) / level
        found = np.linalg.lstsq(powers * share[:, None], ratio**2 * share, rcond=None)
        coefficients = np.asarray(found[0], dtype=np.float64)
        curve = np.sqrt(np.maximum(powers @ coefficients, 0.0))
        level = np.maximum(curve, 0.1)
        residual = unit * np.sqrt(votes) * (ratio - curve)
        trust = _nearest_first(residual) if turn < _FIRST else _bisquare(residual)
    return coefficients


def _votes(z: Floats) -> Floats:
    return np.maximum(np.exp(-0.5 * z * z), _VOTE)


def _spread(residual: Floats) -> float:
    return max(_MAD * float(np.median(np.abs(residual))), _EXACT)


def _nearest_first(residual: Floats) -> Floats:
    """Weights under which least squares is least absolute distances."""
    return np.asarray(_EXACT / np.maximum(np.abs(residual), _EXACT))


def _bisquare(residual: Floats) -> Floats:
    reach = _BISQUARE * _spread(residual)
    return np.maximum(1 - (residual / reach) ** 2, 1e-3) ** 2


def _slope(curve: Curve) -> float:
    """d vol / d ln(strike) at the forward, by the chain rule; 0 where the curve has no height."""
    first, second = float(curve.coefficients[0]), float(curve.coefficients[1])
    return second / (2 * np.sqrt(first) * curve.root_years) if first > 0 else 0.0
