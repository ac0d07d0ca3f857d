"""Momentum score."""

from __future__ import annotations

from dataclasses import astuple, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.flow.buildup import Buildup
from engine.flow.unusual import Urgency
from engine.score import (
    MomentumInputs,
    MomentumSettings,
    momentum_score,
    momentum_score_fno_monitor,
)

NOTHING = MomentumInputs(
    oi_signal=Buildup.NEUTRAL,
    gex=None,
    urgencies=(),
    fii_net_delta_change=None,
    rsi_14=None,
    macd_crossover=None,
    volume_spike=None,
    breakout=None,
)
seen = st.builds(
    MomentumInputs,
    oi_signal=st.sampled_from(Buildup),
    gex=st.one_of(st.none(), st.floats(-1e12, 1e12)),
    urgencies=st.lists(st.one_of(st.none(), st.sampled_from(Urgency)), max_size=12).map(tuple),
    fii_net_delta_change=st.one_of(st.none(), st.floats(-1e6, 1e6)),
    rsi_14=st.one_of(st.none(), st.floats(0, 100)),
    macd_crossover=st.one_of(st.none(), st.booleans()),
    volume_spike=st.one_of(st.none(), st.booleans()),
    breakout=st.one_of(st.none(), st.booleans()),
)


@given(seen)
def test_the_score_is_the_sum_of_its_parts_held_to_0_and_100(found: MomentumInputs) -> None:
    for score in (momentum_score(found), momentum_score_fno_monitor(found)):
        assert score.value == pytest.approx(min(100.0, max(0.0, sum(astuple(score.parts)))))


@given(seen)
def test_no_part_exceeds_its_weight_and_the_design_is_never_lower(found: MomentumInputs) -> None:
    ours, literal = momentum_score(found), momentum_score_fno_monitor(found)
    for part, raw, weight in zip(
        astuple(ours.parts), astuple(literal.parts), (25, 20, 20, 15, 20), strict=True
    ):
        assert part == min(raw, weight)


def test_what_is_not_known_earns_nothing() -> None:
    score = momentum_score(NOTHING)
    assert (score.value, set(astuple(score.parts))) == (0.0, {0.0})


def test_flow_is_unbounded_in_the_design_only() -> None:
    wild = replace(NOTHING, urgencies=(Urgency.HIGH,) * 6)
    assert momentum_score_fno_monitor(wild).parts.unusual_flow == 48.0
    assert momentum_score(wild).parts.unusual_flow == 20.0


def test_an_rsi_of_40_is_not_below_40() -> None:
    assert momentum_score(replace(NOTHING, rsi_14=40.0)).value == 0.0
    assert momentum_score(replace(NOTHING, rsi_14=39.99)).value == 10.0


def test_the_scale_of_gamma_is_an_argument() -> None:
    found = replace(NOTHING, gex=-1e10)
    assert momentum_score(found).parts.gex_regime == 20.0
    assert momentum_score(found, MomentumSettings(gex_per_point=1e9)).parts.gex_regime == 10.0
    assert momentum_score(replace(found, gex=1e10)).parts.gex_regime == 0.0
