"""Which options can be exercised early, and how much of the book that can matter for.

Everything is valued as European (docs/decisions/0006-american-exercise.md says what that costs).
Out of the money and around it the two nearly agree; deep in the money an American option may be as
good as exercised already, with no gamma at all where a European one still has some.
"""

from __future__ import annotations

import numpy as np

from engine.domain import Bools, Chain, Floats, Market
from engine.exposure import Priced

EUROPEAN = frozenset(
    (
        "SPX", "SPXW", "XSP", "XEO", "NANOS", "NDX", "NDXP", "XND", "RUT", "RUTW", "MRUT", "DJX",
        "VIX", "VIXW", "RUI", "RLG", "RLV", "MXEA", "MXEF", "SPESG", "CBTX", "MBTX",
    )
)  # fmt: skip
"""Roots of cash-settled US index options that cannot be exercised early; OEX can."""

DEEP = 0.8
"""Size of delta from which a contract counts as deep in the money."""

MATTERS = 0.10
"""Share of gross GEX from which it is said: sums may then be wrong by some per cent."""


def american(chain: Chain) -> Bools:
    """Contracts that can be exercised early, shape (n,): US options on shares and funds."""
    if chain.market is not Market.US:
        return np.zeros(len(chain), dtype=np.bool_)
    early = [root not in EUROPEAN for root in chain.root.tolist()]
    return np.array(early, dtype=np.bool_)


def deep_share(chain: Chain, priced: Priced, gex: Floats) -> float:
    """Share of gross GEX in American contracts deep in the money; 0 without any gamma.

    Args:
        gex: Of the contracts of `priced`, shape (m,). [quote per 1 %]
    """
    gross = np.abs(gex)
    total = float(gross.sum())
    deep = american(chain)[priced.rows] & (np.abs(priced.delta) > DEEP)
    return float(gross[deep].sum()) / total if total > 0 else 0.0
