"""Invariants of the sums: signs, units and groupings change nothing but what they should."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.analyse import analyse
from engine.domain import Chain, Exposures, Snapshot
from engine.exposure import hedge_flows
from engine.profile import gamma_profile
from engine.settings import EngineSettings
from engine.terms import Rates, terms
from engine.valuation import value
from tests.engine.random_chains import chains, rows
from tests.samples import make_chain

SETTINGS = EngineSettings()
NAMES = [each.name for each in fields(Exposures)]
SIGNED = [name for name in NAMES if "gross" not in name]
RATES = Rates(0.03, 0.01)
slow = settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow])


def naive(chain: Chain, convention: str = "naive") -> Snapshot:
    return analyse(chain, SETTINGS, convention=convention, rates=RATES)


def near(left: Snapshot, right: Snapshot, factor: float = 1.0) -> None:
    """Equal exposures, up to rounding of their own gross (the largest of any sign)."""
    for name in NAMES:
        a, b = getattr(left.exposures, name), getattr(right.exposures, name)
        scale = max(abs(a), abs(b), _gross(left, name), 1e-12)
        assert abs(a * factor - b) <= 1e-9 * scale * abs(factor), name


def _gross(snapshot: Snapshot, name: str) -> float:
    table = snapshot.by_strike
    column = {"dex_usd": table.net_dex, "vex_usd_per_volpt": table.net_vex}.get(name)
    return 0.0 if column is None else float(np.abs(column).sum())


@slow
@given(chains())
def test_inverse_is_minus_naive_in_every_exposure(chain: Chain) -> None:
    one, other = naive(chain).exposures, naive(chain, "inverse").exposures
    for name in SIGNED:
        assert getattr(one, name) == -getattr(other, name), name
    assert one.gex_gross_usd_per_1pct == other.gex_gross_usd_per_1pct


@slow
@given(chains(), st.sampled_from([0.25, 2.0, 8.0]))
def test_exposures_are_linear_in_open_interest(chain: Chain, factor: float) -> None:
    near(naive(chain), naive(replace(chain, oi=chain.oi * factor)), factor)


@slow
@given(chains(), st.sampled_from([0.5, 4.0, 16.0]))
def test_more_units_in_fewer_contracts_are_the_same_exposure(chain: Chain, factor: float) -> None:
    other = replace(chain, oi=chain.oi / factor, multiplier=chain.multiplier * factor)
    near(naive(chain), naive(other))


@slow
@given(chains(min_size=2), st.randoms(use_true_random=False))
def test_the_order_of_rows_says_nothing(chain: Chain, random: object) -> None:
    order = np.arange(len(chain))
    random.shuffle(order)  # type: ignore[attr-defined]  # hypothesis' Random has no stub here
    one, other = naive(chain), naive(rows(chain, order))
    near(one, other)
    assert one.levels.call_wall == other.levels.call_wall
    assert one.levels.lists == other.levels.lists
    for mine, its in ((one.levels.more, other.levels.more), (one.metrics, other.metrics)):
        assert mine.keys() == its.keys()
        for name, value_ in mine.items():
            expected = (
                its[name] if its[name] is None else pytest.approx(its[name], rel=1e-9, abs=1e-9)
            )
            assert value_ == expected, name


@slow
@given(chains())
def test_sums_by_strike_and_by_expiry_are_the_total(chain: Chain) -> None:
    found = naive(chain, "short_all")
    pairs = {
        "net_gex": "gex_usd_per_1pct",
        "gross_gex": "gex_gross_usd_per_1pct",
        "net_dex": "dex_usd",
        "net_vex": "vex_usd_per_volpt",
        "net_cex": "cex_usd_per_day",
    }
    for column, name in pairs.items():
        total = getattr(found.exposures, name)
        by_strike = getattr(found.by_strike, column)
        by_expiry = [getattr(row, column) for row in found.by_expiry]
        size = 1e-12 * max(1.0, float(np.abs(by_strike).sum()))
        assert float(by_strike.sum()) == pytest.approx(total, rel=1e-9, abs=size * 1e3)
        assert sum(by_expiry) == pytest.approx(total, rel=1e-9, abs=size * 1e3)
    table = found.by_strike
    np.testing.assert_allclose(table.call_gex + table.put_gex, table.net_gex)
    assert sum(row.contracts for row in found.by_expiry) == len(chain)


@slow
@given(chains(complete=True))
def test_the_profile_at_spot_is_the_total(chain: Chain) -> None:
    terms_of = terms(chain, SETTINGS, RATES)
    held = value(chain, terms_of, np.where(chain.is_call, 1.0, -1.0) * chain.oi)
    priced = held.priced
    (at_spot,) = gamma_profile(
        np.array([chain.spot]),
        priced.strike,
        priced.years,
        priced.iv,
        priced.rate,
        priced.carry,
        held.book.units,
    )
    width = priced.iv * np.sqrt(priced.years)
    peak = float((np.abs(held.book.units) / width).sum()) * chain.spot / 250
    assert at_spot == pytest.approx(held.exposures.gex_usd_per_1pct, rel=1e-9, abs=1e-9 * peak)


def test_unpublished_open_interest_contributes_nothing_and_is_said() -> None:
    chain = make_chain()
    unknown = chain.oi.copy()
    unknown[:7] = np.nan
    found = analyse(replace(chain, oi=unknown), SETTINGS)
    without = analyse(replace(chain, oi=np.nan_to_num(unknown)), SETTINGS)
    assert found.exposures == without.exposures
    assert found.contracts.used == len(chain), "it has greeks"
    assert any("published for 7 contracts" in each for each in found.flags)


def test_a_strike_of_which_no_open_interest_is_published_is_not_zero() -> None:
    chain = make_chain(days=(7.0,))
    unknown = chain.oi.copy()
    unknown[0] = np.nan
    table = analyse(replace(chain, oi=unknown), SETTINGS).by_strike
    assert np.isnan(table.call_oi[0])
    assert table.put_oi[0] == chain.oi[1]
    assert table.net_gex[0] != 0


def test_units_of_one_long_call_are_the_definitions() -> None:
    chain = rows(make_chain(days=(30.0,), spot=50_000.0, call_oi=1.0), np.array([20]))
    chain = replace(chain, oi=np.array([3.0]), multiplier=np.array([2.0]))
    held = value(chain, terms(chain, SETTINGS), np.array([3.0]))
    priced, spot, units, sums = held.priced, 50_000.0, 6.0, held.exposures
    gamma, vanna, charm = priced.gamma[0], priced.vanna[0], priced.charm[0]
    assert sums.gex_usd_per_1pct == pytest.approx(units * gamma * spot**2 / 100)
    assert sums.gex_usd_per_1usd == pytest.approx(units * gamma * spot)
    assert sums.gex_usd_s2 == pytest.approx(100 * sums.gex_usd_per_1pct)
    assert sums.dex_usd == pytest.approx(units * priced.delta[0] * spot)
    assert sums.vex_usd_per_volpt == pytest.approx(units * vanna * spot / 100)
    assert sums.vex_fno_monitor == pytest.approx(units * vanna * spot * priced.iv[0])
    assert sums.cex_usd_per_day == pytest.approx(units * charm * spot / 365)
    assert sums.speed_usd_per_1pct2 == pytest.approx(units * priced.speed[0] * spot**3 * 1e-4)


def test_where_the_venue_quotes_a_forward_it_stands_still_while_time_passes() -> None:
    """Black-76: a flat forward at another level moves charm by nothing but that level."""
    chain = rows(make_chain(days=(30.0,)), np.arange(10, 32))
    quoted = replace(chain, forward=np.full(len(chain), chain.spot * 1.01), rate=0.0)
    by_hand = replace(quoted, spot=chain.spot * 1.01, forward=np.full(len(chain), np.nan))
    one = analyse(quoted, SETTINGS).exposures
    other = analyse(by_hand, SETTINGS, rates=Rates(0.0, 0.0)).exposures
    for name in ("gex_usd_per_1pct", "dex_usd", "vex_usd_per_volpt", "cex_usd_per_day"):
        assert getattr(one, name) == pytest.approx(getattr(other, name), rel=1e-12), name
    assert one.theta_usd_per_day == pytest.approx(other.theta_usd_per_day, rel=1e-12)


def test_hedging_sells_what_the_dealers_delta_gains() -> None:
    found = naive(make_chain())
    flows = hedge_flows(found.exposures, found.spot)
    sums = found.exposures
    assert flows["gamma_up_1pct"] == pytest.approx(-sums.gex_usd_per_1pct / found.spot)
    assert flows["gamma_down_1pct"] == -flows["gamma_up_1pct"]
    assert flows["charm_overnight"] == pytest.approx(-sums.cex_usd_per_day / found.spot)
    assert flows["vanna_crush_5pt"] == pytest.approx(5 * sums.vex_units_per_volpt)
    assert flows["overnight_combined"] == pytest.approx(
        flows["charm_overnight"] + flows["vanna_crush_5pt"] / 10
    )
