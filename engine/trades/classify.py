"""Which side was the aggressor of a trade: +1 bought, -1 sold, 0 the rule cannot say.

Venues that publish the taker's side need none of this. Where it has to be inferred, published
accuracy on options is 50-65 % for these rules, not 95 %; see docs/words.md. A missing, crossed or
empty quote is not guessed at: the rule is skipped there.

All rules are array operations over millions of trades; prices compare as the decimals they are
written as.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from engine.domain import Bools, Floats, Ints
from engine.trades.decimals import Signs, exact_sign
from engine.trades.tape import Quotes, Trades, by_contract, prevailing

OUTER = "0.3"
"""CLNV's share of the spread at either end, as a decimal."""


class Rule(StrEnum):
    QUOTE = "quote"
    TICK = "tick"
    LEE_READY = "lee_ready"
    EMO = "emo"
    CLNV = "clnv"


class Method(IntEnum):
    """What decided a trade's side."""

    NONE = 0
    QUOTE = 1
    TICK = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Accuracy:
    """Share of trades that a rule signs right, as published. [fraction]

    ISE, May 2005 to May 2017, 49.2 million option trades, NBBO (Bilz 2023).
    """

    quote: float = 0.637
    tick: float = 0.533


@dataclass(frozen=True, slots=True, eq=False)
class Classified:
    """Per trade, arrays of shape (t,).

    Attributes:
        side: +1 the aggressor bought, -1 sold, 0 not known.
        method: A `Method` each: what decided.
        confidence: Published accuracy of what decided, NaN where nothing did. It is a prior, not a
            probability calibrated on these trades. [fraction]
        quote_age: How long the quote had stood, NaN = no quote. [s]
    """

    side: Signs
    method: NDArray[np.int8]
    confidence: Floats
    quote_age: Floats


def classify(
    trades: Trades,
    quotes: Quotes,
    rule: Rule = Rule.LEE_READY,
    *,
    max_age: float = np.inf,
    accuracy: Accuracy | None = None,
) -> Classified:
    """Joins each trade with the quote it met, then applies `rule`, contract by contract.

    Args:
        max_age: Quotes that have stood longer are not used. [s]
    """
    met = prevailing(trades, quotes, max_age)
    by_quote = QUOTED[rule](trades.price, met.bid, met.ask)
    by_tick = (
        np.zeros_like(by_quote) if rule is Rule.QUOTE else tick_test(trades.price, trades.contract)
    )
    method = np.select(
        [by_quote != 0, by_tick != 0], [Method.QUOTE, Method.TICK], Method.NONE
    ).astype(np.int8)
    known = accuracy or Accuracy()
    return Classified(
        side=_then(by_quote, by_tick),
        method=method,
        confidence=np.array([np.nan, known.quote, known.tick])[method],
        quote_age=met.age,
    )


def quote_rule(price: Floats, bid: Floats, ask: Floats) -> Signs:
    """Above the mid a buy, below it a sell, at it 0. A zero bid is a quote; shape (t,). [quote]"""
    usable = (bid >= 0) & (bid <= ask) & (ask > 0)
    return np.where(usable, exact_sign((2, -1, -1), (price, bid, ask)), np.int8(0))


def tick_test(price: Floats, contract: Ints | None = None) -> Signs:
    """Sign of the change from the last different price of the same contract; 0 until there is one.

    Args:
        price: In the order of the prints, shape (t,), NaN = no price, passed over. [quote]
        contract: Number of the contract of each, from 0; None = all of one.
    """
    rows = np.flatnonzero(np.isfinite(price))
    if contract is not None:
        rows = rows[by_contract(contract[rows])]
    side = np.zeros(price.size, dtype=np.int8)
    if not rows.size:
        return side
    values = price[rows]
    moved = np.zeros(rows.size, dtype=np.int8)
    moved[1:] = (values[1:] > values[:-1]).astype(np.int8) - (values[1:] < values[:-1])
    starts = moved != 0
    if contract is not None:
        own = contract[rows]
        new = np.flatnonzero(own[1:] != own[:-1]) + 1
        moved[new], starts[new] = 0, True
    since = np.maximum.accumulate(np.where(starts, np.arange(rows.size), 0))
    side[rows] = moved[since]
    return side


def lee_ready(price: Floats, bid: Floats, ask: Floats, contract: Ints | None = None) -> Signs:
    """The quote rule, then the tick test at the mid and without a usable quote."""
    return _then(quote_rule(price, bid, ask), tick_test(price, contract))


def emo(price: Floats, bid: Floats, ask: Floats, contract: Ints | None = None) -> Signs:
    """Ellis, Michaely, O'Hara: at the ask a buy, at the bid a sell, else the tick test."""
    return _then(_at_quotes(price, bid, ask), tick_test(price, contract))


def clnv(
    price: Floats, bid: Floats, ask: Floats, contract: Ints | None = None, outer: str = OUTER
) -> Signs:
    """Chakrabarty, Li, Nguyen, Van Ness: the outer 30 % of the spread by the quote, else the tick.

    Both ends count, [ask - 30 %, ask] and [bid, bid + 30 %]; outside the quotes the tick test.

    Args:
        outer: That share, below half, as a decimal.
    """
    return _then(_outer(price, bid, ask, outer), tick_test(price, contract))


def _at_quotes(price: Floats, bid: Floats, ask: Floats) -> Signs:
    wide = _wide(bid, ask)
    return _sides(wide & (price == ask), wide & (price == bid))


def _outer(price: Floats, bid: Floats, ask: Floats, outer: str = OUTER) -> Signs:
    share = Fraction(outer)
    whole, part = share.denominator, share.numerator
    wide = _wide(bid, ask)
    weights = (whole, part - whole, -part)
    from_top = exact_sign(weights, (price, ask, bid))
    from_bottom = exact_sign(weights, (price, bid, ask))
    return _sides(
        wide & (from_top >= 0) & (price <= ask), wide & (from_bottom <= 0) & (price >= bid)
    )


def _wide(bid: Floats, ask: Floats) -> Bools:
    """Usable, and not locked: only then are the two ends of the spread different places."""
    return np.asarray((bid >= 0) & (ask > bid) & np.isfinite(ask))


def _sides(bought: Bools, sold: Bools) -> Signs:
    return bought.astype(np.int8) - sold.astype(np.int8)


def _then(first: Signs, otherwise: Signs) -> Signs:
    return np.where(first != 0, first, otherwise)


def _no_quote(price: Floats, bid: Floats, ask: Floats) -> Signs:  # noqa: ARG001 - one of QUOTED
    return np.zeros(price.size, dtype=np.int8)


QUOTED: Mapping[Rule, Callable[[Floats, Floats, Floats], Signs]] = {
    Rule.QUOTE: quote_rule,
    Rule.TICK: _no_quote,
    Rule.LEE_READY: quote_rule,
    Rule.EMO: _at_quotes,
    Rule.CLNV: _outer,
}
"""What of a rule looks at the quote; all but QUOTE go on with the tick test."""
