"""Active GEX: the part of the exposure that open interest new since `previous` carries."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.domain import Chain, Floats
from engine.exposure import Dealt, Groups, Priced, known


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Active:
    """Per strike, shape (k,), and in total. [quote per 1 %]

    `stale`: the rest of net GEX, carried by open interest that was there before.
    `literal`: the unclamped per-strike form net GEX x dOI / OI, kept under its own name: there
    falling open interest flips the sign, and new calls cancel closed puts.
    """

    total: float
    by_strike: Floats
    stale_by_strike: Floats
    literal_total: float
    literal_by_strike: Floats


def active_gex(
    chain: Chain, priced: Priced, book: Dealt, grid: Groups, previous: Floats
) -> Active | None:
    """None when no contract has a previous open interest; a new listing is wholly active.

    Args:
        previous: Open interest one snapshot ago, shape (n,), NaN = not listed then. [contracts]
    """
    if not np.isfinite(previous).any():
        return None
    before, oi = known(previous), known(chain.oi)
    grown = np.divide(oi - before, oi, out=np.zeros_like(oi), where=oi > 0)
    share = np.clip(grown, 0.0, 1.0)[priced.rows]
    by_strike = grid.sums(book.gex * share, priced.rows)
    everywhere = np.arange(len(chain))
    net = grid.sums(book.gex, priced.rows)
    total_oi = grid.sums(oi, everywhere)
    change = grid.sums(oi - before, everywhere)
    literal = np.divide(net * change, total_oi, out=np.zeros_like(net), where=total_oi > 0)
    return Active(
        total=float(by_strike.sum()),
        by_strike=by_strike,
        stale_by_strike=net - by_strike,
        literal_total=float(literal.sum()),
        literal_by_strike=literal,
    )
