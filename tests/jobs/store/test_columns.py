from __future__ import annotations

import struct
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from engine.errors import BadData
from jobs.store.columns import NONE, VERSION, pack, unpack

FLOATS = arrays(np.float64, st.integers(0, 90), elements=st.floats(width=64))
DECIMALS = st.lists(
    st.decimals(min_value=-99_999, max_value=99_999, places=2).map(float) | st.just(float("nan")),
    max_size=90,
).map(lambda each: np.array(each, dtype=np.float64))
UNITS = st.floats(1e-6, 1e6)


def again(column: NDArray[Any], unit: float = 1.0) -> NDArray[Any]:
    return unpack(pack({}, {"x": column}, unit))[1]["x"]


def bits(column: NDArray[Any]) -> bytes:
    """What a float column is, with every NaN alike."""
    return np.where(np.isnan(column), np.nan, column).tobytes()


@given(FLOATS | DECIMALS | DECIMALS.map(lambda each: each / 100), st.just(1.0) | UNITS)
@example(np.array([0.0005, np.nan, 0.0, 0.0315]) * 71_234.56, 71_234.56)
@example(np.array([1e300, 5e-324, -0.0]), 1e-300)
@example(np.array([-0.0, 0.0, np.inf, -np.inf, 5e-324, 1.7976931348623157e308]), 1.0)
@example(np.array([float(NONE), np.nan, 1.0]), 1.0)
@example(np.array([0.1 + 0.2, 2.0**53, 2.0**53 + 2, np.nan]), 1.0)
@example(np.array([2.0**31 - 1, np.nan, -(2.0**31) + 1]), 1.0)
@example(np.array([]), 1.0)
@example(np.repeat(np.array([np.nan, -0.0, 0.0, 1 / 3]), 5), 1.0)
def test_floats_come_back_bit_for_bit(column: NDArray[np.float64], unit: float) -> None:
    back = again(column, unit)
    assert back.dtype == np.float64
    assert bits(back) == bits(column)


@given(arrays(np.int64, st.integers(0, 90), elements=st.integers(-(2**63), 2**63 - 1)))
def test_integers_come_back(column: NDArray[np.int64]) -> None:
    back = again(column)
    assert back.dtype == np.int64
    assert back.tolist() == column.tolist()


@given(arrays(np.bool_, st.integers(0, 90)))
def test_truths_come_back(column: NDArray[np.bool_]) -> None:
    back = again(column)
    assert back.dtype == np.bool_
    assert back.tolist() == column.tolist()


@given(st.lists(st.text().filter(lambda word: not word.endswith("\0"))))
def test_texts_come_back(words: list[str]) -> None:
    assert again(np.array(words, dtype=np.str_)).tolist() == words


def test_many_distinct_values_need_wider_codes() -> None:
    settlement = np.repeat(np.arange(70_000, dtype=np.int64) * 7_777_777_777, 2)
    assert (again(settlement) == settlement).all()
    roots = np.repeat(np.array([f"R{n}" for n in range(300)]), 2)
    assert (again(roots) == roots).all()


def test_columns_of_different_lengths_and_a_header_share_a_blob() -> None:
    header = {"spot": 0.1 + 0.2, "rate": None, "left_out": {"expired": 3}}
    found, columns = unpack(pack(header, {"a": np.arange(3.0), "b": np.arange(5)}))
    assert found == header
    assert columns["a"].tolist() == [0.0, 1.0, 2.0]
    assert columns["b"].tolist() == [0, 1, 2, 3, 4]


def test_a_column_that_is_missing_throughout_costs_nothing() -> None:
    short = pack({}, {"x": np.full(10, np.nan)})
    long = pack({}, {"x": np.full(100_000, np.nan)})
    assert len(long) - len(short) < 10


def test_prices_of_two_decimals_cost_a_fraction_of_a_float() -> None:
    price = np.random.default_rng(1).integers(1, 20_000, 10_000) / 100
    assert len(pack({}, {"x": price})) < 2.1 * price.size


def test_percents_and_prices_in_coin_cost_as_little() -> None:
    rng = np.random.default_rng(1)
    iv = rng.integers(3_000, 12_000, 10_000) / 100 / 100
    bid = rng.integers(1, 2_000, 10_000) / 10_000 * 71_234.56
    assert len(pack({}, {"iv": iv, "bid": bid}, 71_234.56)) < 4.1 * iv.size


def test_a_column_from_a_slice_is_packed_as_it_reads() -> None:
    column = np.arange(20.0)[::-3]
    assert again(column).tolist() == column.tolist()


def test_a_blob_of_a_newer_format_says_so() -> None:
    blob = pack({}, {"x": np.arange(3.0)})
    with pytest.raises(BadData, match=r"format 2.*reads up to 1: update gexwire"):
        unpack(bytes((VERSION + 1,)) + blob[1:])


@given(st.data())
def test_any_damaged_byte_is_noticed(data: st.DataObject) -> None:
    blob = bytearray(pack({"spot": 1.5}, {"x": np.arange(50.0) / 7, "y": np.arange(9)}))
    at = data.draw(st.integers(0, len(blob) - 1))
    blob[at] ^= data.draw(st.integers(1, 255))
    with pytest.raises(BadData, match=r"damaged|newer|update gexwire"):
        unpack(bytes(blob))


@given(st.integers(0, 120))
def test_a_blob_cut_short_is_noticed(kept: int) -> None:
    blob = pack({"spot": 1.5}, {"x": np.random.default_rng(2).random(50)})
    with pytest.raises(BadData, match="damaged"):
        unpack(blob[:kept])


def test_bytes_that_were_never_packed_are_refused() -> None:
    import zlib

    frame = b"not a zstd frame"
    with pytest.raises(BadData, match="damaged"):
        unpack(struct.pack("<BI", VERSION, zlib.crc32(frame)) + frame)
