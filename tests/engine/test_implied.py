"""Implied volatility: exact where the price says it, NaN where no volatility gives the price."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.special import erf, erfc, log_ndtr

from engine.domain import Floats
from engine.implied import NoVol, implied_vol, no_vol_reason, total_deviation
from engine.pricing import bsm_greeks

EPS = float(np.finfo(np.float64).eps)
MINUTE = 60 / (365 * 86_400)


def price_and_vega(*terms: float | Floats, is_call: bool) -> tuple[Floats, Floats]:
    spot, strike, years, rate, carry, iv = terms
    which = ("price", "vega")
    greeks = bsm_greeks(spot, strike, years, rate, carry, iv, is_call, which=which).as_dict()
    return greeks["price"], greeks["vega"]


@pytest.mark.parametrize("call", [True, False])
@pytest.mark.parametrize("deviations", [-4.0, -2.0, -0.5, 0.0, 0.5, 2.0, 4.0])
def test_a_price_gives_its_volatility_back_from_a_minute_to_three_years(
    call: bool, deviations: float
) -> None:
    """Relative error 1e-11, or what the rounding of the price itself amounts to."""
    years = np.geomspace(MINUTE, 3.0, 40)[:, None]
    iv = np.geomspace(0.05, 5.0, 40)
    spot, rate, carry = 100.0, 0.03, 0.01
    strike = spot * np.exp(carry * years + deviations * iv * np.sqrt(years))
    price, vega = price_and_vega(spot, strike, years, rate, carry, iv, is_call=call)
    solved = implied_vol(price, spot, strike, years, rate, carry, call)
    with np.errstate(divide="ignore"):
        rounding = 8 * EPS * np.maximum(spot, strike) / (vega * iv)
    told = rounding < 1e-4
    assert told.mean() > 0.6
    error = np.abs(solved / iv - 1)
    assert (error[told] <= np.maximum(1e-11, rounding[told])).all()


def test_the_solver_itself_is_exact_over_the_whole_plane() -> None:
    """Away from the rounding of prices: x from the money to e^-6, s from 1e-3 to 12."""
    away = -np.concatenate([[0.0], np.geomspace(1e-9, 6.0, 80)])
    x, s = (each.ravel() for each in np.meshgrid(away, np.geomspace(1e-3, 12.0, 60)))
    value, room = _normalised(x, s)
    known = (value > 1e-290) & (room > 1e-15)
    found = total_deviation(value[known], room[known], x[known])
    assert known.sum() > 2000
    assert np.abs(found / s[known] - 1).max() < 1e-11


def test_at_the_money_the_smallest_spreads_are_exact() -> None:
    s = np.geomspace(1e-9, 10.0, 200)
    value, room = erf(s / np.sqrt(8)), erfc(s / np.sqrt(8))
    found = total_deviation(value, room, np.zeros_like(s))
    np.testing.assert_allclose(found, s, rtol=2e-13)


def _normalised(x: Floats, s: Floats) -> tuple[Floats, Floats]:
    """Black's beta and what is missing to its bound, in logarithms: another way than the code's."""
    h, t = x / s, 0.5 * s
    first, second = 0.5 * x + log_ndtr(h + t), -0.5 * x + log_ndtr(h - t)
    value = np.exp(first) * -np.expm1(second - first)
    room = np.exp(0.5 * x + log_ndtr(-h - t)) + np.exp(second)
    return value, room


@settings(max_examples=200)
@given(
    st.tuples(st.floats(1e-4, 3.0), st.floats(0.05, 3.0), st.floats(-2.0, 2.0)),
    st.tuples(st.floats(-0.05, 0.15), st.floats(-0.1, 0.1)),
    st.booleans(),
)
def test_round_trip(
    smile: tuple[float, float, float], rates: tuple[float, float], call: bool
) -> None:
    (years, iv, deviations), (rate, carry), spot = smile, rates, 6700.0
    strike = spot * np.exp(carry * years + deviations * iv * np.sqrt(years))
    price, vega = price_and_vega(spot, strike, years, rate, carry, iv, is_call=call)
    solved = implied_vol(price, spot, strike, years, rate, carry, call)
    allowed = max(1e-11, 8 * EPS * max(spot, strike) / float(vega * iv))
    assert float(solved) == pytest.approx(iv, rel=allowed)


def test_it_agrees_with_a_bracketing_solver_on_quoted_prices() -> None:
    """Quotes rounded to a tick: no volatility put them there."""
    strike = np.arange(80.0, 125.0, 5.0)
    price, _ = price_and_vega(100.0, strike, 0.1, 0.04, 0.02, 0.35, is_call=True)
    ticked = np.round(price, 1) + 0.05
    solved = implied_vol(ticked, 100.0, strike, 0.1, 0.04, 0.02, True)

    def miss(iv: float, row: int) -> float:
        value, _ = price_and_vega(100.0, strike[row], 0.1, 0.04, 0.02, iv, is_call=True)
        return float(value - ticked[row])

    for row, each in enumerate(solved):
        found = brentq(miss, 1e-3, 5.0, args=(row,), xtol=1e-14, rtol=1e-14)
        assert each == pytest.approx(found, rel=1e-9)


@pytest.mark.parametrize("call", [True, False])
def test_no_volatility_gives_intrinsic_value_or_less_nor_the_bound_or_more(call: bool) -> None:
    spot, strike, years, rate, carry = 100.0, 80.0 if call else 120.0, 0.25, 0.05, 0.02
    asset, cash = spot * np.exp((carry - rate) * years), strike * np.exp(-rate * years)
    intrinsic, bound = abs(asset - cash), asset if call else cash
    prices = np.array([-1.0, 0.0, 0.5 * intrinsic, intrinsic, bound, bound + 1e-9, 2 * bound])
    assert np.isnan(implied_vol(prices, spot, strike, years, rate, carry, call)).all()
    between = intrinsic + np.array([1e-6, 0.5, 0.999]) * (bound - intrinsic)
    solved = implied_vol(between, spot, strike, years, rate, carry, call)
    assert (np.diff(solved) > 0).all()


@pytest.mark.parametrize(
    "wrong",
    [
        {"price": np.nan},
        {"spot": 0.0},
        {"strike": -1.0},
        {"years": 0.0},
        {"years": -0.1},
        {"rate": np.inf},
        {"carry": np.nan},
    ],
)
def test_a_missing_or_impossible_input_gives_nan_and_only_there(wrong: dict[str, float]) -> None:
    sound = {
        "price": 5.0, "spot": 100.0, "strike": 100.0, "years": 0.25, "rate": 0.03, "carry": 0.0
    }  # fmt: skip
    price, spot, strike, years, rate, carry = (
        np.array([each, wrong.get(name, each)]) for name, each in sound.items()
    )
    solved = implied_vol(price, spot, strike, years, rate, carry, is_call=True)
    assert np.isfinite(solved[0])
    assert np.isnan(solved[1])


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({}, ""),
        ({"price": np.nan}, NoVol.NO_PRICE),
        ({"price": 0.0}, NoVol.ZERO_PRICE),
        ({"price": -1.0}, NoVol.ZERO_PRICE),
        ({"price": 19.0}, NoVol.INTRINSIC),
        ({"price": 100.0}, NoVol.BOUND),
        ({"price": np.inf}, NoVol.BOUND),
        ({"years": 0.0}, NoVol.EXPIRED),
        ({"years": -0.1, "price": np.nan}, NoVol.EXPIRED),
        ({"years": np.nan}, NoVol.INPUT),
        ({"spot": 0.0}, NoVol.INPUT),
        ({"strike": -1.0}, NoVol.INPUT),
        ({"rate": np.inf}, NoVol.INPUT),
        ({"carry": np.nan, "years": 0.0}, NoVol.INPUT),
        ({"price": 1e-300, "strike": 1e300}, NoVol.UNSOLVED),
    ],
)
def test_what_has_no_volatility_has_a_reason(wrong: dict[str, float], reason: str) -> None:
    deep = {
        "price": 21.0, "spot": 100.0, "strike": 80.0, "years": 0.25, "rate": 0.0, "carry": 0.0
    }  # fmt: skip
    given_ = {**deep, **wrong}
    assert no_vol_reason(**given_, is_call=True).item() == reason
    assert (reason == "") == bool(np.isfinite(implied_vol(**given_, is_call=True)))


def test_reasons_are_there_exactly_where_a_volatility_is_not() -> None:
    odd = [np.nan, -1.0, 0.0, 1e-300, 1e-9, 0.25, 80.0, 1e200, np.inf]
    grid = np.meshgrid(odd, [0.0, 80.0, 1e300], odd, odd, [-1.0, 0.0, np.nan])
    price, spot, strike, years, rate = (each.ravel() for each in grid)
    for call in (True, False):
        solved = implied_vol(price, spot, strike, years, rate, 0.0, call)
        reasons = no_vol_reason(price, spot, strike, years, rate, 0.0, call)
        assert ((reasons == "") == np.isfinite(solved)).all()
        assert set(reasons.tolist()) <= {"", *NoVol}
    assert no_vol_reason([[4.0], [6.0]], 100.0, [95.0, 100.0], 0.25, 0.0, 0.0, True).shape == (2, 2)
    assert no_vol_reason([], 100.0, [], 0.25, 0.0, 0.0, True).shape == (0,)


def test_shapes_broadcast_and_nothing_to_solve_is_fine() -> None:
    grid = implied_vol([[4.0], [6.0]], 100.0, [95.0, 100.0, 105.0], 0.25, 0.0, 0.0, False)
    assert grid.shape == (2, 3)
    assert implied_vol(4.0, 100.0, 100.0, 0.25, 0.0, 0.0, True).shape == ()
    assert implied_vol([], 100.0, [], 0.25, 0.0, 0.0, True).shape == (0,)


def test_absurd_magnitudes_raise_no_warning() -> None:
    huge = [1e-300, 1e-200, 1.0, 1e200, 1e300]
    price, spot, strike, years = (each.ravel() for each in np.meshgrid(*([huge] * 4)))
    solved = implied_vol(price, spot, strike, years, 0.0, 0.0, True)
    assert (np.isnan(solved) | (solved > 0)).all()
    assert np.isnan(solved[price >= spot]).all()


def test_a_volatility_never_depends_on_the_company_it_is_solved_in() -> None:
    strike = np.linspace(60.0, 160.0, 41)
    price, _ = price_and_vega(100.0, strike, 0.1, 0.0, 0.0, 0.8, is_call=False)
    together = implied_vol(price, 100.0, strike, 0.1, 0.0, 0.0, False)
    alone = [
        float(implied_vol(p, 100.0, k, 0.1, 0.0, 0.0, False))
        for p, k in zip(price, strike, strict=True)
    ]
    np.testing.assert_allclose(together, alone, rtol=1e-14)
