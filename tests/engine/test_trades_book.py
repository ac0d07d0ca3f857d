"""From sides to the dealers' book, and what open interest says about opening and closing."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.positions import BOOK, CONVENTIONS, signed
from engine.trades.dealer_map import (
    Action,
    dealer_book,
    dealer_signs,
    opra_book_literal_sign,
)
from engine.trades.open_close import must_open, open_close_bounds


@pytest.mark.parametrize(("action", "is_call"), list(itertools.product(Action, (True, False))))
def test_the_dealers_are_the_other_side_whatever_the_option_is(
    action: Action, is_call: bool
) -> None:
    signs = dealer_signs(action, is_call=is_call)
    assert signs.gamma == signs.vega == -action.side
    assert signs.delta == (signs.gamma if is_call else -signs.gamma)
    assert opra_book_literal_sign(action, is_call=is_call) == signs.delta


def test_closing_moves_the_book_as_opening_does() -> None:
    assert (Action.BTO.side, Action.BTC.side, Action.STO.side, Action.STC.side) == (1, 1, -1, -1)


trades = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from([-1, 0, 1]), st.integers(1, 500)), max_size=40
)
open_interest = st.lists(
    st.one_of(st.integers(0, 600).map(float), st.just(math.nan)), min_size=4, max_size=4
)


@given(trades, open_interest)
def test_a_book_is_customers_sales_less_purchases_within_what_is_open(
    rows: list[tuple[int, int, int]], open_now: list[float]
) -> None:
    oi = np.array(open_now)
    contract, side, size = (
        np.array([row[k] for row in rows], dtype=kind)
        for k, kind in enumerate((np.int64, np.int8, np.float64))
    )
    book = dealer_book(contract, side, size, oi)
    for each in range(4):
        held = -sum(row[1] * row[2] for row in rows if row[0] == each)
        bound = math.inf if math.isnan(oi[each]) else oi[each]
        assert book.position[each] == max(-bound, min(bound, held))
        assert book.clamped[each] == (abs(held) > bound)
    assert book.bought.sum() + book.sold.sum() + book.unsigned.sum() == size.sum()


def test_a_book_is_what_positions_take() -> None:
    oi = np.array([10.0, 3.0])
    book = dealer_book(np.array([0, 1, 1]), np.array([1, -1, -1], np.int8), np.full(3, 2.0), oi)
    assert book.position.tolist() == [-2.0, 3.0]
    is_call = np.array([True, False])
    assert signed(oi, is_call, CONVENTIONS[BOOK], book.position).tolist() == [-2.0, 3.0]


@given(
    both_open=st.integers(0, 500),
    both_close=st.integers(0, 500),
    mixed=st.integers(0, 500),
    held=st.integers(500, 900),
)
def test_bounds_hold_whatever_really_happened_and_the_share_is_exact(
    both_open: int, both_close: int, mixed: int, held: int
) -> None:
    volume = both_open + both_close + mixed
    found = open_close_bounds([held], [held + both_open - both_close], [volume])
    assert bool(found.consistent[0]) == (volume > 0)
    if not volume:
        return
    low, high = (float(each[0]) for each in found.both_open)
    assert low <= both_open <= high
    low, high = (float(each[0]) for each in found.both_close)
    assert low <= both_close <= high
    share = (2 * both_open + mixed) / (2 * volume)
    assert float(found.opening_side_share[0]) == pytest.approx(share)


@given(st.integers(0, 2000), st.integers(0, 2000), st.integers(0, 2000))
def test_bounds_agree_with_each_other(before: int, after: int, volume: int) -> None:
    found = open_close_bounds([before], [after], [volume])
    everything = [*found.both_open, *found.both_close, found.opening_side_share]
    if not found.consistent[0]:
        assert np.isnan(everything).all()
        assert volume == 0 or abs(after - before) > volume
        return
    (low_a, high_a), (low_z, high_z) = found.both_open, found.both_close
    assert 0 <= low_a <= high_a <= volume
    assert 0 <= low_z <= high_z <= volume
    assert low_a - low_z == high_a - high_z == after - before
    assert 0 <= found.opening_side_share[0] <= 1
    # exchanging the two days exchanges opening and closing
    back = open_close_bounds([after], [before], [volume])
    assert (back.both_open, back.both_close) == (found.both_close, found.both_open)


@pytest.mark.parametrize(
    ("before", "after", "volume"),
    [
        (100.0, 300.0, 150.0),
        (5.0, 5.0, 0.0),
        (math.nan, 5.0, 9.0),
        (5.0, math.nan, 9.0),
        (5.0, 6.0, math.nan),
    ],
)
def test_what_cannot_have_been_trading_alone_says_nothing(
    before: float, after: float, volume: float
) -> None:
    found = open_close_bounds([before], [after], [volume])
    assert not found.consistent[0]
    assert np.isnan(found.opening_side_share[0])


def test_a_print_certainly_opens_only_beyond_all_that_could_be_closed() -> None:
    sizes, held, before = (
        np.array([100, 101, 151, 7]),
        np.array([100] * 3 + [math.nan]),
        [0, 0, 50, 0],
    )
    assert must_open(sizes, held, before).tolist() == [False, True, True, False]
