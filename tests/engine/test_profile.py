"""The gamma profile against direct evaluation, and its flips against the 2,801-point grid."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.domain import Flip, Floats
from engine.profile import gamma_flips, gamma_profile
from tests.engine.gamma_books import MINUTE, Book, random_book


def around(book: Book, points: int) -> Floats:
    return book.spot * np.linspace(0.65, 1.35, points)


@pytest.mark.parametrize("points", [1, 2, 30, 300, 2801])
@pytest.mark.parametrize("seed", range(4))
def test_the_profile_is_what_direct_evaluation_gives(seed: int, points: int) -> None:
    book = random_book(seed)
    spots = around(book, points)
    net, gross = book.direct(spots)
    assert np.abs(book.profile(spots) - net).max() <= 1e-10 * gross.max()


@pytest.mark.parametrize("years", [MINUTE, 1e-4, 1 / 365, 0.1, 1.0, 3.0])
@pytest.mark.parametrize("iv", [0.005, 0.1, 5.0])
def test_one_contract_alone_is_exact_at_every_width(years: float, iv: float) -> None:
    one = np.array([100.0])
    book = Book(spot=100.0, strike=one, years=one * years / 100, iv=one * iv / 100, weight=one)
    crowd = replace(
        book,
        strike=np.full(5000, 100.0),
        years=np.full(5000, years),
        iv=np.full(5000, iv),
        weight=np.full(5000, 1 / 50),
    )
    spots = around(book, 997)
    net, gross = book.direct(spots)
    for each in (book, crowd):
        assert np.abs(each.profile(spots) - net).max() <= 1e-10 * gross.max()


@pytest.mark.parametrize("deviations", [3.0, 4.0, 5.0])
def test_a_book_of_far_tails_alone_keeps_its_relative_accuracy(deviations: float) -> None:
    """Every strike outside the range: nothing but the steep flanks of the Gaussians is in it."""
    rng = np.random.default_rng(2)
    spread = rng.uniform(0.002, 0.4, 3000)
    side = rng.choice([-1.0, 1.0], 3000)
    edge = np.where(side > 0, 1.35, 0.65) * 100.0
    book = Book(
        spot=100.0,
        strike=edge * np.exp(side * deviations * spread),
        years=np.full(3000, 0.25),
        iv=spread / 0.5,
        weight=rng.normal(size=3000),
        rate=0.0,
        carry=0.0,
    )
    spots = around(book, 400)
    net, gross = book.direct(spots)
    assert np.abs(book.profile(spots) - net).max() <= 1e-10 * gross.max()


def test_spots_may_be_spaced_anyhow() -> None:
    book = random_book(11)
    spots = np.sort(np.concatenate([around(book, 50), book.strike, [6700.0, 6700.0, 1.0, 1e6]]))
    net, gross = book.direct(spots)
    assert np.abs(book.profile(spots) - net).max() <= 1e-10 * gross.max()


def test_at_spot_the_profile_is_the_sum() -> None:
    book = random_book(5)
    _, _, profile = book.flips()
    [middle] = np.flatnonzero(np.isclose(profile.spots, book.spot, rtol=1e-12))
    net, gross = book.direct(np.array([book.spot]))
    assert profile.gex[middle] == pytest.approx(net[0], abs=1e-10 * gross[0])
    assert len(profile.spots) == len(profile.gex) == 281
    assert (profile.spots[0], profile.spots[-1]) == pytest.approx((0.65 * 6700, 1.35 * 6700))


@pytest.mark.parametrize("factor", [1e-6, 0.37, 1e4])
def test_the_profile_scales_with_the_currency(factor: float) -> None:
    book = random_book(6)
    other = replace(book, spot=book.spot * factor, strike=book.strike * factor)
    scaled, plain = other.profile(around(other, 200)), book.profile(around(book, 200))
    _, gross = book.direct(around(book, 200))
    assert np.abs(scaled / factor - plain).max() <= 1e-11 * gross.max()
    for one, two in zip(book.flips()[0], other.flips()[0], strict=True):
        assert two.level == pytest.approx(one.level * factor, rel=1e-9)


def test_the_order_of_the_contracts_does_not_matter() -> None:
    book = random_book(7)
    order = np.random.default_rng(0).permutation(book.strike.size)
    mixed = replace(
        book, **{name: getattr(book, name)[order] for name in ("strike", "years", "iv", "weight")}
    )
    assert [_rounded(each) for each in mixed.flips()[0]] == [
        _rounded(each) for each in book.flips()[0]
    ]


def test_the_opposite_book_flips_at_the_same_levels_the_other_way() -> None:
    book = random_book(8)
    flips, primary, _ = book.flips()
    opposite, other, _ = replace(book, weight=-book.weight).flips()
    assert len(flips) > 1
    assert primary == other
    turned = {"neg_to_pos": "pos_to_neg", "pos_to_neg": "neg_to_pos"}
    assert [(turned[each.direction], each.level, each.prominence) for each in flips] == [
        (each.direction, each.level, each.prominence) for each in opposite
    ]


def _rounded(flip: Flip) -> tuple[float, str, float]:
    return round(flip.level, 6), flip.direction, round(flip.prominence, 9)


def test_memory_stays_far_below_contracts_times_spots() -> None:
    book = random_book(9, n=12_000)
    spots = around(book, 1000)
    book.profile(spots)
    tracemalloc.start()
    book.profile(spots)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 16e6 < 12_000 * 1000 * 8 / 5


def test_contracts_without_gamma_add_nothing_and_no_book_has_no_flip() -> None:
    book = random_book(10)
    nothing = np.zeros(3)
    extra = replace(
        book,
        strike=np.concatenate([book.strike, [6700.0, 6700.0, 6700.0]]),
        years=np.concatenate([book.years, [0.0, -1.0, 0.1]]),
        iv=np.concatenate([book.iv, [0.2, 0.2, 0.0]]),
        weight=np.concatenate([book.weight, [1e9, 1e9, 1e9]]),
    )
    np.testing.assert_array_equal(extra.profile(around(book, 99)), book.profile(around(book, 99)))
    for empty in (
        replace(book, weight=0 * book.weight),
        replace(book, strike=nothing[:0], years=nothing[:0], iv=nothing[:0], weight=nothing[:0]),
    ):
        flips, primary, profile = empty.flips()
        assert (flips, primary) == ((), None)
        assert not profile.gex.any()
        assert profile.spots.size == 281


def test_strikes_out_of_reach_have_no_gamma_here_and_raise_nothing() -> None:
    one = np.ones(2)
    far = Book(spot=100.0, strike=np.array([1.0, 1e4]), years=one, iv=0.1 * one, weight=one)
    flips, primary, profile = far.flips()
    assert (flips, primary) == ((), None)
    assert not profile.gex.any()


@pytest.mark.parametrize("name", ["strike", "years", "iv", "weight"])
def test_a_missing_number_is_refused_rather_than_left_out(name: str) -> None:
    book = random_book(12)
    broken = getattr(book, name).copy()
    broken[3] = np.nan
    with pytest.raises(ValueError, match="expected contracts with"):
        replace(book, **{name: broken}).flips()


@pytest.mark.parametrize("spots", [[2.0, 1.0], [0.0, 1.0], [[1.0]], [np.nan]])
def test_spots_that_make_no_grid_are_refused(spots: Any) -> None:
    with pytest.raises(ValueError, match="ascending"):
        gamma_profile(spots, 1.0, 1.0, 1.0, 0.0, 0.0, 1.0)


def test_no_spots_give_no_profile() -> None:
    assert gamma_profile([], [1.0], 1.0, 1.0, 0.0, 0.0, 1.0).shape == (0,)


def test_a_book_of_one_sign_never_flips() -> None:
    book = random_book(13)
    assert replace(book, weight=np.abs(book.weight)).flips()[:2] == ((), None)


def test_calls_and_puts_that_cancel_are_noise_and_not_a_flip() -> None:
    book = random_book(14)
    wobble = 1 + 1e-13 * np.random.default_rng(1).normal(size=book.weight.size)
    weight = np.concatenate([book.weight, -book.weight * wobble])
    strike, years, iv = (np.tile(each, 2) for each in (book.strike, book.years, book.iv))
    cancelled = replace(book, strike=strike, years=years, iv=iv, weight=weight)
    assert cancelled.flips()[:2] == ((), None)


def test_of_two_flips_equally_near_the_one_into_positive_gamma_is_primary() -> None:
    """Log-symmetric book: short at the money, long on both sides, so roots at S e^+-x."""
    vol, years = 0.2, 0.02
    drift = np.exp(0.5 * vol**2 * years)
    strike = 100.0 * np.array([np.exp(-0.1), 1.0, np.exp(0.1)]) * drift
    for middle in (-1.0, 1.0):
        book = Book(
            spot=100.0, strike=strike, years=np.full(3, years), iv=np.full(3, vol),
            weight=np.array([-middle, middle, -middle]), rate=0.0, carry=0.0,
        )  # fmt: skip
        flips, primary, _ = book.flips()
        assert flips[0].level * flips[1].level == pytest.approx(100.0**2, rel=1e-9)
        [rising] = [each for each in flips if each.direction == "neg_to_pos"]
        assert primary == rising.level


def test_a_dead_zone_between_two_strikes_minutes_before_settlement_is_one_flip() -> None:
    book = Book(
        spot=670.0, strike=np.array([663.0, 677.0]), years=np.full(2, 5 * MINUTE),
        iv=np.full(2, 0.12), weight=np.array([-1e5, 1e5]),
    )  # fmt: skip
    [flip], primary, _ = book.flips()
    assert flip.direction == "neg_to_pos"
    assert primary == flip.level
    assert 664 < flip.level < 676


def test_the_range_can_be_chosen() -> None:
    book = random_book(15)
    flips, _, profile = gamma_flips(book.spot, *book.columns(), low=0.9, high=1.1)
    wide, _, _ = book.flips()
    assert (profile.spots[0], profile.spots[-1]) == pytest.approx((0.9 * 6700, 1.1 * 6700))
    inside = [each for each in wide if 0.9 < each.level / 6700 < 1.1]
    assert [each.level for each in flips] == pytest.approx([each.level for each in inside])


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 12))
def test_the_sign_is_constant_between_flips_and_every_change_of_it_is_found(
    seed: int, n: int
) -> None:
    """Against a direct profile on the 2,801 spots of the definition, 0DTE pairs included."""
    book = random_book(seed, n)
    spots = around(book, 2801)
    net, gross = book.direct(spots)
    told = np.abs(net) >= 1e-9 * gross.max()
    near_noise = np.abs(np.abs(net) / gross.max() - 1e-9) < 2e-10
    if near_noise.any():
        return
    at, sign = spots[told], np.sign(net[told])
    (before,) = np.nonzero(sign[1:] != sign[:-1])
    flips, primary, _ = book.flips()
    assert len(flips) == len(before)
    for flip, i in zip(flips, before, strict=True):
        assert at[i] <= flip.level <= at[i + 1]
        assert flip.direction == ("neg_to_pos" if sign[i] < 0 else "pos_to_neg")
        assert 0 < flip.prominence <= 1
    if flips:
        assert primary in [each.level for each in flips]
        nearest = min(abs(np.log(each.level / book.spot)) for each in flips)
        assert abs(np.log((primary or 0) / book.spot)) == pytest.approx(nearest, abs=1e-8)
