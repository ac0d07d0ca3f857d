"""The pipeline as its callers see it: never an error for a valid chain, and nothing unsaid."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.analyse import LEFT_OUT, analyse
from engine.document import document
from engine.domain import COLUMNS, Chain, Regime, Snapshot
from engine.errors import BadInput
from engine.metrics import METRICS
from engine.settings import EngineSettings
from engine.terms import Rates
from engine.window import Window
from tests.engine.random_chains import chains, rows
from tests.samples import NOON, make_chain

SETTINGS = EngineSettings()
HEADLINES = ("gamma_flip", "call_wall", "put_wall", "max_pain", "expected_move")


def sound(snapshot: Snapshot) -> None:
    """What holds for every snapshot whatsoever."""
    json.dumps(document(snapshot), allow_nan=False)
    contracts = snapshot.contracts
    assert contracts.listed == contracts.used + sum(contracts.left_out.values())
    assert set(contracts.left_out) == set(LEFT_OUT)
    assert all(map(math.isfinite, snapshot.exposures.as_dict().values()))
    levels = snapshot.levels
    for name in HEADLINES:
        level = getattr(levels, name)
        missing = level is None if name != "expected_move" else level is None or not level.straddle
        assert (name in levels.unavailable) == missing, name
    for name, level in levels.more.items():
        assert (name in levels.unavailable) == (level is None), name
        assert level is None or (math.isfinite(level) and level > 0), name
    assert all(levels.unavailable.values())
    assert set(snapshot.metrics) == {metric.name for metric in METRICS}
    assert all(value is None or math.isfinite(value) for value in snapshot.metrics.values())


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(chains(min_size=0), st.sampled_from(["naive", "inverse", "short_all", "book"]))
def test_any_chain_gives_a_sound_snapshot(chain: Chain, convention: str) -> None:
    book = np.round(chain.oi / 3) * np.where(np.arange(len(chain)) % 2, 1, -1)
    sound(analyse(chain, SETTINGS, convention=convention, book=book))


ODD = {
    "no open interest": {"oi": 0.0},
    "unpublished open interest": {"oi": np.nan},
    "huge open interest": {"oi": 1e15},
    "infinite open interest": {"oi": np.inf},
    "no known multiplier": {"multiplier": np.nan},
    "no volatility": {"iv": np.nan},
    "zero volatility": {"iv": 0.0},
    "unpublished volume": {"volume": np.nan},
    "wild volatility": {"iv": 5.0},
    "tiny volatility": {"iv": 0.005},
    "no multiplier": {"multiplier": 0.0},
    "impossible forwards": {"forward": -1.0},
    "infinite quotes": {"bid": 1.0, "ask": np.inf, "iv": np.nan},
    "absurd quotes": {"bid": 1e9, "ask": 1e9, "iv": np.nan},
}


@pytest.mark.parametrize("name", ODD)
def test_odd_columns_give_a_sound_snapshot(name: str) -> None:
    chain = make_chain(days=(1.0, 30.0), width=4)
    columns: dict[str, Any] = {key: np.full(len(chain), to) for key, to in ODD[name].items()}
    sound(analyse(replace(chain, **columns), SETTINGS))


@pytest.mark.parametrize(
    ("name", "pick"),
    [
        ("nothing", slice(0, 0)),
        ("one call", slice(20, 21)),
        ("one strike", slice(20, 22)),
        ("calls only", slice(0, None, 2)),
        ("puts only", slice(1, None, 2)),
    ],
)
def test_odd_selections_give_a_sound_snapshot(name: str, pick: slice) -> None:
    chain = rows(make_chain(), pick)
    for convention in ("naive", "long_all"):
        sound(analyse(chain, SETTINGS, convention=convention))


@pytest.mark.parametrize("seconds", [0.001, 1, 59, 61])
def test_the_last_minute_gives_a_sound_snapshot(seconds: float) -> None:
    chain = make_chain(days=(20 / 24,))
    late = datetime.fromtimestamp(int(chain.settlement[0]), UTC) - timedelta(seconds=seconds)
    found = analyse(replace(chain, asof=late), SETTINGS)
    sound(found)
    assert any("as if 60 s were left" in each for each in found.flags) == (seconds < 60)
    assert any("Inside the settlement average of the 08:00 UTC" in each for each in found.flags)


def test_fifty_thousand_contracts_are_no_problem() -> None:
    chain = make_chain(days=tuple(np.linspace(0.5, 700, 511)), width=24)
    found = analyse(rows(chain, slice(0, 50_000)), SETTINGS)
    sound(found)
    assert found.contracts.used == 50_000


def test_zero_open_interest_has_no_walls_no_regime_and_no_error() -> None:
    chain = make_chain()
    found = analyse(replace(chain, oi=np.zeros(len(chain))), SETTINGS)
    assert found.regime is None
    assert found.exposures.gex_usd_per_1pct == 0
    assert (found.levels.call_wall, found.levels.max_pain) == (None, None)
    assert found.metrics["pcr_oi"] is None
    assert found.contracts.used == len(chain), "a contract without open interest has greeks"


def test_put_call_ratios_of_one_side() -> None:
    calls = analyse(rows(make_chain(), slice(0, None, 2)), SETTINGS).metrics
    puts = analyse(rows(make_chain(), slice(1, None, 2)), SETTINGS).metrics
    assert (calls["pcr_oi"], calls["pcr_volume"]) == (0.0, 0.0)
    assert (puts["pcr_oi"], puts["pcr_volume"]) == (None, None)


def test_what_has_no_vol_is_counted_and_keeps_its_open_interest() -> None:
    chain = make_chain()
    blind = chain.iv.copy()
    blind[:5] = np.nan
    found = analyse(replace(chain, iv=blind, left_out={"expired": 2}, listed=128), SETTINGS)
    assert found.contracts.left_out == {
        "expired": 2, "no_vol": 5, "adjusted": 0, "duplicate": 0, "invalid": 0,
    }  # fmt: skip
    assert (found.contracts.listed, found.contracts.used) == (128, 121)
    assert found.contracts.coverage == pytest.approx(121 / 126)
    whole = analyse(chain, SETTINGS)
    for name in ("call_oi", "put_oi", "pcr_oi"):
        assert found.metrics[name] == whole.metrics[name]
    assert found.levels.max_pain == whole.levels.max_pain


def test_a_window_leaves_other_expiries_out_of_everything() -> None:
    chain = make_chain(days=(0.8333, 6.8333, 34.8333))
    week = analyse(chain, SETTINGS, window=Window("7d", days=7))
    assert week.window == "7d"
    assert [row.settlement.day for row in week.by_expiry] == [21, 27]
    whole = analyse(chain, SETTINGS)
    nearer = sum(row.net_gex for row in whole.by_expiry[:2])
    assert week.exposures.gex_usd_per_1pct == pytest.approx(nearer)
    assert week.contracts.listed == len(chain) * 2 // 3
    sound(week)


def test_a_book_is_narrowed_with_its_chain() -> None:
    chain = make_chain()
    book = np.where(chain.settlement == chain.settlement[0], 1.0, 1e9)
    found = analyse(chain, SETTINGS, convention="book", book=book, window=Window("0dte", days=0))
    assert found.convention == "book"
    assert found.exposures.gex_usd_per_1pct < 1e6
    assert found.flags == (), "a book assumes nothing"


def test_an_empty_window_is_empty_and_says_so() -> None:
    chain = replace(make_chain(), listed=129, left_out={"adjusted": 3})
    found = analyse(chain, SETTINGS, window=Window("2027-01-01", day=date(2027, 1, 1)))
    sound(found)
    assert found.contracts.used == 0
    assert (found.regime, found.by_expiry, found.flags) == (None, (), ())
    assert set(found.levels.unavailable.values()) == {"no expiry in this window"}
    empty = analyse(rows(make_chain(), slice(0, 0)), SETTINGS)
    assert set(empty.levels.unavailable.values()) == {"no live contract is listed"}


def test_an_assumed_sign_is_said_and_an_unknown_one_refused() -> None:
    chain = make_chain()
    assert any("assumed" in each and "calls +1, puts -1" in each for each in analyse(
        chain, SETTINGS
    ).flags)  # fmt: skip
    with pytest.raises(BadInput, match="I don't know the sign convention 'nope'"):
        analyse(chain, SETTINGS, convention="nope")
    with pytest.raises(BadInput, match="signed from trades"):
        analyse(chain, SETTINGS, convention="book")


def test_a_preset_answers_with_the_convention_it_means() -> None:
    assert analyse(make_chain(), SETTINGS, convention="fno_monitor").convention == "inverse"
    mine = EngineSettings(convention="mine", conventions={"mine": (1.0, 0.0)})
    found = analyse(make_chain(), mine)
    assert found.convention == "mine"
    assert found.regime is Regime.POSITIVE
    assert not found.by_strike.put_gex.any()


def unquoted(**changes: Any) -> Chain:
    """A US-like chain without venue forwards, quoted around its own model prices or not."""
    chain = make_chain(venue="cboe", days=(30.0, 60.0), spot=600.0)
    return replace(chain, forward=np.full(len(chain), np.nan), rate=None, **changes)


def test_without_any_forward_spot_is_carried_at_the_discount_rate_and_that_is_said() -> None:
    found = analyse(unquoted(), SETTINGS)
    years = 30 / 365
    assert found.by_expiry[0].forward == pytest.approx(600 * math.exp(0.04 * years))
    assert any("for 2 of 2 expiries" in each and "at 4 %" in each for each in found.flags)


def test_parity_gives_the_forward_where_calls_and_puts_are_quoted() -> None:
    chain = unquoted()
    gap = np.exp(-0.04 * chain.years) * (606.0 - chain.strike)
    mid = np.where(chain.is_call, np.maximum(gap, 0), np.maximum(-gap, 0)) + 8.0
    found = analyse(replace(chain, bid=mid - 0.01, ask=mid + 0.01), SETTINGS)
    assert [row.forward for row in found.by_expiry] == pytest.approx([606.0, 606.0])
    assert not any("expiries" in each for each in found.flags)
    by_hand = analyse(replace(chain, bid=mid, ask=mid), SETTINGS, rates=Rates(0.05, 0.01))
    assert by_hand.by_expiry[0].forward == pytest.approx(600 * math.exp(0.04 * 30 / 365))


def test_rates_by_hand_leave_a_venues_own_forward_in_force() -> None:
    found = analyse(make_chain(), SETTINGS, rates=Rates(0.05, 0.0))
    assert {row.forward for row in found.by_expiry} == {100_000.0}


def test_a_currency_without_a_rate_is_said() -> None:
    found = analyse(unquoted(currency="EUR"), SETTINGS)
    assert any("No discount rate is configured for EUR" in each for each in found.flags)
    assert found.by_expiry[0].forward == pytest.approx(600.0)


def test_walls_on_the_other_side_of_spot_are_said() -> None:
    chain = make_chain(days=(7.0,))
    oi = np.where(chain.is_call, chain.strike < 95_000, chain.strike > 105_000).astype(float)
    found = analyse(replace(chain, oi=oi), SETTINGS)
    assert "The call wall is below spot." in found.flags
    assert "The put wall is above spot." in found.flags


def test_roots_that_settle_together_share_one_price_but_keep_their_sums() -> None:
    chain = make_chain(days=(7.0,))
    root = np.where(np.arange(len(chain)) % 4 < 2, "A", "B")
    found = analyse(replace(chain, root=root), SETTINGS)
    one, other = found.by_expiry
    assert (one.root, other.root) == ("A", "B")
    assert one.settlement == other.settlement
    assert one.max_pain == other.max_pain == found.levels.max_pain
    assert one.net_gex + other.net_gex == pytest.approx(found.exposures.gex_usd_per_1pct)


def test_the_asof_and_the_identity_are_the_chains() -> None:
    chain = make_chain()
    found = analyse(chain, SETTINGS)
    assert (found.asset, found.venues, found.asof, found.spot, found.currency) == (
        "BTC", ("deribit",), NOON, chain.spot, "USD",
    )  # fmt: skip
    assert all(getattr(chain, name).size == len(chain) for name in COLUMNS)
