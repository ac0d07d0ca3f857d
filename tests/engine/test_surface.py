"""Gamma over spot and time: its first row is today's profile, each other one a what-if's."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.analyse import analyse
from engine.domain import Chain
from engine.errors import BadInput
from engine.held import hold
from engine.settings import EngineSettings
from engine.surface import MOST_ROWS, gamma_surface
from engine.whatif import WhatIf, what_if
from tests.engine.random_chains import chains, rows
from tests.samples import make_chain

SETTINGS = EngineSettings()
ANY = settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow])


@ANY
@given(chains(min_size=0), st.floats(0.001, 40))
def test_rows_are_profiles_at_their_times(chain: Chain, day: float) -> None:
    held = hold(chain, SETTINGS)
    found = gamma_surface(held, SETTINGS, (0.0, day))
    now = analyse(chain, SETTINGS)
    then = what_if(held, WhatIf(days=day), SETTINGS).then
    for row, snapshot in enumerate((now, then)):
        assert np.array_equal(found.gex[row], snapshot.profile.gex)
        assert np.array_equal(found.spots, snapshot.profile.spots)
        assert found.flips[row] == snapshot.levels.gamma_flips
        assert found.primary[row] == snapshot.levels.gamma_flip
        assert found.contracts[row] == snapshot.contracts.used


def test_contracts_leave_the_surface_as_they_settle() -> None:
    chain = make_chain(days=(0.5, 2.25, 9.0))
    found = gamma_surface(hold(chain, SETTINGS), SETTINGS)
    assert found.gex.shape == (found.days.size, found.spots.size)
    assert np.isfinite(found.gex).all()
    assert list(found.contracts) == [
        int((chain.years * 365 > day + 1e-9).sum()) for day in found.days
    ]


def test_near_settlement_gamma_gathers_at_the_strikes() -> None:
    chain = make_chain(days=(1.0,), width=1)
    found = gamma_surface(hold(chain, SETTINGS, convention="long_all"), SETTINGS, (0.0, 0.9))
    at = np.abs(found.spots / chain.spot - 1.02).argmin()
    assert found.gex[1, at] > 1.5 * found.gex[0, at]


def test_an_empty_or_settled_book_is_flat() -> None:
    nothing = gamma_surface(hold(rows(make_chain(), slice(0, 0)), SETTINGS), SETTINGS)
    assert not nothing.gex.any()
    assert set(nothing.primary) == {None}
    late = gamma_surface(hold(make_chain(days=(1.0,)), SETTINGS), SETTINGS, (2.0,))
    assert not late.gex.any()
    assert late.contracts == (0,)


@pytest.mark.parametrize(
    "days", [(), (-1.0,), (1.0, 1.0), (2.0, 1.0), (float("nan"),), (1e9,), tuple(range(401))]
)
def test_other_times_are_refused(days: tuple[float, ...]) -> None:
    with pytest.raises(BadInput, match="Expected"):
        gamma_surface(hold(make_chain(), SETTINGS), SETTINGS, days)


def test_memory_does_not_grow_with_contracts_times_spots() -> None:
    chain = make_chain(days=tuple(np.linspace(0.5, 300, 100)), width=49)
    held = hold(chain, SETTINGS)
    tracemalloc.start()
    gamma_surface(held, SETTINGS, tuple(np.linspace(0, 7, 5)))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 60e6 < 8 * len(chain) * 2801
    assert MOST_ROWS * 281 * 8 < 1e6
