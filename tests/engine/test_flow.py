"""Build-up matrix and unusual activity."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain import Floats
from engine.flow.buildup import Buildup, oi_buildup
from engine.flow.unusual import (
    Activity,
    SideFlow,
    Unusual,
    UnusualSettings,
    Urgency,
    pcr_extreme,
    unusual_activity,
    unusual_activity_fno_monitor,
)

change = st.one_of(st.none(), st.floats(-1e6, 1e6), st.just(math.nan))


@given(price=change, oi=change)
def test_the_matrix_is_mirrored_by_a_move_the_other_way(
    price: float | None, oi: float | None
) -> None:
    mirrored = {
        Buildup.LONG_BUILDUP: Buildup.SHORT_BUILDUP,
        Buildup.SHORT_BUILDUP: Buildup.LONG_BUILDUP,
        Buildup.SHORT_COVERING: Buildup.LONG_UNWINDING,
        Buildup.LONG_UNWINDING: Buildup.SHORT_COVERING,
        Buildup.NEUTRAL: Buildup.NEUTRAL,
    }
    other = None if price is None else -price
    assert oi_buildup(other, oi) is mirrored[oi_buildup(price, oi)]


@given(price=change, oi=change)
def test_the_matrix_is_neutral_exactly_when_one_of_the_two_says_nothing(
    price: float | None, oi: float | None
) -> None:
    silent = any(each is None or math.isnan(each) or each == 0 for each in (price, oi))
    assert (oi_buildup(price, oi) is Buildup.NEUTRAL) == silent


STRIKES = np.array([80.0, 90.0, 100.0, 110.0, 120.0])


def side(average: float | None = 10.0, **columns: Any) -> SideFlow:
    """Quiet by default: something open everywhere, hardly any volume, nothing growing."""
    quiet: dict[str, Floats] = {
        "oi": np.full(5, 1000.0),
        "volume": np.full(5, 10.0),
        "oi_change": np.zeros(5),
    }
    for name, changed in columns.items():
        for strike, value in changed.items():
            quiet[name][strike == STRIKES] = value
    return SideFlow(**quiet, average=average)


def listed(calls: SideFlow, puts: SideFlow, **market: Any) -> tuple[Activity, ...]:
    return unusual_activity(STRIKES, 100.0, calls, puts, **{"pcr": 1.0, "gex": 0.0, **market})


def test_a_quiet_chain_has_no_entries() -> None:
    assert listed(side(), side()) == ()


def test_volume_counts_with_new_open_interest_only_and_from_a_hundred_contracts_on() -> None:
    calls = side(
        oi={110.0: 1.0},
        volume={90.0: 501.0, 110.0: 99.0, 120.0: 600.0},
        oi_change={90.0: 1.0, 110.0: 1.0, 120.0: -1.0},
    )
    [entry] = listed(calls, side())
    assert entry == Activity(
        kind=Unusual.CALL_VOLUME, strike=90.0, ratio=0.501, urgency=Urgency.MEDIUM
    )


def test_a_value_on_its_threshold_is_not_unusual() -> None:
    on_it = side(volume={90.0: 500.0, 110.0: 100.0}, oi_change={90.0: 1.0, 110.0: 30.0})
    assert listed(on_it, side(), pcr=1.6, gex=-50_000_000.0) == ()
    assert listed(side(), side(), pcr=0.5) == ()


def test_out_of_the_money_is_measured_from_the_listed_strike_nearest_to_spot() -> None:
    strikes = np.array([100.0, 104.0, 106.0])
    calls = SideFlow(np.ones(3), np.zeros(3), np.full(3, 100.0), 1.0)
    found = unusual_activity(strikes, 102.0, calls, calls, pcr=None, gex=None)
    assert [each.strike for each in found] == [106.0]  # the lower of two is the middle: 100
    found = unusual_activity(strikes, 102.1, calls, calls, pcr=None, gex=None)
    assert found == ()


def test_an_average_that_is_not_positive_is_no_yardstick_but_was_one_in_the_design() -> None:
    calls = side(average=-50.0, oi_change={110.0: 1.0})
    assert listed(calls, side()) == ()
    literal = unusual_activity_fno_monitor(STRIKES, 100.0, calls, pcr=None, gex=None)
    assert [(each.kind, each.strike) for each in literal] == [
        (Unusual.CALL_ACCUMULATION, 110.0),
        (Unusual.CALL_ACCUMULATION, 120.0),
    ]


def test_the_design_sees_no_puts_and_counts_the_smallest_volume() -> None:
    tiny = side(oi={90.0: 0.0}, volume={90.0: 1.0}, oi_change={90.0: 1.0})
    assert listed(tiny, tiny) == ()
    [entry] = unusual_activity_fno_monitor(STRIKES, 100.0, tiny, pcr=1.0, gex=None)
    assert entry == Activity(kind=Unusual.CALL_VOLUME, strike=90.0, ratio=1.0)


def test_thresholds_are_arguments() -> None:
    settings = UnusualSettings(gex_zone=-1e9, pcr_high=2.5)
    assert pcr_extreme(2.1, settings) is None
    assert unusual_activity(
        STRIKES, 100.0, side(), side(), pcr=2.6, gex=-1.1e9, settings=settings
    ) == (
        Activity(kind=Unusual.PCR_HIGH, pcr=2.6, bias=listed(side(), side(), pcr=2.6)[0].bias),
        Activity(kind=Unusual.NEGATIVE_GAMMA, gex=-1.1e9),
    )


def test_a_chain_without_strikes_has_only_what_is_known_of_the_market() -> None:
    none = SideFlow(np.empty(0), np.empty(0), np.empty(0), None)
    [entry] = unusual_activity(np.empty(0), 100.0, none, none, pcr=0.4, gex=None)
    assert entry.kind is Unusual.PCR_LOW


numbers = st.lists(
    st.one_of(st.integers(-400, 4000).map(float), st.just(math.nan)), min_size=9, max_size=9
).map(np.array)
sides = st.builds(
    SideFlow,
    numbers.map(np.abs),
    numbers.map(np.abs),
    numbers,
    st.one_of(st.none(), st.floats(-99, 99)),
)
MIRROR = {
    Unusual.CALL_VOLUME: Unusual.PUT_VOLUME,
    Unusual.PUT_VOLUME: Unusual.CALL_VOLUME,
    Unusual.CALL_ACCUMULATION: Unusual.PUT_ACCUMULATION,
    Unusual.PUT_ACCUMULATION: Unusual.CALL_ACCUMULATION,
}


@given(calls=sides, puts=sides)
def test_calls_and_puts_swapped_on_a_mirrored_board_give_the_mirrored_entries(
    calls: SideFlow, puts: SideFlow
) -> None:
    strikes = np.arange(80.0, 121.0, 5.0)  # symmetric about 100, which is listed
    there = unusual_activity(strikes, 100.0, calls, puts, pcr=None, gex=None)
    back = unusual_activity(strikes, 100.0, flipped(puts), flipped(calls), pcr=None, gex=None)
    mirrored = {
        replace(each, kind=MIRROR[each.kind], strike=200.0 - (each.strike or 0.0)) for each in back
    }
    assert set(there) == mirrored


def flipped(flow: SideFlow) -> SideFlow:
    return SideFlow(flow.oi[::-1], flow.volume[::-1], flow.oi_change[::-1], flow.average)


@given(calls=sides, puts=sides, factor=st.integers(2, 50))
def test_a_larger_contract_changes_nothing_but_the_least_volume(
    calls: SideFlow, puts: SideFlow, factor: int
) -> None:
    """Accumulation compares open interest with open interest: its unit cancels."""

    def scaled(flow: SideFlow) -> SideFlow:
        average = None if flow.average is None else flow.average * factor
        return SideFlow(flow.oi * factor, flow.volume * factor, flow.oi_change * factor, average)

    def grown(one: SideFlow, other: SideFlow) -> list[float | None]:
        strikes = np.arange(80.0, 121.0, 5.0)
        found = unusual_activity(strikes, 100.0, one, other, pcr=None, gex=None)
        return [each.strike for each in found if each.urgency is Urgency.HIGH]

    assert grown(calls, puts) == grown(scaled(calls), scaled(puts))


@pytest.mark.parametrize("pcr", [None, math.nan, 0.5, 1.0, 1.6])
def test_a_ratio_in_between_or_not_known_is_no_extreme(pcr: float | None) -> None:
    assert pcr_extreme(pcr) is None
