"""The venue's own delta and gamma: used or not, and reported beside ours either way."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as examples

from engine.analyse import analyse
from engine.batch import batch_totals
from engine.domain import Chain, Snapshot
from engine.errors import BadData
from engine.exposure import price
from engine.held import hold
from engine.metrics import METRICS
from engine.pricing import bsm_greeks
from engine.settings import EngineSettings
from engine.terms import terms
from engine.whatif import WhatIf, what_if
from tests.engine.random_chains import chains
from tests.samples import make_chain

OURS = EngineSettings()
VENUES = EngineSettings(use_venue_greeks=True)
NAMES = ("smile_error", "iv_deviation", "venue_delta_deviation", "venue_gamma_deviation")
SAID = "The venue's own delta and gamma used for"


def told(chain: Chain, **factors: float) -> Chain:
    """The chain with our greeks as the venue's, each times a factor."""
    mine = price(chain, terms(chain, OURS))
    columns: dict[str, Any] = {}
    for name, factor in factors.items():
        columns[name] = np.full(len(chain), np.nan)
        columns[name][mine.rows] = getattr(mine, name) * factor
    return replace(chain, **columns)


def quoted(chain: Chain, shift: float = 0.0) -> Chain:
    """Quotes around the price at the chain's volatilities, shifted."""
    iv = chain.iv + shift
    found = bsm_greeks(
        chain.spot, chain.strike, chain.years, 0.0, 0.0, iv, chain.is_call, which=("price",)
    )
    mid = found.as_dict()["price"]
    return replace(chain, bid=mid * 0.99, ask=mid * 1.01)


def said(snapshot: Snapshot) -> list[str]:
    return [flag for flag in snapshot.flags if "venue" in flag and "delta" in flag]


def metrics(chain: Chain, settings: EngineSettings = OURS) -> dict[str, float | None]:
    found = analyse(chain, settings).metrics
    return {name: found[name] for name in NAMES}


def test_a_chain_has_none_of_them_by_default() -> None:
    chain = make_chain()
    assert np.isnan(chain.delta).all()
    assert chain.delta.shape == chain.gamma.shape == chain.strike.shape
    with pytest.raises(BadData, match=r"expected \(126,\) gamma values, found \(3,\)"):
        make_chain(gamma=np.ones(3))


def test_by_default_they_change_no_number_but_their_deviation() -> None:
    chain = make_chain()
    plain, beside = analyse(chain, OURS), analyse(told(chain, delta=0.5, gamma=3.0), OURS)
    assert plain.exposures == beside.exposures
    assert plain.levels == beside.levels
    assert (plain.flags, said(beside)) == (beside.flags, [])
    assert {name for name in plain.metrics if plain.metrics[name] != beside.metrics[name]} == {
        "venue_delta_deviation",
        "venue_gamma_deviation",
    }


def test_configured_they_are_the_delta_and_gamma_of_the_exposures_and_nothing_else() -> None:
    chain = told(make_chain(), delta=0.5, gamma=3.0)
    ours, venues = analyse(chain, OURS), analyse(chain, VENUES)
    one, other = ours.exposures.as_dict(), venues.exposures.as_dict()
    factors = {name: other[name] / one[name] for name in one}
    for name, factor in factors.items():
        expected = 3.0 if name.startswith("gex") else 0.5 if name.startswith("dex") else 1.0
        assert factor == pytest.approx(expected), name
    np.testing.assert_allclose(venues.by_strike.net_gex, 3 * ours.by_strike.net_gex, atol=1e-6)
    np.testing.assert_array_equal(venues.profile.gex, ours.profile.gex)
    assert venues.levels.gamma_flips == ours.levels.gamma_flips
    assert venues.levels.more["delta_flip"] == ours.levels.more["delta_flip"]


