"""The venue's greeks and volatilities beside ours."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.deviation import (
    Deviation,
    compare_greeks,
    compare_mid_vols,
    compare_vols,
    deviation,
)
from engine.domain import Chain, Floats, Market
from engine.exposure import Priced, price
from engine.pricing import black76_greeks, bsm_greeks
from engine.settings import EngineSettings
from engine.terms import terms
from tests.engine.random_chains import chains
from tests.recorded import recorded
from tests.samples import make_chain

SETTINGS = EngineSettings()


def priced(chain: Chain) -> Priced:
    return price(chain, terms(chain, SETTINGS))


def beside(chain: Chain, theirs: dict[str, Floats]) -> dict[str, Deviation]:
    return compare_greeks(chain, terms(chain, SETTINGS), priced(chain), theirs)


def quoted(chain: Chain, iv: Floats, spread: float = 0.01) -> Chain:
    """Quotes around the prices of `iv`, at the chain's own forward and rate 0."""
    carry = np.log(chain.forward / chain.spot) / chain.years
    mid = bsm_greeks(
        chain.spot, chain.strike, chain.years, 0.0, carry, iv, chain.is_call, which=("price",)
    ).price
    assert mid is not None
    return replace(chain, bid=mid * (1 - spread), ask=mid * (1 + spread))


def test_greeks_are_compared_contract_by_contract_and_the_worst_is_named() -> None:
    chain = make_chain(days=(10.0,), width=3)
    ours = priced(chain)
    theirs = {"delta": ours.delta.copy(), "gamma": ours.gamma.copy()}
    theirs["delta"][[2, 5]] += (0.01, -0.04)
    theirs["delta"][0] = np.nan
    found = compare_greeks(chain, terms(chain, SETTINGS), ours, theirs)
    delta = found["delta"]
    assert (delta.count, delta.worst) == (13, 5)
    assert delta.max == pytest.approx(0.04)
    assert delta.median == 0
    assert delta.p95 == pytest.approx(0.01 + 0.4 * 0.03)
    assert delta.contract == "BTC 2026-11-30 12:00 UTC 98000 P"
    assert delta.ours is not None
    assert delta.theirs == pytest.approx(delta.ours - 0.04)
    assert (found["gamma"].count, found["gamma"].max) == (14, 0)


def test_what_either_side_lacks_is_not_compared() -> None:
    chain = make_chain(days=(10.0,), width=1)
    blind = replace(chain, iv=np.full(len(chain), np.nan))
    found = beside(blind, {"delta": np.full(len(chain), 0.5)})["delta"]
    assert (found.count, found.max, found.median, found.worst) == (0, None, None, None)
    assert found.p95 is None
    assert (found.contract, found.ours, found.theirs) == (None, None, None)


def test_only_columns_of_the_chain_are_compared() -> None:
    chain = make_chain(days=(10.0,), width=1)
    with pytest.raises(ValueError, match="expected delta or gamma, found 'vega'"):
        beside(chain, {"vega": chain.iv})
    with pytest.raises(ValueError, match=r"expected \(6,\) gamma values, found \(5,\)"):
        beside(chain, {"gamma": chain.iv[1:]})


def test_a_venue_whose_vols_are_in_its_quotes_is_never_outside_them() -> None:
    chain = make_chain()
    found = compare_vols(quoted(chain, chain.iv), terms(chain, SETTINGS))
    assert found.judged == found.mid.count > 60
    assert found.outside == 0
    assert found.mid.max == pytest.approx(0, abs=1e-7)


def test_a_vol_that_its_quote_contradicts_is_counted_and_measured() -> None:
    chain = make_chain(days=(10.0,))
    iv = chain.iv.copy()
    iv[20] += 0.05
    found = compare_vols(replace(quoted(chain, chain.iv), iv=iv), terms(chain, SETTINGS))
    assert (found.outside, found.mid.worst) == (1, 20)
    assert found.mid.max == pytest.approx(5, abs=1e-6)


def test_vols_of_the_money_side_are_not_judged() -> None:
    chain = make_chain(days=(10.0,))
    found = compare_vols(quoted(chain, chain.iv + 0.3), terms(chain, SETTINGS))
    assert found.judged <= len(chain) // 2
    assert found.outside == found.judged


