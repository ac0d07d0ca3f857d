"""Forward of every settlement: the venue's own, else put-call parity, else carried spot.

Parity says forward = strike + (call - put) exp(rate years). One quote gone wrong must not move a
whole expiry, so the strikes where call and put are worth most nearly the same give evidence
together: the closest one is used, as the definition has it, unless it disagrees with the median
of them by more than their typical spread; then the median is used. On clean quotes the two agree
and the result is `implied_forward`, as it is where fewer than three strikes are quoted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from engine.domain import Bools, Chain, Floats, Ints

WITNESSES = 5
"""Strikes that give evidence: two of them may be wrong."""

Source = Literal["venue", "parity", "carried"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpiryForward:
    """Where the forward of one settlement comes from.

    Attributes:
        forward: [quote]
        carry: Cost of carry, forward = spot exp(carry years). [fraction per year]
        source: "carried" is spot grown at the discount rate: nothing said the income yield.
        reason: Why it is carried, None otherwise.
    """

    root: str
    settlement: datetime
    forward: float
    carry: float
    source: Source
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Forwards:
    """The forwards of a chain's contracts, arrays of shape (n,).

    Attributes:
        forward: Of the contract's settlement. [quote]
        carry: Cost of carry, forward = spot exp(carry years). [fraction per year]
        guessed: True where the forward is carried spot for want of anything better.
        expiries: The settlements, nearest first.
    """

    forward: Floats
    carry: Floats
    guessed: Bools
    expiries: tuple[ExpiryForward, ...]


_GROSS = 0.005
"""A parity forward this far from its neighbours' is a quote gone wrong. [fraction of forward]"""


def implied_forward(
    strikes: ArrayLike, call_mid: ArrayLike, put_mid: ArrayLike, years: float, rate: float
) -> float:
    """Put-call parity forward where call and put are worth most nearly the same.

    Args:
        strikes: Shape (k,). [quote]
        call_mid, put_mid: Shape (k,), NaN = no quote. [quote]
        years, rate: [years], [fraction per year]

    Returns:
        NaN when no strike has both. Ties go to the lower strike. [quote]

    >>> implied_forward([95, 100, 105], [6.0, 3.0, 1.5], [4.0, 5.0, 9.0], 0.0, 0.02)
    97.0
    """
    strike = np.asarray(strikes, dtype=np.float64)
    gap = np.asarray(call_mid, dtype=np.float64) - np.asarray(put_mid, dtype=np.float64)
    (quoted,) = np.nonzero(np.isfinite(gap))
    if not quoted.size:
        return float("nan")
    nearest = quoted[np.lexsort((strike[quoted], np.abs(gap[quoted])))[0]]
    return float(strike[nearest] + np.exp(rate * years) * gap[nearest])


def forwards(chain: Chain, rate: float) -> Forwards:
    """The forward of every contract's settlement, and where it comes from.

    A parity forward too far to be true from spot carried at the discount rate is refused: no
    income or borrowing cost explains more than 5 % at once, another 100 % a year, or 25 % ever.
    """
    group, first = _settlements(chain)
    years = chain.years[first]
    carried = chain.spot * np.exp(rate * years)
    own = _venues_own(chain, group, first.size)
    parity = _parity(chain, group, np.exp(rate * years))
    away = parity / carried - 1
    has_own = np.isfinite(own)
    has_parity = np.abs(away) <= np.minimum(0.25, 0.05 + years)
    best = np.where(has_own, own, np.where(has_parity, parity, carried))
    known = has_own | has_parity
    carry = np.log(best / chain.spot) / years
    forward = np.where(_believable(chain.forward), chain.forward, best[group])
    expiries = []
    for i in np.argsort(chain.settlement[first], kind="stable"):
        source: Source = "venue" if has_own[i] else "parity" if has_parity[i] else "carried"
        expiries.append(
            ExpiryForward(
                root=str(chain.root[first[i]]),
                settlement=datetime.fromtimestamp(int(chain.settlement[first[i]]), UTC),
                forward=float(best[i]),
                carry=float(carry[i]),
                source=source,
                reason=None if known[i] else _why(float(parity[i]), float(away[i])),
            )
        )
    return Forwards(
        forward=forward,
        carry=np.log(forward / chain.spot) / chain.years,
        guessed=~known[group],
        expiries=tuple(expiries),
    )


