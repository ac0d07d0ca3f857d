"""What has been stored, for reading."""

from __future__ import annotations

from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, func
from sqlmodel import Session, col, select

from engine.domain import DEMO, Chain, Snapshot
from engine.errors import NoData
from engine.service import Feed, JobState, Status
from jobs.store.archive import unpack_chain
from jobs.store.database import Part
from jobs.store.rows import snapshot_of
from jobs.store.simulated import Shown, Simulated, has_real, stands_in, visible
from jobs.store.tables import (
    GIVEN_UP,
    PENDING,
    SENDING,
    ChainRow,
    DeliveryRow,
    FeedRow,
    JobRow,
    SignalRow,
    SnapshotRow,
)


class Board(Part):
    """Implements `engine.ports.Board`."""

    async def latest(self, asset: str) -> Snapshot:
        return await self._read(partial(_latest, policy=self._database.simulated, asset=asset))

    async def chain(self, snapshot: Snapshot) -> Chain:
        policy = self._database.simulated
        return await self._read(partial(_chain, policy=policy, snapshot=snapshot))

    async def status(self) -> Status:
        return await self._read(partial(_status, policy=self._database.simulated))


def _latest(session: Session, *, policy: Simulated, asset: str) -> Snapshot:
    stored = select(SnapshotRow).where(
        SnapshotRow.asset == asset,
        SnapshotRow.window == "all",
        visible(session, policy, SnapshotRow),
    )
    newest = (col(SnapshotRow.asof).desc(), col(SnapshotRow.id).desc())
    row = session.exec(stored.order_by(*newest).limit(1)).first()
    if row is None:
        raise NoData(f"No data for {asset} yet: {_known(session, policy, asset)}.")
    return snapshot_of(row)


def _known(session: Session, policy: Simulated, asset: str) -> str:
    """Why there may be nothing, as far as the journal tells."""
    feeds = [feed for feed in _feeds(session, policy) if feed.asset == asset and feed.reason]
    return "; ".join(str(feed.reason).rstrip(". ") for feed in feeds) or (
        "its first refresh has not finished"
    )


def _chain(session: Session, *, policy: Simulated, snapshot: Snapshot) -> Chain:
    """Every window and convention of an instant is computed from the same chain."""
    stored = (
        select(ChainRow.content)
        .join(SnapshotRow, col(SnapshotRow.id) == ChainRow.snapshot_id)
        .where(
            SnapshotRow.asset == snapshot.asset,
            SnapshotRow.venue == snapshot.venue,
            SnapshotRow.asof == snapshot.asof,
            visible(session, policy, SnapshotRow),
        )
    )
    content = session.exec(stored.limit(1)).first()
    if content is None:
        raise NoData(
            f"The {snapshot.asset} chain of {snapshot.asof:%Y-%m-%d %H:%M} UTC"
            " is no longer kept; its levels are."
        )
    return unpack_chain(content)


def _status(session: Session, *, policy: Simulated) -> Status:
    shown = visible(session, policy, SnapshotRow)
    totals = select(func.count(), func.max(SnapshotRow.asof)).select_from(SnapshotRow)
    snapshots, newest = session.exec(totals.where(shown)).one()
    alerts = visible(session, policy, SignalRow)
    return Status(
        feeds=tuple(_feeds(session, policy)),
        jobs=tuple(_job(row) for row in session.exec(select(JobRow).order_by(JobRow.name))),
        snapshots=snapshots,
        newest=newest,
        alerts_pending=_deliveries(session, alerts, PENDING, SENDING),
        alerts_failed=_deliveries(session, alerts, GIVEN_UP),
        simulated=policy == Simulated.only() or (snapshots > 0 and stands_in(session, policy)),
    )


def _deliveries(session: Session, shown: ColumnElement[bool], *states: str) -> int:
    counted: Any = (
        select(func.count())
        .select_from(DeliveryRow)
        .join(SignalRow, col(SignalRow.id) == DeliveryRow.signal_id)
    )
    return int(session.exec(counted.where(shown, col(DeliveryRow.state).in_(states))).one())


def _feeds(session: Session, policy: Simulated) -> list[Feed]:
    """Real feeds are told about while something stands in for them; of that one only then."""
    stored = select(FeedRow).order_by(FeedRow.asset, FeedRow.venue)
    if policy.shown is Shown.ONLY:
        stored = stored.where(FeedRow.venue == DEMO)
    elif policy.shown is Shown.NEVER or has_real(session):
        stored = stored.where(FeedRow.venue != DEMO)
    return [
        Feed(
            venue=row.venue,
            asset=row.asset,
            last_ok=row.last_ok,
            last_failure=row.last_failure,
            failures=row.failures,
            reason=row.reason,
        )
        for row in session.exec(stored)
    ]


def _job(row: JobRow) -> JobState:
    return JobState(
        name=row.name,
        started=row.started,
        finished=row.finished,
        outcome=row.outcome,
        detail=row.detail,
        runs=row.runs,
        failures=row.failures,
        overruns=row.overruns,
    )