@settings(deadline=None, max_examples=50)
@given(chains(min_size=0), st.floats(-1, 1))
def test_comparing_never_raises_and_moves_with_the_difference(chain: Chain, by: float) -> None:
    ours = priced(chain)
    theirs = np.full(len(chain), np.nan)
    theirs[ours.rows] = ours.delta - by
    found = beside(chain, {"delta": theirs})["delta"]
    assert found.count == len(ours)
    if found.count:
        assert found.max == pytest.approx(abs(by), abs=1e-12)
        assert found.median == pytest.approx(abs(by), abs=1e-12)
    vols = compare_vols(chain, terms(chain, SETTINGS))
    assert compare_mid_vols(chain, terms(chain, SETTINGS)) == vols.mid
    assert 0 <= vols.outside <= vols.judged <= len(chain)


def test_ties_name_the_first_contract() -> None:
    chain = make_chain(days=(10.0,), width=1)
    assert deviation(chain, chain.iv, chain.iv + 0.5).worst == 0


def test_greeks_to_the_forward_are_compared_as_such() -> None:
    chain = make_chain(days=(200.0,), forward=np.full(42, 104_000.0))
    ours = priced(chain)
    given_terms = terms(chain, SETTINGS)
    at_forward = black76_greeks(
        104_000.0, chain.strike, chain.years, 0.0, chain.iv, chain.is_call
    ).as_dict()
    theirs = {name: at_forward[name] for name in ("delta", "gamma")}
    same = compare_greeks(chain, given_terms, ours, theirs, to_forward=True)
    other = compare_greeks(chain, given_terms, ours, theirs)
    for name in theirs:
        assert same[name].max == pytest.approx(0, abs=1e-12)
    assert other["delta"].max is not None
    assert other["delta"].max > 0.03


@pytest.mark.recorded
def test_deribit_s_own_delta_and_gamma_are_ours_to_the_digits_it_prints() -> None:
    """Every ticker at its own instant, forward and volatility: only its rounding is left."""
    file = recorded("deribit", "wire", "ticker_BTC_options_20260114.rebuilt.json")
    tickers = [each["result"] for each in json.loads(file.read_bytes())]
    groups = sorted({(each["timestamp"], each["underlying_price"]) for each in tickers})
    found: dict[str, list[Deviation]] = {"delta": [], "gamma": []}
    for told, forward in groups:
        at = [
            each
            for each in tickers
            if (each["timestamp"], each["underlying_price"]) == (told, forward)
        ]
        chain = _of_tickers(at, datetime.fromtimestamp(told / 1000, UTC), forward)
        theirs = {name: np.array([each["greeks"][name] for each in at]) for name in found}
        compared = compare_greeks(
            chain, terms(chain, SETTINGS), priced(chain), theirs, to_forward=True
        )
        for name, each in compared.items():
            found[name].append(each)
    for name, limit in (("delta", 1e-4), ("gamma", 5e-6)):
        assert sum(each.count for each in found[name]) == len(tickers) == 656
        assert max(each.max or 0.0 for each in found[name]) <= limit


def _of_tickers(tickers: list[dict[str, Any]], asof: datetime, forward: float) -> Chain:
    names = [each["instrument_name"].split("-") for each in tickers]
    n = len(tickers)
    settles = [
        datetime.strptime(f"{each[1]} 0800 +0000", "%d%b%y %H%M %z").timestamp() for each in names
    ]
    unknown = np.full(n, np.nan)
    return Chain(
        asset="BTC",
        venue="deribit",
        market=Market.CRYPTO,
        asof=asof,
        spot=float(tickers[0]["index_price"]),
        currency="USD",
        root=np.full(n, "BTC"),
        settlement=np.array(settles, dtype=np.int64),
        strike=np.array([float(each[2]) for each in names]),
        is_call=np.array([each[3] == "C" for each in names], dtype=np.bool_),
        oi=unknown,
        volume=unknown,
        bid=unknown,
        ask=unknown,
        iv=np.array([each["mark_iv"] / 100 for each in tickers]),
        multiplier=np.ones(n),
        forward=np.full(n, forward),
        rate=0.0,
        listed=n,
    )
