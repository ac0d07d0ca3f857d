"""The gate: what a venue listed to what may enter a Chain, with every refusal counted.

Each contract of a payload ends in exactly one place: in the chain, or in one count of `left_out`,
judged in this order:

* invalid    the symbol cannot be read
* adjusted   a non-standard deliverable (a digit in the root)
* expired    settled at or before the valuation instant, though still listed
* invalid    a strike, multiplier or open interest that cannot be
* duplicate  the same contract again, with the same numbers

A quote that cannot be (negative, crossed) is no quote; the contract stays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any

import numpy as np

from engine.domain import COLUMNS, Bools, Chain, Floats, Ints, Market, Texts
from engine.errors import BadData, EmptyChain
from engine.expiry import settlements
from engine.symbols import ContractTerms

_MOST_OI = 1e12
_SPOT_AND_STRIKES = 50.0
_MISSING = "missing"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Book:
    """The numbers beside the symbols, as the venue gives them; every array has shape (n,).

    Attributes:
        oi, volume: NaN = not published. [contracts]
        bid, ask, forward: NaN = none. [quote]
        iv: NaN or 0 = none. [fraction per sqrt(year)]
        multiplier: Units of the underlying per contract.
        delta, gamma: Of one unit, to spot; NaN, or both 0 = none. None = the venue gives none.
        malformed: Rows with a cell that is not a number.
    """

    oi: Floats
    volume: Floats
    bid: Floats
    ask: Floats
    iv: Floats
    multiplier: Floats
    forward: Floats
    delta: Floats | None = None
    gamma: Floats | None = None
    malformed: Bools


def admit(
    terms: ContractTerms,
    book: Book,
    *,
    am: Bools | None = None,
    venue: str,
    asset: str,
    market: Market,
    currency: str,
    asof: datetime,
    spot: float,
    rate: float | None = None,
) -> Chain:
    """Build the Chain of what is well-formed and alive, and count the rest.

    Args:
        terms: From `engine.symbols`, shape (n,).
        book: The same contracts' numbers.
        am: Settled at the opening auction, shape (n,); None = nowhere.
        venue, asset, market, currency, asof, spot, rate: Passed on to the Chain.

    Raises:
        EmptyChain: nothing is left.
        BadData: an impossible spot, two versions of one contract, or most rows unreadable.
    """
    if not (np.isfinite(spot) and spot > 0):
        raise BadData(f"{venue} gives no usable {asset} spot: expected a price, found {spot}.")
    n = terms.strike.size
    readable = terms.readable
    day = np.where(readable, terms.expiry, np.datetime64(0, "D"))
    settlement = settlements(market, day, am)
    possible = ~book.malformed & (terms.strike > 0) & (book.multiplier > 0)
    possible &= np.isfinite(book.multiplier) & (np.isnan(book.oi) | (book.oi >= 0))
    possible &= ~(book.oi > _MOST_OI)
    reasons = (
        ("invalid", ~readable),
        ("adjusted", terms.adjusted),
        ("expired", settlement <= asof.timestamp()),
        ("invalid", ~possible),
    )
    left_out: dict[str, int] = {}
    kept = np.ones(n, dtype=bool)
    for name, refused in reasons:
        _count(left_out, name, int((kept & refused).sum()))
        kept &= ~refused
    if left_out.get("invalid", 0) * 2 > n:
        raise BadData(
            f"{venue} changed its {asset} format:"
            f" {left_out['invalid']} of {n} contracts cannot be read."
        )
    columns = _columns(terms, settlement, book, kept)
    once = _first_of_each(columns, venue)
    _count(left_out, "duplicate", int((~once).sum()))
    columns = {name: column[once] for name, column in columns.items()}
    if not once.any():
        raise EmptyChain(venue, asset)
    _check_scale(columns["strike"], spot, venue, asset)
    return Chain(
        asset=asset,
        venue=venue,
        market=market,
        asof=asof.astimezone(UTC),
        spot=float(spot),
        currency=currency,
        rate=rate,
        listed=n,
        left_out=left_out,
        **columns,
    )


def columns(
    rows: Sequence[Mapping[str, Any]], names: Sequence[str]
) -> tuple[dict[str, Floats], Bools]:
    """Number fields of decoded JSON rows, and which rows have a cell that is not a number.

    A null is NaN. A cell of another type, or missing in this row only, is NaN and marks its row.

    Raises:
        KeyError: no row has the field.
    """
    bad = np.zeros(len(rows), dtype=bool)
    found: dict[str, Floats] = {}
    for name in names:
        found[name], odd = numbers(cells(rows, name))
        bad |= odd
    return found, bad


def cells(rows: Sequence[Mapping[str, Any]], name: str) -> list[Any]:
    """One field of every row; where only some rows lack it, a text that is no number and no symbol.

    Raises:
        KeyError: no row has the field.
    """
    try:
        return list(map(itemgetter(name), rows))
    except KeyError:
        found = [row.get(name, _MISSING) for row in rows]
    if all(each is _MISSING for each in found):
        raise KeyError(name)
    return found


def numbers(values: Sequence[Any]) -> tuple[Floats, Bools]:
    """Cells to floats, shape (n,), and where a cell was neither a number nor null.

    >>> numbers([1, 2.5, None, "7"])
    (array([1. , 2.5, nan, nan]), array([False, False, False,  True]))
    """
    try:
        plain = np.array([np.nan if each is None else each for each in values])
    except ValueError:  # a list among the cells
        plain = np.array("")
    if plain.dtype.kind in "fiu" and plain.ndim == 1:
        return plain.astype(np.float64), np.zeros(plain.size, dtype=bool)
    good = [isinstance(each, (int, float)) and not isinstance(each, bool) for each in values]
    floats = [float(each) if ok else np.nan for each, ok in zip(values, good, strict=True)]
    odd = [not ok and each is not None for each, ok in zip(values, good, strict=True)]
    return np.array(floats, dtype=np.float64), np.array(odd, dtype=bool)


def _count(left_out: dict[str, int], name: str, number: int) -> None:
    if number:
        left_out[name] = left_out.get(name, 0) + number


def _columns(terms: ContractTerms, settlement: Ints, book: Book, kept: Bools) -> dict[str, Any]:
    """The Chain's columns of the kept contracts, with impossible quotes taken away."""
    bid, ask = _quotes(book.bid[kept], book.ask[kept])
    delta, gamma = _greeks(book, terms.is_call, kept)
    return {
        "root": terms.root[kept],
        "settlement": settlement[kept],
        "strike": terms.strike[kept],
        "is_call": terms.is_call[kept],
        "oi": book.oi[kept],
        "volume": _at_least_zero(book.volume[kept]),
        "bid": bid,
        "ask": ask,
        "iv": _positive(book.iv[kept]),
        "multiplier": book.multiplier[kept],
        "forward": _positive(book.forward[kept]),
        "delta": delta,
        "gamma": gamma,
    }


