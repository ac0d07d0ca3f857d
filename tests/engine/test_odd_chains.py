"""Every view of a chain, on chains with something wrong: finite, or None with a reason."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any

import numpy as np
import pytest

from engine.cliff import forward_gamma
from engine.compare import compare
from engine.document import document
from engine.domain import Chain
from engine.held import hold
from engine.overnight import overnight
from engine.scenarios import scenarios
from engine.settings import EngineSettings
from engine.surface import gamma_surface
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


def test_the_last_second() -> None:
    chain = make_chain(days=(1 / 86_400,))
    every_view_is_sound(chain)
