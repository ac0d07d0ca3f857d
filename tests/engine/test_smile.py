"""The smile's curve: exact where it can be, unmoved by bad volatilities, and says what is off."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.domain import Chain, Floats
from engine.settings import EngineSettings
from engine.smile import LEAST, Smile, fit_error, smiles, term_structure
from engine.terms import terms
from tests.engine.random_chains import chains, rows
from tests.samples import make_chain

SETTINGS = EngineSettings()


def fitted(chain: Chain) -> tuple[Smile, ...]:
    return smiles(chain, terms(chain, SETTINGS))


def sound(smile: Smile) -> bool:
    numbers = (smile.atm, smile.skew, smile.error)
    if smile.reason is not None:
        return numbers == (None, None, None)
    return all(each is not None and math.isfinite(each) for each in numbers)


def smiling(*, days: tuple[float, ...] = (30.0,), width: int = 10) -> Chain:
    """Volatilities whose total variance is a parabola of log-moneyness, at every strike."""
    chain = make_chain(days=days, width=width)
    away = np.log(chain.strike / chain.spot)
    return replace(chain, iv=np.sqrt(0.25 - 0.2 * away + 1.5 * away**2))


def test_a_parabola_of_total_variance_is_found_exactly() -> None:
    [smile] = fitted(smiling())
    assert smile.atm == pytest.approx(0.5, abs=1e-9)
    assert smile.skew == pytest.approx(-0.2 / (2 * 0.5), abs=1e-8)
    assert smile.error == pytest.approx(0, abs=1e-7)
    assert (smile.outliers.size, smile.fitted, smile.reason) == (0, 21, None)
    strikes = np.array([90_000.0, 110_000.0])
    away = np.log(strikes / 100_000)
    np.testing.assert_allclose(smile.vol(strikes), np.sqrt(0.25 - 0.2 * away + 1.5 * away**2))


def test_beyond_its_strikes_the_curve_is_flat() -> None:
    [smile] = fitted(smiling())
    ends = smile.vol(np.array([1.0, 80_000.0, 120_000.0, 1e9]))
    assert ends[0] == ends[1]
    assert ends[2] == ends[3]


def test_noise_of_known_size_is_the_fit_error() -> None:
    chain = smiling(width=20)
    noise = np.random.default_rng(3).normal(0, 0.004, len(chain))
    [smile] = fitted(replace(chain, iv=chain.iv + noise))
    assert smile.error == pytest.approx(0.4, abs=0.15)
    assert fit_error([smile]) == pytest.approx(smile.error)


@settings(deadline=None, max_examples=40)
@given(
    st.sets(st.integers(6, 35), min_size=1, max_size=3),
    st.sampled_from([-0.3, -0.1, 0.12, 0.4, 3.0]),
)
def test_volatilities_gone_wrong_inside_are_named_and_move_nothing(
    wrong: set[int], by: float
) -> None:
    clean = smiling()
    at = sorted(wrong)
    iv = clean.iv.copy()
    iv[at] += by
    [smile] = fitted(replace(clean, iv=iv))
    assert smile.outliers.tolist() == at
    assert smile.atm == pytest.approx(0.5, abs=1e-4)
    assert smile.error is not None
    assert smile.error < 0.1


def test_what_is_less_than_a_vol_point_off_is_no_outlier() -> None:
    clean = smiling()
    iv = clean.iv.copy()
    iv[20] += 0.9 * LEAST
    assert fitted(replace(clean, iv=iv))[0].outliers.size == 0


def test_one_settlement_s_garbage_stays_its_own() -> None:
    chain = smiling(days=(7.0, 30.0))
    noise = np.random.default_rng(5).normal(0, 0.03, 42)
    near, far = fitted(replace(chain, iv=chain.iv + np.concatenate([noise, np.zeros(42)])))
    assert near.error is not None
    assert near.error > 1
    assert far.error == pytest.approx(0, abs=1e-6)
    pooled = fit_error((near, far))
    assert pooled is not None
    assert 0 < pooled < near.error


@pytest.mark.parametrize(
    ("pick", "reason"),
    [
        (slice(0, 8), "fewer than 6 out-of-the-money"),
        (slice(21, 42, 2), "fewer than 6 out-of-the-money"),
        (slice(0, 20), "one side of the forward"),
    ],
)
def test_where_there_is_no_curve_there_is_a_reason(pick: slice, reason: str) -> None:
    [smile] = fitted(rows(smiling(), pick))
    assert reason in str(smile.reason)
    assert (smile.atm, smile.skew, smile.error, smile.weight) == (None, None, None, 0.0)
    assert np.isnan(smile.vol(np.array([1.0, 2.0]))).all()
    assert fit_error([smile]) is None
    assert term_structure([smile]) == ()


def test_the_term_structure_has_the_volatility_in_between() -> None:
    chain = smiling(days=(10.0, 40.0))
    iv: Floats = np.where(np.arange(len(chain)) < 42, 0.4, 0.5)
    near, far = term_structure(fitted(replace(chain, iv=iv)))
    assert (near.forward_iv, near.falling, far.falling) == (None, False, False)
    assert far.forward_iv == pytest.approx(np.sqrt((40 * 0.25 - 10 * 0.16) / 30), rel=1e-6)


def test_falling_total_variance_is_said_and_has_no_volatility_in_between() -> None:
    chain = smiling(days=(10.0, 11.0))
    iv: Floats = np.where(np.arange(len(chain)) < 42, 0.8, 0.4)
    _, far = term_structure(fitted(replace(chain, iv=iv)))
    assert (far.falling, far.forward_iv) == (True, None)


def test_the_order_of_contracts_does_not_matter() -> None:
    chain = smiling(days=(7.0, 30.0))
    chain = replace(chain, iv=chain.iv + np.random.default_rng(1).normal(0, 0.01, len(chain)))
    order = np.random.default_rng(2).permutation(len(chain))
    for one, other in zip(fitted(chain), fitted(rows(chain, order)), strict=True):
        assert one.error == pytest.approx(other.error, rel=1e-9)
        assert sorted(order[other.outliers]) == sorted(one.outliers)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(chains(min_size=0))
def test_any_chain_gives_a_curve_or_a_reason(chain: Chain) -> None:
    found = fitted(chain)
    assert len(found) == np.unique(chain.settlement).size
    for smile in found:
        assert sound(smile)
    overall = fit_error(found)
    assert overall is None or np.isfinite(overall)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.floats(0.005, 5.0), min_size=42, max_size=42))
def test_no_volatilities_are_too_wild(vols: list[float]) -> None:
    [smile] = fitted(replace(smiling(), iv=np.array(vols)))
    assert sound(smile)
