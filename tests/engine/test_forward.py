"""Forwards: exact on clean quotes, unmoved by a broken one, and honest about guesses."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from engine.domain import Bools, Chain, Floats
from engine.forward import forwards, implied_forward
from engine.pricing import bsm_greeks
from tests.samples import NOON, make_chain

SPOT, RATE, CARRY = 6700.0, 0.04, 0.028


def quoted(*, half: float = 0.1, **changes: Any) -> Chain:
    """A chain priced with a dividend yield, quoted `half` around the model, without forwards."""
    chain = make_chain(
        spot=SPOT, days=(0.25, 7.0, 90.0), width=15, forward=np.full(3 * 62, np.nan), rate=None
    )
    value = bsm_greeks(
        SPOT, chain.strike, chain.years, RATE, CARRY, 0.18, chain.is_call, which=("price",)
    ).as_dict()["price"]
    fields: dict[str, Any] = {
        name: getattr(chain, name)
        for name in ("root", "settlement", "strike", "is_call", "forward", "iv")
    }
    fields |= {"bid": value - half, "ask": value + half} | changes
    return make_chain(spot=SPOT, days=(0.25, 7.0, 90.0), width=15, rate=None, **fields)


def with_quote(chain: Chain, row: int, bid: float, ask: float) -> Chain:
    bids, asks = chain.bid.copy(), chain.ask.copy()
    bids[row], asks[row] = bid, ask
    return quoted(bid=bids, ask=asks)


def true_forward(chain: Chain) -> Floats:
    return SPOT * np.exp(CARRY * chain.years)


def second(chain: Chain) -> Bools:
    return np.asarray(chain.settlement == np.median(chain.settlement))


def row_of(chain: Chain, strike: float, call: bool) -> int:
    """Row of the second expiry's contract nearest to a strike."""
    rows = np.flatnonzero(second(chain) & (chain.is_call == call))
    return int(rows[np.abs(chain.strike[rows] - strike).argmin()])


def test_clean_quotes_give_the_forward_and_the_carry() -> None:
    chain = quoted()
    found = forwards(chain, RATE)
    np.testing.assert_allclose(found.forward, true_forward(chain), rtol=1e-12)
    np.testing.assert_allclose(found.carry, CARRY, rtol=1e-6)
    assert not found.guessed.any()
    assert [each.source for each in found.expiries] == ["parity"] * 3
    assert [each.reason for each in found.expiries] == [None] * 3


def test_on_clean_quotes_the_chain_and_the_definition_say_the_same() -> None:
    """Also when ticks round every quote a little differently."""
    exact = quoted()
    chain = quoted(bid=np.floor(exact.bid * 10) / 10, ask=np.ceil(exact.ask * 10) / 10)
    for each in forwards(chain, RATE).expiries:
        rows = chain.settlement == int(each.settlement.timestamp())
        mid = np.where(chain.bid > 0, (chain.bid + chain.ask) / 2, np.nan)
        calls, puts = rows & chain.is_call, rows & ~chain.is_call
        years = float(chain.years[rows][0])
        defined = implied_forward(chain.strike[calls], mid[calls], mid[puts], years, RATE)
        assert each.forward == pytest.approx(defined, rel=1e-15)


@pytest.mark.parametrize("call", [True, False])
@pytest.mark.parametrize("stale", [0.05, 300.0])
def test_one_stale_quote_at_the_money_moves_nothing_by_more_than_the_spread(
    call: bool, stale: float
) -> None:
    chain = quoted()
    row = row_of(chain, SPOT, call)
    found = forwards(with_quote(chain, row, stale, stale + 0.2), RATE)
    np.testing.assert_allclose(found.forward, true_forward(chain), atol=0.2)


def test_two_quotes_that_fake_parity_far_away_are_outvoted() -> None:
    chain = quoted()
    faked = chain
    for strike in (SPOT * 0.8, SPOT * 1.2):
        for call in (True, False):
            faked = _patched(faked, row_of(chain, strike, call), 50.0)
    found = forwards(faked, RATE)
    np.testing.assert_allclose(found.forward, true_forward(chain), atol=0.2)


def _patched(chain: Chain, row: int, mid: float) -> Chain:
    bids, asks = chain.bid.copy(), chain.ask.copy()
    bids[row], asks[row] = mid - 0.1, mid + 0.1
    return quoted(bid=bids, ask=asks)


@pytest.mark.parametrize(("bid", "ask"), [(0.0, 9.0), (9.0, 8.0), (np.nan, 9.0), (9.0, np.nan)])
def test_zero_crossed_and_absent_quotes_are_no_evidence(bid: float, ask: float) -> None:
    chain = quoted()
    found = forwards(with_quote(chain, row_of(chain, SPOT, True), bid, ask), RATE)
    np.testing.assert_allclose(found.forward, true_forward(chain), rtol=1e-12)


