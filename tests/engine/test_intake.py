from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain import COLUMNS, Chain, Market
from engine.errors import BadData, EmptyChain
from engine.intake import Book, admit, cells, columns, numbers
from engine.symbols import format_osi, parse_osi

ASOF = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
NEXT = date(2026, 11, 27)
STRIKES = (90.0, 95.0, 100.0, 105.0, 110.0)
SYMBOLS = tuple(format_osi("SPY", NEXT, k, is_call=True) for k in STRIKES)


def take_in(symbols: tuple[str, ...] = SYMBOLS, *, spot: float = 100.0, **changed: Any) -> Chain:
    n = len(symbols)
    usual = {
        "oi": 10.0,
        "volume": 1.0,
        "bid": 1.0,
        "ask": 1.2,
        "iv": 0.2,
        "multiplier": 100.0,
        "forward": np.nan,
    }
    filled = {name: np.full(n, value) for name, value in usual.items()}
    book = Book(**{"malformed": np.zeros(n, dtype=bool), **filled, **changed})
    return admit(
        parse_osi(symbols), book, venue="cboe", asset="SPY", market=Market.US,
        currency="USD", asof=ASOF, spot=spot,
    )  # fmt: skip


def with_first(value: float, usual: float) -> np.ndarray[Any, Any]:
    return np.array([value, *[usual] * (len(SYMBOLS) - 1)])


def test_a_sound_chain_enters_whole() -> None:
    chain = take_in()
    assert (len(chain), chain.listed, chain.left_out) == (5, 5, {})
    assert chain.strike.tolist() == list(STRIKES)


@pytest.mark.parametrize(
    ("symbol", "reason"),
    [
        ("gibberish", "invalid"),
        ("SPY261127C00000000", "invalid"),
        ("SPY1261127C00100000", "adjusted"),
        ("SPY261119C00100000", "expired"),
        (SYMBOLS[0], "duplicate"),
    ],
)
def test_a_contract_that_may_not_enter_is_counted_once_under_its_reason(
    symbol: str, reason: str
) -> None:
    chain = take_in((*SYMBOLS, symbol))
    assert (len(chain), chain.listed, chain.left_out) == (5, 6, {reason: 1})


@pytest.mark.parametrize(
    "changed",
    [
        {"oi": with_first(-1.0, 10.0)},
        {"oi": with_first(np.inf, 10.0)},
        {"oi": with_first(1e15, 10.0)},
        {"multiplier": with_first(0.0, 100.0)},
        {"multiplier": with_first(np.nan, 100.0)},
        {"malformed": np.array([True, False, False, False, False])},
    ],
)
def test_a_number_that_cannot_be_leaves_its_contract_out(changed: dict[str, Any]) -> None:
    chain = take_in(**changed)
    assert (len(chain), chain.left_out) == (4, {"invalid": 1})
    assert STRIKES[0] not in chain.strike


def test_unpublished_open_interest_stays_unknown_and_is_not_zero() -> None:
    chain = take_in(oi=with_first(np.nan, 10.0))
    assert np.isnan(chain.oi[0])
    assert len(chain) == 5


@pytest.mark.parametrize(
    ("bid", "ask", "expected"),
    [
        (1.0, 1.2, (1.0, 1.2)),
        (1.2, 1.2, (1.2, 1.2)),
        (0.0, 0.05, (0.0, 0.05)),
        (0.0, 0.0, (None, None)),
        (1.3, 1.2, (None, None)),
        (-1.0, 1.2, (None, 1.2)),
        (1.0, 0.0, (1.0, None)),
        (np.nan, 1.2, (None, 1.2)),
        (np.inf, 1.2, (None, 1.2)),
    ],
)
def test_a_quote_that_cannot_be_is_no_quote_and_the_contract_stays(
    bid: float, ask: float, expected: tuple[float | None, float | None]
) -> None:
    chain = take_in(bid=with_first(bid, 1.0), ask=with_first(ask, 1.2))
    assert len(chain) == 5
    found = tuple(None if np.isnan(each[0]) else float(each[0]) for each in (chain.bid, chain.ask))
    assert found == expected


def test_zero_volatility_and_forward_mean_there_is_none() -> None:
    chain = take_in(iv=with_first(0.0, 0.2), forward=with_first(-3.0, 100.0))
    assert np.isnan(chain.iv[0])
    assert np.isnan(chain.forward[0])


@pytest.mark.parametrize(
    ("delta", "gamma", "expected"),
    [
        (0.4, 0.02, (0.4, 0.02)),
        (1.0, 0.0, (1.0, 0.0)),
        (0.0, 0.02, (0.0, 0.02)),
        (0.0, 0.0, (None, None)),
        (-0.4, 0.02, (None, 0.02)),
        (0.4, -0.02, (0.4, None)),
        (np.nan, 0.0, (None, 0.0)),
        (np.inf, np.inf, (None, None)),
    ],
)
def test_a_greek_that_cannot_be_is_none_and_the_contract_stays(
    delta: float, gamma: float, expected: tuple[float | None, float | None]
) -> None:
    chain = take_in(delta=with_first(delta, 0.5), gamma=with_first(gamma, 0.01))
    assert len(chain) == 5
    pair = (chain.delta, chain.gamma)
    assert tuple(None if np.isnan(each[0]) else float(each[0]) for each in pair) == expected
    assert np.isnan(take_in().delta).all()


def test_a_put_s_delta_is_negative() -> None:
    put = format_osi("SPY", NEXT, 100.0, is_call=False)
    chain = take_in((put,), delta=np.array([-0.4]), gamma=np.array([0.01]))
    assert chain.delta.tolist() == [-0.4]
    assert np.isnan(take_in((put,), delta=np.array([0.4])).delta).all()


