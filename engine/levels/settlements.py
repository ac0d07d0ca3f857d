"""What each settlement instant says: forward, at-the-money vol, max pain, expected move.

Contracts of several roots that settle at one instant settle on one price, so they are one here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.domain import Chain, ExpectedMove, Ints
from engine.exposure import Priced
from engine.levels.expected_move import expected_move
from engine.levels.max_pain import MaxPain, max_pain
from engine.terms import Terms
from engine.volatility import atm_iv, usable_mid


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Settlement:
    """One instant. `rows`: its contracts in the chain, `priced`: theirs among the priced ones."""

    instant: int
    rows: Ints
    priced: Ints
    years: float
    forward: float
    atm_iv: float | None
    max_pain: MaxPain
    expected_move: ExpectedMove


def settlements(chain: Chain, terms: Terms, priced: Priced) -> tuple[Settlement, ...]:
    """Every settlement of the chain, nearest first."""
    units, mid = chain.oi * chain.multiplier, usable_mid(chain.bid, chain.ask)
    _, roots = np.unique(chain.root, return_inverse=True)
    where = np.full(len(chain), -1, dtype=np.int64)
    where[priced.rows] = np.arange(len(priced))

    def one(instant: int, rows: Ints) -> Settlement:
        strike, is_call = chain.strike[rows], chain.is_call[rows]
        years, forward = float(terms.years[rows[0]]), float(np.median(terms.forward[rows]))
        vol = atm_iv(strike, terms.iv[rows], forward)
        return Settlement(
            instant=instant,
            rows=rows,
            priced=where[rows][where[rows] >= 0],
            years=years,
            forward=forward,
            atm_iv=vol,
            max_pain=max_pain(strike, is_call, units[rows], chain.spot),
            expected_move=expected_move(
                roots[rows], strike, is_call, mid[rows], spot=chain.spot, years=years, atm_iv=vol
            ),
        )

    return tuple(one(instant, rows) for instant, rows in _by_instant(chain.settlement))


def _by_instant(settlement: Ints) -> list[tuple[int, Ints]]:
    order = np.argsort(settlement, kind="stable")
    instants, first = np.unique(settlement[order], return_index=True)
    edges = [*first.tolist(), settlement.size]
    return [
        (instant, order[start:end])
        for instant, start, end in zip(instants.tolist(), edges, edges[1:], strict=False)
    ]