def test_without_quotes_spot_is_carried_at_the_rate_and_it_says_so() -> None:
    chain = quoted(bid=np.full(186, np.nan), ask=np.full(186, np.nan))
    found = forwards(chain, RATE)
    np.testing.assert_allclose(found.forward, SPOT * np.exp(RATE * chain.years), rtol=1e-15)
    assert found.guessed.all()
    for each in found.expiries:
        assert each.source == "carried"
        assert each.reason == "no parity: no strike has both a call and a put quote"
        assert each.carry == pytest.approx(RATE)


def test_only_the_expiry_without_quotes_is_guessed() -> None:
    chain = quoted()
    last = chain.settlement == chain.settlement.max()
    found = forwards(quoted(bid=np.where(last & chain.is_call, 0.0, chain.bid)), RATE)
    assert (found.guessed == last).all()
    assert [each.source for each in found.expiries] == ["parity", "parity", "carried"]


def test_a_parity_forward_that_cannot_be_true_is_refused_with_its_numbers() -> None:
    """Quotes of another day: everything is worth what it was at two thirds of spot."""
    stale = quoted()
    value = bsm_greeks(
        SPOT * 2 / 3, stale.strike, stale.years, RATE, CARRY, 0.5, stale.is_call, which=("price",)
    ).as_dict()["price"]
    found = forwards(quoted(bid=value, ask=value + 0.02), RATE)
    assert found.guessed.all()
    assert found.expiries[0].source == "carried"
    assert found.expiries[0].reason is not None
    assert "4466" in found.expiries[0].reason
    assert "-33.3%" in found.expiries[0].reason


def test_one_percent_a_day_is_doubted_sooner_than_ten_a_quarter() -> None:
    chain = quoted()
    shifted = SPOT * 1.09
    value = bsm_greeks(
        shifted, chain.strike, chain.years, RATE, CARRY, 0.18, chain.is_call, which=("price",)
    ).as_dict()["price"]
    found = forwards(quoted(bid=value, ask=value + 0.02), RATE)
    assert [each.source for each in found.expiries] == ["carried", "carried", "parity"]


def test_six_years_of_interest_are_no_reason_to_doubt() -> None:
    chain = make_chain(spot=SPOT, days=(6 * 365.0,), width=20, forward=np.full(82, np.nan))
    value = bsm_greeks(
        SPOT, chain.strike, chain.years, 0.05, 0.045, 0.2, chain.is_call, which=("price",)
    ).as_dict()["price"]
    chain = make_chain(
        spot=SPOT, days=(6 * 365.0,), width=20, forward=np.full(82, np.nan),
        bid=value, ask=value + 0.01,
    )  # fmt: skip
    [found] = forwards(chain, 0.05).expiries
    assert found.source == "parity"
    assert found.forward / SPOT > 1.3


def test_the_venues_own_forward_comes_first_even_beside_quotes() -> None:
    chain = quoted()
    first = chain.settlement == chain.settlement.min()
    found = forwards(quoted(forward=np.where(first, 6711.5, np.nan)), RATE)
    assert (found.forward[first] == 6711.5).all()
    assert [each.source for each in found.expiries] == ["venue", "parity", "parity"]
    assert not found.guessed.any()


def test_a_contract_without_its_venues_forward_takes_that_of_its_expiry() -> None:
    chain = quoted()
    forward = np.where(chain.settlement == chain.settlement.min(), 6711.5, np.nan)
    forward[0] = np.nan
    found = forwards(quoted(forward=forward), RATE)
    assert found.forward[0] == pytest.approx(6711.5)


def test_roots_that_settle_on_the_same_instant_have_forwards_of_their_own() -> None:
    chain = quoted()
    later = chain.settlement == chain.settlement.max()
    root = np.where(later, "SPX", "SPXW")
    settlement = np.where(later, np.sort(np.unique(chain.settlement))[1], chain.settlement)
    apart = quoted(root=root, settlement=settlement)
    found = forwards(apart, RATE)
    week = [each for each in found.expiries if each.settlement == NOON + timedelta(days=7)]
    assert sorted(each.root for each in week) == ["SPX", "SPXW"]
    assert week[0].forward != week[1].forward


def test_the_order_of_the_rows_does_not_matter() -> None:
    chain = quoted()
    order = np.random.default_rng(4).permutation(len(chain))
    names = ("root", "settlement", "strike", "is_call", "bid", "ask")
    mixed = quoted(**{name: getattr(chain, name)[order] for name in names})
    found = forwards(mixed, RATE)
    np.testing.assert_array_equal(found.forward, forwards(chain, RATE).forward[order])


def test_a_tie_goes_to_the_lower_strike_in_any_order() -> None:
    assert implied_forward([100, 95, 105], [3.0, 6.0, 1.5], [5.0, 4.0, 9.0], 0.0, 0.02) == 97.0


def test_strikes_with_one_side_only_are_skipped() -> None:
    nan = np.nan
    found = implied_forward([95, 100, 105], [6.0, nan, 2.5], [1.5, 3.0, 6.0], 0.5, 0.04)
    assert found == pytest.approx(105 - 3.5 * np.exp(0.02))
    assert np.isnan(implied_forward([95, 100], [6.0, nan], [nan, 3.0], 0.5, 0.04))
    assert np.isnan(implied_forward([], [], [], 0.5, 0.04))
