"""Discount factors read from quotes: right where they can be, refused with a reason elsewhere."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.discount import PAIRS, Implied, implied_discounts
from engine.domain import Chain
from engine.pricing import bsm_greeks
from tests.engine.random_chains import chains, rows
from tests.samples import make_chain

SPOT, RATE, INCOME = 6500.0, 0.043, 0.012


def quoted(
    days: tuple[float, ...] = (180.0,),
    rate: float = RATE,
    income: float = INCOME,
    iv: float | None = None,
) -> Chain:
    """European quotes one point wide, of an index that pays an income."""
    chain = make_chain(asset="SPX", spot=SPOT, days=days, rate=None)
    vol = chain.iv if iv is None else iv
    found = bsm_greeks(
        SPOT, chain.strike, chain.years, rate, rate - income, vol, chain.is_call
    ).price
    assert found is not None
    mid = found + 1.0
    return replace(chain, bid=mid - 0.5, ask=mid + 0.5)


def sound(found: Implied) -> bool:
    numbers = (
        found.discount,
        found.discount_error,
        found.rate,
        found.rate_error,
        found.forward,
        found.carry,
        found.income,
    )
    if found.reason is not None:
        return all(each is None for each in numbers)
    return all(each is not None and math.isfinite(each) for each in numbers)


@pytest.mark.parametrize(("rate", "income"), [(RATE, INCOME), (0.0, 0.0), (-0.02, 0.03)])
def test_rate_income_and_forward_are_read_from_the_quotes_alone(rate: float, income: float) -> None:
    [found] = implied_discounts(quoted(rate=rate, income=income))
    years = 180 / 365
    assert found.reason is None
    assert (found.root, found.pairs) == ("SPX", 21)
    assert found.rate == pytest.approx(rate, abs=1e-9)
    assert found.income == pytest.approx(income, abs=1e-9)
    assert found.discount == pytest.approx(math.exp(-rate * years))
    assert found.forward == pytest.approx(SPOT * math.exp((rate - income) * years))
    assert found.rate_error == pytest.approx(0, abs=1e-9)


@settings(deadline=None, max_examples=40)
@given(st.sets(st.integers(0, 41), min_size=1, max_size=3), st.sampled_from([-30.0, 8.0, 500.0]))
def test_a_few_quotes_gone_wrong_change_nothing(wrong: set[int], by: float) -> None:
    chain = quoted()
    at = sorted(wrong)
    bid, ask = chain.bid.copy(), chain.ask.copy()
    bid[at] += by
    ask[at] += by
    [found] = implied_discounts(replace(chain, bid=bid, ask=ask))
    if found.reason is None:
        assert found.rate == pytest.approx(RATE, abs=2e-4)


def test_the_standard_error_is_about_as_large_as_the_error() -> None:
    chain = quoted(days=(720.0,))
    errors, misses = [], []
    for seed in range(20):
        noise = np.random.default_rng(seed).normal(0, 0.4, len(chain))
        [found] = implied_discounts(replace(chain, bid=chain.bid + noise, ask=chain.ask + noise))
        if found.rate is not None and found.rate_error is not None:
            errors.append(found.rate_error)
            misses.append(abs(found.rate - RATE))
    assert len(errors) > 15
    assert np.mean(misses) < 2 * np.mean(errors)
    assert max(misses) < 4 * max(errors)


def test_every_root_and_settlement_answers_for_itself() -> None:
    chain = quoted(days=(90.0, 400.0))
    root = np.where(np.arange(len(chain)) < 42, "SPXW", "SPX")
    found = implied_discounts(replace(chain, root=root))
    assert [each.root for each in found] == ["SPXW", "SPX"]
    both = rows(chain, np.resize(np.arange(42), 84))
    twice = replace(both, root=np.repeat(["SPX", "SPXW"], 42))
    assert [each.root for each in implied_discounts(twice)] == ["SPX", "SPXW"]


def test_the_last_hours_say_nothing_about_a_rate() -> None:
    chain = quoted(days=(0.2,))
    noise = np.random.default_rng(1).normal(0, 0.2, len(chain))
    [found] = implied_discounts(replace(chain, bid=chain.bid + noise, ask=chain.ask + noise))
    assert "a year only" in str(found.reason)
    assert sound(found)


def test_too_few_strikes_are_said() -> None:
    [found] = implied_discounts(rows(quoted(), slice(0, 2 * PAIRS - 1)))
    assert (found.pairs, found.reason) == (
        PAIRS - 1,
        "fewer than 12 strikes with a usable quote on both sides",
    )
    assert sound(found)


def test_american_puts_at_their_intrinsic_value_are_refused() -> None:
    chain = quoted(iv=0.12)
    floor = np.where(chain.is_call, 0.0, np.maximum(chain.strike - SPOT, 0.0)) + 1.0
    mid = np.maximum((chain.bid + chain.ask) / 2, floor)
    [found] = implied_discounts(replace(chain, bid=mid - 0.5, ask=mid + 0.5))
    assert found.reason is not None
    assert sound(found)


def test_quotes_that_do_not_fall_with_the_strike_are_refused() -> None:
    chain = quoted()
    swapped = replace(chain, is_call=~chain.is_call)
    [found] = implied_discounts(swapped)
    assert found.reason == "calls less puts do not fall with the strike"


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(chains(min_size=0))
def test_any_chain_gives_numbers_or_a_reason(chain: Chain) -> None:
    assert all(sound(each) for each in implied_discounts(chain))


@settings(deadline=None, max_examples=40)
@given(st.lists(st.floats(-1, 1e7), min_size=42, max_size=42))
def test_any_quotes_give_numbers_or_a_reason(bids: list[float]) -> None:
    bid = np.array(bids)
    [found] = implied_discounts(replace(quoted(), bid=bid, ask=bid * 1.01))
    assert sound(found)
