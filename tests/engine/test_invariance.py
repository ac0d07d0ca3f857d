"""What may not change the answer: the currency's scale, the contract's unit, rows listed twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.analyse import analyse
from engine.domain import Chain, Snapshot
from engine.settings import EngineSettings
from engine.terms import Rates
from jobs.providers.deribit import Deribit
from tests.engine.random_chains import chains, rows
from tests.jobs.payloads import deribit_index, deribit_rows

SETTINGS = EngineSettings()
RATES = Rates(0.03, 0.01)
PRICES = ("strike", "bid", "ask", "forward")


def snapshot(chain: Chain) -> Snapshot:
    return analyse(chain, SETTINGS, rates=RATES)


def same(one: Snapshot, other: Snapshot, *, price: float = 1.0, money: float = 1.0) -> None:
    """Levels scale with the price, exposures in money with the money; regimes stay."""
    assert one.regime == other.regime
    gross = one.exposures.gex_gross_usd_per_1pct * money
    for name in ("gex_usd_per_1pct", "gex_gross_usd_per_1pct"):
        left, right = getattr(one.exposures, name), getattr(other.exposures, name)
        assert left * money == pytest.approx(right, rel=1e-9, abs=1e-9 * gross)
    for level in ("call_wall", "put_wall", "max_pain"):
        left, right = getattr(one.levels, level), getattr(other.levels, level)
        assert (left is None) == (right is None)
        assert left is None or left * price == pytest.approx(right, rel=1e-12)
    assert [each.direction for each in one.levels.gamma_flips] == [
        each.direction for each in other.levels.gamma_flips
    ]
    for before, after in zip(one.levels.gamma_flips, other.levels.gamma_flips, strict=True):
        assert before.level * price == pytest.approx(after.level, rel=1e-7)


@settings(max_examples=60, deadline=None)
@given(chain=chains(complete=True), power=st.integers(-6, 6))
def test_another_currency_unit_scales_prices_and_money_alike(chain: Chain, power: int) -> None:
    factor = 2.0**power
    scaled: dict[str, Any] = {name: getattr(chain, name) * factor for name in PRICES}
    other = replace(chain, spot=chain.spot * factor, **scaled)
    same(snapshot(chain), snapshot(other), price=factor, money=factor)


@settings(max_examples=60, deadline=None)
@given(chain=chains(complete=True), power=st.integers(-6, 6))
def test_larger_contracts_of_which_fewer_are_open_are_the_same_book(
    chain: Chain, power: int
) -> None:
    factor = 2.0**power
    other = replace(chain, multiplier=chain.multiplier * factor, oi=chain.oi / factor)
    same(snapshot(chain), snapshot(other))


@settings(max_examples=60, deadline=None)
@given(chain=chains(complete=True), data=st.data())
def test_the_order_of_the_contracts_is_nothing(chain: Chain, data: st.DataObject) -> None:
    order = np.array(data.draw(st.permutations(range(len(chain)))))
    same(snapshot(chain), snapshot(rows(chain, order)))


@settings(max_examples=30, deadline=None)
@given(again=st.lists(st.integers(0, 41), max_size=20))
def test_rows_listed_twice_change_nothing_and_are_counted(again: Sequence[int]) -> None:
    listed = deribit_rows("BTC")
    index = deribit_index()
    once = Deribit.understand({"summary": {"result": listed}, "index": index}, "BTC", None)
    more = [*listed, *(listed[each] for each in again)]
    twice = Deribit.understand({"summary": {"result": more}, "index": index}, "BTC", None)
    assert twice.left_out.get("duplicate", 0) == len(again)
    assert twice.listed == once.listed + len(again)
    same(snapshot(once), snapshot(twice))
