"""Which vol a contract has, and what a smile says."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from engine.analyse import analyse
from engine.held import hold
from engine.pricing import bsm_greeks
from engine.settings import EngineSettings
from engine.terms import Rates, terms
from engine.volatility import (
    atm_iv,
    atm_iv_month,
    risk_reversal_25d,
    skew_otm,
    usable_mid,
)
from engine.whatif import WhatIf, what_if
from tests.engine.random_chains import rows
from tests.samples import make_chain

SETTINGS = EngineSettings()
NO = math.nan


def array(*values: float) -> np.ndarray:
    return np.array(values, dtype=np.float64)


def test_zero_crossed_and_absent_quotes_are_none() -> None:
    mid = usable_mid(array(1.0, 0.0, 2.0, NO, 1.0, 1.0), array(1.5, 1.0, 1.0, 1.0, NO, 1.0))
    np.testing.assert_array_equal(mid, array(1.25, NO, NO, NO, NO, 1.0))


def quoted(true: float, said: float) -> np.ndarray:
    """Vols of a chain whose quotes imply `true` while the venue says `said`."""
    chain = rows(make_chain(days=(30.0,)), np.arange(12, 30))
    price = bsm_greeks(
        chain.spot, chain.strike, chain.years, 0.0, 0.0, true, chain.is_call, which=("price",)
    ).as_dict()["price"]
    chain = replace(
        chain,
        iv=np.full(len(chain), said),
        bid=price * 0.999,
        ask=price * 1.001,
        forward=np.full(len(chain), np.nan),
    )
    return terms(chain, SETTINGS, Rates(0.0, 0.0)).iv


def test_a_believable_venue_vol_is_taken() -> None:
    assert (quoted(0.4, 0.6) == 0.6).all()


@pytest.mark.parametrize("said", [NO, 0.001, 0.0, -1.0, 7.0, math.inf])
def test_otherwise_the_vol_is_solved_from_the_mid(said: float) -> None:
    np.testing.assert_allclose(quoted(0.4, said), 0.4, rtol=1e-9)


def test_a_solved_vol_outside_the_bounds_is_none() -> None:
    assert np.isnan(quoted(6.0, NO)).all()


def test_the_settings_can_ask_to_always_solve() -> None:
    chain = make_chain()
    never = EngineSettings(use_venue_iv=False)
    assert np.isnan(terms(chain, never).iv).all(), "there is no quote to solve from"


def test_the_edges_of_belief_are_inside() -> None:
    chain = make_chain(days=(30.0,), width=1)
    said = array(0.005, 5.0, 0.0049, 5.1, 0.5, 0.5)
    found = terms(replace(chain, iv=said), SETTINGS).iv
    np.testing.assert_array_equal(found, array(0.005, 5.0, NO, NO, 0.5, 0.5))


def test_why_a_contract_has_no_volatility_is_kept_and_counted() -> None:
    chain = make_chain(days=(30.0,), width=2)
    worth = np.abs(chain.spot - chain.strike)
    deep = np.where(chain.is_call, chain.strike < chain.spot, chain.strike > chain.spot)
    iv, bid = chain.iv.copy(), np.full(len(chain), NO)
    iv[:2], iv[deep] = NO, 9.0
    iv[4:6], bid[4:6] = NO, [chain.spot, 9e4]
    bid[deep] = worth[deep]
    odd = replace(chain, iv=iv, bid=bid, ask=bid)
    reasons = terms(odd, SETTINGS).no_vol.tolist()
    assert reasons[:2] == ["at or below intrinsic value", "without a usable quote"]
    assert reasons[4:6] == [
        "at or above the upper bound", "with a volatility that is not believed",
    ]  # fmt: skip
    assert reasons[6:8] == ["", "at or below intrinsic value"]
    said = (
        "No volatility for 7 contracts: 4 at or below intrinsic value, 1 at or above the upper"
        " bound, 1 with a volatility that is not believed, 1 without a usable quote."
    )
    found = analyse(odd, SETTINGS)
    assert said in found.flags
    assert found.contracts.left_out["no_vol"] == 7
    later = what_if(hold(odd, SETTINGS), WhatIf(days=1.0), SETTINGS).then
    assert said in later.flags, "the reason is that of today's quotes"
    assert not any(each.startswith("No volatility") for each in analyse(chain, SETTINGS).flags)


def test_atm_vol_is_linear_in_strike_between_means_of_call_and_put_and_flat_outside() -> None:
    strike = array(90, 90, 110, 110, 130)
    iv = array(0.30, 0.40, 0.25, NO, 0.20)
    assert atm_iv(strike, iv, 100.0) == pytest.approx(0.30)
    assert atm_iv(strike, iv, 80.0) == pytest.approx(0.35)
    assert atm_iv(strike, iv, 200.0) == pytest.approx(0.20)
    assert atm_iv(strike, np.full(5, NO), 100.0) is None


def test_thirty_days_lie_between_expiries_linearly_in_variance() -> None:
    years = [10 / 365, 50 / 365]
    found = atm_iv_month(years, [0.2, 0.4])
    assert found == pytest.approx(math.sqrt((0.5 * 10 * 0.04 + 0.5 * 50 * 0.16) / 30))
    assert atm_iv_month([30 / 365], [0.33]) == 0.33
    assert atm_iv_month(years, [0.2, None]) is None
    assert atm_iv_month([], []) is None
    assert atm_iv_month([10 / 365, 20 / 365], [0.2, 0.3]) is None


def test_skew_takes_strikes_on_the_edge_of_its_window_and_leaves_spot_out() -> None:
    strike = array(89.9, 90, 100, 100, 110, 110.1)
    is_call = np.array([False, False, False, True, True, True])
    iv = array(9, 0.35, 9, 9, 0.30, 9)
    found = skew_otm(strike, is_call, iv, 100.0)
    assert found.skew == pytest.approx(0.05)
    assert found.direction == "PUT_SKEW"
    assert skew_otm(strike, is_call, array(9, 0.3, 9, 9, 0.35, 9), 100.0).direction == "CALL_SKEW"
    assert skew_otm(strike, is_call, array(9, 0.3, 9, 9, 0.305, 9), 100.0).direction == "NEUTRAL"
    missing = skew_otm(strike, is_call, array(9, NO, 9, 9, 0.35, 9), 100.0)
    assert (missing.put_iv, missing.call_iv, missing.direction) == (None, None, None)


def test_the_risk_reversal_walks_outward_from_the_forward() -> None:
    strike = array(80, 90, 95, 105, 110, 120)
    is_call = np.array([False, False, False, True, True, True])
    iv = array(0.5, 0.4, 0.35, 0.30, 0.29, 0.28)
    delta = array(-0.1, -0.2, -0.3, 0.4, 0.3, 0.1)
    found = risk_reversal_25d(strike, is_call, iv, delta, 100.0)
    assert found.call == pytest.approx(0.29 - 0.25 * 0.01)
    assert found.put == pytest.approx(0.375)
    assert found.rr == pytest.approx(0.2875 - 0.375)


def test_deltas_that_do_not_bracket_a_quarter_give_no_risk_reversal() -> None:
    strike, is_call = array(105, 110), np.array([True, True])
    found = risk_reversal_25d(strike, is_call, array(0.3, 0.3), array(0.2, 0.1), 100.0)
    assert (found.call, found.put, found.rr) == (None, None, None)
    exact = risk_reversal_25d(strike, is_call, array(0.3, 0.4), array(0.25, 0.25), 100.0)
    assert exact.call == 0.3
