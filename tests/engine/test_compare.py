"""Two chains, contract by contract: only what both have is compared."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.cli.golden.levels import read
from engine.changes import Comparison
from engine.compare import compare
from engine.domain import COLUMNS, Chain
from engine.errors import BadInput
from engine.held import hold
from engine.history.oi_deltas import Trend
from engine.settings import EngineSettings
from engine.window import Window
from tests.engine.random_chains import OI, chains, rows
from tests.recorded import golden
from tests.samples import make_chain

SETTINGS = EngineSettings()
ANY = settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
CASES: list[dict[str, Any]] = json.loads(golden("levels_public.json").read_text(encoding="utf-8"))[
    "chains"
]


def between(now: Chain, before: Chain, **how: Any) -> Comparison:
    return compare(hold(now, SETTINGS, **how), before, SETTINGS)


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Chain, Chain]:
    """Two selections of one listing, with open interest, volume and volatility of their own."""
    chain = draw(chains())

    def other() -> Chain:
        keep = draw(st.permutations(range(len(chain))))[: draw(st.integers(0, len(chain)))]
        cut = rows(chain, np.array(keep, dtype=np.int64))
        n = len(cut)
        some = st.one_of(OI, OI, st.just(float("nan")))
        columns: dict[str, Any] = {
            name: np.array(draw(st.lists(some, min_size=n, max_size=n)), dtype=np.float64)
            for name in ("oi", "volume")
        }
        return replace(cut, iv=cut.iv * draw(st.floats(0.8, 1.2)), **columns)

    return other(), other()


@ANY
@given(pairs())
def test_forth_is_minus_back(pair: tuple[Chain, Chain]) -> None:
    now, before = pair
    forth, back = between(now, before), between(before, now)
    assert (forth.same, forth.new) == (back.same, back.settled + back.delisted)
    both = np.flatnonzero(forth.contracts.before >= 0)
    there = forth.contracts.before[both]
    for name in ("oi", "iv", "volume"):
        one, other = getattr(forth.contracts, name), getattr(back.contracts, name)
        assert one[both] == pytest.approx(-other[there], nan_ok=True)
        assert np.isnan(np.delete(one, both)).all()
    for name in ("call_oi", "put_oi", "call_volume", "put_volume", "iv"):
        one, other = getattr(forth.totals, name), getattr(back.totals, name)
        assert (one is None) == (other is None)
        assert one is None or one == pytest.approx(-other, abs=1e-9)


@ANY
@given(pairs(), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(pair: tuple[Chain, Chain], order: Any) -> None:
    now, before = pair
    shuffled = list(range(len(before)))
    order.shuffle(shuffled)
    one = between(now, before)
    other = between(now, rows(before, np.array(shuffled, dtype=np.int64)))
    assert np.array_equal(one.contracts.oi, other.contracts.oi, equal_nan=True)
    assert (one.totals, one.walls, one.new) == (other.totals, other.walls, other.new)


@ANY
@given(pairs())
def test_strikes_add_up_to_the_totals_and_active_and_stale_to_net(
    pair: tuple[Chain, Chain],
) -> None:
    found = between(*pair)
    for name in ("call_oi", "put_oi", "call_volume", "put_volume"):
        total, column = getattr(found.totals, name), getattr(found.strikes, name)
        assert (total is None) == np.isnan(column).all()
        assert total is None or np.nansum(column) == pytest.approx(total)
    net = hold(pair[0], SETTINGS).value().exposures.gex_usd_per_1pct
    if found.active is not None and found.stale_gex is not None:
        assert found.active.total + found.stale_gex == pytest.approx(net)
        assert math.isfinite(found.active.total)
        active, stale = found.active.by_strike, found.active.stale_by_strike
        table = hold(pair[0], SETTINGS).value().by_strike
        near = 1e-9 * float(table.gross_gex.sum())
        assert active + stale == pytest.approx(table.net_gex, abs=near)
        assert stale.sum() == pytest.approx(found.stale_gex, abs=near)
    assert (found.active is None) == (found.stale_gex is None)


@ANY
@given(chains(min_size=0))
def test_against_itself_nothing_changed(chain: Chain) -> None:
    found = between(chain, chain)
    assert (found.same, found.new, found.settled, found.delisted) == (len(chain), 0, 0, 0)
    for name in ("oi", "iv", "volume"):
        assert not np.nan_to_num(getattr(found.contracts, name)).any()
    assert set(found.strikes.trend) <= {Trend.STABLE, None}
    assert found.active is None or found.active.total == 0


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["id"]))
def test_active_gex_is_the_reference_value(case: dict[str, Any]) -> None:
    given_ = read(case["input"])
    listed = np.isfinite(given_.previous)
    before = replace(rows(given_.chain, listed), oi=given_.previous[listed])
    for name, convention in case["expected"]["conventions"].items():
        held = hold(given_.chain, SETTINGS, convention=name, rates=given_.rates, book=given_.book)
        found = compare(held, before, SETTINGS, rates=given_.rates).active
        expected = convention["active"]
        assert (found is None) == (expected is None)
        if found is not None and expected is not None:
            gross = convention["totals"]["gex_gross_usd_per_1pct"]
            assert found.total == pytest.approx(expected["total"], abs=1e-8 * gross)
            assert found.literal_total == pytest.approx(
                expected["literal_total"], rel=1e-8, abs=1e-8 * gross
            )


def test_new_settled_and_delisted_contracts_are_counted_apart() -> None:
    before = make_chain(days=(0.5, 7.0, 30.0))
    later = before.asof + timedelta(days=1)
    rest = before.settlement > later.timestamp()
    rest[np.flatnonzero(rest)[:3]] = False
    now = replace(rows(before, rest), asof=later)
    extra = make_chain(days=(60.0,))
    joined: dict[str, Any] = {
        name: np.concatenate((getattr(now, name), getattr(extra, name))) for name in COLUMNS
    }
    found = between(replace(now, listed=len(now) + len(extra), **joined), before)
    assert (found.same, found.new, found.settled, found.delisted) == (81, 42, 42, 3)
    assert found.totals.call_oi == 0, "what settled is no change of open interest"


def test_changes_are_in_contracts_and_vol_points_per_strike_and_in_total() -> None:
    before = make_chain(days=(30.0,), width=1)
    call = before.is_call & (before.strike == before.spot)
    now = replace(
        before,
        oi=before.oi + np.where(call, 50.0, 0.0),
        iv=before.iv + np.where(call, 0.05, 0.0),
        volume=before.volume + np.where(before.is_call, 2.0, 0.0),
    )
    found = between(now, before)
    assert found.strikes.call_oi == pytest.approx([0, 50, 0])
    assert found.strikes.call_iv == pytest.approx([0, 5, 0])
    assert found.strikes.put_iv == pytest.approx([0, 0, 0])
    assert found.strikes.trend == (Trend.STABLE, Trend.BUILDING, Trend.STABLE)
    assert found.totals.call_oi == pytest.approx(50)
    assert found.totals.put_oi == 0
    assert found.totals.call_volume == pytest.approx(6)
    assert found.totals.iv == pytest.approx(5 / 6)
    assert between(before, now).strikes.trend[1] is Trend.DECAYING
    [call_wall, put_wall, *_] = found.walls
    assert (call_wall.strike, call_wall.trend) == (before.spot, Trend.BUILDING)
    assert (call_wall.oi or 0) - (call_wall.oi_before or 0) == pytest.approx(50)
    assert (put_wall.trend, put_wall.reason) == (Trend.STABLE, None)


def test_what_one_end_does_not_publish_has_no_change() -> None:
    chain = make_chain(days=(30.0,))
    silent = np.full(len(chain), np.nan)
    found = between(replace(chain, oi=silent, volume=silent, iv=silent), chain)
    assert (
        found.totals == between(chain, replace(chain, oi=silent, volume=silent, iv=silent)).totals
    )
    assert set(vars_of(found.totals)) == {None}
    assert set(found.strikes.trend) == {None}
    reversed_ = between(chain, replace(chain, oi=silent))
    assert (reversed_.active, reversed_.stale_gex) == (None, None)
    assert reversed_.unpublished == len(chain)
    assert {wall.reason for wall in reversed_.walls} == {
        "no contract of this wall published open interest then"
    }
    assert {wall.reason for wall in found.walls} == {"there is no such wall now"}


def vars_of(totals: Any) -> list[float | None]:
    return [getattr(totals, name) for name in totals.__dataclass_fields__]


def test_open_interest_unknown_then_is_not_taken_for_new() -> None:
    chain = make_chain(days=(30.0,))
    hidden = chain.oi.copy()
    hidden[chain.is_call] = np.nan
    found = between(chain, replace(chain, oi=hidden))
    assert found.active is not None
    assert found.active.total == 0
    assert found.unpublished == int(chain.is_call.sum())


def test_a_contract_with_another_multiplier_is_another_contract() -> None:
    chain = make_chain(days=(30.0,))
    found = between(replace(chain, multiplier=chain.multiplier * 10), chain)
    assert (found.same, found.new, found.delisted) == (0, len(chain), len(chain))


def test_a_window_compares_what_lies_in_it() -> None:
    before = make_chain(days=(0.5, 6.8, 34.8))
    now = rows(before, before.settlement > before.settlement.min())
    now = replace(now, asof=before.asof + timedelta(days=1))
    found = between(now, before, window=Window("7d", days=7))
    assert (found.same, found.settled, found.delisted) == (42, 42, 0)
    one = between(now, before, window=Window("27", day=now_day(now)))
    assert (one.same, one.settled, one.delisted) == (42, 0, 0)
    nothing = between(now, before, window=Window("x", day=now_day(now) + timedelta(days=1)))
    assert (nothing.same, nothing.settled, nothing.delisted) == (0, 0, 0)


def now_day(chain: Chain) -> Any:
    return (chain.asof + timedelta(days=5.8)).date()


def test_infinite_open_interest_is_no_open_interest() -> None:
    chain = make_chain(days=(30.0,))
    wild = replace(chain, oi=np.full(len(chain), np.inf))
    assert between(wild, wild).totals.call_oi is None


@pytest.mark.parametrize("change", [{"asset": "ETH"}, {"venue": "other"}])
def test_another_asset_or_venue_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(BadInput, match="Expected an earlier BTC chain of deribit"):
        between(make_chain(), make_chain(**change))
