"""DTE windows: each is what analyse gives for it, and each holds the ones before."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from engine.analyse import analyse
from engine.domain import Chain, Market
from engine.errors import CalendarExpired
from engine.held import hold
from engine.settings import EngineSettings
from engine.windows import WINDOWS, WindowRow, by_window
from tests.engine.random_chains import chains, rows
from tests.samples import NOON, make_chain

SETTINGS = EngineSettings()
ANY = settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])


def windows(chain: Chain) -> tuple[WindowRow, ...]:
    return by_window(hold(chain, SETTINGS).value(), SETTINGS)


@ANY
@given(chains(min_size=0))
def test_a_row_is_what_analyse_gives_for_its_window(chain: Chain) -> None:
    whole = analyse(chain, SETTINGS).exposures.gex_gross_usd_per_1pct
    for row, window in zip(windows(chain), WINDOWS, strict=True):
        alone = analyse(chain, SETTINGS, window=window)
        near = 1e-9 * whole + 1e-300
        assert row.window == alone.window
        assert row.used == alone.contracts.used
        assert row.regime is alone.regime
        assert row.exposures.gex_usd_per_1pct == pytest.approx(
            alone.exposures.gex_usd_per_1pct, abs=near
        )
        centroid = alone.levels.more["gamma_centroid"]
        assert (row.gamma_centroid is None) == (centroid is None)
        assert row.gamma_centroid is None or row.gamma_centroid == pytest.approx(centroid)
        assert row.top_strike == alone.levels.more["abs_gamma_strike"]


@ANY
@given(chains(min_size=0))
def test_windows_nest(chain: Chain) -> None:
    found = windows(chain)
    assert [row.window for row in found] == ["0dte", "3d", "7d", "14d", "30d", "45d", "all"]
    for inner, outer in pairwise(found):
        assert inner.expiries <= outer.expiries
        assert inner.contracts <= outer.contracts
        assert inner.used <= outer.used
        gross = outer.exposures.gex_gross_usd_per_1pct
        assert inner.exposures.gex_gross_usd_per_1pct <= gross * (1 + 1e-12)
    assert found[-1].contracts == len(chain)
    assert found[-1].exposures == analyse(chain, SETTINGS).exposures


@ANY
@given(chains(min_size=0))
def test_shares_are_shares_and_what_is_missing_has_a_reason(chain: Chain) -> None:
    for row in windows(chain):
        missing = row.concentration is None
        assert missing == (row.top_strike is None) == (row.herfindahl is None)
        assert missing == (row.gamma_centroid is None) == (row.reason is not None)
        if row.concentration is not None and row.herfindahl is not None:
            assert row.concentration**2 <= row.herfindahl * (1 + 1e-12)
            assert row.herfindahl <= row.concentration * (1 + 1e-12) <= 1 + 1e-9
        assert row.share is None or 0 <= row.share <= 1 + 1e-9
        assert all(map(math.isfinite, row.exposures.as_dict().values()))


def test_one_strike_is_all_the_gamma_and_alike_strikes_have_one_kth_each() -> None:
    chain = make_chain(days=(1.0,))
    one = windows(rows(chain, slice(20, 22)))[-1]
    assert one.concentration == pytest.approx(1)
    assert one.herfindahl == pytest.approx(1)
    held = hold(chain, SETTINGS).value()
    even = replace(chain, oi=1 / held.priced.gamma_1pct)
    row = windows(even)[-1]
    assert row.herfindahl == pytest.approx(1 / 21)
    assert row.top_strike == chain.spot, "closest to spot of strikes alike"


def test_reasons_say_what_is_missing() -> None:
    chain = make_chain(days=(5.0,))
    assert windows(chain)[0].reason == "no expiry in this window"
    blind = replace(chain, iv=np.full(len(chain), np.nan))
    assert windows(blind)[-1].reason == "no contract has a volatility"
    idle = replace(chain, oi=np.zeros(len(chain)))
    assert windows(idle)[-1].reason == "nothing open has gamma"
    assert windows(idle)[-1].share is None


def test_past_the_calendar_nobody_guesses() -> None:
    with pytest.raises(CalendarExpired):
        windows(make_chain(market=Market.US, asof=NOON.replace(year=2029)))
