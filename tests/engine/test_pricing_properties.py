"""What holds for every option: identities, and each greek as the derivative of another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.domain import Floats
from engine.pricing import black76_greeks, bsm_greeks

DEVIATIONS = np.linspace(-3.0, 3.0, 13)
"""Strikes stand at these standard deviations from the forward."""


@dataclass(frozen=True)
class Market:
    spot: float
    years: float
    rate: float
    carry: float
    iv: float
    strike: Floats

    def greeks(self, call: bool = True, **moved: float | Floats) -> dict[str, Floats]:
        at = replace(self, **moved)  # type: ignore[arg-type]  # each name keeps its own type
        return bsm_greeks(at.spot, at.strike, at.years, at.rate, at.carry, at.iv, call).as_dict()


@st.composite
def markets(draw: st.DrawFn) -> Market:
    spot = draw(st.sampled_from([1e-5, 0.3, 100.0, 6700.0, 1e6]))
    years = draw(st.floats(1 / 365, 3.0))
    iv = draw(st.floats(0.05, 2.0))
    carry = draw(st.floats(-0.2, 0.2))
    spread = iv * np.sqrt(years)
    strike = spot * np.exp(carry * years + DEVIATIONS * spread)
    return Market(spot, years, draw(st.floats(-0.02, 0.15)), carry, iv, strike)


def agree(left: Floats, right: Floats, tolerance: float) -> None:
    """To a share of the largest value on the strip of strikes."""
    scale = max(np.abs(left).max(), np.abs(right).max())
    assert np.abs(left - right).max() <= tolerance * scale


@given(markets())
def test_put_call_parity(market: Market) -> None:
    call, put = market.greeks(True), market.greeks(False)
    asset = np.exp((market.carry - market.rate) * market.years)
    cash = np.exp(-market.rate * market.years)
    agree(call["price"] - put["price"], market.spot * asset - market.strike * cash, 1e-13)
    agree(call["delta"] - put["delta"], np.full(DEVIATIONS.size, asset), 1e-14)
    agree(put["dual_delta"] - call["dual_delta"], np.full(DEVIATIONS.size, cash), 1e-14)
    for name in ("gamma", "vega", "vanna", "vomma", "speed", "zomma", "color", "ultima", "veta"):
        agree(call[name], put[name], 1e-15)


@given(markets(), st.booleans())
def test_prices_lie_between_intrinsic_value_and_the_asset_or_cash_leg(
    market: Market, call: bool
) -> None:
    price = market.greeks(call)["price"]
    asset = market.spot * np.exp((market.carry - market.rate) * market.years)
    cash = market.strike * np.exp(-market.rate * market.years)
    sign = 1 if call else -1
    slack = 1e-13 * (asset + cash)
    assert (price >= np.maximum(sign * (asset - cash), 0) - slack).all()
    assert (price <= (asset if call else cash) + slack).all()


@given(markets(), st.booleans())
def test_the_pricing_equation_holds(market: Market, call: bool) -> None:
    """theta + sigma^2 S^2 gamma / 2 + b S delta - r V = 0."""
    at = market.greeks(call)
    diffusion = 0.5 * market.iv**2 * market.spot**2 * at["gamma"]
    drift = market.carry * market.spot * at["delta"]
    terms = np.array([at["theta"], diffusion, drift, -market.rate * at["price"]])
    assert np.abs(terms.sum(axis=0)).max() <= 1e-12 * np.abs(terms).max()


@given(markets(), st.booleans())
def test_greeks_to_spot_and_to_the_forward_are_worth_the_same(market: Market, call: bool) -> None:
    """S Delta_S = F Delta_F and S^2 Gamma_S = F^2 Gamma_F; vega and vomma do not care."""
    forward = market.spot * np.exp(market.carry * market.years)
    to_spot = market.greeks(call)
    to_forward = black76_greeks(
        forward, market.strike, market.years, market.rate, market.iv, call
    ).as_dict()
    agree(to_spot["price"], to_forward["price"], 1e-12)
    agree(market.spot * to_spot["delta"], forward * to_forward["delta"], 1e-12)
    agree(market.spot**2 * to_spot["gamma"], forward**2 * to_forward["gamma"], 1e-12)
    agree(market.spot * to_spot["vanna"], forward * to_forward["vanna"], 1e-12)
    agree(to_spot["vega"], to_forward["vega"], 1e-12)
    agree(to_spot["vomma"], to_forward["vomma"], 1e-12)


@dataclass(frozen=True)
class Derivative:
    greek: str
    of: str
    by: str
    sign: int = 1


DERIVATIVES = (
    Derivative("delta", "price", "spot"),
    Derivative("gamma", "delta", "spot"),
    Derivative("speed", "gamma", "spot"),
    Derivative("vega", "price", "iv"),
    Derivative("vanna", "delta", "iv"),
    Derivative("vomma", "vega", "iv"),
    Derivative("ultima", "vomma", "iv"),
    Derivative("zomma", "gamma", "iv"),
    Derivative("theta", "price", "years", -1),
    Derivative("charm", "delta", "years", -1),
    Derivative("color", "gamma", "years", -1),
    Derivative("veta", "vega", "years", -1),
    Derivative("dual_delta", "price", "strike"),
    Derivative("rho76", "price", "rate"),
)


@pytest.mark.parametrize("rule", DERIVATIVES, ids=lambda rule: rule.greek)
@settings(max_examples=25)
@given(market=markets(), call=st.booleans())
def test_each_greek_is_the_derivative_of_another(
    rule: Derivative, market: Market, call: bool
) -> None:
    at = getattr(market, rule.by)
    spread = market.iv * np.sqrt(market.years)
    step = {"rate": 0.01, "years": 2e-3 * market.years}.get(rule.by, 0.01 * min(spread, 0.5) * at)
    slope = _slope(lambda moved: market.greeks(call, **{rule.by: moved})[rule.of], at, step)
    rounding = 1e-13 * np.abs(market.greeks(call)[rule.of]).max() / np.min(step)
    allowed = 1e-6 * np.abs(slope).max() + rounding
    assert np.abs(rule.sign * slope - market.greeks(call)[rule.greek]).max() <= allowed


@settings(max_examples=25)
@given(market=markets(), call=st.booleans())
def test_rho_moves_the_rate_and_leaves_the_income_yield(market: Market, call: bool) -> None:
    income = market.rate - market.carry
    slope = _slope(
        lambda rate: market.greeks(call, rate=rate, carry=rate - income)["price"], market.rate, 1e-3
    )
    agree(slope, market.greeks(call)["rho"], 1e-7)


@settings(max_examples=50)
@given(market=markets(), call=st.booleans())
def test_gamma_is_the_second_difference_of_the_price(market: Market, call: bool) -> None:
    step = 1e-3 * market.iv * np.sqrt(market.years) * market.spot
    below, at, above = (
        market.greeks(call, spot=market.spot + each)["price"] for each in (-step, 0.0, step)
    )
    gamma = market.greeks(call)["gamma"]
    rounding = 1e-14 * (market.spot + market.strike.max()) / step**2
    assert np.abs((above - 2 * at + below) / step**2 - gamma).max() <= 1e-5 * gamma.max() + rounding


@given(markets(), st.booleans(), st.sampled_from([1e-3, 7.0, 1e4]))
def test_prices_scale_with_the_currency(market: Market, call: bool, factor: float) -> None:
    one = market.greeks(call)
    other = market.greeks(call, spot=market.spot * factor, strike=market.strike * factor)
    agree(other["price"], one["price"] * factor, 1e-12)
    agree(other["delta"], one["delta"], 1e-12)
    agree(other["gamma"] * factor, one["gamma"], 1e-12)
    agree(other["vanna"], one["vanna"], 1e-11)
    agree(other["charm"], one["charm"], 1e-10)


def _slope(
    of: Callable[[float | Floats], Floats], at: float | Floats, step: float | Floats
) -> Floats:
    """Central difference of fourth order."""
    near = of(at + step) - of(at - step)
    far = of(at + 2 * step) - of(at - 2 * step)
    return np.asarray((8 * near - far) / (12 * step))
