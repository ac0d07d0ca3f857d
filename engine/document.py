"""A Snapshot as JSON: the documented, stable keys of docs/snapshot.md."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, fields
from typing import Any

from engine.analyse import LEFT_OUT
from engine.domain import (
    Contracts,
    ExpectedMove,
    ExpiryRow,
    Levels,
    Profile,
    Snapshot,
    StrikeTable,
)
from engine.exposure import hedge_flows
from engine.regime import behaviours, sign

VERSION = 1
"""Grows when a key changes its meaning or goes away; a new key leaves it alone."""

_VACUUMS = ("vacuum_up", "vacuum_down")


def document(snapshot: Snapshot) -> dict[str, Any]:
    """Plain dicts, lists, strings and finite numbers; what does not exist is None."""
    local = sign(snapshot.metrics.get("net_gex_local"))
    return {
        "schema": VERSION,
        "asset": snapshot.asset,
        "venues": list(snapshot.venues),
        "market": snapshot.market.value,
        "simulated": snapshot.simulated,
        "asof": snapshot.asof.isoformat(),
        "spot": snapshot.spot,
        "currency": snapshot.currency,
        "convention": snapshot.convention,
        "window": snapshot.window,
        "regime": snapshot.regime.value if snapshot.regime else None,
        "regime_local": local.value if local else None,
        "contracts": _contracts(snapshot.contracts),
        "exposures": _finite(snapshot.exposures.as_dict()),
        "flows": _finite(hedge_flows(snapshot.exposures, snapshot.spot)),
        "levels": _levels(snapshot.levels),
        "behaviour": _behaviour(snapshot),
        "by_strike": _strikes(snapshot.by_strike),
        "by_expiry": [_expiry(each) for each in snapshot.by_expiry],
        "profile": _profile(snapshot.profile),
        "metrics": _finite(dict(snapshot.metrics)),
        "flags": list(snapshot.flags),
    }


def _contracts(contracts: Contracts) -> dict[str, Any]:
    return {
        "listed": contracts.listed,
        "used": contracts.used,
        "left_out": {name: contracts.left_out.get(name, 0) for name in LEFT_OUT},
        "coverage": contracts.coverage,
    }


def _levels(levels: Levels) -> dict[str, Any]:
    lists: dict[str, Any] = {name: list(each) for name, each in levels.lists.items()}
    runs = {name: _pairs(lists.get(name, [])) for name in _VACUUMS}
    return {
        "gamma_flip": levels.gamma_flip,
        "gamma_flips": [asdict(flip) for flip in levels.gamma_flips],
        "call_wall": levels.call_wall,
        "put_wall": levels.put_wall,
        "max_pain": levels.max_pain,
        "expected_move": _move(levels.expected_move),
        **levels.more,
        **lists,
        **runs,
        "unavailable": dict(levels.unavailable),
    }


def _behaviour(snapshot: Snapshot) -> dict[str, str | None]:
    found = behaviours(snapshot.regime, snapshot.levels, snapshot.spot)
    return {wall: each.value if each else None for wall, each in found.items()}


def _move(move: ExpectedMove | None) -> dict[str, float | None] | None:
    return asdict(move) if move else None


def _strikes(table: StrikeTable) -> list[dict[str, float | None]]:
    names = [each.name for each in fields(StrikeTable)]
    columns = [getattr(table, name).tolist() for name in names]
    return [_finite(dict(zip(names, row, strict=True))) for row in zip(*columns, strict=True)]


def _expiry(row: ExpiryRow) -> dict[str, Any]:
    return _finite({**asdict(row), "settlement": row.settlement.isoformat()})


def _profile(profile: Profile) -> dict[str, list[float]]:
    return {"spots": profile.spots.tolist(), "gex": profile.gex.tolist()}


def _finite(values: dict[str, Any]) -> dict[str, Any]:
    return {name: _number(value) for name, value in values.items()}


def _number(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _pairs(edges: Sequence[float]) -> list[list[float]]:
    return [[first, last] for first, last in zip(edges[::2], edges[1::2], strict=True)]
