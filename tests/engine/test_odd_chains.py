"""Every view of a chain, on chains with something wrong: finite, or None with a reason."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any

import numpy as np
import pytest

from engine.analyse import analyse
from engine.breakdown import GREEK, by_contract, by_expiry, by_strike
from engine.breakdown import by_window as seven_by_window
from engine.breakout import breakout_inputs, breakout_signals
from engine.cliff import forward_gamma
from engine.compare import compare
from engine.confidence import confidence_inputs, positioning_confidence
from engine.deviation import compare_vols
from engine.discount import implied_discounts
from engine.document import document
from engine.domain import Chain
from engine.held import Held, hold
from engine.overnight import overnight
from engine.regime import behaviours
from engine.scenarios import scenarios
from engine.settings import EngineSettings
from engine.smile import fit_error, smiles, term_structure
from engine.surface import gamma_surface
from engine.valuation import Valuation
from engine.whatif import WhatIf, what_if
from engine.why import why
from engine.windows import by_window
from tests.engine.random_chains import rows
from tests.engine.test_analyse import ODD
from tests.samples import make_chain

SETTINGS = EngineSettings()


def numbers(value: Any) -> Iterator[float]:
    """Every number of a value, but for what lies in arrays, where NaN may stand for unknown."""
    if isinstance(value, float):
        yield value
    elif is_dataclass(value):
        for each in fields(value):
            yield from numbers(getattr(value, each.name))
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from numbers(each)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for each in value:
            yield from numbers(each)


def every_view_is_sound(chain: Chain, convention: str = "naive") -> None:
    held = hold(chain, SETTINGS, convention=convention)
    valuation = held.value()
    earlier = make_chain(days=(1.0, 30.0), width=4)
    there = what_if(held, WhatIf(spot=-0.05, iv=20, days=2), SETTINGS)
    surface = gamma_surface(held, SETTINGS, (0.0, 1.5))
    views: list[Any] = [
        why(held, SETTINGS, earlier=earlier),
        scenarios(held, SETTINGS),
        there.hedge_units,
        forward_gamma(valuation, SETTINGS),
        overnight(held, SETTINGS),
        compare(held, earlier, SETTINGS),
        compare(hold(earlier, SETTINGS), chain, SETTINGS),
        by_window(valuation, SETTINGS),
    ]
    assert all(math.isfinite(each) for view in views for each in numbers(view))
    json.dumps(document(there.then), allow_nan=False)
    assert np.isfinite(surface.gex).all()
    exposures_are_sound(valuation)
    opinions_are_sound(held)


def exposures_are_sound(valuation: Valuation) -> None:
    """The seven, however they are cut, are finite: what is not known is in none of them."""
    for cut in (by_contract, by_strike, by_expiry, seven_by_window):
        found = cut(valuation)
        assert all(np.isfinite(getattr(found, name)).all() for name in GREEK)
        assert (found.used >= 0).all()


def opinions_are_sound(held: Held) -> None:
    """The second opinions and the scores: a number, or the reason why there is none."""
    chain, snapshot = held.chain, analyse(held.chain, SETTINGS)
    curves, discounts = smiles(chain, held.terms), implied_discounts(chain)
    for curve in curves:
        assert (curve.atm is None) == bool(curve.reason)
        assert np.isfinite(curve.vol(chain.strike)).all() == (curve.reason is None)
    for discount in discounts:
        assert (discount.rate is None) == bool(discount.reason)
    views: list[Any] = [
        curves,
        discounts,
        fit_error(curves),
        term_structure(curves),
        compare_vols(chain, held.terms),
        positioning_confidence(confidence_inputs(snapshot.by_strike, snapshot.spot)),
        breakout_signals(breakout_inputs(snapshot)),
        behaviours(snapshot.regime, snapshot.levels, snapshot.spot),
    ]
    assert all(math.isfinite(each) for view in views for each in numbers(view))
    reasons = held.terms.no_vol
    assert ((reasons == "") == np.isfinite(held.terms.iv)).all()


@pytest.mark.parametrize("name", ODD)
def test_odd_columns(name: str) -> None:
    chain = make_chain(days=(1.0, 30.0), width=4)
    columns: dict[str, Any] = {key: np.full(len(chain), to) for key, to in ODD[name].items()}
    every_view_is_sound(replace(chain, **columns))


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
def test_odd_selections(name: str, pick: slice) -> None:
    for convention in ("naive", "long_all"):
        every_view_is_sound(rows(make_chain(), pick), convention)


@pytest.mark.parametrize("seconds", [1, 60])
def test_the_last_second_and_the_last_minute(seconds: float) -> None:
    every_view_is_sound(make_chain(days=(seconds / 86_400,)))
    every_view_is_sound(make_chain(days=(seconds / 86_400, 30.0), width=4), "short_all")


@pytest.mark.parametrize("times", [0.1, 10.0])
def test_strikes_ten_times_away(times: float) -> None:
    chain = make_chain(days=(1 / 1440, 30.0), width=4)
    every_view_is_sound(replace(chain, strike=chain.strike * times))
    every_view_is_sound(replace(chain, strike=np.where(chain.is_call, 1, times) * chain.strike))


def test_everything_odd_at_once() -> None:
    """Volatilities, open interest and quotes each with every oddity, row by row."""
    chain = make_chain(days=(1 / 1440, 0.5, 30.0), width=12)
    odd: dict[str, list[float]] = {
        "iv": [0.5, 0.0, 5.0, np.nan, -1.0, 500.0, np.inf],
        "oi": [100.0, 0.0, np.nan, 1e15, 1e-9],
        "bid": [1.0, 0.0, np.nan, 1e9, 5e3],
        "ask": [1.0, 2e9, np.nan],
    }
    columns: dict[str, Any] = {name: np.resize(values, len(chain)) for name, values in odd.items()}
    for convention in ("naive", "inverse", "short_all", "long_all"):
        every_view_is_sound(replace(chain, **columns), convention)
