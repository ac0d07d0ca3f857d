"""What the venue says beside what we say: its greeks and its volatilities.

Differences are of one contract each, ours less theirs; a contract that either side has no number
for is not compared, and counted out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from engine.domain import Chain, Floats, Ints
from engine.exposure import Priced
from engine.implied import implied_vol
from engine.terms import Terms

COMPARED = {"delta": 1, "gamma": 2}
"""Greeks that venues publish, and how often each is a derivative by the underlying."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """Absolute differences over the contracts compared, in the unit of what is compared.

    Attributes:
        count: Contracts compared; where it is 0 all else is None.
        p95: 95th percentile, linear between contracts: the worst but for the wild ones.
        worst: Row of the largest difference in the chain.
        contract: The same, in words: "SPXW 2026-11-20 21:00 UTC 6500 C".
        ours, theirs: The two numbers of that contract.
    """

    count: int
    max: float | None
    p95: float | None
    median: float | None
    worst: int | None
    contract: str | None
    ours: float | None
    theirs: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotedVols:
    """The venue's volatilities beside those its own quotes say, of out-of-the-money contracts.

    Attributes:
        mid: Against the volatility of the mid. [vol points]
        outside: Contracts whose venue volatility prices outside [bid, ask].
        judged: Contracts of which that can be said.
    """

    mid: Deviation
    outside: int
    judged: int


def compare_greeks(
    chain: Chain,
    terms: Terms,
    priced: Priced,
    theirs: Mapping[str, Floats],
    *,
    to_forward: bool = False,
) -> dict[str, Deviation]:
    """Our delta and gamma beside the venue's.

    Args:
        priced: Ours, of the contracts of `chain` that have a volatility.
        theirs: "delta", "gamma" or both, each of shape (n,), NaN = the venue has none.
        to_forward: True where the venue's greeks are per unit of the forward (Deribit's are),
            not of spot: at 3 % of basis the two deltas differ by 3 %.

    Raises:
        ValueError: another name, or another shape than the chain's.
    """
    lift = terms.forward[priced.rows] / chain.spot if to_forward else np.ones(len(priced))
    found = {}
    for name, venues in theirs.items():
        if name not in COMPARED:
            raise ValueError(f"expected {' or '.join(COMPARED)}, found {name!r}")
        if venues.shape != chain.strike.shape:
            raise ValueError(f"expected {chain.strike.shape} {name} values, found {venues.shape}")
        ours = np.full(len(chain), np.nan)
        ours[priced.rows] = getattr(priced, name) / lift ** COMPARED[name]
        found[name] = deviation(chain, ours, venues)
    return found


def compare_vols(chain: Chain, terms: Terms) -> QuotedVols:
    """The venue's volatilities beside those solved from its quotes, whatever is used for greeks.

    Out of the money only: in the money a tick of the quote is many vol points, and an American
    option's price says something else than a European one's.
    """
    rows = _quoted(chain, terms)
    low, high = (_solved(chain, terms, price, rows) for price in (chain.bid, chain.ask))
    venue = 100 * chain.iv
    known = np.isfinite(low) & np.isfinite(high)
    off = known & ((venue < low) | (venue > high))
    return QuotedVols(
        mid=compare_mid_vols(chain, terms), outside=int(off.sum()), judged=int(known.sum())
    )


def compare_mid_vols(chain: Chain, terms: Terms) -> Deviation:
    """`QuotedVols.mid` alone, a third of the work. [vol points]"""
    rows = _quoted(chain, terms)
    return deviation(
        chain, _solved(chain, terms, (chain.bid + chain.ask) / 2, rows), 100 * chain.iv
    )


def deviation(chain: Chain, ours: Floats, theirs: Floats) -> Deviation:
    """Of two columns of the chain, shape (n,), NaN = none. Ties go to the first contract."""
    (rows,) = np.nonzero(np.isfinite(ours) & np.isfinite(theirs))
    if not rows.size:
        return Deviation(
            count=0,
            max=None,
            p95=None,
            median=None,
            worst=None,
            contract=None,
            ours=None,
            theirs=None,
        )
    away = np.abs(ours[rows] - theirs[rows])
    worst = int(rows[away.argmax()])
    return Deviation(
        count=int(rows.size),
        max=float(away.max()),
        p95=float(np.percentile(away, 95)),
        median=float(np.median(away)),
        worst=worst,
        contract=_named(chain, worst),
        ours=float(ours[worst]),
        theirs=float(theirs[worst]),
    )


def _quoted(chain: Chain, terms: Terms) -> Ints:
    """Contracts out of the money that have a volatility of the venue and a usable quote."""
    usable = (chain.bid > 0) & (chain.bid <= chain.ask) & np.isfinite(chain.ask) & (chain.iv > 0)
    return np.flatnonzero(usable & (chain.is_call == (chain.strike >= terms.forward)))


def _solved(chain: Chain, terms: Terms, price: Floats, rows: Ints) -> Floats:
    """Volatility of `price` at some rows, NaN elsewhere, shape (n,). [vol points]"""
    found = np.full(len(chain), np.nan)
    found[rows] = 100 * implied_vol(
        price[rows],
        chain.spot,
        chain.strike[rows],
        terms.years[rows],
        terms.rate,
        terms.carry[rows],
        chain.is_call[rows],
    )
    return found


def _named(chain: Chain, row: int) -> str:
    settles = datetime.fromtimestamp(int(chain.settlement[row]), UTC)
    side = "C" if chain.is_call[row] else "P"
    return f"{chain.root[row]} {settles:%Y-%m-%d %H:%M} UTC {chain.strike[row]:.10g} {side}"