def _quotes(bid: Floats, ask: Floats) -> tuple[Floats, Floats]:
    """An ask of 0 is none, a bid of 0 beside an ask is a zero bid; crossed: neither is a quote."""
    ask = _positive(ask)
    bid = np.where((bid == 0) & np.isnan(ask), np.nan, _at_least_zero(bid))
    crossed = bid > ask
    return np.where(crossed, np.nan, bid), np.where(crossed, np.nan, ask)


def _greeks(book: Book, is_call: Bools, kept: Bools) -> tuple[Floats, Floats]:
    """Delta of the wrong sign and gamma below 0 are none; so are zeros side by side."""
    nothing = np.full(kept.shape, np.nan)
    delta = (nothing if book.delta is None else book.delta)[kept]
    gamma = _at_least_zero((nothing if book.gamma is None else book.gamma)[kept])
    empty = (delta == 0) & (gamma == 0)
    possible = np.isfinite(delta) & (np.where(is_call[kept], delta, -delta) >= 0) & ~empty
    return np.where(possible, delta, np.nan), np.where(empty, np.nan, gamma)


def _positive(values: Floats) -> Floats:
    return np.where(np.isfinite(values) & (values > 0), values, np.nan)


def _at_least_zero(values: Floats) -> Floats:
    return np.where(np.isfinite(values) & (values >= 0), values, np.nan)


def _first_of_each(columns: Mapping[str, Any], venue: str) -> Bools:
    """Marks one of each contract. Raises BadData when two versions of one contract disagree."""
    codes = _codes(columns["root"])
    keys = (columns["is_call"], columns["strike"], columns["settlement"], codes)
    order = np.lexsort(keys)
    here, before = order[1:], order[:-1]
    same = np.ones(max(order.size - 1, 0), dtype=bool)
    for key in keys:
        same &= key[here] == key[before]
    for name in COLUMNS[COLUMNS.index("oi") :]:
        one, other = columns[name][here[same]], columns[name][before[same]]
        differs = (one != other) & ~(np.isnan(one) & np.isnan(other))
        if differs.any():
            raise BadData(_disagreement(columns, int(here[same][differs.argmax()]), name, venue))
    once = np.ones(order.size, dtype=bool)
    once[here[same]] = False
    return once


def _codes(root: Texts) -> Ints:
    """A number per distinct root; a chain has a handful of them."""
    codes = np.full(root.shape, -1, dtype=np.int64)
    number = 0
    while (rest := codes < 0).any():
        codes[root == root[rest.argmax()]] = number
        number += 1
    return codes


def _disagreement(columns: Mapping[str, Any], i: int, name: str, venue: str) -> str:
    settles = datetime.fromtimestamp(int(columns["settlement"][i]), UTC)
    side = "call" if columns["is_call"][i] else "put"
    return (
        f"{venue} lists the {columns['root'][i]} {settles:%Y-%m-%d} {columns['strike'][i]:g} {side}"
        f" twice, with different values of {name}."
    )


def _check_scale(strike: Floats, spot: float, venue: str, asset: str) -> None:
    low, high = float(strike.min()), float(strike.max())
    if not low / _SPOT_AND_STRIKES <= spot <= high * _SPOT_AND_STRIKES:
        raise BadData(
            f"{venue} gives an absurd {asset} spot: {spot:g} beside strikes {low:g} to {high:g}."
        )
