"""A book weighed by volume instead of open interest."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.analyse import analyse
from engine.domain import Chain
from engine.errors import BadInput
from engine.settings import EngineSettings
from tests.engine.random_chains import chains
from tests.samples import make_chain

SETTINGS = EngineSettings()
SAID = "Weighed by the volume traded"


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(chains(), st.sampled_from(["naive", "inverse", "short_all", "long_all"]))
def test_weighed_by_volume_is_the_same_chain_with_its_volume_open(
    chain: Chain, convention: str
) -> None:
    by_volume = analyse(chain, SETTINGS, convention=convention, weight="volume")
    swapped = analyse(replace(chain, oi=chain.volume), SETTINGS, convention=convention)
    assert by_volume.exposures == swapped.exposures
    assert by_volume.regime == swapped.regime
    assert by_volume.levels.gamma_flips == swapped.levels.gamma_flips


def test_open_interest_stays_where_it_is() -> None:
    chain = make_chain()
    chain = replace(chain, volume=chain.volume[::-1].copy())
    by_oi = analyse(chain, SETTINGS)
    by_volume = analyse(chain, SETTINGS, weight="volume")
    assert by_volume.exposures != by_oi.exposures
    for name in ("call_wall", "put_wall", "max_pain"):
        assert getattr(by_volume.levels, name) == getattr(by_oi.levels, name)
    assert by_volume.levels.more["delta_flip"] == by_oi.levels.more["delta_flip"]
    assert by_volume.metrics["pcr_oi"] == by_oi.metrics["pcr_oi"]


def test_the_weight_is_said_and_so_is_volume_that_is_not_published() -> None:
    chain = make_chain()
    volume = chain.volume.copy()
    volume[[3, 9]] = np.nan
    found = analyse(replace(chain, volume=volume), SETTINGS, weight="volume").flags
    assert any(each.startswith(SAID) for each in found)
    assert "No volume is published for 2 contracts: left out of all exposures." in found
    assert not any(each.startswith(SAID) for each in analyse(chain, SETTINGS).flags)


def test_no_volume_at_all_is_no_exposure_and_no_error() -> None:
    chain = make_chain()
    found = analyse(replace(chain, volume=np.full(len(chain), np.nan)), SETTINGS, weight="volume")
    assert found.regime is None
    assert found.exposures.gex_gross_usd_per_1pct == 0
    assert found.levels.gamma_flip is None
    assert found.levels.unavailable["gamma_flip"]


def test_a_book_has_no_volume_and_other_weights_do_not_exist() -> None:
    chain = make_chain()
    with pytest.raises(BadInput, match="signed from trades"):
        analyse(chain, SETTINGS, convention="book", book=chain.oi, weight="volume")
    with pytest.raises(BadInput, match="I know: oi, volume"):
        analyse(chain, SETTINGS, weight="trades")  # type: ignore[arg-type]  # what a user typed
