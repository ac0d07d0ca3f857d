"""Chains and snapshots the tests share, made here and nowhere recorded."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from engine.domain import (
    Chain,
    Contracts,
    ExpectedMove,
    ExpiryRow,
    Exposures,
    Flip,
    Levels,
    Market,
    Profile,
    Regime,
    Snapshot,
    StrikeTable,
)

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def make_chain(
    *,
    asset: str = "BTC",
    venue: str = "deribit",
    asof: datetime = NOON,
    spot: float = 100_000.0,
    days: tuple[float, ...] = (0.8333333333333334, 6.833333333333333, 34.833333333333336),
    width: int = 10,
    call_oi: float = 100.0,
    put_oi: float = 80.0,
    **changes: Any,
) -> Chain:
    """A crypto-like chain: 2 x (2 width + 1) contracts per expiry, a smile, both sides quoted."""
    strikes = spot * (1 + 0.02 * np.arange(-width, width + 1))
    strike = np.tile(np.repeat(strikes, 2), len(days))
    n = strike.size
    is_call = np.tile([True, False], n // 2)
    settle = [int((asof + timedelta(days=each)).timestamp()) for each in days]
    settlement = np.repeat(np.array(settle, dtype=np.int64), 2 * strikes.size)
    away = np.log(strike / spot)
    hump = np.exp(-0.5 * ((away - np.where(is_call, 0.04, -0.05)) / 0.08) ** 2)
    oi = np.round(np.where(is_call, call_oi, put_oi) * hump, 1)
    columns: dict[str, Any] = {
        "root": np.full(n, asset),
        "settlement": settlement,
        "strike": strike,
        "is_call": is_call,
        "oi": oi,
        "volume": np.round(oi / 4, 1),
        "bid": np.full(n, np.nan),
        "ask": np.full(n, np.nan),
        "iv": 0.5 + 0.8 * away**2 - 0.1 * away,
        "multiplier": np.ones(n),
        "forward": np.full(n, spot),
    }
    fields: dict[str, Any] = {
        "asset": asset,
        "venue": venue,
        "market": Market.CRYPTO,
        "asof": asof,
        "spot": spot,
        "currency": "USD",
        "rate": 0.0,
        "listed": n,
        "left_out": {},
        **columns,
    }
    return Chain(**{**fields, **changes})


def make_snapshot(**changes: Any) -> Snapshot:
    """A believable snapshot with every field filled; not computed, so that views test alone."""
    spot = float(changes.get("spot", 100_000.0))
    strike = np.asarray(spot * (1 + 0.02 * np.arange(-15, 16)), dtype=np.float64)
    away = np.log(strike / spot)
    call = 2.0e7 * np.exp(-0.5 * ((away - 0.04) / 0.07) ** 2)
    put = -1.6e7 * np.exp(-0.5 * ((away + 0.05) / 0.08) ** 2)
    spots = spot * np.linspace(0.65, 1.35, 141)
    move = np.log(spots / spot)
    settlement = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
    rows = tuple(
        ExpiryRow(
            root="BTC",
            settlement=settlement + timedelta(days=days),
            contracts=62,
            call_oi=900.0,
            put_oi=700.0,
            net_gex=4.0e7 / (1 + days),
            gross_gex=9.0e7 / (1 + days),
            net_dex=1.0e9,
            net_vex=1.0e6,
            net_cex=-2.0e6,
            forward=spot,
            atm_iv=0.52,
            max_pain=spot * 0.98,
            expected_move=spot * 0.021,
        )
        for days in (0, 6, 34)
    )
    totals = dict.fromkeys((each for each in Exposures.__dataclass_fields__), 1.0e6)
    fields: dict[str, Any] = {
        "asset": "BTC",
        "venues": ("deribit",),
        "market": Market.CRYPTO,
        "asof": NOON,
        "spot": spot,
        "currency": "USD",
        "convention": "naive",
        "regime": Regime.POSITIVE,
        "contracts": Contracts(listed=200, used=186, left_out={"no_vol": 10, "expired": 4}),
        "exposures": Exposures(
            **{**totals, "gex_usd_per_1pct": float((call + put).sum()), "dex_usd": 1.25e9}
        ),
        "levels": Levels(
            gamma_flip=spot * 0.965,
            gamma_flips=(
                Flip(spot * 0.965, "neg_to_pos", 0.6),
                Flip(spot * 1.21, "pos_to_neg", 0.05),
            ),
            call_wall=spot * 1.04,
            put_wall=spot * 0.94,
            max_pain=spot * 0.98,
            expected_move=ExpectedMove(spot, 2100.0, 1785.0, 2631.9, 2600.0),
        ),
        "by_strike": StrikeTable(
            strike=strike,
            call_gex=call,
            put_gex=put,
            net_gex=call + put,
            gross_gex=call - put,
            call_oi=call / 1e5,
            put_oi=-put / 1e5,
            call_volume=call / 4e5,
            put_volume=-put / 4e5,
            net_dex=call * 20,
            net_vex=call / 50,
            net_cex=put / 40,
        ),
        "by_expiry": rows,
        "profile": Profile(spots, 1.5e8 * np.tanh((move + 0.0356) * 12) * np.exp(-move * move * 8)),
        "metrics": {"net_gex": float((call + put).sum()), "pcr_oi": 0.78, "pcr_volume": None},
        "flags": ("Dealer sign assumed, not observed (naive: calls +1, puts -1).",),
    }
    return Snapshot(**{**fields, **changes})


def later(snapshot: Snapshot, minutes: float, **changes: Any) -> Snapshot:
    return replace(snapshot, asof=snapshot.asof + timedelta(minutes=minutes), **changes)
