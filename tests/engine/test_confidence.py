"""Positioning confidence."""

from __future__ import annotations

import math
from dataclasses import astuple, fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.confidence import (
    ConfidenceInputs,
    ConfidenceSettings,
    Ramp,
    confidence_inputs,
    positioning_confidence,
)
from tests.samples import make_snapshot

amount = st.one_of(st.none(), st.floats(0, 50))
seen = st.builds(ConfidenceInputs, **{each.name: amount for each in fields(ConfidenceInputs)})


@given(seen)
def test_confidence_stays_within_0_and_100_and_says_what_it_took_off(
    inputs: ConfidenceInputs,
) -> None:
    found = positioning_confidence(inputs)
    assert 0 <= found.score <= 100
    assert all(0 <= each <= 20 for each in astuple(found.penalties))
    assert found.score == pytest.approx(100 - sum(astuple(found.penalties)))
    assert found.low == (found.score < 60)


@given(seen)
def test_what_is_not_known_takes_nothing_off_and_is_named(inputs: ConfidenceInputs) -> None:
    whole = positioning_confidence(inputs)
    for each in fields(inputs):
        less = positioning_confidence(replace(inputs, **{each.name: None}))
        assert less.score >= whole.score
        assert each.name in less.unknown
    assert set(whole.unknown) == {
        each.name for each in fields(inputs) if getattr(inputs, each.name) is None
    }


@given(seen, st.floats(0, 10))
def test_more_of_a_bad_sign_never_raises_confidence(inputs: ConfidenceInputs, more: float) -> None:
    before = positioning_confidence(inputs).score
    for name in ("otm_call_share", "call_turnover", "max_strike_share", "outflow_streak"):
        value = getattr(inputs, name)
        if value is not None:
            worse = replace(inputs, **{name: value + more})
            assert positioning_confidence(worse).score <= before


@given(st.floats(-10, 10), st.floats(-10, 10), st.floats(-20, 20))
def test_a_ramp_is_flat_outside_its_ends_in_either_direction(
    start: float, end: float, value: float
) -> None:
    if abs(start - end) < 1e-6:
        return
    got = Ramp(start, end, 20.0).at(value)
    if min(start, end) <= value <= max(start, end):
        assert got == pytest.approx(20 * (value - start) / (end - start))
    else:
        assert got == (20.0 if abs(value - end) < abs(value - start) else 0.0)


def test_the_worst_of_everything_is_no_confidence_at_all() -> None:
    worst = ConfidenceInputs(
        pcr=0.0, otm_call_share=1.0, call_turnover=9.0, max_strike_share=1.0, outflow_streak=30
    )
    found = positioning_confidence(worst)
    assert (found.score, found.low, found.unknown) == (0.0, True, ())
    gentle = ConfidenceSettings(low=0.0)
    assert positioning_confidence(worst, gentle).low is False


def test_streaks_cost_five_a_day_beyond_two() -> None:
    scores = [positioning_confidence(ConfidenceInputs(outflow_streak=n)).score for n in range(9)]
    assert scores == [100, 100, 100, 95, 90, 85, 80, 80, 80]


def test_inputs_come_from_the_strikes_of_a_snapshot() -> None:
    table = make_snapshot().by_strike
    five = table.strike[:5]
    table = replace(
        table,
        **{each.name: getattr(table, each.name)[:5] for each in fields(table)},
    )
    table = replace(
        table,
        call_oi=np.array([1.0, 2.0, 3.0, 4.0, np.nan]),
        put_oi=np.array([5.0, 4.0, np.nan, 0.0, 1.0]),
        call_volume=np.array([1.0, np.nan, 1.0, 0.0, 0.0]),
    )
    spot = float(five[3]) / 1.06
    found = confidence_inputs(table, spot, outflow_streak=3)
    assert found.pcr == 1.0
    assert found.otm_call_share == pytest.approx(
        table.call_oi[:4][five[:4] > 1.05 * spot].sum() / 10
    )
    assert found.call_turnover == pytest.approx(0.2)
    assert found.max_strike_share == pytest.approx(6 / 20)
    assert found.outflow_streak == 3


def test_a_chain_without_calls_or_volume_leaves_the_inputs_unknown() -> None:
    table = make_snapshot().by_strike
    nothing = np.full(table.strike.size, math.nan)
    bare = replace(table, call_oi=nothing, call_volume=nothing, put_oi=nothing)
    assert astuple(confidence_inputs(bare, 100.0)) == (None,) * 5
    quiet = replace(table, call_volume=nothing)
    assert confidence_inputs(quiet, 100.0).call_turnover is None
