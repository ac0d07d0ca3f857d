"""The discount factor that a settlement's own quotes imply, by put-call parity across strikes.

Call - put = D (F - K) is a straight line in K: its slope is minus the discount factor and its root
is the forward, with nothing assumed about rate or income. One strike gives a forward, many give
both. Strikes vote by their spreads and lose their vote when they lie far off the line.

Nothing here replaces the configured rate: it is a second opinion, shown beside it. American
options break it: deep puts are worth their intrinsic value, so that the line is bent, the thirds of
the strikes disagree, and the answer is refused.

Source:
    van Binsbergen, Diamond, Grotteria, Risk-free interest rates, JFE 143 (2022).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from engine.domain import Chain, Floats, Ints
from engine.volatility import usable_mid

PAIRS = 12
"""Strikes with a usable quote on both sides that a line needs at least."""

MOST_ERROR = 0.005
"""Standard error of the rate above which it is not given. [fraction per year]"""

_TICK = 1e-6
"""A half spread is at least this share of spot: a locked quote is no certainty."""
_FIRST, _THEN = 8, 5
_BISQUARE = 4.685
_MAD = 1.4826


@dataclass(frozen=True, slots=True, kw_only=True)
class Implied:
    """One settlement of one root; numbers are None when `reason` says why.

    Attributes:
        discount: Discount factor to settlement, and its standard error. []
        rate: -ln(discount) / years, continuously compounded. [fraction per year]
        rate_error: Standard error, not below half of what the lower, middle and upper third of the
            strikes disagree by: errors of neighbouring quotes are alike. [fraction per year]
        forward: Where call and put are worth the same. [quote]
        carry: ln(forward / spot) / years, the cost of carry. [fraction per year]
        income: rate - carry: dividend yield, borrow fee, foreign or coin rate. [fraction per year]
        pairs: Strikes with both quotes.
    """

    root: str
    settlement: datetime
    discount: float | None
    discount_error: float | None
    rate: float | None
    rate_error: float | None
    forward: float | None
    carry: float | None
    income: float | None
    pairs: int
    reason: str | None


@dataclass(frozen=True, slots=True)
class _Line:
    """call - put = height - slope (K - centre), in units where the quotes' half spreads are 1."""

    slope: float
    error: float
    root: float
    noise: float


def implied_discounts(chain: Chain) -> tuple[Implied, ...]:
    """Of every settlement of every root, nearest first, then by root."""
    return tuple(_implied(chain, rows) for rows in _settlements(chain))


def _settlements(chain: Chain) -> Iterator[Ints]:
    roots, root = np.unique(chain.root, return_inverse=True)
    _, instant = np.unique(chain.settlement, return_inverse=True)
    kind = instant * max(roots.size, 1) + root
    order = np.argsort(kind, kind="stable")
    _, first = np.unique(kind[order], return_index=True)
    yield from np.split(order, first[1:]) if order.size else ()


def _implied(chain: Chain, rows: Ints) -> Implied:
    years = float(chain.years[rows[0]])
    strike, gap, half = _pairs(chain, rows)
    found = _judged(strike, gap, half, years)
    line = None if isinstance(found, str) else found
    rate = None if line is None else -float(np.log(line.slope)) / years
    carry = None if line is None else float(np.log(line.root / chain.spot)) / years
    return Implied(
        root=str(chain.root[rows[0]]),
        settlement=datetime.fromtimestamp(int(chain.settlement[rows[0]]), UTC),
        discount=line.slope if line else None,
        discount_error=line.error if line else None,
        rate=rate,
        rate_error=line.error / (line.slope * years) if line else None,
        forward=line.root if line else None,
        carry=carry,
        income=None if rate is None or carry is None else rate - carry,
        pairs=strike.size,
        reason=found if isinstance(found, str) else None,
    )


def _pairs(chain: Chain, rows: Ints) -> tuple[Floats, Floats, Floats]:
    """Strike, call - put and the sum of both half spreads, ascending, shape (k,)."""
    mid = usable_mid(chain.bid, chain.ask)
    quoted = rows[np.isfinite(mid[rows])]
    calls, puts = quoted[chain.is_call[quoted]], quoted[~chain.is_call[quoted]]
    strike, call, put = np.intersect1d(chain.strike[calls], chain.strike[puts], return_indices=True)
    call, put = calls[call], puts[put]
    half = (chain.ask[call] - chain.bid[call] + chain.ask[put] - chain.bid[put]) / 2
    return strike, mid[call] - mid[put], np.maximum(half, _TICK * chain.spot)


def _judged(strike: Floats, gap: Floats, half: Floats, years: float) -> _Line | str:
    """The line through all strikes, or why it says nothing."""
    if strike.size < PAIRS:
        return f"fewer than {PAIRS} strikes with a usable quote on both sides"
    whole = _fit(strike, gap, half)
    if not (whole.slope > 0 and whole.root > 0):
        return "calls less puts do not fall with the strike"
    slopes = [
        _fit(*(each[part] for each in (strike, gap, half))).slope
        for part in np.array_split(np.arange(strike.size), 3)
    ]
    error = max(whole.error, (max(slopes) - min(slopes)) / 2)
    if whole.noise > 1:
        return "parity does not hold within the spreads: stale quotes, or American exercise"
    rate_error = error / (whole.slope * years)
    if not rate_error <= MOST_ERROR:
        return f"the quotes tell the rate to +- {rate_error:.1%} a year only"
    return _Line(whole.slope, error, whole.root, whole.noise)


def _fit(strike: Floats, gap: Floats, half: Floats) -> _Line:
    """Least absolute distances, then bisquare; distances in half spreads."""
    centre = float(np.median(strike))
    reach = max(float(np.ptp(strike)), 1e-9 * centre)
    powers = np.stack([np.ones_like(strike), (strike - centre) / reach], axis=-1)
    trust = np.ones_like(strike)
    noise, height, slope = 0.0, 0.0, 0.0
    for turn in range(_FIRST + _THEN):
        share = np.sqrt(trust) / half
        found = np.linalg.lstsq(powers * share[:, None], gap * share, rcond=None)
        height, slope = found[0].tolist()
        residual = (gap - powers @ found[0]) / half
        noise = _MAD * float(np.median(np.abs(residual)))
        trust = _nearest_first(residual) if turn < _FIRST else _bisquare(residual, noise)
    share = np.sqrt(trust) / half
    spread = np.linalg.pinv((powers * share[:, None]).T @ (powers * share[:, None]))
    error = noise * float(np.sqrt(max(spread[1, 1], 0.0)))
    root = centre - height / slope * reach if slope else float("nan")
    return _Line(-slope / reach, error / reach, root, noise)


def _nearest_first(residual: Floats) -> Floats:
    """Weights under which least squares is least absolute distances."""
    return np.asarray(1e-3 / np.maximum(np.abs(residual), 1e-3))


def _bisquare(residual: Floats, noise: float) -> Floats:
    reach = _BISQUARE * max(noise, 1e-3)
    return np.maximum(1 - (residual / reach) ** 2, 1e-3) ** 2
