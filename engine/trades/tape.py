"""Trades and quotes of many contracts, and the quote each trade met."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from engine.domain import Floats, Ints
from engine.errors import BadData

NANOSECONDS = 1e9


@dataclass(frozen=True, slots=True, eq=False)
class Trades:
    """Prints in the order they were reported; arrays of shape (t,).

    Attributes:
        contract: Numbers of the contracts, 0..2^32 - 1; the same numbers in trades and quotes.
        time: Since 1970. [ns]
        price: NaN = none. [quote]
        size: [contracts]
    """

    contract: Ints
    time: Ints
    price: Floats
    size: Floats

    def __post_init__(self) -> None:
        _aligned(self)


@dataclass(frozen=True, slots=True, eq=False)
class Quotes:
    """Best bids and offers; arrays of shape (q,), quickest joined when in order of time.

    Attributes:
        contract, time: As of `Trades`; of equal times of one contract, the last one stands.
        bid, ask: NaN = none. [quote]
    """

    contract: Ints
    time: Ints
    bid: Floats
    ask: Floats

    def __post_init__(self) -> None:
        _aligned(self)


@dataclass(frozen=True, slots=True, eq=False)
class Met:
    """The quote in force at each trade; shape (t,), NaN = there was none.

    `age`: how long it had stood by then. [s]
    """

    bid: Floats
    ask: Floats
    age: Floats


def prevailing(trades: Trades, quotes: Quotes, max_age: float = np.inf) -> Met:
    """The contract's last quote at or before each trade.

    A quote stands until the next one replaces it, so it has no best-before date by itself; a
    window that reaches past the trade would look at quotes that the trade has already moved.

    Args:
        max_age: Older quotes are not used: a feed that stopped looks like a quote that stands. [s]
    """
    if not quotes.time.size:
        nothing = np.full(trades.time.size, np.nan)
        return Met(nothing, nothing, nothing)
    found = _last_before(trades, quotes)
    age = (trades.time - quotes.time[found]) / NANOSECONDS
    stands = (quotes.contract[found] == trades.contract) & (age >= 0) & (age <= max_age)
    return Met(
        bid=np.where(stands, quotes.bid[found], np.nan),
        ask=np.where(stands, quotes.ask[found], np.nan),
        age=np.where(stands, age, np.nan),
    )


def by_contract(contract: Ints) -> Ints:
    """Rows grouped by contract, in their own order inside each; shape of `contract`.

    Two passes over 16 bits each: numpy sorts those by counting, several times faster than numbers.
    """
    order = np.argsort(contract.astype(np.uint16), kind="stable")
    high = contract >> 16
    if high.any():
        order = order[np.argsort(high[order].astype(np.uint16), kind="stable")]
    return order


def _last_before(trades: Trades, quotes: Quotes) -> Ints:
    """Quote last in force at each trade, shape (t,); of another contract or later when none was.

    A quote's key is its contract and its rank in time; a trade looks for the last key below its
    own, which has the number of quotes up to then for a rank.
    """
    time, contract, in_time = quotes.time, quotes.contract, None
    if (time[1:] < time[:-1]).any():
        in_time = np.argsort(time, kind="stable")
        time, contract = time[in_time], contract[in_time]
    rank = by_contract(contract)
    span = time.size + 1
    keys = contract[rank] * span + rank
    grouped = by_contract(trades.contract)
    ranks = np.searchsorted(time, trades.time, side="right")
    wanted = (trades.contract * span + ranks)[grouped]
    place = np.maximum(np.searchsorted(keys, wanted) - 1, 0)
    found = np.empty(trades.time.size, dtype=np.int64)
    found[grouped] = rank[place]
    return found if in_time is None else in_time[found]


def _aligned(columns: Trades | Quotes) -> None:
    shapes = {getattr(columns, each.name).shape for each in fields(columns)}
    if len(shapes) != 1 or len(next(iter(shapes))) != 1:
        raise BadData(f"expected aligned columns of trades or quotes, found {sorted(shapes)}")
    contract = columns.contract
    if contract.size and (contract.min() < 0 or contract.max() >= 2**32):
        raise BadData("expected contracts numbered from 0")
