"""Breakout table."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.breakout import (
    ROWS,
    BreakoutInputs,
    BreakoutSettings,
    breakout_inputs,
    breakout_signals,
)
from engine.domain import Regime
from tests.samples import make_snapshot

number = st.one_of(st.none(), st.floats(-1e9, 1e9))
count = st.one_of(st.none(), st.integers(0, 10_000).map(float))
seen = st.builds(
    BreakoutInputs,
    call_wall_gex=number,
    put_wall_gex=number,
    call_wall_oi=count,
    call_wall_oi_prev=count,
    put_wall_oi=count,
    put_wall_oi_prev=count,
    straddle=count,
    call_wall=count,
    put_wall=count,
    regime=st.one_of(st.none(), st.sampled_from(Regime)),
    spot=count,
    call_oi_above_wall=count,
    call_oi_total=count,
    put_oi_below_wall=count,
    put_oi_total=count,
    flow_streak=st.one_of(st.none(), st.integers(-9, 9).map(float)),
    flow_5d_avg=number,
)
MIRROR = {"call_oi_above_wall": "put_oi_below_wall"} | {
    f"call_{name}": f"put_{name}" for name in ("wall_gex", "wall_oi", "wall_oi_prev", "oi_total")
}


@given(seen)
def test_the_score_is_bulls_minus_bears_and_rows_come_in_the_tables_order(
    inputs: BreakoutInputs,
) -> None:
    found = breakout_signals(inputs)
    assert found.score == len(found.bull) - len(found.bear)
    for said in (found.bull, found.bear):
        assert sorted(said, key=list(ROWS).index) == list(said)


@given(seen)
def test_sides_exchanged_exchange_bulls_and_bears(inputs: BreakoutInputs) -> None:
    """Prices are mirrored about spot; the ratio of puts has thresholds of its own."""
    spot = inputs.spot
    if spot is None:
        return
    swapped: dict[str, Any] = {}
    for call, put in MIRROR.items():
        swapped |= {call: getattr(inputs, put), put: getattr(inputs, call)}
    for name in ("flow_streak", "flow_5d_avg"):
        value = getattr(inputs, name)
        swapped[name] = None if value is None else -value
    for name, other in (("call_wall", inputs.put_wall), ("put_wall", inputs.call_wall)):
        swapped[name] = None if other is None else 2 * spot - other
    found, mirrored = breakout_signals(inputs), breakout_signals(replace(inputs, **swapped))
    assert (mirrored.bull, mirrored.bear) == (found.bear, found.bull)


@given(seen)
def test_forgetting_an_input_never_makes_a_row_speak(inputs: BreakoutInputs) -> None:
    said = breakout_signals(inputs)
    for each in fields(inputs):
        less = breakout_signals(replace(inputs, **{each.name: None}))
        assert set(less.bull) <= set(said.bull)
        assert set(less.bear) <= set(said.bear)


def bulls(**known: Any) -> tuple[str, ...]:
    return breakout_signals(BreakoutInputs(**known)).bull


@pytest.mark.parametrize(
    ("row", "speaks", "silent"),
    [
        (
            "wall_asymmetry",
            {"call_wall_gex": -2.4, "put_wall_gex": 5.0},
            {"call_wall_gex": 2.5, "put_wall_gex": -5.0},
        ),
        (
            "wall_decay",
            {"call_wall_oi": 269.0, "call_wall_oi_prev": 300.0},
            {"call_wall_oi": 270.0, "call_wall_oi_prev": 300.0},
        ),
        (
            "em_exceeds_range",
            {"straddle": 3.6, "call_wall": 55.0, "put_wall": 48.0},
            {"straddle": 3.6, "call_wall": 48.0, "put_wall": 55.0},
        ),
        (
            "neg_gamma_proximity",
            {"regime": Regime.NEGATIVE, "call_wall": 51.0, "spot": 50.0},
            {"regime": Regime.POSITIVE, "call_wall": 51.0, "spot": 50.0},
        ),
        (
            "oi_beyond_wall",
            {"call_oi_above_wall": 121.0, "call_oi_total": 300.0},
            {"call_oi_above_wall": 120.0, "call_oi_total": 300.0},
        ),
        ("pcr_extreme", {"pcr": 1.51}, {"pcr": 1.5}),
        ("flow_streak", {"flow_streak": 3}, {"flow_streak": 2}),
        ("flow_momentum", {"flow_5d_avg": 100e6 + 1}, {"flow_5d_avg": 100e6}),
    ],
)
def test_a_row_speaks_past_its_threshold_and_is_silent_on_it(
    row: str, speaks: dict[str, Any], silent: dict[str, Any]
) -> None:
    assert bulls(**speaks) == (row,)
    assert bulls(**silent) == ()


def test_a_wall_on_the_edge_of_the_window_is_near() -> None:
    edge = {"regime": Regime.NEGATIVE, "spot": 0.55, "call_wall": 0.55 * 1.02}
    assert bulls(**edge) == ("neg_gamma_proximity",)
    assert bulls(**{**edge, "call_wall": 0.55 * 1.0201}) == ()


def test_a_wall_that_held_nothing_before_cannot_have_decayed() -> None:
    assert bulls(call_wall_oi=0.0, call_wall_oi_prev=0.0) == ()


def test_thresholds_are_arguments() -> None:
    inputs = BreakoutInputs(flow_streak=4.0)
    assert breakout_signals(inputs, BreakoutSettings(streak=5)).score == 0
    assert breakout_signals(inputs).score == 1


def test_a_snapshot_gives_its_walls_and_what_stood_there_before() -> None:
    now = make_snapshot()
    table = now.by_strike
    up = float(table.strike[-3])
    now = replace(now, levels=replace(now.levels, call_wall=up))
    halved = replace(table, call_oi=table.call_oi / 2)
    inputs = breakout_inputs(now, halved, flow_streak=-2.0)
    assert (inputs.call_wall, inputs.spot, inputs.flow_streak) == (up, now.spot, -2.0)
    assert inputs.call_wall_oi == table.call_oi[-3]
    assert inputs.call_wall_oi_prev == table.call_oi[-3] / 2
    assert inputs.call_wall_gex == table.call_gex[-3]
    assert inputs.call_oi_above_wall == pytest.approx(table.call_oi[-2:].sum())
    assert inputs.put_oi_total == pytest.approx(table.put_oi.sum())


def test_without_walls_or_an_earlier_snapshot_those_inputs_are_not_known() -> None:
    now = make_snapshot()
    none = replace(now.levels, call_wall=None, put_wall=None, expected_move=None)
    inputs = breakout_inputs(replace(now, levels=none))
    assert (inputs.call_wall_gex, inputs.call_wall_oi_prev, inputs.straddle) == (None, None, None)
    assert inputs.call_oi_above_wall is None
    moved = replace(now.by_strike, strike=now.by_strike.strike + 0.5)
    assert breakout_inputs(now, moved).put_wall_oi_prev is None
    unpublished = replace(now.by_strike, call_oi=np.full(now.by_strike.strike.size, np.nan))
    assert breakout_inputs(replace(now, by_strike=unpublished)).call_wall_oi is None
