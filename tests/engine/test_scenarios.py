"""Conventions side by side: what is robust to the belief, and what is not."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from bot.cli.golden.levels import read
from engine.analyse import analyse
from engine.domain import Chain, Regime
from engine.held import hold
from engine.scenarios import Scenarios, scenarios
from engine.settings import EngineSettings
from tests.engine.random_chains import chains, rows
from tests.recorded import golden
from tests.samples import make_chain

SETTINGS = EngineSettings()
CASES: list[dict[str, Any]] = json.loads(golden("levels_public.json").read_text(encoding="utf-8"))[
    "chains"
]
ROBUST = ("call_wall", "put_wall", "max_pain", "call_wall_oi", "put_wall_oi", "gamma_centroid")
OPPOSITE = {
    Regime.POSITIVE: Regime.NEGATIVE,
    Regime.NEGATIVE: Regime.POSITIVE,
    Regime.NEUTRAL: Regime.NEUTRAL,
    None: None,
}


def by_name(found: Scenarios) -> dict[str, Any]:
    return {each.convention: each for each in found.scenarios}


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(chains(min_size=0))
def test_inverse_is_naive_reversed_and_walls_do_not_care(chain: Chain) -> None:
    found = scenarios(hold(chain, SETTINGS), SETTINGS)
    each = by_name(found)
    naive, inverse = each["naive"], each["inverse"]
    assert inverse.regime is OPPOSITE[naive.regime]
    assert inverse.net_gex == pytest.approx(-naive.net_gex)
    assert [flip.level for flip in inverse.gamma_flips] == pytest.approx(
        [flip.level for flip in naive.gamma_flips]
    )
    assert all(
        a.direction != b.direction
        for a, b in zip(naive.gamma_flips, inverse.gamma_flips, strict=True)
    )
    assert not each["short_all"].gamma_flips
    assert not each["long_all"].gamma_flips
    for name in ROBUST:
        assert found.bands[name].robust, name
    flip = found.bands["gamma_flip"]
    assert flip.robust == (not naive.gamma_flips)


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(chains(min_size=0))
def test_a_band_holds_every_value_and_every_absence_has_its_reason(chain: Chain) -> None:
    found = scenarios(hold(chain, SETTINGS), SETTINGS)
    for band in found.bands.values():
        there = [value for value in band.values.values() if value is not None]
        assert (band.low, band.high) == (min(there, default=None), max(there, default=None))
        assert set(band.reasons) == {name for name, value in band.values.items() if value is None}
        assert all(band.reasons.values())


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["id"]))
def test_each_scenario_is_the_reference_value_of_its_convention(case: dict[str, Any]) -> None:
    given_ = read(case["input"])
    held = hold(given_.chain, SETTINGS, rates=given_.rates)
    for name, each in by_name(scenarios(held, SETTINGS)).items():
        expected = case["expected"]["conventions"][name]
        assert each.regime == expected["regime"]
        assert [flip.direction for flip in each.gamma_flips] == [
            flip["direction"] for flip in expected["flips"]
        ]
        assert each.levels.more["hvl"] == expected["hvl"]
        if expected["gamma_flip"] is None:
            assert each.levels.gamma_flip is None


def test_each_scenario_is_what_analyse_gives_under_it() -> None:
    chain = make_chain()
    for name, each in by_name(scenarios(hold(chain, SETTINGS), SETTINGS)).items():
        alone = analyse(chain, SETTINGS, convention=name)
        assert each.levels == alone.levels
        assert (each.net_dex, each.net_vex, each.net_cex) == (
            alone.exposures.dex_usd,
            alone.exposures.vex_usd_per_volpt,
            alone.exposures.cex_usd_per_day,
        )


def test_a_book_and_a_convention_of_one_s_own_stand_beside_the_assumed_ones() -> None:
    chain = make_chain()
    book = np.where(chain.is_call, 10.0, -4.0)
    found = scenarios(hold(chain, SETTINGS, convention="book", book=book), SETTINGS)
    assert [each.convention for each in found.scenarios] == [
        "naive", "inverse", "short_all", "long_all", "book",
    ]  # fmt: skip
    assert [each.assumed for each in found.scenarios] == [True] * 4 + [False]
    alone = analyse(chain, SETTINGS, convention="book", book=book)
    assert found.scenarios[-1].levels == alone.levels
    mine = EngineSettings(convention="mine", conventions={"mine": (1.0, 0.5)})
    assert scenarios(hold(chain, mine), mine).scenarios[-1].convention == "mine"


def test_the_regime_and_the_lists_say_whether_they_are_robust() -> None:
    both = scenarios(hold(make_chain(), SETTINGS), SETTINGS)
    assert not both.regime_robust
    assert both.robust_lists["call_oi_walls"]
    nothing = scenarios(hold(rows(make_chain(), slice(0, 0)), SETTINGS), SETTINGS)
    assert nothing.regime_robust
    assert all(nothing.robust_lists.values())
    assert nothing.bands["gamma_flip"].reasons["naive"] == "no live contract is listed"
