"""Overnight flows: first-order as everybody quotes them, and priced anew."""

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
from engine.domain import Chain, Market
from engine.errors import CalendarExpired
from engine.held import hold
from engine.overnight import Flow, nights_ahead, overnight
from engine.settings import EngineSettings
from tests.engine.random_chains import chains
from tests.recorded import golden
from tests.samples import make_chain

SETTINGS = EngineSettings()
CASES: list[dict[str, Any]] = json.loads(golden("levels_public.json").read_text(encoding="utf-8"))[
    "chains"
]


def flows(chain: Chain) -> dict[str, Flow]:
    return {each.name: each for each in overnight(hold(chain, SETTINGS), SETTINGS).flows}


def us(asof: str) -> Chain:
    at = datetime.fromisoformat(asof).replace(tzinfo=UTC)
    return make_chain(market=Market.US, asof=at, days=(30.0,))


@pytest.mark.parametrize(
    ("asof", "nights"),
    [
        ("2026-11-18T15:00", 1),
        ("2026-11-20T15:00", 3),
        ("2026-11-20T13:00", 3),
        ("2026-11-20T22:00", 3),
        ("2026-11-21T15:00", 2),
        ("2026-11-22T15:00", 1),
        ("2026-11-18T22:00", 1),
        ("2026-11-25T15:00", 2),
        ("2026-11-27T17:00", 3),
        ("2026-11-27T19:00", 3),
    ],
)
def test_nights_are_calendar_days_to_the_next_session(asof: str, nights: int) -> None:
    assert nights_ahead(us(asof)) == nights


@pytest.mark.parametrize("hour", [0, 7, 8, 9, 23])
def test_crypto_has_one_night_at_any_hour(hour: int) -> None:
    assert nights_ahead(make_chain(asof=datetime(2026, 11, 20, hour, tzinfo=UTC))) == 1


def test_past_the_calendar_nobody_guesses() -> None:
    with pytest.raises(CalendarExpired):
        nights_ahead(us("2029-01-03T15:00"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["id"]))
def test_first_order_flows_are_the_reference_values(case: dict[str, Any]) -> None:
    given_ = read(case["input"])
    for name, convention in case["expected"]["conventions"].items():
        held = hold(given_.chain, SETTINGS, convention=name, rates=given_.rates, book=given_.book)
        found = overnight(held, SETTINGS)
        each = {flow.name: flow for flow in found.flows}
        expected, units = convention["flows"], convention["totals"]
        scale = 1e-8 * (1 + sum(map(abs, expected.values())))
        for vanna in ("vanna_crush_5pt", "vanna_spike_5pt"):
            assert each[vanna].first_order == pytest.approx(expected[vanna], abs=scale)
        assert each["charm_overnight"].first_order == pytest.approx(
            expected["charm_overnight"] * found.nights, abs=scale
        )
        assert each["overnight_combined"].first_order == pytest.approx(
            -units["cex_units_per_day"] * found.nights + 0.5 * units["vex_units_per_volpt"],
            abs=scale,
        )


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(chains(min_size=0))
def test_any_chain_gives_finite_flows_and_opposite_books_opposite_ones(chain: Chain) -> None:
    naive = overnight(hold(chain, SETTINGS), SETTINGS).flows
    inverse = overnight(hold(chain, SETTINGS, convention="inverse"), SETTINGS).flows
    for one, other in zip(naive, inverse, strict=True):
        for name in ("first_order", "repriced", "settled"):
            value = getattr(one, name)
            assert math.isfinite(value)
            assert getattr(other, name) == pytest.approx(-value, abs=1e-9)


def test_repricing_agrees_with_first_order_where_the_shift_is_small() -> None:
    chain = make_chain(days=(300.0, 600.0), width=20)
    chain = replace(chain, forward=np.full(len(chain), np.nan), rate=0.03)
    found = flows(chain)
    for name in ("charm_overnight", "vanna_crush_5pt", "vanna_spike_5pt"):
        assert found[name].repriced == pytest.approx(found[name].first_order, rel=0.12)
    assert found["charm_overnight"].settled == 0


def test_what_settles_in_the_night_is_told_apart() -> None:
    found = flows(make_chain(days=(0.5, 30.0)))
    assert found["charm_overnight"].settled != 0
    assert found["vanna_crush_5pt"].settled == 0
    assert found["overnight_crush_5pt"].settled == found["charm_overnight"].settled


def test_friday_s_charm_is_three_times_thursday_s_rate() -> None:
    friday = us("2026-11-20T15:00")
    [charm, *_] = overnight(hold(friday, SETTINGS), SETTINGS).flows
    held = hold(friday, SETTINGS).value()
    assert charm.nights == 3
    assert charm.first_order == pytest.approx(-3 * held.exposures.cex_units_per_day)
    assert friday.asof + timedelta(days=charm.nights) < datetime(2026, 11, 24, tzinfo=UTC)
