"""Which strikes are shown, and what happens to their sums."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.charts.bars import bars, view
from bot.charts.scale import labels, round_step, ticks, unit
from tests.bot.charts.books import random_snapshot, table
from tests.samples import make_snapshot

MOST = 80


@given(
    count=st.integers(20, 4_000),
    spacing=st.sampled_from((0.05, 0.5, 1.0, 2.5, 5.0, 50.0, 1000.0)),
    gaps=st.booleans(),
    seed=st.integers(0, 1_000),
)
def test_merged_bars_are_bounded_in_number_and_keep_every_sum(
    count: int, spacing: float, gaps: bool, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    strike = spacing * (100 + np.arange(count, dtype=np.float64))
    if gaps:
        strike = strike[rng.random(count) < 0.6]
    call, put = rng.lognormal(0, 2, strike.size), -rng.lognormal(0, 2, strike.size)
    shown = bars(table(strike, call, put), strike[0], strike[-1], MOST)
    assert shown.at.size <= MOST + 1
    assert shown.merged == (strike[-1] - strike[0] > MOST * np.diff(strike).min() * (1 + 1e-9))
    assert shown.call.sum() == pytest.approx(call.sum())
    assert shown.put.sum() == pytest.approx(put.sum())
    assert shown.net == pytest.approx(shown.call + shown.put)
    assert shown.share == pytest.approx(1.0)
    assert np.diff(shown.at).min() >= shown.step * (1 - 1e-9)


def test_few_strikes_are_shown_as_they_are() -> None:
    strike = np.array([10.0, 12.5, 15.0, 17.5, 20.0])
    shown = bars(table(strike, strike, -strike / 2), 8.0, 22.0, MOST)
    assert not shown.merged
    assert shown.at.tolist() == strike.tolist()
    assert shown.net.tolist() == (strike / 2).tolist()


def test_merged_bars_stand_for_equally_many_strikes_with_round_ones_in_the_middle() -> None:
    strike = np.arange(5000.0, 8005.0, 5.0)
    shown = bars(table(strike, np.ones(strike.size), np.zeros(strike.size)), 5000, 8000, MOST)
    assert shown.step == 50
    assert set(shown.call[1:-1]) == {10.0}
    assert 6500 in shown.at


def test_strikes_that_form_no_grid_are_merged_at_round_prices() -> None:
    strike = np.array([57.33, 57.5, *np.arange(60.0, 400.0, 1.0)])
    shown = bars(table(strike, np.ones(strike.size), np.zeros(strike.size)), 57, 400, MOST)
    assert shown.step == 5
    assert shown.call.sum() == strike.size


def test_what_lies_outside_the_view_is_told() -> None:
    strike = np.arange(1.0, 11.0)
    shown = bars(table(strike, np.ones(10), np.zeros(10)), 3.0, 8.0, MOST)
    assert shown.share == pytest.approx(0.6)


@pytest.mark.parametrize("strikes", [(), (100.0,)])
def test_none_and_one_strike_make_none_and_one_bar(strikes: tuple[float, ...]) -> None:
    strike = np.array(strikes, dtype=np.float64)
    shown = bars(table(strike, strike, -strike), 90.0, 110.0, MOST)
    assert shown.at.tolist() == list(strikes)
    assert shown.step > 0
    assert shown.call.dtype == np.float64


@pytest.mark.parametrize("seed", range(60))
def test_spot_is_always_in_view_and_most_of_the_gamma_nearly_always(seed: int) -> None:
    snapshot = random_snapshot(seed)
    low, high = view(snapshot)
    assert 0 < low < snapshot.spot < high
    assert 0.4 * snapshot.spot <= low
    assert high <= 1.8 * snapshot.spot
    shown = bars(snapshot.by_strike, low, high, MOST)
    if shown.share is not None and low > 0.4 * snapshot.spot and high < 1.8 * snapshot.spot:
        assert shown.share >= 0.9 - 1e-9


def test_walls_and_flip_beside_the_gamma_are_in_view_and_far_ones_are_not() -> None:
    snapshot = make_snapshot()
    near = replace(snapshot.levels, gamma_flip=80_000.0)
    far = replace(snapshot.levels, gamma_flip=45_000.0)
    assert view(replace(snapshot, levels=near))[0] < 80_000
    assert view(replace(snapshot, levels=far))[0] > 45_000


def test_the_view_of_a_single_day_is_narrow() -> None:
    strike = np.arange(6000.0, 7000.0, 5.0)
    hump = np.exp(-0.5 * ((strike - 6500) / 15) ** 2)
    levels = replace(make_snapshot().levels, call_wall=6510.0, put_wall=6490.0, expected_move=None)
    snapshot = make_snapshot(spot=6500.0, by_strike=table(strike, hump, -hump / 2), levels=levels)
    low, high = view(snapshot)
    assert 6440 < low < 6480
    assert 6520 < high < 6560


@given(low=st.floats(-1e9, 1e9), span=st.floats(1e-4, 1e9), most=st.integers(1, 12))
def test_ticks_are_few_round_and_inside(low: float, span: float, most: int) -> None:
    if span < 1e-6 * abs(low):
        return
    found = ticks(low, low + span, most)
    assert found.size <= most + 1
    step = round_step(span, most)
    assert np.all((found >= low - 1e-6 * step) & (found <= low + span + 1e-6 * step))
    assert np.diff(found) == pytest.approx(np.full(max(found.size - 1, 0), step))
    assert len(set(labels(found))) == found.size


def test_units_are_spelled() -> None:
    assert [unit(each)[1] for each in (999.0, 1e3, 2e6, 3e9, 4e12)] == ["", "k", "mn", "bn", "tn"]