def test_what_the_venue_does_not_give_is_computed_and_the_count_is_said() -> None:
    chain = told(make_chain(), delta=1.0, gamma=2.0)
    delta, gamma = chain.delta.copy(), chain.gamma.copy()
    delta[:6], gamma[4:10], gamma[10] = np.nan, np.nan, -1.0
    some = replace(chain, delta=delta, gamma=gamma)
    mine, theirs = price(some, terms(some, OURS)), price(some, terms(some, VENUES))
    np.testing.assert_array_equal(mine.delta, theirs.delta)
    ratio = theirs.gamma / mine.gamma
    assert ratio[4:11].tolist() == pytest.approx([1.0] * 7)
    assert np.delete(ratio, range(4, 11)).tolist() == pytest.approx([2.0] * 119)
    (flag,) = said(analyse(some, VENUES))
    assert flag.startswith(f"{SAID} 124 of 126 contracts; the gamma profile and its flips")


def test_configured_where_the_venue_gives_none_is_said_and_changes_nothing() -> None:
    chain = make_chain()
    ours, venues = analyse(chain, OURS), analyse(chain, VENUES)
    assert ours.exposures == venues.exposures
    assert said(venues) == [
        "No delta or gamma of the venue is used, though that is configured: it gives none."
    ]


def test_the_deviation_is_ours_against_theirs_also_where_theirs_are_used() -> None:
    chain = told(make_chain(), delta=1.0, gamma=1.0)
    off = replace(chain, delta=chain.delta + 0.02, gamma=chain.gamma + 3e-7)
    for settings in (OURS, VENUES):
        found = metrics(off, settings)
        assert found["venue_delta_deviation"] == pytest.approx(0.02)
        assert found["venue_gamma_deviation"] == pytest.approx(3e-7 * off.spot / 100)


def test_one_wild_greek_in_a_hundred_is_not_the_deviation() -> None:
    chain = told(make_chain(), delta=1.0, gamma=1.0)
    delta = chain.delta.copy()
    delta[7] = 40.0
    assert metrics(replace(chain, delta=delta))["venue_delta_deviation"] == 0


def test_the_deviation_of_iv_is_the_median_distance_from_the_quotes() -> None:
    chain = make_chain(width=5)
    assert metrics(quoted(chain))["iv_deviation"] == pytest.approx(0, abs=1e-4)
    assert metrics(quoted(chain, 0.03))["iv_deviation"] == pytest.approx(0.03, abs=2e-4)


def test_the_smile_error_is_small_for_a_smooth_smile_and_grows_with_noise() -> None:
    chain = make_chain(width=15)
    noise = np.random.default_rng(3).normal(0, 0.01, len(chain))
    smooth, rough = metrics(chain), metrics(replace(chain, iv=chain.iv + noise))
    assert smooth["smile_error"] == pytest.approx(0, abs=1e-4)
    assert rough["smile_error"] == pytest.approx(0.01, rel=0.4)


def test_where_there_is_nothing_to_compare_there_is_no_deviation() -> None:
    chain = make_chain(width=1)
    assert metrics(chain) == dict.fromkeys(NAMES)
    blind = replace(quoted(chain), iv=np.full(len(chain), np.nan))
    assert metrics(blind)["iv_deviation"] is None


def test_a_what_if_hedges_by_one_model_at_both_ends() -> None:
    chain = told(make_chain(), delta=0.5, gamma=3.0)
    what = WhatIf(spot=0.01, iv=2.0, days=1.0)
    one, other = (what_if(hold(chain, each), what, each) for each in (OURS, VENUES))
    assert one.hedge_units == other.hedge_units
    assert one.then.exposures == other.then.exposures
    assert one.now.exposures != other.now.exposures
    assert other.then.metrics["venue_delta_deviation"] is None


@examples(deadline=None, max_examples=40)
@given(chains())
def test_a_batch_uses_them_as_the_analysis_does(chain: Chain) -> None:
    given_chain = told(chain, delta=0.9, gamma=1.1)
    (batched,) = batch_totals([given_chain], VENUES)
    one: dict[str, Any] = analyse(given_chain, VENUES).exposures.as_dict()
    for name, value in batched.as_dict().items():
        assert value == pytest.approx(one[name], rel=1e-9, abs=1e-6), name
    assert {each.name for each in METRICS} >= set(NAMES)
