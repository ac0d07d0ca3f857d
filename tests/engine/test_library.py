"""The eleven signals of the library."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.library import (
    RULES,
    LibraryInputs,
    LibrarySettings,
    LibrarySignal,
    signal_library,
)

number = st.one_of(st.none(), st.sampled_from([-1e6, -2.0, -0.5, 0.0, 0.5, 1.0, 1.7, 2.5, 90, 1e5]))
NUMBERS = {each.name: number for each in fields(LibraryInputs) if each.name != "iv_drop_expected"}
seen = st.builds(LibraryInputs, iv_drop_expected=st.one_of(st.none(), st.booleans()), **NUMBERS)


@given(seen)
def test_signals_come_in_the_librarys_order_each_at_most_once(inputs: LibraryInputs) -> None:
    fired = signal_library(inputs)
    assert list(fired) == [signal for signal in LibrarySignal if signal in fired]
    assert not {LibrarySignal.PCR_REVERSAL_BUY, LibrarySignal.PCR_REVERSAL_SELL} <= set(fired)


@given(seen)
def test_forgetting_an_input_never_makes_a_signal_fire(inputs: LibraryInputs) -> None:
    fired = set(signal_library(inputs))
    for each in fields(inputs):
        assert set(signal_library(replace(inputs, **{each.name: None}))) <= fired


def test_every_signal_has_its_rule_in_the_same_order() -> None:
    assert list(RULES) == list(LibrarySignal)


FIRES: dict[LibrarySignal, tuple[dict[str, Any], dict[str, Any]]] = {
    LibrarySignal.LONG_BUILDUP: (
        {"price_chg": 0.1, "oi_chg": 1, "fut_oi_chg": 1},
        {"fut_oi_chg": 0},
    ),
    LibrarySignal.SHORT_SQUEEZE_SETUP: (
        {"short_oi_percentile": 80, "spot": 101.1, "resistance": 101, "rel_volume": 2.1},
        {"rel_volume": 2.0},
    ),
    LibrarySignal.GAMMA_FLIP: ({"gex_prev": 1.0, "gex": 0.0}, {"gex_prev": 0.0}),
    LibrarySignal.OTM_ACCUMULATION: (
        {"otm_call_oi_added": 301, "otm_call_oi_avg": 100, "minutes": 29.9},
        {"otm_call_oi_avg": -1},
    ),
    LibrarySignal.CHARM_BLEED_BULL: (
        {"charm_flow": 1.0, "dte_days": 1, "put_oi_chg": -1},
        {"charm_flow": -1.0},
    ),
    LibrarySignal.VANNA_FUEL_BULL: (
        {"vanna_crush_flow": 0.1, "iv_drop_expected": True},
        {"iv_drop_expected": False},
    ),
    LibrarySignal.MAX_PAIN_MAGNET: (
        {"spot": 105.1, "max_pain": 100, "dte_days": 5},
        {"spot": 105},
    ),
    LibrarySignal.FII_NET_LONG_SURGE: (
        {"fii_net_long_chg": 10_001},
        {"fii_net_long_chg": 10_000},
    ),
    LibrarySignal.PCR_REVERSAL_BUY: ({"pcr_prev": 1.5, "pcr": 1.51}, {"pcr_prev": 1.505}),
    LibrarySignal.PCR_REVERSAL_SELL: ({"pcr_prev": 0.6, "pcr": 0.59}, {"pcr": 0.6}),
    LibrarySignal.IV_CRUSH_SETUP: ({"iv_rank": 80.1, "event_days": 1}, {"event_days": -0.1}),
    LibrarySignal.DELTA_HEDGING_PRESSURE: ({"dex_zscore": -2.0}, {"dex_zscore": 1.99}),
}


@pytest.mark.parametrize("signal", LibrarySignal)
def test_a_signal_fires_alone_and_falls_silent_by_one_input(signal: LibrarySignal) -> None:
    known, change = FIRES[signal]
    assert signal_library(LibraryInputs(**known)) == (signal,)
    assert signal_library(LibraryInputs(**{**known, **change})) == ()


def test_a_flip_to_positive_is_not_this_librarys_flip() -> None:
    assert signal_library(LibraryInputs(gex_prev=-1.0, gex=1.0)) == ()


def test_thresholds_are_arguments() -> None:
    known = LibraryInputs(dex_zscore=2.5)
    assert signal_library(known, LibrarySettings(dex_zscore=3.0)) == ()
