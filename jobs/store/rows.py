"""Snapshots and signals as rows, and back: exact both ways."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import UTC, datetime
from typing import Any

from engine.domain import (
    Contracts,
    ExpectedMove,
    ExpiryRow,
    Exposures,
    Flip,
    Levels,
    Market,
    Regime,
    Signal,
    Snapshot,
)
from jobs.store.archive import pack_sums, unpack_sums
from jobs.store.tables import SignalRow, SnapshotRow

_TOTALS = tuple(each.name for each in fields(Exposures))
_HEADLINES = ("gamma_flip", "call_wall", "put_wall", "max_pain")
_SUMS = ("call_oi", "put_oi", "net_gex", "gross_gex", "net_dex", "net_vex", "net_cex")
"""Numbers of an expiry that are always there; NaN is null in JSON."""


def snapshot_row(snapshot: Snapshot) -> SnapshotRow:
    move = snapshot.levels.expected_move
    headlines: dict[str, Any] = {name: getattr(snapshot.levels, name) for name in _HEADLINES}
    totals: dict[str, Any] = dict(snapshot.exposures.as_dict())
    return SnapshotRow(
        asset=snapshot.asset,
        venue=snapshot.venue,
        simulated=snapshot.simulated,
        market=snapshot.market.value,
        asof=snapshot.asof,
        spot=snapshot.spot,
        currency=snapshot.currency,
        convention=snapshot.convention,
        window=snapshot.window,
        regime=snapshot.regime.value if snapshot.regime else None,
        listed=snapshot.contracts.listed,
        used=snapshot.contracts.used,
        left_out=dict(snapshot.contracts.left_out),
        **totals,
        **headlines,
        expected_move=move.straddle if move else None,
        levels=_levels_json(snapshot.levels),
        metrics=dict(snapshot.metrics),
        flags=list(snapshot.flags),
        by_expiry=[
            {**asdict(each), "settlement": each.settlement.isoformat()}
            for each in snapshot.by_expiry
        ],
        sums=pack_sums(snapshot.by_strike, snapshot.profile),
    )


def snapshot_of(row: SnapshotRow) -> Snapshot:
    """Raises BadData when the row's blob is damaged or of a newer format."""
    by_strike, profile = unpack_sums(row.sums)
    return Snapshot(
        asset=row.asset,
        venues=tuple(row.venue.split("+")),
        market=Market(row.market),
        asof=row.asof,
        spot=row.spot,
        currency=row.currency,
        convention=row.convention,
        window=row.window,
        regime=Regime(row.regime) if row.regime else None,
        contracts=Contracts(listed=row.listed, used=row.used, left_out=row.left_out),
        exposures=Exposures(**{name: getattr(row, name) for name in _TOTALS}),
        levels=_levels(row),
        by_strike=by_strike,
        by_expiry=tuple(_expiry(each) for each in row.by_expiry),
        profile=profile,
        metrics=row.metrics,
        flags=tuple(row.flags),
    )


def signal_row(signal: Signal, snapshot: SnapshotRow) -> SignalRow:
    return SignalRow(
        snapshot_id=snapshot.id,
        rule=signal.rule,
        asset=signal.asset,
        venue=signal.venue,
        simulated=snapshot.simulated,
        asof=signal.asof,
        evidence=dict(signal.evidence),
    )


def signal_of(row: SignalRow) -> Signal:
    return Signal(
        rule=row.rule, asset=row.asset, venue=row.venue, asof=row.asof, evidence=row.evidence
    )


def _levels_json(levels: Levels) -> dict[str, Any]:
    """What has no column of its own."""
    move = levels.expected_move
    return {
        "gamma_flips": [asdict(flip) for flip in levels.gamma_flips],
        "expected_move": asdict(move) if move else None,
        "more": dict(levels.more),
        "lists": {name: list(each) for name, each in levels.lists.items()},
        "unavailable": dict(levels.unavailable),
    }


def _levels(row: SnapshotRow) -> Levels:
    kept = row.levels
    move = kept["expected_move"]
    return Levels(
        **{name: getattr(row, name) for name in _HEADLINES},
        gamma_flips=tuple(Flip(**each) for each in kept["gamma_flips"]),
        expected_move=ExpectedMove(**move) if move else None,
        more=kept["more"],
        lists={name: tuple(each) for name, each in kept["lists"].items()},
        unavailable=kept["unavailable"],
    )


def _expiry(kept: Mapping[str, Any]) -> ExpiryRow:
    known = {name: float("nan") if kept[name] is None else kept[name] for name in _SUMS}
    settlement = datetime.fromisoformat(kept["settlement"]).astimezone(UTC)
    return ExpiryRow(**{**kept, **known, "settlement": settlement})
