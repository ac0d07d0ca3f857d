"""Deleting what is older than anybody wants, in steps so short that nobody waits for them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, func, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from jobs.store.database import Database, Part, is_sqlite
from jobs.store.people import rows
from jobs.store.tables import (
    PENDING,
    SENDING,
    ChainRow,
    DeliveryRow,
    FeedRow,
    JobRow,
    SignalRow,
    SnapshotRow,
)

BATCH = 50
"""Rows deleted per transaction: some milliseconds, after which others get their turn."""
PAGES = 1000
"""Pages of an SQLite file given back per transaction."""
SPARE = 0.1
"""Share of an SQLite file that may stay empty, for the next rows to fill."""


class Retention(Part):
    async def prune(self, *, chains_before: datetime, snapshots_before: datetime) -> dict[str, int]:
        """Delete raw chains, then whole snapshots with their signals, older than these times.

        The newest snapshot of an asset stays with its chain, and so does a signal that somebody
        still awaits, with its snapshot. Simulated rows go whole when the chains go.

        Returns:
            How many chains, signals and snapshots were deleted.
        """
        return await asyncio.to_thread(
            _prune, self._database, chains=chains_before, snapshots=snapshots_before
        )


def _prune(database: Database, *, chains: datetime, snapshots: datetime) -> dict[str, int]:
    steps: dict[str, Callable[[Session], int]] = {
        "chains": partial(_delete_chains, before=chains),
        "signals": partial(_delete_signals, before=snapshots, simulated_before=chains),
        "snapshots": partial(_delete_snapshots, before=snapshots, simulated_before=chains),
    }
    deleted = {name: _until_done(database, step) for name, step in steps.items()}
    database.write(partial(_forget, before=snapshots))
    if is_sqlite(database.url):
        while database.write(_give_back):
            pass
    return deleted


def _until_done(database: Database, step: Callable[[Session], int]) -> int:
    total = 0
    while done := database.write(step):
        total += done
    return total


def _delete_chains(session: Session, *, before: datetime) -> int:
    old: Any = (
        select(ChainRow.snapshot_id)
        .join(SnapshotRow, col(SnapshotRow.id) == ChainRow.snapshot_id)
        .where(ChainRow.asof < before, _superseded())
        .limit(BATCH)
    )
    return _delete(session, ChainRow.snapshot_id, session.exec(old).all())


def _delete_signals(session: Session, *, before: datetime, simulated_before: datetime) -> int:
    awaited = exists().where(
        col(DeliveryRow.signal_id) == col(SignalRow.id),
        col(DeliveryRow.state).in_((PENDING, SENDING)),
    )
    real, simulated = _older(SignalRow, before), _older(SignalRow, simulated_before, simulated=True)
    old = select(SignalRow.id).where(or_(real & ~awaited, simulated)).limit(BATCH)
    return _delete(session, SignalRow.id, session.exec(old).all())


def _delete_snapshots(session: Session, *, before: datetime, simulated_before: datetime) -> int:
    real = _older(SnapshotRow, before)
    simulated = _older(SnapshotRow, simulated_before, simulated=True)
    held = exists().where(col(SignalRow.snapshot_id) == col(SnapshotRow.id))
    old = select(SnapshotRow.id).where(or_(real, simulated), _superseded(), ~held).limit(BATCH)
    return _delete(session, SnapshotRow.id, session.exec(old).all())


def _older(
    row: type[SnapshotRow] | type[SignalRow], before: datetime, *, simulated: bool = False
) -> ColumnElement[bool]:
    """Names both columns of the index by time: without it every row would be read."""
    return col(row.simulated).is_(simulated) & (col(row.asof) < before)


def _superseded() -> ColumnElement[bool]:
    newer = aliased(SnapshotRow)
    return exists().where(
        col(newer.asset) == col(SnapshotRow.asset),
        col(newer.simulated) == col(SnapshotRow.simulated),
        col(newer.window) == col(SnapshotRow.window),
        col(newer.asof) > col(SnapshotRow.asof),
    )


def _delete(session: Session, key: Any, ids: Any) -> int:
    return rows(session, delete(key.class_).where(key.in_(ids))) if ids else 0


def _forget(session: Session, *, before: datetime) -> None:
    """Feeds and jobs that are not configured any more."""
    quiet = func.coalesce(FeedRow.last_ok, before) <= before
    silent = func.coalesce(FeedRow.last_failure, before) <= before
    session.execute(delete(FeedRow).where(quiet, silent))
    session.execute(delete(JobRow).where(col(JobRow.started) < before))


def _give_back(session: Session) -> bool:
    """Shrink an SQLite file by some pages; whether there are more to give back."""
    connection = session.connection()
    free = connection.exec_driver_sql("PRAGMA freelist_count").scalar_one()
    pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    if free <= SPARE * pages:
        return False
    driver: Any = connection.connection.driver_connection
    driver.execute(f"PRAGMA incremental_vacuum({PAGES})").fetchall()
    left = connection.exec_driver_sql("PRAGMA freelist_count").scalar_one()
    return bool(left < free)
