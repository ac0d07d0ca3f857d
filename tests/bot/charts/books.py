"""Random snapshots, from harmless to nasty, for what must hold on every picture."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from engine.domain import (
    ExpectedMove,
    Flip,
    Floats,
    Levels,
    Profile,
    Regime,
    Snapshot,
    StrikeTable,
)
from tests.samples import make_snapshot

_ASSETS = ("BTC", "SPX", "A", "RELIANCE", "1000SHIB_USDC")
_CURRENCIES = ("USD", "INR", "USDC")
_VENUES = (("deribit",), ("demo",), ("deribit", "okx", "bybit", "binance"))
_WINDOWS = ("all", "0dte", "30d", "2026-12-18")
_FLAG = "No open interest is published for 12 contracts: left out of all sums."


def table(strike: Floats, call: Floats, put: Floats) -> StrikeTable:
    """`call` and `put` are GEX; the columns the chart does not read are zero."""
    rest = dict.fromkeys(
        ("call_volume", "put_volume", "net_dex", "net_vex", "net_cex"), np.zeros_like(strike)
    )
    return StrikeTable(
        strike=strike,
        call_gex=call,
        put_gex=put,
        net_gex=call + put,
        gross_gex=np.abs(call) + np.abs(put),
        call_oi=np.abs(call) / 1e4,
        put_oi=np.abs(put) / 1e4,
        **rest,
    )


def random_snapshot(seed: int) -> Snapshot:
    """Spots from 1e-4 to 1e6; levels anywhere, equal, missing, far away; none to 4,000 strikes."""
    rng = np.random.default_rng(seed)
    spot = float(10 ** rng.uniform(-4, 6))
    width = float(10 ** rng.uniform(-2.5, -0.5))
    strike = _strikes(rng, spot, width)
    size = float(10 ** rng.uniform(0, 11))
    call, put = (
        side * size * np.exp(-0.5 * ((np.log(strike / spot) - skew) / width) ** 2) * rng.random()
        for side, skew in ((rng.choice((1, -1, 0)), 0.3 * width), (-1, -0.3 * width))
    )
    roots = np.sort(spot * np.exp(rng.normal(0, width, rng.choice((0, 1, 2, 3, 5, 12)))))
    spots = spot * np.linspace(0.65, 1.35, 281)
    return replace(
        make_snapshot(spot=spot),
        asset=str(rng.choice(_ASSETS)),
        currency=str(rng.choice(_CURRENCIES)),
        venues=_VENUES[rng.integers(len(_VENUES))],
        window=str(rng.choice(_WINDOWS)),
        regime=(*Regime, None)[rng.integers(4)],
        levels=_levels(rng, spot, width, roots),
        by_strike=table(strike, call, put),
        profile=Profile(
            spots, size * np.prod([np.ones(281), *(spots / each - 1 for each in roots)], axis=0)
        ),
        flags=(_FLAG,) * int(rng.integers(5)),
    )


def _strikes(rng: np.random.Generator, spot: float, width: float) -> Floats:
    count = int(rng.choice((0, 1, 5, 60, 400, 4_000)))
    if rng.random() < 0.5:
        return np.unique(spot * np.exp(rng.normal(0, 2 * width, count)))
    grid = np.arange(-(count // 2), count - count // 2)
    strike = spot * (1 + grid * width / 20)
    return np.asarray(strike[strike > 0], dtype=np.float64)


def _levels(rng: np.random.Generator, spot: float, width: float, roots: Floats) -> Levels:
    def level(name: str) -> float | None:
        """At spot, near it, far from it, or not there."""
        away = rng.choice((0.0, rng.normal(0, width), rng.normal(0, 0.001), rng.normal(0, 1)))
        if rng.random() < 0.15:
            missing[name] = f"no {name.replace('_', ' ')} in this test"
            return None
        return float(spot * np.exp(away))

    missing: dict[str, str] = {}
    flips = tuple(Flip(float(each), "neg_to_pos", float(rng.random())) for each in roots)
    nearest = min((each.level for each in flips), key=lambda each: abs(each - spot), default=None)
    if nearest is None:
        missing["gamma_flip"] = "the gamma profile does not cross zero"
    straddle = float(spot * rng.choice((0.001, 0.02, 0.3, 1.2)))
    parts: dict[str, Any] = {
        "call_wall": level("call_wall"),
        "put_wall": level("put_wall"),
        "max_pain": level("max_pain"),
        "expected_move": None
        if level("expected_move") is None
        else ExpectedMove(spot, straddle, straddle * 0.85, straddle * 1.25, straddle * 1.3),
    }
    return Levels(gamma_flip=nearest, gamma_flips=flips, unavailable=missing, **parts)
