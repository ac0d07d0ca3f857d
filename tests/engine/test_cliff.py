"""Forward gamma: the parts add up, and time makes what is left larger."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from engine.analyse import analyse
from engine.cliff import ForwardGamma, forward_gamma
from engine.domain import Chain
from engine.held import hold
from engine.settings import EngineSettings
from engine.whatif import WhatIf, what_if
from tests.engine.random_chains import chains
from tests.samples import make_chain

SETTINGS = EngineSettings()
ANY = settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])


def forward(chain: Chain, convention: str = "naive") -> ForwardGamma:
    return forward_gamma(hold(chain, SETTINGS, convention=convention).value(), SETTINGS)


@ANY
@given(chains(min_size=0))
def test_what_expires_and_what_is_left_add_up_to_the_whole(chain: Chain) -> None:
    found = forward(chain)
    gross = found.gross
    near = gross * 1e-9 + 1e-300
    net_gone = gross_gone = share = 0.0
    for step in found.steps:
        net_gone += step.expires_net
        gross_gone += step.expires_gross
        share += step.share or 0.0
        assert net_gone + step.left_net == pytest.approx(found.net, abs=near)
        assert gross_gone + step.left_gross == pytest.approx(gross, abs=near)
        assert math.isfinite(step.then_net)
        assert abs(step.then_net) <= step.then_gross * (1 + 1e-9)
    assert len(found.steps) == np.unique(chain.settlement).size
    assert sum(step.contracts for step in found.steps) == len(chain)
    if found.cliff is None:
        assert gross == 0
        assert found.reason
    else:
        assert share == pytest.approx(1.0)
        assert found.cliff.expires_gross == max(step.expires_gross for step in found.steps)
    if found.steps:
        last = found.steps[-1]
        assert (last.left_net, last.left_gross, last.then_net, last.then_gross) == (0, 0, 0, 0)


@ANY
@given(chains(min_size=0))
def test_parts_are_the_expiries_of_the_snapshot(chain: Chain) -> None:
    by_instant: dict[str, float] = {}
    for row in analyse(chain, SETTINGS).by_expiry:
        key = row.settlement.isoformat()
        by_instant[key] = by_instant.get(key, 0.0) + row.net_gex
    found = forward(chain)
    steps = {step.settlement.isoformat(): step.expires_net for step in found.steps}
    assert steps == pytest.approx(by_instant, abs=1e-9 * found.gross + 1e-30)


def test_what_is_left_then_is_the_what_if_of_that_instant() -> None:
    chain = make_chain(days=(1.0, 8.0, 36.0))
    held = hold(chain, SETTINGS)
    for step, days in zip(forward(chain).steps, (1.0, 8.0, 36.0), strict=True):
        then = what_if(held, WhatIf(days=days), SETTINGS).then.exposures
        assert step.then_net == pytest.approx(then.gex_usd_per_1pct)
        assert step.then_gross == pytest.approx(then.gex_gross_usd_per_1pct)


def test_the_cliff_is_the_expiry_with_most_gamma() -> None:
    chain = make_chain(days=(1.0, 8.0, 36.0))
    heavy = chain.oi * np.where(chain.settlement == np.unique(chain.settlement)[1], 50.0, 1.0)
    found = forward(chain)
    assert found.cliff == found.steps[0]
    other = forward(make_chain(days=(1.0, 8.0, 36.0), oi=heavy))
    assert other.cliff == other.steps[1]
    assert other.cliff.share is not None
    assert other.cliff.share > 0.8


def test_without_open_interest_there_is_no_cliff_and_no_share() -> None:
    chain = make_chain()
    found = forward(make_chain(oi=np.zeros(len(chain))))
    assert found.cliff is None
    assert {step.share for step in found.steps} == {None}
    assert found.reason == "the dealers hold nothing that has gamma"
    assert found.net == found.gross == 0
