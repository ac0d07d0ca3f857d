"""Regimes: the band around zero, its edge, and the local sign."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from engine.domain import Exposures, Regime
from engine.regime import Behaviour, behaviours, local_gex, regime, sign
from tests.samples import make_snapshot

NOTHING = Exposures(**dict.fromkeys((each.name for each in fields(Exposures)), 0.0))


@pytest.mark.parametrize(
    ("net", "expected"),
    [
        (5.1, Regime.POSITIVE),
        (5.0, Regime.NEUTRAL),
        (0.0, Regime.NEUTRAL),
        (-5.0, Regime.NEUTRAL),
        (-5.1, Regime.NEGATIVE),
    ],
)
def test_the_band_is_a_share_of_gross_with_its_edge_inside(net: float, expected: Regime) -> None:
    sums = replace(NOTHING, gex_usd_per_1pct=net, gex_gross_usd_per_1pct=100.0)
    assert regime(sums, 0.05) is expected


def test_without_gamma_there_is_no_regime() -> None:
    assert regime(NOTHING, 0.05) is None


@pytest.mark.parametrize(
    ("now", "put", "call"),
    [
        (Regime.POSITIVE, Behaviour.HARD_FLOOR, Behaviour.HARD_CEILING),
        (Regime.NEGATIVE, Behaviour.REACTION, Behaviour.REACTION),
        (Regime.NEUTRAL, Behaviour.WEAK, Behaviour.WEAK),
        (None, None, None),
    ],
)
def test_what_the_walls_are_in_each_regime(
    now: Regime | None, put: Behaviour | None, call: Behaviour | None
) -> None:
    levels = make_snapshot().levels
    assert behaviours(now, levels, 100_000.0) == {"put_wall": put, "call_wall": call}


def test_a_wall_on_the_other_side_of_spot_is_no_floor_and_no_ceiling() -> None:
    levels = replace(make_snapshot().levels, put_wall=101.0, call_wall=100.0)
    assert not any(behaviours(Regime.POSITIVE, levels, 100.0).values())
    one = replace(levels, put_wall=None, call_wall=101.0)
    assert behaviours(Regime.POSITIVE, one, 100.0) == {
        "put_wall": None, "call_wall": Behaviour.HARD_CEILING,
    }  # fmt: skip


def test_the_local_sign_takes_strikes_on_the_edge_of_its_band() -> None:
    table = make_snapshot().by_strike
    strikes = np.array([97.9, 98.0, 100.0, 102.0, 102.1])
    net = np.array([900.0, 1.0, 2.0, 4.0, 900.0])
    near = replace(table, strike=strikes, net_gex=net, gross_gex=np.abs(net))
    assert local_gex(near, 100.0, 0.02) == 7.0
    assert local_gex(near, 50.0, 0.02) is None


def test_local_gamma_that_cancels_has_no_sign() -> None:
    table = make_snapshot().by_strike
    cancelled = replace(
        table,
        strike=np.array([100.0, 101.0]),
        net_gex=np.array([0.1 + 0.2, -0.3]),
        gross_gex=np.array([0.3, 0.3]),
    )
    assert local_gex(cancelled, 100.0, 0.02) == 0.0
    assert sign(0.0) is None
    assert sign(None) is None
    assert sign(-1.0) is Regime.NEGATIVE
    assert sign(1.0) is Regime.POSITIVE