def test_a_contract_is_gone_at_the_very_instant_it_settles() -> None:
    at_close = (format_osi("SPY", date(2026, 11, 20), 100.0, is_call=True), *SYMBOLS)
    n = len(at_close)
    book = Book(
        **{
            name: np.ones(n)
            for name in ("oi", "volume", "bid", "ask", "iv", "multiplier", "forward")
        },
        malformed=np.zeros(n, dtype=bool),
    )
    close = datetime(2026, 11, 20, 21, 0, tzinfo=UTC)
    kept = [
        len(admit(parse_osi(at_close), book, venue="cboe", asset="SPY", market=Market.US,
                  currency="USD", asof=instant, spot=100.0))
        for instant in (close - timedelta(seconds=1), close)
    ]  # fmt: skip
    assert kept == [n, n - 1]


def test_two_versions_of_one_contract_are_refused_and_named() -> None:
    doubled = (*SYMBOLS, SYMBOLS[2])
    with pytest.raises(BadData, match="SPY 2026-11-27 100 call twice, with different values of oi"):
        take_in(doubled, oi=np.array([10.0, 10, 10, 10, 10, 11]))


def test_a_third_copy_is_counted_too_and_unknown_equals_unknown() -> None:
    tripled = (*SYMBOLS, SYMBOLS[2], SYMBOLS[2])
    nothing = np.full(7, np.nan)
    chain = take_in(tripled, oi=nothing, bid=nothing)
    assert (len(chain), chain.left_out) == (5, {"duplicate": 2})


def test_calls_and_puts_roots_and_settlements_are_different_contracts() -> None:
    chain = take_in((
        *SYMBOLS,
        format_osi("SPY", NEXT, 100.0, is_call=False),
        format_osi("SPYX", NEXT, 100.0, is_call=True),
        format_osi("SPY", date(2026, 12, 4), 100.0, is_call=True),
    ))  # fmt: skip
    assert (len(chain), chain.left_out) == (8, {})


@pytest.mark.parametrize("spot", [0.0, -5.0, float("nan"), float("inf")])
def test_an_impossible_spot_is_refused(spot: float) -> None:
    with pytest.raises(BadData, match="cboe gives no usable SPY spot: expected a price, found"):
        take_in(spot=spot)


@pytest.mark.parametrize("spot", [1.0, 10_000.0])
def test_a_spot_out_of_all_proportion_to_the_strikes_is_refused(spot: float) -> None:
    with pytest.raises(BadData, match=r"absurd SPY spot: .* beside strikes 90 to 110"):
        take_in(spot=spot)


def test_nothing_left_is_an_empty_chain() -> None:
    with pytest.raises(EmptyChain):
        take_in(())
    with pytest.raises(EmptyChain):
        take_in(("SPY251119C00100000",))


def test_mostly_unreadable_payloads_are_refused_as_a_changed_format() -> None:
    with pytest.raises(BadData, match="changed its SPY format: 6 of 11 contracts cannot be read"):
        take_in((*SYMBOLS, *["gibberish"] * 6))
    assert take_in((*SYMBOLS, *["gibberish"] * 5)).left_out == {"invalid": 5}


BROKEN = st.sampled_from(["gibberish", "SPY1261127C00100000", "SPY251119C00100000", *SYMBOLS])
ODD = st.sampled_from([-1.0, 0.0, 5.0, float("nan"), float("inf")])


@given(st.lists(st.tuples(BROKEN, ODD), max_size=12))
def test_every_listed_contract_is_in_the_chain_or_in_one_count(
    extra: list[tuple[str, float]],
) -> None:
    symbols = (*SYMBOLS, *(symbol for symbol, _ in extra))
    bid = np.array([1.0] * len(SYMBOLS) + [each for _, each in extra])
    try:
        chain = take_in(symbols, bid=bid)
    except BadData:
        return
    assert chain.listed == len(symbols) == len(chain) + sum(chain.left_out.values())
    assert all(count > 0 for count in chain.left_out.values())
    identities = {
        (r, s, k, c)
        for r, s, k, c in zip(
            chain.root, chain.settlement, chain.strike, chain.is_call, strict=True
        )
    }
    assert len(identities) == len(chain)


@given(st.permutations(range(len(SYMBOLS))))
def test_the_order_of_the_rows_does_not_matter(order: list[int]) -> None:
    oi = np.arange(5.0)
    straight = take_in(oi=oi)
    mixed = take_in(tuple(SYMBOLS[i] for i in order), oi=oi[order])
    back = np.argsort(mixed.strike)
    for name in COLUMNS:
        np.testing.assert_array_equal(getattr(mixed, name)[back], getattr(straight, name))


def test_numbers_knows_a_null_from_a_text() -> None:
    values, odd = numbers([1, 2.5, None, "7", True, {}])
    np.testing.assert_array_equal(values, [1.0, 2.5, np.nan, np.nan, np.nan, np.nan])
    assert odd.tolist() == [False, False, False, True, True, True]
    assert numbers([])[0].shape == (0,)


def test_a_field_no_row_has_is_named_and_a_field_one_row_lacks_marks_that_row() -> None:
    rows = [{"a": 1.0}, {"a": 2.0}, {}]
    found, bad = columns(rows, ("a",))
    np.testing.assert_array_equal(found["a"], [1.0, 2.0, np.nan])
    assert bad.tolist() == [False, False, True]
    with pytest.raises(KeyError, match="b"):
        columns(rows, ("b",))
    assert cells([], "a") == []
