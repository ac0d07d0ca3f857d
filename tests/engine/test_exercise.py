"""Early exercise: who can, and when it is said."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.analyse import analyse
from engine.domain import Chain, Floats, Market
from engine.exercise import DEEP, american, deep_share
from engine.exposure import price
from engine.settings import EngineSettings
from engine.terms import terms
from tests.engine.random_chains import chains, rows
from tests.samples import make_chain

SETTINGS = EngineSettings()
SAID = "American options valued as European"


def us(root: str, **changes: Any) -> Chain:
    chain = make_chain(asset=root, market=Market.US, spot=500.0, days=(30.0,), **changes)
    return replace(chain, iv=np.full(len(chain), 0.2), root=np.full(len(chain), root))


def inside(chain: Chain) -> Floats:
    """Open interest deep in the money only."""
    away = np.log(chain.strike / chain.spot)
    return np.where(np.where(chain.is_call, away < -0.08, away > 0.08), 1000.0, 0.0)


@pytest.mark.parametrize(
    ("root", "can"),
    [("SPY", True), ("AAPL", True), ("IBIT", True), ("OEX", True), ("SPXW", False), ("XEO", False)],
)
def test_us_options_on_shares_and_funds_can_be_exercised_early(root: str, can: bool) -> None:
    assert american(us(root)).all() == american(us(root)).any() == can


@pytest.mark.parametrize("market", [Market.CRYPTO, Market.INDIA])
def test_elsewhere_nothing_can(market: Market) -> None:
    assert not american(replace(us("SPY"), market=market)).any()


def test_a_book_deep_in_the_money_is_said_with_its_share() -> None:
    chain = us("SPY")
    deep = analyse(replace(chain, oi=inside(chain)), SETTINGS)
    assert any(each.startswith(SAID) and "carry 100% of gross GEX" in each for each in deep.flags)


@pytest.mark.parametrize("root", ["SPXW", "SPY"])
def test_where_it_does_not_matter_nothing_is_said(root: str) -> None:
    chain = us(root)
    oi = inside(chain) if root == "SPXW" else np.full(len(chain), 1000.0)
    if root == "SPY":
        oi[np.abs(np.log(chain.strike / chain.spot)) > 0.05] = 0.0
    found = analyse(replace(chain, oi=oi), SETTINGS)
    assert not any(each.startswith(SAID) for each in found.flags)


@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
@given(chains(), st.sampled_from(list(Market)), st.floats(0.1, 1e6))
def test_the_share_is_a_share_whatever_the_size_or_order(
    chain: Chain, market: Market, size: float
) -> None:
    chain = replace(chain, market=market)
    priced = price(chain, terms(chain, SETTINGS))
    gex = priced.open_gamma
    share = deep_share(chain, priced, gex)
    assert 0 <= share <= 1 + 1e-12
    assert deep_share(chain, priced, -size * gex) == pytest.approx(share)
    turned = rows(chain, np.arange(len(chain))[::-1])
    other = price(turned, terms(turned, SETTINGS))
    assert deep_share(turned, other, other.open_gamma) == pytest.approx(share)
    if market is not Market.US or (np.abs(priced.delta) <= DEEP).all():
        assert share == 0
