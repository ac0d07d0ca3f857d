"""Many chains at once give what each gives alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.batch import batch_totals
from engine.domain import Chain, Exposures
from engine.errors import BadInput
from engine.held import hold
from engine.settings import EngineSettings
from engine.window import Window
from tests.engine.random_chains import chains, rows
from tests.samples import make_chain

SETTINGS = EngineSettings()
TINY = 1e-300


def alone(chain: Chain, convention: str = "naive", window: Window | None = None) -> Exposures:
    held = hold(chain, SETTINGS, convention=convention, window=window or Window("all"))
    return held.value().exposures


def same(found: Exposures, expected: Exposures, chain: Chain) -> None:
    """To rounding, which sums of the same terms in another order share."""
    gross = alone(chain, "long_all").as_dict()
    for name, value in expected.as_dict().items():
        scale = abs(gross[name]) + abs(value)
        near = pytest.approx(value, rel=1e-9, abs=1e-9 * scale + TINY)
        assert found.as_dict()[name] == near, name


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(chains(min_size=0), max_size=5), st.sampled_from(["naive", "inverse", "short_all"]))
def test_each_chain_of_a_batch_is_as_if_alone(listed: list[Chain], convention: str) -> None:
    found = batch_totals(listed, SETTINGS, convention=convention)
    assert len(found) == len(listed)
    for chain, totals in zip(listed, found, strict=True):
        same(totals, alone(chain, convention), chain)


def test_chains_without_anything_to_price_stand_between_others() -> None:
    chain = make_chain()
    blind = replace(chain, iv=np.full(len(chain), np.nan))
    listed = [blind, chain, rows(chain, slice(0, 0)), chain, blind]
    found = batch_totals(listed, SETTINGS)
    assert found[1] == found[3]
    same(found[1], alone(chain), chain)
    for nothing in (found[0], found[2], found[4]):
        assert set(nothing.as_dict().values()) == {0.0}
    assert batch_totals([], SETTINGS) == ()
    assert batch_totals([blind], SETTINGS) == (found[0],)


def test_a_batch_has_a_window_and_knows_what_it_cannot_do() -> None:
    chain = make_chain()
    week = Window("7d", days=7)
    [found] = batch_totals([chain], SETTINGS, window=week)
    same(found, alone(chain, window=week), chain)
    with pytest.raises(BadInput, match="signed from trades"):
        batch_totals([chain], SETTINGS, convention="book")
