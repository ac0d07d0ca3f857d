from __future__ import annotations

import string
from datetime import date, timedelta
from time import perf_counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.symbols import format_deribit, format_osi, parse_deribit, parse_osi

DAYS = st.integers(0, 20_000).map(lambda days: date(2000, 1, 1) + timedelta(days=days))
ROOTS = st.text(string.ascii_uppercase, min_size=1, max_size=6)
OSI_STRIKES = st.integers(1, 99_999_999).map(lambda each: each / 1000)


@given(st.lists(st.tuples(ROOTS, DAYS, OSI_STRIKES, st.booleans()), max_size=8))
def test_osi_symbols_survive_the_round_trip(
    contracts: list[tuple[str, date, float, bool]],
) -> None:
    written = [format_osi(r, d, k, is_call=c) for r, d, k, c in contracts]
    terms = parse_osi(written)
    assert terms.readable.all()
    assert not terms.adjusted.any()
    read = zip(terms.root, terms.expiry.tolist(), terms.strike, terms.is_call, strict=True)
    assert [(str(r), d, float(k), bool(c)) for r, d, k, c in read] == contracts


@given(
    st.tuples(
        st.sampled_from(["BTC", "ETH", "SOL_USDC", "XRP_USDC"]),
        DAYS,
        st.decimals("0.00001", 1_000_000, places=5).map(float),
        st.booleans(),
    )
)
def test_deribit_names_survive_the_round_trip(contract: tuple[str, date, float, bool]) -> None:
    root, day, strike, is_call = contract
    terms = parse_deribit([format_deribit(root, day, strike, is_call=is_call)])
    assert terms.readable.all()
    assert terms.root.tolist() == [root]
    assert terms.expiry.tolist() == [day]
    assert terms.strike.tolist() == [strike]
    assert terms.is_call.tolist() == [is_call]


@given(st.lists(st.text(max_size=24), max_size=6))
def test_no_text_crashes_a_parser_and_what_is_unreadable_holds_placeholders(
    symbols: list[str],
) -> None:
    for terms in (parse_osi(symbols), parse_deribit(symbols)):
        assert terms.readable.shape == (len(symbols),)
        assert np.isnan(terms.strike[~terms.readable]).all()
        assert np.isnat(terms.expiry[~terms.readable]).all()
        assert (terms.root[~terms.readable] == "").all()


@pytest.mark.parametrize(
    "symbol",
    ["", "SPX", "SPX261120C0650000", "SPX261120X06500000", "SPX261320C06500000",
     "SPX260230C06500000", "261120C06500000", "TOOLONG261120C06500000", "SP X261120C06500000",
     "spx261120C06500000", "SPX26112OC06500000", "SPX261120C065000.0", "SPX261120C-6500000",
     "ΣPX261120C06500000", "SPX261120C06500000 ", "1234261120C06500000"],
)  # fmt: skip
def test_a_malformed_osi_symbol_is_unreadable_and_its_neighbours_are_not(symbol: str) -> None:
    good = "SPXW261120P06400000"
    assert parse_osi([good, symbol, good]).readable.tolist() == [True, False, True]


@pytest.mark.parametrize(
    "name",
    ["", "BTC", "BTC-PERPETUAL", "BTC-27DEC24", "BTC-27DEC24-100000-X", "BTC-31FEB24-100000-C",
     "BTC-27XXX24-100000-C", "BTC-27DEC2024-100000-C", "BTC-27DEC24-1d-C", "BTC-27DEC24--5-C",
     "BTC-27DEC24-1e5-C", "btc-27DEC24-100000-C", "BTC-27DEC24-100000-C ", "BTC-٢٧DEC24-1-C"],
)  # fmt: skip
def test_a_malformed_deribit_name_is_unreadable_and_its_neighbours_are_not(name: str) -> None:
    good = "BTC-5JAN27-90000-P"
    assert parse_deribit([good, name, good]).readable.tolist() == [True, False, True]


def test_a_digit_in_the_root_marks_an_adjusted_contract() -> None:
    terms = parse_osi(["SPY1261120C00650000", "2SPX261120C06500000", "SPY261120C00650000"])
    assert terms.readable.all()
    assert terms.adjusted.tolist() == [True, True, False]


def test_the_padded_form_of_osi_is_read_too() -> None:
    terms = parse_osi(["SPY   261120C00650500"])
    assert (terms.root.tolist(), terms.strike.tolist()) == (["SPY"], [650.5])


def test_what_is_not_even_text_is_unreadable() -> None:
    assert not parse_osi([None, 7]).readable.any()  # type: ignore[list-item]
    assert not parse_deribit([None, 7]).readable.any()  # type: ignore[list-item]


def test_thirty_thousand_symbols_take_tens_of_milliseconds() -> None:
    symbols = [f"SPXW261120C{i:08d}" for i in range(1, 30_001)]
    times = []
    for _ in range(5):
        start = perf_counter()
        parse_osi(symbols)
        times.append(perf_counter() - start)
    assert min(times) < 0.1
