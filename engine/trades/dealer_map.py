"""From who bought to what dealers hold.

The dealer is taken to be the other side of the aggressor. That is an assumption (sophisticated
customers post limit orders too), which is why sides come with a confidence.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from engine.domain import Bools, Floats, Ints
from engine.trades.decimals import Signs


class Action(StrEnum):
    """What the customer did. For the dealers' position only the side matters."""

    BTO = "BTO"
    BTC = "BTC"
    STO = "STO"
    STC = "STC"

    @property
    def side(self) -> int:
        """+1 bought, -1 sold."""
        return 1 if self in {Action.BTO, Action.BTC} else -1


@dataclass(frozen=True, slots=True)
class DealerSigns:
    """Sign of what the dealers' position changed by, per greek."""

    delta: int
    gamma: int
    vega: int


def dealer_signs(action: Action, *, is_call: bool) -> DealerSigns:
    """The dealers sell what a customer buys, calls and puts alike, to open or to close.

    Gamma and vega of any option are positive, so they have the sign of the position; delta has it
    for calls, and the opposite for puts.

    >>> dealer_signs(Action.BTO, is_call=False)
    DealerSigns(delta=1, gamma=-1, vega=-1)
    """
    position = -action.side
    return DealerSigns(position if is_call else -position, position, position)


def opra_book_literal_sign(action: Action, *, is_call: bool) -> int:
    """The sign another design calls the dealers' gamma; it is that of their DELTA. To compare."""
    return dealer_signs(action, is_call=is_call).delta


@dataclass(frozen=True, slots=True, eq=False)
class DealerBook:
    """Per contract, shape (n,). [contracts]

    Attributes:
        position: The dealers', + = long, within what is open: |position| <= open interest.
        bought, sold: By customers.
        unsigned: Traded without a known side; it is in no position.
        clamped: Where trades alone would make the dealers hold more than there is.
    """

    position: Floats
    bought: Floats
    sold: Floats
    unsigned: Floats
    clamped: Bools


def dealer_book(contract: Ints, side: Signs, size: Floats, oi: Floats) -> DealerBook:
    """The dealers' position of signed trades; `positions.signed` takes it as its book.

    It is the whole position only of contracts whose whole life is in the trades.

    Args:
        contract: Which of the n contracts each trade is of, 0..n-1, shape (t,).
        side: +1 the customer bought, -1 sold, 0 not known, shape (t,).
        size: Shape (t,). [contracts]
        oi: Open interest after the trades, shape (n,), NaN = not published, which bounds nothing.
    """
    bought, sold, unsigned = (
        np.bincount(contract, weights=size * (side == each), minlength=oi.size).astype(np.float64)
        for each in (1, -1, 0)
    )
    held = sold - bought
    bound = np.where(np.isnan(oi), np.inf, oi)
    return DealerBook(
        position=np.clip(held, -bound, bound),
        bought=bought,
        sold=sold,
        unsigned=unsigned,
        clamped=np.abs(held) > bound,
    )
