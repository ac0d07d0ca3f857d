"""The side that writes: a snapshot, its chain, its signals and their deliveries, or nothing."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from functools import partial
from typing import Any

from sqlmodel import Session, col, select

from engine.domain import Chain, Regime, Signal, Snapshot
from engine.errors import BadData
from engine.signals.base import Baseline
from jobs.store.archive import pack_chain
from jobs.store.database import Part
from jobs.store.rows import signal_row, snapshot_of, snapshot_row
from jobs.store.simulated import Shown, has_real
from jobs.store.tables import ChainRow, DeliveryRow, FollowRow, SignalRow, SnapshotRow

_DECIDED = (Regime.POSITIVE.value, Regime.NEGATIVE.value)


class Snapshots(Part):
    async def save(self, snapshot: Snapshot, chain: Chain, signals: Sequence[Signal]) -> bool:
        """Store all of it in one transaction; every follower of now gets a delivery per signal.

        Returns:
            False when this snapshot was stored already: then nothing has changed.

        Raises:
            BadData: a spot or total is not a finite number.
            StoreFailed: the database could not take it; nothing is stored.
        """
        return await asyncio.to_thread(self._save, snapshot, chain, signals)

    async def before(self, snapshot: Snapshot, baseline: Baseline) -> Snapshot | None:
        """What a rule compares with, of the same asset, venue and convention: the newest
        earlier snapshot, or for DECIDED the newest whose regime was not NEUTRAL."""
        return await self._read(partial(_before, now=snapshot, baseline=baseline))

    async def has_real(self) -> bool:
        """Whether anything that is not simulated has been stored."""
        return await self._read(has_real)

    def _save(self, snapshot: Snapshot, chain: Chain, signals: Sequence[Signal]) -> bool:
        _refuse_unfinite(snapshot)
        told = not snapshot.simulated or self._database.simulated.shown is not Shown.NEVER
        row, content = snapshot_row(snapshot), pack_chain(chain)
        work = partial(_store, row=row.model_dump(), content=content, signals=signals, told=told)
        return self._database.write(work)


def _refuse_unfinite(snapshot: Snapshot) -> None:
    for name, value in {"spot": snapshot.spot, **snapshot.exposures.as_dict()}.items():
        if not math.isfinite(value):
            raise BadData(f"expected a finite {snapshot.asset} {name}, found {value}")


def _store(
    session: Session,
    *,
    row: dict[str, Any],
    content: bytes,
    signals: Sequence[Signal],
    told: bool,
) -> bool:
    """All inside one transaction; `row` are values, because a retried one needs a new object."""
    snapshot = SnapshotRow(**row)
    if session.exec(_like(snapshot)).first() is not None:
        return False
    session.add(snapshot)
    session.flush()
    session.add(ChainRow(snapshot_id=snapshot.id, asof=snapshot.asof, content=content))
    for signal in signals:
        _raise_signal(session, signal_row(signal, snapshot), told=told)
    return True


def _like(row: SnapshotRow) -> Any:
    return select(SnapshotRow.id).where(
        SnapshotRow.asset == row.asset,
        SnapshotRow.venue == row.venue,
        SnapshotRow.convention == row.convention,
        SnapshotRow.window == row.window,
        SnapshotRow.asof == row.asof,
    )


def _raise_signal(session: Session, signal: SignalRow, *, told: bool) -> None:
    """A signal is raised once, whichever convention's snapshot comes first."""
    raised = select(SignalRow.id).where(
        SignalRow.rule == signal.rule,
        SignalRow.asset == signal.asset,
        SignalRow.venue == signal.venue,
        SignalRow.asof == signal.asof,
    )
    if session.exec(raised).first() is not None:
        return
    session.add(signal)
    session.flush()
    if not told:
        return
    for follow in session.exec(select(FollowRow).where(FollowRow.asset == signal.asset)):
        session.add(
            DeliveryRow(
                signal_id=signal.id,
                platform=follow.platform,
                chat=follow.chat,
                thread=follow.thread,
            )
        )


def _before(session: Session, *, now: Snapshot, baseline: Baseline) -> Snapshot | None:
    earlier = select(SnapshotRow).where(
        SnapshotRow.asset == now.asset,
        SnapshotRow.venue == now.venue,
        SnapshotRow.convention == now.convention,
        SnapshotRow.window == now.window,
        SnapshotRow.asof < now.asof,
    )
    if baseline is Baseline.DECIDED:
        earlier = earlier.where(col(SnapshotRow.regime).in_(_DECIDED))
    row = session.exec(earlier.order_by(col(SnapshotRow.asof).desc()).limit(1)).first()
    return snapshot_of(row) if row else None
