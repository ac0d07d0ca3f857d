"""The other definitions beside ours: their reference values, their reasons, our sentence."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from bot.cli.golden.levels import read
from engine.analyse import analyse
from engine.domain import Chain, Market
from engine.held import hold
from engine.pricing import bsm_greeks
from engine.settings import EngineSettings
from engine.terms import Rates
from engine.why import Answer, Why, why
from jobs.providers.cboe import Cboe
from tests.engine.random_chains import chains, rows
from tests.recorded import golden, recorded
from tests.samples import make_chain

SETTINGS = EngineSettings()
CASES: list[dict[str, Any]] = json.loads(golden("levels_public.json").read_text(encoding="utf-8"))[
    "chains"
]
ANY = settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
FLIPS = (
    "flip_strike_cumulative", "flip_strike_sign", "flip_first_crossing", "hvl", "flip_whole_days",
    "flip_expired_left_in", "flip_rates_zero", "flip_rates_parity", "flip_venue_iv",
    "flip_solved_iv",
)  # fmt: skip


def answers(found: Why, question: str = "gamma_flip") -> dict[str, Answer]:
    return {each.name: each for each in found.question(question).answers}


def ask(chain: Chain, earlier: Chain | None = None, **how: Any) -> Why:
    return why(hold(chain, SETTINGS, **how), SETTINGS, earlier=earlier)


@ANY
@given(chains(min_size=0))
def test_every_answer_is_a_price_or_has_a_reason_and_says_why_ours_differs(chain: Chain) -> None:
    found = ask(chain)
    ours = analyse(chain, SETTINGS).levels
    assert found.question("gamma_flip").ours == ours.gamma_flip
    assert tuple(answers(found)) == FLIPS
    for question in found.questions:
        assert (question.ours is None) == bool(question.reason)
        for answer in question.answers:
            assert (answer.value is None) == bool(answer.reason), answer.name
            assert answer.value is None or (math.isfinite(answer.value) and answer.value > 0)
            both = answer.value is not None and question.ours is not None
            assert (answer.distance is not None) == both
            assert answer.because.endswith(".")
            assert "ours" in answer.because


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["id"]))
def test_strike_based_flips_are_the_reference_values(case: dict[str, Any]) -> None:
    given_ = read(case["input"])
    for name, convention in case["expected"]["conventions"].items():
        held = hold(given_.chain, SETTINGS, convention=name, rates=given_.rates, book=given_.book)
        each = answers(why(held, SETTINGS))
        for flip in ("flip_strike_cumulative", "flip_strike_sign", "hvl"):
            expected = convention[flip]
            assert each[flip].value == (
                None if expected is None else pytest.approx(expected, rel=1e-6)
            )
        lowest = min((flip["level"] for flip in convention["flips"]), default=None)
        if case["id"] != "zero-dte-dead-zone":
            assert each["flip_first_crossing"].value == (
                None if lowest is None else pytest.approx(lowest, rel=1e-6)
            )


def test_the_cumulative_is_blind_to_short_gamma() -> None:
    [case] = [each for each in CASES if each["id"] == "short-gamma-cumulative-blind"]
    given_ = read(case["input"])
    found = ask(given_.chain, rates=given_.rates)
    each = answers(found)["flip_strike_cumulative"]
    assert each.value is None
    assert each.reason == "net GEX summed from the lowest strike up does not change sign"
    assert found.question("gamma_flip").ours is not None


def test_whole_days_are_ours_when_only_whole_days_are_left() -> None:
    eight = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
    whole = ask(make_chain(asof=eight, days=(1.0, 7.0)))
    each = answers(whole)["flip_whole_days"]
    assert each.distance == pytest.approx(0, abs=1e-9)
    assert each.because.startswith("Here the two are the same. It counts whole days of 1/365 year")
    part = ask(make_chain(asof=eight + timedelta(hours=22), days=(2 / 24, 7.0)))
    assert abs(answers(part)["flip_whole_days"].distance or 0) > 1e-4


def test_from_friday_to_monday_is_one_business_day_and_today_counts_as_one() -> None:
    chain = make_chain(
        market=Market.US, asof=datetime(2026, 11, 20, 20, 0, tzinfo=UTC), days=(1 / 24, 3.0)
    )
    one_day = int(chain.asof.timestamp() + 365 * 86_400 / 252)
    same = replace(chain, settlement=np.full(len(chain), one_day))
    expected = analyse(same, SETTINGS).levels.gamma_flip
    assert answers(ask(chain))["flip_whole_days"].value == pytest.approx(expected, rel=1e-6)


def test_rates_are_ours_when_there_are_none() -> None:
    each = answers(ask(make_chain()))
    assert each["flip_rates_zero"].distance == 0
    assert each["flip_rates_parity"].distance == 0
    chain = make_chain(days=(90.0,))
    dear = replace(chain, forward=np.full(len(chain), chain.spot * 1.03))
    off = answers(ask(dear))["flip_rates_zero"]
    bare = analyse(make_chain(days=(90.0,)), SETTINGS).levels.gamma_flip
    assert off.value == pytest.approx(bare)
    assert off.distance is not None
    assert off.distance > 0.01


def quoted(chain: Chain, iv: float) -> Chain:
    """The chain with quotes at a volatility of its own."""
    fair = bsm_greeks(
        chain.spot, chain.strike, chain.years, 0.0, 0.0, iv, chain.is_call, which=("price",)
    ).as_dict()["price"]
    return replace(chain, bid=fair, ask=fair)


def test_solved_volatilities_are_those_of_the_quotes() -> None:
    chain = quoted(make_chain(days=(30.0,)), 0.7)
    found = answers(ask(chain))
    flat = replace(chain, iv=np.full(len(chain), 0.7))
    expected = analyse(flat, SETTINGS).levels.gamma_flip
    assert found["flip_solved_iv"].value == pytest.approx(expected, rel=1e-6)
    assert found["flip_venue_iv"].distance == 0
    silent = answers(ask(make_chain()))["flip_solved_iv"]
    assert silent.reason == "no quote is usable to solve a volatility from"
    blind = answers(ask(replace(chain, iv=np.full(len(chain), np.nan))))["flip_venue_iv"]
    assert blind.reason == "the venue publishes no believable volatility"


def test_what_has_expired_comes_back_only_where_it_is_known() -> None:
    before = make_chain(days=(0.5, 30.0), width=5)
    later = before.asof + timedelta(hours=20)
    gone = before.settlement <= later.timestamp()
    heavy = replace(before, oi=np.where(gone & before.is_call, 1e4, before.oi))
    kept = rows(before, ~gone)
    now = replace(kept, asof=later, listed=len(before), left_out={"expired": int(gone.sum())})
    unknown = answers(ask(now))["flip_expired_left_in"]
    assert unknown.reason == "what the 22 expired contracts were is not known any more"
    back = answers(ask(now, heavy))["flip_expired_left_in"]
    assert back.value is not None
    assert abs(back.distance or 0) > 1e-4
    assert answers(ask(kept, kept))["flip_expired_left_in"].distance == 0
    book = answers(ask(now, heavy, convention="book", book=now.oi))["flip_expired_left_in"]
    assert book.reason == "the book holds no positions in what has expired"
    whole = ask(before)
    assert answers(whole)["flip_expired_left_in"].value == whole.question("gamma_flip").ours


def test_net_walls_lose_a_strike_that_is_crowded_with_both() -> None:
    chain = make_chain(days=(30.0,), width=4)
    at = chain.strike == chain.spot
    crowded = replace(chain, oi=np.where(at, 1e4, chain.oi))
    found = ask(crowded)
    for name in ("call_wall", "put_wall"):
        question = found.question(name)
        assert question.ours == chain.spot
        each = answers(found, name)
        assert each[f"{name}_net"].value != chain.spot
        assert each[f"{name}_oi"].value == chain.spot
        assert each[f"{name}_oi"].because.startswith("Here the two are the same.")
    calls = ask(rows(chain, chain.is_call))
    net = answers(calls, "put_wall")["put_wall_net"]
    assert net.value is None
    assert net.reason == "net GEX is negative at no strike"


def test_whether_an_answer_agrees_with_the_sign_of_net_gamma() -> None:
    found = ask(make_chain())
    above = found.net_gex > 0
    for answer in answers(found).values():
        if answer.value is not None:
            assert answer.agrees == ((found.spot > answer.value) == above)
    idle = make_chain(oi=np.zeros(126))
    assert {each.agrees for each in answers(ask(idle)).values()} == {None}
    assert {each.agrees for each in answers(found, "call_wall").values()} == {None}


def test_an_empty_chain_has_only_reasons() -> None:
    found = ask(rows(make_chain(), slice(0, 0)))
    for question in found.questions:
        assert question.reason == "no live contract is listed"
        assert all(each.reason for each in question.answers)


@pytest.mark.recorded
def test_one_recorded_chain_and_how_far_apart_the_answers_lie() -> None:
    file = recorded("cboe", "quotedata", "spx_2025-09-05.csv.gz")
    chain = Cboe.recorded([(file.name, file.read_bytes())], "SPX", None)
    assert chain.asof == datetime(2025, 9, 5, 14, 1, tzinfo=UTC)
    found = ask(chain, rates=Rates(0.0, 0.0))
    assert round(found.question("gamma_flip").ours or 0, 1) == 6475.1
    values = {name: round(each.value or 0, 1) for name, each in answers(found).items()}
    assert values == {
        "flip_strike_cumulative": 6533.4,
        "flip_strike_sign": 6459.8,
        "flip_first_crossing": 6475.1,
        "hvl": 6455.0,
        "flip_whole_days": 6448.6,
        "flip_expired_left_in": 6475.1,
        "flip_rates_zero": 6475.1,
        "flip_rates_parity": 6469.2,
        "flip_venue_iv": 6475.2,
        "flip_solved_iv": 6482.0,
    }
    wrong = [name for name, each in answers(found).items() if each.agrees is False]
    assert wrong == ["flip_strike_cumulative"], "spot is below it, gamma is positive"
    assert answers(found, "call_wall")["call_wall_oi"].value == 5000
    assert answers(found, "put_wall")["put_wall_net"].value == 6455
