from __future__ import annotations

from dataclasses import replace

import pytest

from engine.domain import (
    Regime,
)
from tests.bot.commands.asking import ask, rows, said
from tests.bot.unpriced import unpriced
from tests.samples import make_snapshot


@pytest.mark.anyio
async def test_levels_stand_around_spot_highest_first() -> None:
    reply = await ask("/levels BTC")
    told = rows(reply)
    prices = [float(row[0].replace(",", "")) for row in told if row[0]]
    assert prices == sorted(prices, reverse=True)
    names = [row[2] for row in told]
    assert names.index("Call wall") < names.index("SPOT") < names.index("Put wall")
    assert "hard floor" in said(reply)


@pytest.mark.anyio
async def test_walls_are_no_floor_while_dealers_are_short_gamma() -> None:
    said_then = said(await ask("/levels BTC", make_snapshot(regime=Regime.NEGATIVE)))
    assert "no floor and no ceiling" in said_then
    assert "buy rallies and sell dips" in said_then


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("call", "put", "regime", "expected"),
    [
        (104e3, 94e3, Regime.POSITIVE,
         "the put wall is a hard floor, the call wall is a hard ceiling."),
        (98e3, 94e3, Regime.POSITIVE, "the put wall is a hard floor."),
        (104e3, 102e3, Regime.POSITIVE, "the call wall is a hard ceiling."),
        (104e3, None, Regime.NEGATIVE, "price reacts at the call wall: no ceiling."),
        (104e3, None, Regime.NEUTRAL, "the walls say little."),
    ],
)  # fmt: skip
async def test_a_wall_is_worded_only_on_its_usual_side_of_spot(
    call: float, put: float | None, regime: Regime, expected: str
) -> None:
    levels = replace(make_snapshot().levels, call_wall=call, put_wall=put)
    told = said(await ask("/levels BTC", make_snapshot(levels=levels, regime=regime)))
    assert f"In this regime {expected}" in told


@pytest.mark.anyio
@pytest.mark.parametrize("regime", Regime)
async def test_walls_both_on_the_wrong_side_are_not_worded_at_all(regime: Regime) -> None:
    levels = replace(make_snapshot().levels, call_wall=98e3, put_wall=102e3)
    told = said(await ask("/levels BTC", make_snapshot(levels=levels, regime=regime)))
    assert "In this regime" not in told


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("near", "expected"),
    [
        (-1.2e7, "Strikes near spot alone: NEGATIVE (-$12.0 mn per 1 % move)."),
        (3.4e6, "Strikes near spot alone: POSITIVE ($3.40 mn per 1 % move)."),
        (0.0, "Strikes near spot alone: no net gamma ($0 per 1 % move)."),
    ],
)
async def test_the_regime_near_spot_is_told_beside_the_total(near: float, expected: str) -> None:
    reply = await ask("/levels BTC", make_snapshot(metrics={"net_gex_local": near}))
    assert expected in said(reply).split("\n")


@pytest.mark.anyio
async def test_without_strikes_or_prices_near_spot_no_regime_is_told_there() -> None:
    snapshot = make_snapshot(metrics={"net_gex_local": None})
    assert "near spot" not in said(await ask("/levels BTC", snapshot))
    assert "near spot" not in said(await ask("/levels BTC", unpriced()))


@pytest.mark.anyio
async def test_levels_at_one_price_share_it_and_what_is_no_level_is_no_rung() -> None:
    levels = replace(
        make_snapshot().levels,
        more={"call_wall_oi": 104_000.0, "atm_strike": 100_000.0, "R1": 108_000.0},
        lists={
            "gamma_walls": (104_000.0, 94_000.0),
            "call_oi_walls": (104_000.0, 120_000.0),
            "vacuum_up": (110_000.0, 114_000.0, 105_000.0, 107_000.0),
            "max_pain_ties": (98_000.0,),
        },
    )
    reply = await ask("/levels BTC", make_snapshot(levels=levels))
    told = rows(reply)
    at = told.index(("104,000", "+4.0 %", "Call wall"))
    assert told[at + 1 : at + 3] == [("", "", "Call OI wall"), ("", "", "Gamma wall 1")]
    assert ("120,000", "+20.0 %", "Call OI 2") in told
    assert "hardly any gamma: 105,000 to 107,000 above." in said(reply)
    assert ("108,000", "+8.0 %", "R1") in told
    assert not any("tie" in row[2].lower() or "atm" in row[2].lower() for row in told)
