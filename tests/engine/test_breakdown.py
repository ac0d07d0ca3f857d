"""The seven exposures by contract, strike, expiry and window: one set of totals, cut four ways."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from engine.breakdown import (
    GREEK,
    Breakdown,
    by_contract,
    by_expiry,
    by_strike,
    by_window,
)
from engine.domain import Chain
from engine.expiries import by_expiry as expiry_rows
from engine.held import hold
from engine.settings import EngineSettings
from engine.valuation import Valuation
from engine.windows import by_window as window_rows
from tests.engine.random_chains import chains
from tests.samples import make_chain

SETTINGS = EngineSettings()
ANY = settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])


def valued(chain: Chain) -> Valuation:
    return hold(chain, SETTINGS).value()


def table(found: Breakdown[Any]) -> np.ndarray:
    return np.array([getattr(found, name) for name in GREEK])


def near(valuation: Valuation, name: str) -> float:
    """What rounding a sum may cost: of the largest terms, not of what they cancel to."""
    return 1e-9 * float(np.abs(getattr(by_contract(valuation), name)).sum()) + 1e-300


@ANY
@given(chains(min_size=0))
def test_every_cut_adds_up_to_the_totals(chain: Chain) -> None:
    valuation = valued(chain)
    for found in (by_contract(valuation), by_strike(valuation), by_expiry(valuation)):
        assert found.used.sum() == len(valuation.priced)
        for name in GREEK:
            total = getattr(valuation.exposures, name)
            assert getattr(found, name).sum() == pytest.approx(total, abs=near(valuation, name))


@ANY
@given(chains(min_size=0))
def test_a_window_has_the_totals_of_its_row(chain: Chain) -> None:
    valuation = valued(chain)
    found, rows = by_window(valuation), window_rows(valuation, SETTINGS)
    assert found.by == tuple(row.window for row in rows)
    assert found.used.tolist() == [row.used for row in rows]
    for name in GREEK:
        expected = [getattr(row.exposures, name) for row in rows]
        assert getattr(found, name) == pytest.approx(expected, abs=near(valuation, name))


@ANY
@given(chains(min_size=0))
def test_it_agrees_with_the_tables_of_a_snapshot(chain: Chain) -> None:
    valuation = valued(chain)
    strikes, rows = by_strike(valuation), expiry_rows(valuation)
    expiries = by_expiry(valuation)
    assert [(row.root, int(row.settlement.timestamp())) for row in rows] == list(expiries.by)
    short = {
        "gex_usd_per_1pct": "net_gex",
        "dex_usd": "net_dex",
        "vex_usd_per_volpt": "net_vex",
        "cex_usd_per_day": "net_cex",
    }
    for name, column in short.items():
        allowed = near(valuation, name)
        expected = getattr(valuation.by_strike, column)
        assert getattr(strikes, name) == pytest.approx(expected, abs=allowed)
        each = [getattr(row, column) for row in rows]
        assert getattr(expiries, name) == pytest.approx(each, abs=allowed)


def test_a_contract_alone_is_its_own_row() -> None:
    chain = make_chain(days=(7.0, 30.0))
    found = by_contract(valued(chain))
    assert found.by.tolist() == list(range(len(chain)))
    row = 20
    alone = np.where(np.arange(len(chain)) == row, chain.oi, 0.0)
    single = valued(replace(chain, oi=alone)).exposures
    for name in GREEK:
        assert getattr(found, name)[row] == pytest.approx(getattr(single, name))


def test_what_has_no_volatility_has_no_row_and_its_group_says_so() -> None:
    chain = make_chain(days=(7.0,))
    blind = valued(replace(chain, iv=np.where(chain.strike == chain.strike[0], np.nan, chain.iv)))
    assert by_contract(blind).by.tolist() == list(range(2, len(chain)))
    strikes = by_strike(blind)
    assert (strikes.used[0], strikes.used[1]) == (0, 2)
    assert not table(strikes)[:, 0].any()
    assert table(strikes)[:, 1].all()
