"""The sums of each settlement of each root, nearest first."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

from engine.domain import Chain, ExpiryRow, Floats
from engine.exposure import Groups
from engine.valuation import Valuation


def by_expiry(valuation: Valuation) -> tuple[ExpiryRow, ...]:
    """A row per (settlement, root); max pain and volatility are the settlement instant's."""
    chain, rows, book = valuation.chain, valuation.priced.rows, valuation.book
    kinds, groups = series(chain)
    sums: dict[str, Floats] = {
        "call_oi": groups.published(chain.oi, chain.is_call),
        "put_oi": groups.published(chain.oi, ~chain.is_call),
        "net_gex": groups.sums(book.gex, rows),
        "gross_gex": groups.sums(np.abs(book.gex), rows),
        "net_dex": groups.sums(book.dex, rows),
        "net_vex": groups.sums(book.vex, rows),
        "net_cex": groups.sums(book.cex, rows),
    }
    counts = np.bincount(groups.of, minlength=groups.count)
    settled = {each.instant: each for each in valuation.settlements}

    def row(i: int, root: str, instant: int) -> ExpiryRow:
        at = settled[instant]
        return ExpiryRow(
            root=root,
            settlement=datetime.fromtimestamp(instant, UTC),
            contracts=int(counts[i]),
            forward=at.forward,
            atm_iv=at.atm_iv,
            max_pain=at.max_pain.strike,
            expected_move=at.expected_move.straddle,
            **{name: float(each[i]) for name, each in sums.items()},
        )

    return tuple(row(i, *kind) for i, kind in enumerate(kinds))


def series(chain: Chain) -> tuple[tuple[tuple[str, int], ...], Groups]:
    """(root, settlement instant) of everything listed, nearest first, and the contracts by it."""
    roots, root = np.unique(chain.root, return_inverse=True)
    instants, instant = np.unique(chain.settlement, return_inverse=True)
    kinds, of = np.unique(instant * max(roots.size, 1) + root, return_inverse=True)
    at, which = np.divmod(kinds, max(roots.size, 1))
    named = zip(roots[which].tolist(), instants[at].tolist(), strict=True)
    return tuple(named), Groups(of, kinds.size)
