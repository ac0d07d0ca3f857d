"""Limits, missing numbers, units and shapes of the pricing formulas."""

from __future__ import annotations

import numpy as np
import pytest

from engine.domain import Floats
from engine.fno_monitor import corrected_greeks, literal_greeks
from engine.pricing import (
    Greeks,
    black76_greeks,
    bsm_greeks,
    premium_adjusted,
    to_display_units,
)

EVERY = tuple(Greeks.__dataclass_fields__)
MINUTE = 60 / (365 * 86_400)


def given(greek: Floats | None) -> Floats:
    assert greek is not None
    return greek


def test_at_settlement_an_option_is_its_intrinsic_value_and_nothing_moves() -> None:
    at = bsm_greeks(100.0, [90.0, 100.0, 110.0], 0.0, 0.05, 0.03, 0.2, [[True], [False]]).as_dict()
    assert at["price"].tolist() == [[10, 0, 0], [0, 0, 10]]
    assert at["delta"].tolist() == [[1, 0.5, 0], [0, -0.5, -1]]
    assert at["dual_delta"].tolist() == [[-1, -0.5, 0], [0, 0.5, 1]]
    for name in set(EVERY) - {"price", "delta", "dual_delta"}:
        assert not at[name].any(), name


def test_without_volatility_only_the_carry_terms_survive() -> None:
    spot, strike, years, rate, carry = 100.0, 90.0, 0.5, 0.05, 0.02
    at = bsm_greeks(spot, strike, years, rate, carry, 0.0, True).as_dict()
    asset, cash = np.exp((carry - rate) * years), strike * np.exp(-rate * years)
    assert at["price"] == pytest.approx(spot * asset - cash, rel=1e-14)
    assert at["delta"] == pytest.approx(asset, rel=1e-15)
    assert at["theta"] == pytest.approx((rate - carry) * spot * asset - rate * cash, rel=1e-13)
    assert at["charm"] == pytest.approx((rate - carry) * asset, rel=1e-14)
    for name in ("gamma", "vega", "vanna", "vomma", "speed", "zomma", "color", "ultima", "veta"):
        assert at[name] == 0, name


@pytest.mark.parametrize("iv", [1e-12, 1e-9, 1e-6])
@pytest.mark.parametrize("call", [True, False])
def test_the_limit_of_no_volatility_is_approached_from_above(iv: float, call: bool) -> None:
    limit = bsm_greeks(100.0, 97.0, 0.5, 0.05, 0.02, 0.0, call).as_dict()
    near = bsm_greeks(100.0, 97.0, 0.5, 0.05, 0.02, iv, call).as_dict()
    for name in EVERY:
        assert near[name] == pytest.approx(limit[name], rel=1e-12, abs=1e-12), name


@pytest.mark.parametrize(
    "wrong",
    [
        {"years": -1e-9},
        {"iv": -0.2},
        {"iv": np.nan},
        {"iv": np.inf},
        {"years": np.nan},
        {"spot": 0.0},
        {"spot": -5.0},
        {"spot": np.inf},
        {"strike": 0.0},
        {"strike": np.nan},
        {"rate": np.nan},
        {"carry": np.inf},
    ],
)
def test_what_cannot_be_priced_is_nan_in_every_greek_and_alone(wrong: dict[str, float]) -> None:
    names = ("spot", "strike", "years", "rate", "carry", "iv")
    sound = (100.0, 95.0, 0.1, 0.02, 0.01, 0.2)
    spot, strike, years, rate, carry, iv = (
        np.array([value, wrong.get(name, value)]) for name, value in zip(names, sound, strict=True)
    )
    alone = bsm_greeks(*sound, is_call=True).as_dict()
    beside = bsm_greeks(spot, strike, years, rate, carry, iv, is_call=True).as_dict()
    for name in EVERY:
        assert beside[name][0] == alone[name], name
        assert np.isnan(beside[name][1]), name


def test_the_extremes_are_finite_and_silent() -> None:
    years = np.array([MINUTE, 1 / 365, 3.0])[:, None, None, None]
    iv = np.array([0.0, 0.005, 0.5, 5.0])[:, None, None]
    strike = np.array([1e-5, 10.0, 99.999999, 100.0, 1000.0, 1e7])[:, None]
    values = bsm_greeks(100.0, strike, years, 0.05, -0.02, iv, [True, False]).as_dict()
    for name, each in values.items():
        assert each.shape == (3, 4, 6, 2)
        assert np.isfinite(each).all(), name


def test_absurd_magnitudes_raise_no_warning() -> None:
    huge = [1e-300, 1e-30, 1.0, 1e30, 1e300]
    grid = np.meshgrid(*([huge] * 4), [-1e3, 0.0, 1e3], indexing="ij")
    spot, strike, years, iv, carry = (each.ravel() for each in grid)
    price = given(bsm_greeks(spot, strike, years, 0.0, carry, iv, True).price)
    assert price.shape == spot.shape