def _why(parity: float, away: float) -> str:
    if np.isnan(parity):
        return "no parity: no strike has both a call and a put quote"
    return f"no parity: the quotes' {parity:.6g} is {away:+.1%} from spot carried at the rate"


def _settlements(chain: Chain) -> tuple[Ints, Ints]:
    """(root, settlement) of each contract as an index, shape (n,); and one row of each, (g,)."""
    roots = chain.root.tolist()
    codes = {name: code for code, name in enumerate(dict.fromkeys(roots))}
    root = np.fromiter(map(codes.__getitem__, roots), dtype=np.int64, count=len(roots))
    key = chain.settlement * len(codes) + root
    _, first, group = np.unique(key, return_index=True, return_inverse=True)
    return group.astype(np.int64), first.astype(np.int64)


def _venues_own(chain: Chain, group: Ints, groups: int) -> Floats:
    """Mean of the venue's forwards per settlement, NaN where it gives none, shape (g,)."""
    (given,) = np.nonzero(_believable(chain.forward))
    count = np.bincount(group[given], minlength=groups)
    total = np.bincount(group[given], weights=chain.forward[given], minlength=groups)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _believable(forward: Floats) -> Bools:
    return np.isfinite(forward) & (forward > 0)


def _parity(chain: Chain, group: Ints, growth: Floats) -> Floats:
    """Parity forward per settlement, NaN where no strike has both quotes, shape (g,)."""
    of, strike, gap, width = _pairs(chain, group)
    found = np.full(growth.size, np.nan)
    order = np.lexsort((strike, np.abs(gap), of))
    of, strike, gap, width = of[order], strike[order], gap[order], width[order]
    settlement, start, count = np.unique(of, return_index=True, return_counts=True)
    if not settlement.size:
        return found
    place = np.minimum(np.arange(WITNESSES), count[:, None] - 1)
    rows = start[:, None] + place
    lift = growth[settlement][:, None]
    says = strike[rows] + lift * gap[rows]
    spread = lift * width[rows]
    witness = np.arange(WITNESSES) < count[:, None]
    middle, typical = _median(says, witness), _median(spread, witness)
    nearest = says[:, 0]
    trusted = (count < 3) | (np.abs(nearest - middle) <= np.maximum(typical, _GROSS * middle))
    found[settlement] = np.where(trusted, nearest, middle)
    return found


def _pairs(chain: Chain, group: Ints) -> tuple[Ints, Floats, Floats, Floats]:
    """Strikes with both quotes: settlement, strike, call - put, sum of half their spreads."""
    (usable,) = np.nonzero((chain.bid > 0) & (chain.bid <= chain.ask) & np.isfinite(chain.ask))
    order = usable[np.lexsort((chain.is_call[usable], chain.strike[usable], group[usable]))]
    put, call = order[:-1], order[1:]
    paired = (group[put] == group[call]) & (chain.strike[put] == chain.strike[call])
    paired &= ~chain.is_call[put] & chain.is_call[call]
    put, call = put[paired], call[paired]
    mid, half = (chain.bid + chain.ask) / 2, (chain.ask - chain.bid) / 2
    return group[put], chain.strike[put], mid[call] - mid[put], half[call] + half[put]


def _median(values: Floats, valid: Bools) -> Floats:
    """Median over the valid values of each row, of which there is at least one, shape (g,)."""
    ranked = np.sort(np.where(valid, values, np.inf), axis=1)
    count = valid.sum(axis=1)
    rows = np.arange(len(values))
    return np.asarray(ranked[rows, (count - 1) // 2] + ranked[rows, count // 2]) / 2
