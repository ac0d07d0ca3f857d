"""IV rank and percentile; changes of open interest over sessions."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.history.iv_rank import (
    LEAST,
    iv_percentile,
    iv_percentile_fno_monitor,
    iv_rank,
    iv_rank_fno_monitor,
)
from engine.history.oi_deltas import Trend, oi_deltas, oi_trend

vols = st.floats(0.01, 5.0)
years = st.lists(vols, min_size=LEAST, max_size=252)


@given(current=vols, history=years)
def test_rank_and_percentile_stay_within_0_and_100(current: float, history: list[float]) -> None:
    rank, percentile = iv_rank(current, history), iv_percentile(current, history)
    assert percentile is not None
    assert 0 <= percentile <= 100
    assert rank is None or 0 <= rank <= 100
    assert (rank is None) == (len({current, *history}) == 1)


@given(current=vols, history=years)
def test_inside_the_range_of_its_past_the_rank_is_the_designs(
    current: float, history: list[float]
) -> None:
    literal = iv_rank_fno_monitor(current, history)
    if min(history) <= current <= max(history):
        assert iv_rank(current, history) == literal
    elif literal is not None:
        assert not 0 <= literal <= 100
        assert iv_rank(current, history) == (100 if current > max(history) else 0)


@given(history=years, gaps=st.lists(st.just(math.nan), max_size=20))
def test_sessions_without_a_value_are_as_if_they_had_not_been(
    history: list[float], gaps: list[float]
) -> None:
    assert iv_rank(0.5, [*gaps, *history]) == iv_rank(0.5, history)
    assert iv_percentile(0.5, [*history, *gaps]) == iv_percentile(0.5, history)


@given(history=years, low=vols, more=st.floats(0, 1))
def test_a_higher_volatility_never_ranks_lower(
    history: list[float], low: float, more: float
) -> None:
    below, above = iv_percentile(low, history), iv_percentile(low + more, history)
    assert below is not None
    assert above is not None
    assert below <= above


def test_fewer_than_twenty_observations_rank_nothing_except_in_the_design() -> None:
    short = list(np.linspace(0.2, 0.4, LEAST - 1))
    assert (iv_rank(0.3, short), iv_percentile(0.3, short)) == (None, None)
    assert iv_rank_fno_monitor(0.3, short) == pytest.approx(50.0)
    assert iv_percentile_fno_monitor(0.5, short) == 100.0
    assert iv_rank(0.3, [*short, 0.25]) is not None


def test_without_a_history_or_a_value_there_is_no_rank_at_all() -> None:
    for function in (iv_rank, iv_percentile, iv_rank_fno_monitor, iv_percentile_fno_monitor):
        assert function(0.3, []) is None
        assert function(None, [0.1, 0.2] * LEAST) is None
        assert function(math.nan, [0.1, 0.2] * LEAST) is None


def test_a_past_that_never_moved_has_a_rank_as_soon_as_today_moved() -> None:
    flat = [0.25] * LEAST
    assert iv_rank(0.25, flat) is None
    assert iv_rank(0.26, flat) == 100.0
    assert iv_rank_fno_monitor(0.26, flat) is None
    assert iv_percentile(0.25, flat) == 0.0


@given(st.lists(st.lists(st.integers(0, 10**6), min_size=3, max_size=3), min_size=1, max_size=30))
def test_many_contracts_at_once_are_each_as_if_alone(oi: list[list[int]]) -> None:
    together = oi_deltas(oi).by_name()
    for column in range(3):
        alone = oi_deltas([row[column] for row in oi]).by_name()
        for name, change in alone.items():
            assert np.array_equal(change, together[name][column], equal_nan=True)


def test_a_change_needs_both_of_its_ends_and_nothing_between() -> None:
    changes = oi_deltas([10.0, np.nan, 30.0, 45.0])
    assert (float(changes.day), float(changes.three_days)) == (15.0, 35.0)
    assert np.isnan(changes.week)
    assert np.isnan(oi_deltas([10.0, np.nan]).day)


@given(oi=st.floats(0, 1e9), previous=st.floats(0, 1e9))
def test_open_interest_builds_decays_or_is_stable_and_never_two_of_them(
    oi: float, previous: float
) -> None:
    trend = oi_trend(oi, previous)
    assert trend is not None
    if trend is Trend.BUILDING:
        assert oi > previous
    if trend is Trend.DECAYING:
        assert oi < previous


@pytest.mark.parametrize(
    ("oi", "previous", "trend"),
    [
        (330, 300, Trend.STABLE),
        (331, 300, Trend.BUILDING),
        (270, 300, Trend.STABLE),
        (269, 300, Trend.DECAYING),
        (0, 0, Trend.STABLE),
        (1, 0, Trend.BUILDING),
        (0, 5, Trend.DECAYING),
        (None, 5, None),
        (5, math.nan, None),
    ],
)
def test_ten_per_cent_exactly_is_stable_and_from_nothing_all_is_building(
    oi: float | None, previous: float | None, trend: Trend | None
) -> None:
    assert oi_trend(oi, previous) is trend
