"""Trade signs: prices as decimals, the tick test, joins with quotes, all rules together."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain import Floats, Ints
from engine.errors import BadData
from engine.trades.classify import (
    Accuracy,
    Method,
    Rule,
    classify,
    clnv,
    emo,
    lee_ready,
    quote_rule,
    tick_test,
)
from engine.trades.decimals import exact_sign
from engine.trades.tape import Quotes, Trades, by_contract, prevailing

cents = st.integers(0, 60).map(lambda n: n / 20)
"""Few different prices, so that mids, ends of the spread and repetitions occur all the time."""
maybe = st.one_of(cents, st.just(math.nan))


def column(values: list[float]) -> Floats:
    return np.array(values, dtype=np.float64)


def numbers(values: list[int]) -> Ints:
    return np.array(values, dtype=np.int64)


tapes = st.lists(st.tuples(maybe, maybe, maybe, st.integers(0, 3)), max_size=30).map(
    lambda rows: (
        *(column([row[k] for row in rows]) for k in range(3)),
        numbers([row[3] for row in rows]),
    )
)


# --- prices as decimals


@given(
    st.lists(
        st.tuples(*[st.one_of(cents, st.floats(0, 1e6), st.integers(0, 10**6).map(float))] * 3),
        max_size=20,
    ),
    st.tuples(*[st.one_of(st.integers(-10, 10), st.integers(-(10**6), 10**6))] * 3),
)
def test_signs_are_those_of_exact_arithmetic_on_the_written_numbers(
    rows: list[tuple[float, float, float]], weights: tuple[int, int, int]
) -> None:
    found = exact_sign(weights, tuple(column([row[k] for row in rows]) for k in range(3)))
    for row, sign in zip(rows, found, strict=True):
        total = sum(w * Fraction(repr(each)) for w, each in zip(weights, row, strict=True))
        assert sign == (total > 0) - (total < 0)


@given(st.integers(1, 10**9), st.integers(0, 10**6), st.integers(0, 9))
def test_a_print_at_the_decimal_mid_is_at_the_mid(low: int, half: int, places: int) -> None:
    unit = Decimal(1).scaleb(-places)
    bid, mid, ask = (column([float(n * unit)]) for n in (low, low + half, low + 2 * half))
    assert quote_rule(mid, bid, ask).tolist() == [0]
    if half:
        above = column([float((low + half) * unit + unit / 10)])
        assert quote_rule(above, bid, ask).tolist() == [1]


def test_numbers_with_more_digits_than_prices_have_are_still_exact() -> None:
    noisy = 0.1 + 0.2  # written 0.30000000000000004
    assert quote_rule(column([noisy, 0.3]), column([0.1, 0.1]), column([0.5, 0.5])).tolist() == [
        1,
        0,
    ]


def test_prices_of_every_scale_stand_in_one_array() -> None:
    price = column([1e-9, 0.5, 123_456.78, 2e8])
    assert quote_rule(price, price, price).tolist() == [0] * 4
    assert quote_rule(price, price * 0, price * 2).tolist() == [0] * 4


# --- single rules


@given(tapes)
def test_a_side_is_bought_sold_or_unknown(tape: tuple[Floats, Floats, Floats, Ints]) -> None:
    price, bid, ask, contract = tape
    for sides in (
        quote_rule(price, bid, ask),
        tick_test(price, contract),
        *(rule(price, bid, ask, contract) for rule in (lee_ready, emo, clnv)),
    ):
        assert sides.shape == price.shape
        assert set(sides.tolist()) <= {-1, 0, 1}


@given(tapes)
def test_rules_give_what_a_loop_over_the_trades_gives(
    tape: tuple[Floats, Floats, Floats, Ints],
) -> None:
    price, bid, ask, contract = tape
    expected = [_sides(*tape, row) for row in range(price.size)]
    found = zip(
        quote_rule(price, bid, ask).tolist(),
        tick_test(price, contract).tolist(),
        lee_ready(price, bid, ask, contract).tolist(),
        emo(price, bid, ask, contract).tolist(),
        clnv(price, bid, ask, contract).tolist(),
        strict=True,
    )
    assert list(found) == expected


def _sides(
    price: Floats, bid: Floats, ask: Floats, contract: Ints, row: int
) -> tuple[int, int, int, int, int]:
    """The definitions, one trade at a time."""
    p, b, a = (_written(each[row]) for each in (price, bid, ask))
    earlier = [
        each
        for each, own in zip(map(_written, price[:row]), contract[:row], strict=True)
        if own == contract[row] and each is not None and p is not None and each != p
    ]
    tick = 0 if not earlier or p is None else (p > earlier[-1]) - (p < earlier[-1])
    quote = at_quotes = outer = 0
    if p is not None and b is not None and a is not None and 0 <= b <= a and a > 0:
        quote = (2 * p > a + b) - (2 * p < a + b)
        if a > b:
            at_quotes = (p == a) - (p == b)
            part = (a - b) * Decimal("0.3")
            outer = (a - part <= p <= a) - (b <= p <= b + part)
    return quote, tick, quote or tick, at_quotes or tick, outer or tick


def _written(price: float) -> Decimal | None:
    return None if math.isnan(price) else Decimal(repr(float(price)))


@given(st.lists(st.integers(1, 40), max_size=40), st.sampled_from([0.01, 0.05, 3.0, 1e4]))
def test_the_tick_test_does_not_know_the_scale_of_prices(ticks: list[int], scale: float) -> None:
    price = column([float(each) for each in ticks])
    assert tick_test(price).tolist() == tick_test(price * scale).tolist()
    assert tick_test(-price).tolist() == (-tick_test(price)).tolist()


@given(tapes)
def test_exchanging_buyers_and_sellers_turns_every_side_around(
    tape: tuple[Floats, Floats, Floats, Ints],
) -> None:
    """All prices mirrored about 5, so that bids become asks."""
    price, bid, ask, contract = tape
    there = (np.round(10 - each, 2) for each in (price, ask, bid))
    mirrored = dict(zip(("price", "bid", "ask"), there, strict=True))
    for rule in (lee_ready, emo, clnv):
        sides = rule(price, bid, ask, contract)
        usable = ~(ask <= 0)  # an ask of 0 is no quote, but its mirror image is one
        if usable.all():
            assert rule(**mirrored, contract=contract).tolist() == (-sides).tolist()


@given(tapes, st.randoms(use_true_random=False))
def test_contracts_do_not_see_each_other(
    tape: tuple[Floats, Floats, Floats, Ints], random: object
) -> None:
    price, bid, ask, contract = tape
    together = lee_ready(price, bid, ask, contract)
    for each in np.unique(contract):
        own = contract == each
        alone = lee_ready(price[own], bid[own], ask[own])
        assert together[own].tolist() == alone.tolist()


@pytest.mark.parametrize(
    ("bid", "ask"), [(1.1, 1.0), (math.nan, 1.0), (1.0, math.nan), (0.0, 0.0), (1.0, math.inf)]
)
def test_a_quote_that_cannot_be_used_is_skipped_not_guessed_at(bid: float, ask: float) -> None:
    price, bids, asks = column([1.0, 1.2]), column([bid] * 2), column([ask] * 2)
    assert quote_rule(price, bids, asks).tolist() == [0, 0]
    for rule in (lee_ready, emo, clnv):
        assert rule(price, bids, asks).tolist() == tick_test(price).tolist() == [0, 1]


def test_a_zero_bid_is_a_quote_and_a_locked_one_has_a_mid_but_no_ends() -> None:
    price, zero, ask = column([0.01, 0.04, 0.05]), column([0.0] * 3), column([0.05] * 3)
    assert quote_rule(price, zero, ask).tolist() == [-1, 1, 1]
    locked = column([0.04] * 3)
    assert quote_rule(price, locked, locked).tolist() == [-1, 0, 1]
    assert emo(price, locked, locked).tolist() == clnv(price, locked, locked).tolist() == [0, 1, 1]


def test_both_ends_of_the_outer_part_of_the_spread_belong_to_it() -> None:
    price = column([1.07, 1.03, 1.0699, 1.0301, 1.11, 0.99])
    bid, ask = column([1.0] * 6), column([1.1] * 6)
    alone = numbers(list(range(6)))
    assert clnv(price, bid, ask, alone).tolist() == [1, -1, 0, 0, 0, 0]
    assert clnv(price, bid, ask, alone, outer="0.1").tolist() == [0] * 6


# --- quotes met


def quotes_of(*rows: tuple[int, int, float, float]) -> Quotes:
    """(contract, time in s, bid, ask)"""
    return Quotes(
        numbers([row[0] for row in rows]),
        numbers([row[1] * 10**9 for row in rows]),
        column([row[2] for row in rows]),
        column([row[3] for row in rows]),
    )


def trades_of(*rows: tuple[int, int, float]) -> Trades:
    """(contract, time in s, price)"""
    return Trades(
        numbers([row[0] for row in rows]),
        numbers([row[1] * 10**9 for row in rows]),
        column([row[2] for row in rows]),
        np.ones(len(rows)),
    )


quoted = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 9), cents, cents), max_size=20)
traded = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 9), cents), max_size=20)


@given(quoted, traded)
def test_a_trade_meets_its_contracts_last_quote_at_or_before_it(
    quotes: list[tuple[int, int, float, float]], trades: list[tuple[int, int, float]]
) -> None:
    met = prevailing(trades_of(*trades), quotes_of(*quotes))
    for (contract, time, _), *seen in zip(trades, met.bid, met.ask, met.age, strict=True):
        before = [row for row in quotes if row[0] == contract and row[1] <= time]
        if not before:
            assert np.isnan(seen).all()
            continue
        latest = max(row[1] for row in before)
        last = [row for row in before if row[1] == latest][-1]
        assert seen == [last[2], last[3], time - latest]


def test_a_quote_after_the_trade_is_never_looked_at_however_close() -> None:
    quotes = Quotes(numbers([0]), numbers([1_000_000_001]), column([1.0]), column([1.1]))
    trades = Trades(numbers([0]), numbers([1_000_000_000]), column([1.1]), np.ones(1))
    assert np.isnan(prevailing(trades, quotes).bid).all()
    assert classify(trades, quotes).side.tolist() == [0]


def test_a_quote_stands_until_it_is_replaced_unless_an_age_is_set() -> None:
    quotes, trades = quotes_of((0, 0, 1.0, 1.1)), trades_of((0, 3600, 1.1))
    assert prevailing(trades, quotes).age.tolist() == [3600.0]
    assert prevailing(trades, quotes, max_age=3600).bid.tolist() == [1.0]
    assert np.isnan(prevailing(trades, quotes, max_age=3599).bid).all()


@given(st.lists(st.integers(0, 2**32 - 1), max_size=50))
def test_grouping_keeps_the_order_inside_every_contract(contracts: list[int]) -> None:
    order = by_contract(numbers(contracts)).tolist()
    assert order == sorted(range(len(contracts)), key=lambda row: (contracts[row], row))


def test_columns_that_do_not_match_are_refused() -> None:
    with pytest.raises(BadData, match="aligned"):
        Trades(numbers([0]), numbers([0]), column([1.0]), np.ones(2))
    with pytest.raises(BadData, match="numbered from 0"):
        Quotes(numbers([-1]), numbers([0]), column([1.0]), column([1.0]))


# --- everything together


@given(quoted, traded, st.sampled_from(Rule))
def test_classifying_is_the_join_and_then_the_rule(
    quotes: list[tuple[int, int, float, float]],
    trades: list[tuple[int, int, float]],
    rule: Rule,
) -> None:
    tape = trades_of(*trades)
    met = prevailing(tape, quotes_of(*quotes))
    found = classify(tape, quotes_of(*quotes), rule)
    seen = tape.price, met.bid, met.ask
    expected = {
        Rule.QUOTE: lambda: quote_rule(*seen),
        Rule.TICK: lambda: tick_test(tape.price, tape.contract),
        Rule.LEE_READY: lambda: lee_ready(*seen, tape.contract),
        Rule.EMO: lambda: emo(*seen, tape.contract),
        Rule.CLNV: lambda: clnv(*seen, tape.contract),
    }[rule]()
    assert found.side.tolist() == expected.tolist()
    assert ((found.side == 0) == (found.method == Method.NONE)).all()
    assert (np.isnan(found.confidence) == (found.side == 0)).all()


def test_confidence_is_that_of_what_decided() -> None:
    quotes = quotes_of((0, 0, 1.0, 1.2))
    found = classify(trades_of((0, 1, 1.1), (0, 2, 1.2), (0, 3, 1.1)), quotes)
    assert found.side.tolist() == [0, 1, -1]
    assert found.method.tolist() == [Method.NONE, Method.QUOTE, Method.TICK]
    assert found.confidence.tolist()[1:] == [0.637, 0.533]
    own = classify(trades_of((0, 2, 1.2)), quotes, accuracy=Accuracy(quote=0.8))
    assert own.confidence.tolist() == [0.8]


def test_an_empty_tape_is_classified_as_nothing() -> None:
    for rule in Rule:
        assert classify(trades_of(), quotes_of((0, 0, 1.0, 1.1)), rule).side.size == 0
        assert classify(trades_of((0, 0, 1.0)), quotes_of(), rule).side.tolist() == [0]
