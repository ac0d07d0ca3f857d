"""Totals of many chains at once: one pass of greeks and sums over all their contracts.

For a scan over a whole market, where only the sums are wanted; a chain that somebody looks at goes
through `engine.analyse`. Forwards and volatilities are each chain's own, found chain by chain;
greeks and sums cost their overhead once instead of once a chain.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.domain import Chain, Exposures, Floats, Ints
from engine.exposure import WHICH, greeks_to_spot, in_units, or_given
from engine.held import Held, hold
from engine.settings import EngineSettings
from engine.window import ALL, Window


def batch_totals(
    chains: Sequence[Chain],
    settings: EngineSettings,
    *,
    convention: str | None = None,
    window: Window = ALL,
) -> tuple[Exposures, ...]:
    """The exposures that `engine.analyse.analyse` finds, of each chain, in their order.

    Raises:
        BadInput: an unknown convention, or one that needs a book.
        CalendarExpired: as `engine.window.within`.
    """
    held = [hold(chain, settings, convention=convention, window=window) for chain in chains]
    rows = [np.flatnonzero(np.isfinite(each.terms.iv)) for each in held]
    some = [i for i, part in enumerate(rows) if part.size]
    sums = np.zeros((len(held), len(WHICH) + 2))
    if some:
        sums[some] = _sums([held[i] for i in some], [rows[i] for i in some])
    return tuple(
        in_units(
            each.chain.spot,
            dict(zip(WHICH, found, strict=False)),
            gross=found[-2],
            vanna_iv=found[-1],
        )
        for each, found in zip(held, sums.tolist(), strict=True)
    )


def _sums(held: Sequence[Held], rows: Sequence[Ints]) -> Floats:
    """Sums of units x each greek, of gross GEX and of units x vanna x volatility, shape (c, 11).

    Args:
        rows: Contracts of each chain that have a volatility, at least one.
    """
    sizes = [part.size for part in rows]
    given = list(zip(held, rows, strict=True))
    spot = np.repeat([each.chain.spot for each in held], sizes)
    iv = np.concatenate([each.terms.iv[part] for each, part in given])
    units = np.concatenate([each.units[part] for each, part in given])
    modelled = greeks_to_spot(
        spot=spot,
        rate=np.repeat([each.terms.rate for each in held], sizes),
        iv=iv,
        strike=np.concatenate([each.chain.strike[part] for each, part in given]),
        is_call=np.concatenate([each.chain.is_call[part] for each, part in given]),
        years=np.concatenate([each.terms.years[part] for each, part in given]),
        forward=np.concatenate([each.terms.forward[part] for each, part in given]),
        carry=np.concatenate([each.terms.carry[part] for each, part in given]),
        quoted=np.concatenate([each.terms.quoted[part] for each, part in given]),
    )
    greeks = or_given(
        modelled,
        delta=np.concatenate([each.terms.delta[part] for each, part in given]),
        gamma=np.concatenate([each.terms.gamma[part] for each, part in given]),
    )
    first = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    gross = np.abs(units * greeks["gamma"]) * spot**2 * 0.01
    columns = [*(units * greeks[name] for name in WHICH), gross, units * greeks["vanna"] * iv]
    return np.stack([np.add.reduceat(each, first) for each in columns], axis=-1)
