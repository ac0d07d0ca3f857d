"""Levels one by one: ties, edges, and why one does not exist."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.analyse import analyse
from engine.domain import Chain
from engine.levels.active import active_gex
from engine.levels.expected_move import expected_move
from engine.levels.flips import delta_flip
from engine.levels.max_pain import max_pain
from engine.levels.pin import pin
from engine.levels.ranking import closest, largest, ranked, without_noise
from engine.levels.walls import Ladder, gamma_centroid, vacuum, walls
from engine.pricing import bsm_greeks
from engine.settings import EngineSettings
from engine.terms import terms
from engine.valuation import value
from tests.engine.random_chains import chains, rows
from tests.samples import make_chain

SETTINGS = EngineSettings()
slow = settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow])


def array(*values: float) -> np.ndarray:
    return np.array(values, dtype=np.float64)


def ladder(spot: float, **columns: tuple[float, ...]) -> Ladder:
    nothing = (0.0,) * len(columns["strike"])
    names = ("call_gamma", "put_gamma", "call_oi", "put_oi")
    return Ladder(
        spot=spot,
        strike=array(*columns["strike"]),
        **{name: array(*columns.get(name, nothing)) for name in names},
    )


def test_ties_go_to_the_strike_closest_to_spot_then_to_the_lower() -> None:
    strike, value_ = array(90, 95, 105, 110), array(7, 7, 7, 7)
    assert ranked(strike, value_, 101.0, 4) == (105, 95, 110, 90)
    assert ranked(strike, value_, 100.0, 4) == (95, 105, 90, 110)
    assert closest(array(99.9, 100.1), 100.0) == 99.9


def test_rounding_breaks_no_tie() -> None:
    assert closest(array(100.0, 100.2), 100.1) == 100.0
    assert largest(array(95.0, 100.0), array(0.1 + 0.2, 0.3), 100.0) == 100.0


def test_zero_is_never_a_wall() -> None:
    assert ranked(array(90, 100), array(0, 0), 95.0, 5) == ()
    assert ranked(array(90, 100), array(0, 3), 95.0, 5) == (100.0,)
    assert largest(array(), array(), 95.0) is None


def test_calls_and_puts_that_cancel_leave_exactly_nothing() -> None:
    net = without_noise(array(1e-6, 3.0, -1e-5), array(1e9, 4.0, 1e-5))
    assert net.tolist() == [0.0, 3.0, -1e-5]


def test_walls_are_by_gamma_and_may_lie_on_either_side_of_spot() -> None:
    found = walls(
        ladder(
            100.0,
            strike=(90, 95, 100, 105, 110, 115),
            call_gamma=(0, 9, 5, 3, 1, 0),
            put_gamma=(1, 2, 3, 8, 0, 0),
            call_oi=(10, 20, 60, 40, 60, 5),
            put_oi=(70, 10, 30, 20, 0, 0),
        )
    )
    assert (found.call_wall, found.put_wall) == (95, 105)
    assert (found.call_wall_oi, found.put_wall_oi) == (100, 90)
    assert found.call_oi_walls == (100, 110, 105, 95, 90)
    assert found.put_oi_walls == (90, 100, 105, 95)
    assert found.abs_gamma_strike == 95
    assert (found.r1, found.r2) == (100, 110)
    assert (found.s1, found.s2) == (100, 90)


def test_support_below_the_lowest_open_put_does_not_exist() -> None:
    found = walls(ladder(100.0, strike=(90, 100), put_gamma=(3, 1), put_oi=(5, 5)))
    assert found.put_wall == 90
    assert (found.r1, found.r2, found.s1, found.s2) == (None, None, None, None)


def test_a_vacuum_is_two_or_more_thin_strikes_on_one_side_of_spot() -> None:
    thin = ladder(
        100.0,
        strike=(80, 85, 90, 95, 100, 105, 110, 115, 120),
        call_gamma=(0.5, 0.5, 9, 0.5, 0.1, 0.5, 10, 0.9, 0.99),
    )
    assert vacuum(thin, above=False) == ((80.0, 85.0),)
    assert vacuum(thin, above=True) == ((115.0, 120.0),)
    assert vacuum(ladder(100.0, strike=(80, 85)), above=False) == ()


def test_the_centroid_weighs_with_gross_gamma() -> None:
    assert gamma_centroid(ladder(100.0, strike=(90, 110), call_gamma=(1, 0), put_gamma=(0, 3))) == (
        105.0
    )
    assert gamma_centroid(ladder(100.0, strike=(90, 110))) is None


@st.composite
def books(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    n = draw(st.integers(1, 14))
    strike = draw(st.lists(st.integers(1, 40).map(lambda x: x * 2.5), min_size=n, max_size=n))
    is_call = draw(st.lists(st.booleans(), min_size=n, max_size=n))
    units = draw(st.lists(st.sampled_from([0.0, 0.3, 1.0, 7.0, 50.0]), min_size=n, max_size=n))
    return array(*strike), np.array(is_call), array(*units)


@slow
@given(books(), st.sampled_from([1.0, 30.0, 51.25, 200.0]))
def test_max_pain_is_the_bottom_of_a_convex_payout(
    book: tuple[np.ndarray, np.ndarray, np.ndarray], spot: float
) -> None:
    strike, is_call, units = book
    listed = np.unique(strike)
    gain = np.where(is_call, listed[:, None] - strike, strike - listed[:, None])
    payout = (np.maximum(gain, 0.0) * units).sum(axis=1)
    found = max_pain(strike, is_call, units, spot)
    if not units.any():
        assert (found.strike, found.ties, found.payout) == (None, (), 0.0)
        return
    slopes = np.diff(payout) / np.diff(listed)
    assert (np.diff(slopes) >= -1e-9 * units.sum()).all()
    lowest = listed[payout <= payout.min() + 1e-9 * units.sum()]
    assert found.ties == tuple(lowest.tolist())
    assert found.payout == pytest.approx(payout.min(), abs=1e-9)
    assert found.strike == min(lowest.tolist(), key=lambda x: (abs(x - spot), x))


def test_max_pain_of_unpublished_open_interest_is_unknown() -> None:
    nothing = max_pain(array(90, 100), np.array([True, False]), array(math.nan, math.nan), 95.0)
    assert nothing.strike is None


def test_the_straddle_is_taken_where_both_legs_are_quoted_and_of_one_root() -> None:
    move = expected_move(
        np.array([0, 1, 0, 0, 1, 1]),
        array(100, 100, 105, 105, 95, 95),
        np.array([True, False, True, False, True, False]),
        array(3, 2, 1.5, 6.0, 7.0, 1.25),
        spot=100.0,
        years=0.25,
        atm_iv=0.2,
    )
    assert (move.strike, move.straddle) == (95.0, 8.25), "100 is of two roots; 95 and 105 tie"
    assert move.straddle_085 == pytest.approx(0.85 * 8.25)
    assert move.one_sigma_from_straddle == pytest.approx(8.25 * math.sqrt(math.pi / 2))
    assert move.one_sigma_iv == pytest.approx(10.0)


def test_without_quotes_or_vol_no_part_of_the_expected_move_is_invented() -> None:
    nothing = array(math.nan, math.nan)
    move = expected_move(
        np.array([0, 0]),
        array(100, 100),
        np.array([True, False]),
        nothing,
        spot=100.0,
        years=0.25,
        atm_iv=None,
    )
    assert (move.strike, move.straddle, move.one_sigma_iv) == (None, None, None)


def test_a_pin_far_away_scores_nothing() -> None:
    near = pin(array(100, 100, 110), array(2, 2, 1), 100.0, 0.01, 0.3)
    far = pin(array(100, 150), array(1, 4), 100.0, 0.01, 0.3)
    assert near is not None
    assert (near.strike, near.concentration, near.score) == (100.0, 0.8, 0.8)
    assert far is not None
    assert far.strike == 150.0
    assert far.score < 1e-6
    assert pin(array(100), array(0), 100.0, 0.01, 0.3) is None


@slow
@given(chains(complete=True))
def test_the_delta_flip_parts_the_holders_short_from_their_long_delta(chain: Chain) -> None:
    held = value(chain, terms(chain, SETTINGS), chain.oi)
    priced = held.priced
    found = delta_flip(priced, low=0.65, high=1.35)

    def delta_at(spot: float) -> float:
        greeks = bsm_greeks(
            spot,
            priced.strike,
            priced.years,
            priced.rate,
            priced.carry,
            priced.iv,
            priced.is_call,
            which=("delta",),
        ).as_dict()
        return float((priced.oi * priced.multiplier * greeks["delta"]).sum())

    if found is None:
        assert delta_at(0.65 * chain.spot) >= 0 or delta_at(1.35 * chain.spot) <= 0
    else:
        assert delta_at(found * 0.999) <= 0 <= delta_at(found * 1.001)


@slow
@given(chains())
def test_walls_do_not_depend_on_the_convention(chain: Chain) -> None:
    names = ("naive", "inverse", "short_all", "long_all")
    found = [analyse(chain, SETTINGS, convention=name).levels for name in names]
    assert len({(each.call_wall, each.put_wall, each.max_pain) for each in found}) == 1
    same = ("call_wall_oi", "put_wall_oi", "abs_gamma_strike", "R1", "S2", "delta_flip")
    assert len({tuple(each.more[name] for name in same) for each in found}) == 1


@slow
@given(chains(complete=True))
def test_flips_under_inverse_are_the_naive_ones_the_other_way_round(chain: Chain) -> None:
    one = analyse(chain, SETTINGS, convention="naive").levels
    other = analyse(chain, SETTINGS, convention="inverse").levels
    turned = {"neg_to_pos": "pos_to_neg", "pos_to_neg": "neg_to_pos"}
    assert len(one.gamma_flips) == len(other.gamma_flips)
    for a, b in zip(one.gamma_flips, other.gamma_flips, strict=True):
        assert a.level == pytest.approx(b.level, rel=1e-9)
        assert turned[a.direction] == b.direction


@slow
@given(chains(complete=True), st.sampled_from(["short_all", "long_all"]))
def test_dealers_on_one_side_of_everything_have_no_flip(chain: Chain, name: str) -> None:
    found = analyse(chain, SETTINGS, convention=name).levels
    assert found.gamma_flips == ()
    assert found.gamma_flip is None
    assert found.unavailable["gamma_flip"]


def test_a_level_that_does_not_exist_says_why() -> None:
    chain = make_chain()
    calls = replace(chain, oi=np.where(chain.is_call, chain.oi, 0.0))
    reasons = analyse(calls, SETTINGS).levels.unavailable
    assert reasons["put_wall"] == "no put open interest"
    assert reasons["gamma_flip"] == (
        "the gamma profile does not cross zero between 65 % and 135 % of spot"
    )
    assert "usable quote on both" in reasons["expected_move"]
    nothing = analyse(replace(chain, oi=np.full(len(chain), np.nan)), SETTINGS).levels
    assert nothing.unavailable["call_wall"] == "no call open interest is published"
    assert nothing.unavailable["gamma_flip"] == "no open interest is published"
    blind = analyse(replace(chain, iv=np.full(len(chain), np.nan)), SETTINGS).levels
    assert blind.unavailable["call_wall"] == "no call with open interest has a volatility"
    assert blind.max_pain is not None


def test_net_walls_follow_the_convention_and_gross_ones_do_not() -> None:
    chain = make_chain(days=(30.0,))
    names = ("naive", "inverse", "short_all", "long_all")
    found = {name: analyse(chain, SETTINGS, convention=name).levels for name in names}
    naive, inverse = found["naive"].more, found["inverse"].more
    table = analyse(chain, SETTINGS).by_strike
    assert naive["call_wall_net"] == table.strike[table.net_gex.argmax()]
    assert naive["put_wall_net"] == table.strike[table.net_gex.argmin()]
    assert inverse["call_wall_net"] == naive["put_wall_net"]
    assert inverse["put_wall_net"] == naive["call_wall_net"]
    assert len({each.call_wall for each in found.values()}) == 1
    long, short = found["long_all"], found["short_all"]
    assert long.more["call_wall_net"] == long.more["abs_gamma_strike"]
    assert (long.more["put_wall_net"], short.more["call_wall_net"]) == (None, None)
    assert long.unavailable["put_wall_net"] == "net GEX is negative at no strike"
    assert short.unavailable["call_wall_net"] == "net GEX is positive at no strike"


def test_net_walls_know_ties_noise_and_nothing() -> None:
    chain = make_chain(days=(30.0,), width=2)
    flat = analyse(replace(chain, oi=1 / value_of(chain)), SETTINGS).levels
    assert flat.more["call_wall_net"] is None, "calls and puts cancel up to rounding"
    calls = np.where(chain.is_call, 1 / value_of(chain), 0.0)
    alike = analyse(replace(chain, oi=calls), SETTINGS).levels
    assert alike.more["call_wall_net"] == chain.spot, "closest to spot of strikes alike"
    sides = np.where(chain.strike == chain.spot, 0.0, calls)
    lower = analyse(replace(chain, oi=sides), SETTINGS).levels
    assert lower.more["call_wall_net"] == pytest.approx(0.98 * chain.spot), "then the lower one"
    idle = analyse(replace(chain, oi=np.zeros(len(chain))), SETTINGS).levels
    assert idle.unavailable["put_wall_net"] == "no open interest"
    unheld = analyse(chain, SETTINGS, convention="book", book=np.zeros(len(chain))).levels
    assert "the dealers hold none" in unheld.unavailable["call_wall_net"]


def value_of(chain: Chain) -> np.ndarray:
    """Gamma of one contract each, in quote currency per 1 %."""
    return value(chain, terms(chain, SETTINGS), chain.oi).priced.gamma_1pct


def test_active_gex_is_what_new_open_interest_carries() -> None:
    chain = rows(make_chain(days=(7.0,)), np.arange(20, 26))
    chain = replace(chain, oi=array(100, 100, 100, 100, 0, 100))
    held = value(chain, terms(chain, SETTINGS), chain.oi)
    previous = array(75, 150, math.nan, 100, 50, 0)
    found = active_gex(chain, held.priced, held.book, held.grid, previous)
    assert found is not None
    shares = array(0.25, 0, 1, 0, 0, 1)
    assert found.total == pytest.approx(float((held.book.gex * shares).sum()))
    strike = held.by_strike.net_gex
    literal = strike * array(-25 / 200, 100 / 200, 50 / 100)
    np.testing.assert_allclose(found.literal_by_strike, literal)
    assert found.literal_total == pytest.approx(float(literal.sum()))
    assert (
        active_gex(chain, held.priced, held.book, held.grid, np.full(len(chain), math.nan)) is None
    )


UNKNOWN = np.full(len(make_chain()), np.nan)
"""What no contract of the sample chain has."""


def test_net_gex_is_not_known_where_nothing_that_may_be_open_is_priced() -> None:
    def why(chain: Chain) -> str | None:
        return analyse(chain, SETTINGS).levels.unavailable.get("net_gex")

    reason = "no contract with open interest has a volatility"
    assert why(make_chain(iv=UNKNOWN)) == reason
    held = make_chain()
    one = np.where(np.arange(len(held)) == 0, 5.0, 0.0)
    elsewhere = np.where(one > 0, np.nan, held.iv)
    assert why(make_chain(oi=one, iv=elsewhere)) == reason, "what is priced is not what is open"
    assert why(make_chain(oi=UNKNOWN)) == "no open interest is published"


def test_net_gex_is_zero_where_nothing_is_open_and_known_where_something_is_priced() -> None:
    iv = np.where(np.arange(UNKNOWN.size) % 2, np.nan, make_chain().iv)
    for chain in (make_chain(call_oi=0.0, put_oi=0.0), make_chain(iv=iv), make_chain()):
        assert "net_gex" not in analyse(chain, SETTINGS).levels.unavailable