def test_only_what_was_asked_for_is_computed() -> None:
    some = bsm_greeks(100.0, 95.0, 0.1, 0.02, 0.01, 0.2, True, which=("gamma", "charm"))
    everything = bsm_greeks(100.0, 95.0, 0.1, 0.02, 0.01, 0.2, True).as_dict()
    assert some.as_dict().keys() == {"gamma", "charm"}
    assert some.delta is None
    assert some.gamma == everything["gamma"]
    assert tuple(everything) == EVERY


def test_an_unknown_greek_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="found lambda"):
        bsm_greeks(100.0, 95.0, 0.1, 0.02, 0.01, 0.2, True, which=("gamma", "lambda"))


def test_arguments_broadcast_and_no_contracts_are_fine() -> None:
    delta = given(bsm_greeks(100.0, [[90.0], [110.0]], 0.1, 0.0, 0.0, 0.2, [True, False]).delta)
    assert delta.shape == (2, 2)
    none = np.zeros(0)
    assert given(bsm_greeks(100.0, none, none, 0.0, none, none, none).delta).shape == (0,)


def test_results_can_be_written_to_and_share_nothing() -> None:
    greeks = bsm_greeks(100.0, [95.0, 95.0], 0.1, 0.0, 0.0, 0.2, True)
    given(greeks.gamma)[0] = 7.0
    assert given(greeks.vega)[0] == given(greeks.vega)[1]
    assert given(greeks.gamma)[1] != 7.0


def test_to_the_forward_is_to_spot_without_carry() -> None:
    forward = black76_greeks(100.0, 95.0, 0.1, 0.04, 0.2, False).as_dict()
    spot = bsm_greeks(100.0, 95.0, 0.1, 0.04, 0.0, 0.2, False).as_dict()
    assert forward == spot


def test_display_units_are_per_vol_point_and_per_day() -> None:
    raw = bsm_greeks(100.0, 95.0, 0.1, 0.04, 0.03, 0.2, True).as_dict()
    shown = to_display_units(bsm_greeks(100.0, 95.0, 0.1, 0.04, 0.03, 0.2, True)).as_dict()
    ratio = {name: float(raw[name] / shown[name]) for name in EVERY}
    expected = {
        "vega": 100, "vanna": 100, "zomma": 100, "vomma": 1e4, "ultima": 1e6,
        "theta": 365, "charm": 365, "color": 365, "veta": 36_500,
    }  # fmt: skip
    assert ratio == pytest.approx({name: expected.get(name, 1) for name in EVERY})
    assert to_display_units(Greeks()).as_dict() == {}


def test_premium_adjusted_greeks_hedge_the_coin_value() -> None:
    """delta_pa = S d(V/S)/dS and gamma_pa its derivative, by finite differences."""

    def notional(spot: float) -> Floats:
        dollars = bsm_greeks(spot, 3500.0, 0.2, 0.0, 0.0, 0.7, True)
        return given(premium_adjusted(dollars, spot).delta)

    def coins(spot: float) -> Floats:
        dollars = bsm_greeks(spot, 3500.0, 0.2, 0.0, 0.0, 0.7, True)
        return given(premium_adjusted(dollars, spot).price)

    spot, step = 3300.0, 0.1
    adjusted = premium_adjusted(bsm_greeks(spot, 3500.0, 0.2, 0.0, 0.0, 0.7, True), spot)
    slope = spot * (coins(spot + step) - coins(spot - step)) / (2 * step)
    curve = (notional(spot + step) - notional(spot - step)) / (2 * step)
    assert given(adjusted.delta) == pytest.approx(slope, rel=1e-8)
    assert given(adjusted.gamma) == pytest.approx(curve, rel=1e-7)
    assert adjusted.vega is None


def test_premium_adjustment_says_what_it_needs() -> None:
    with pytest.raises(ValueError, match="price, delta and gamma"):
        premium_adjusted(bsm_greeks(1.0, 1.0, 1.0, 0.0, 0.0, 1.0, True, which=("delta",)), 1.0)


@pytest.mark.parametrize("call", [True, False])
def test_the_literal_monitor_is_what_its_documentation_says(call: bool) -> None:
    """Its theta is the spot-held call's for both types, its charm the spot-held one discounted."""
    forward, strike, years, rate, iv = 24_510.35, 24_500.0, 7 / 365, 0.065, 0.12
    discount = np.exp(-rate * years)
    literal = literal_greeks(forward, strike, years, rate, iv, call)
    correct = corrected_greeks(forward, strike, years, rate, iv, call)
    spot_held = bsm_greeks(forward * discount, strike, years, rate, rate, iv, True).as_dict()
    for name in ("delta", "gamma", "vega", "vanna"):
        assert literal[name] == correct[name]
    assert literal["theta"] == pytest.approx(spot_held["theta"] / 365, rel=1e-12)
    assert literal["charm"] == pytest.approx(discount * spot_held["charm"], rel=1e-12)
    assert literal["theta"] < correct["theta"] - 1
    assert abs(literal["charm"]) > 5 * abs(correct["charm"])
