"""Signals on their way to followers: at least once, in order, never two senders at a time.

A claim is leased, and the lease is renewed while its sender lives and has not said how it
ended. When it is over, the row is claimed again, marked as one that the platform may have
accepted already.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import ClassVar

import structlog
from sqlalchemy import ColumnElement, exists, text, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from engine.domain import Signal
from engine.errors import StoreFailed
from engine.service import Delivery, Recipient
from jobs.store.database import Database, Part
from jobs.store.people import addressed, rows, unfollow
from jobs.store.rows import signal_of
from jobs.store.simulated import Simulated, visible
from jobs.store.tables import GIVEN_UP, PENDING, SENDING, SENT, DeliveryRow, SignalRow

LEASE = timedelta(seconds=12)
"""How long after a kill a claim is nobody's again; renewed three times as often."""
ORDERED_TRIES = 3
"""A delivery that failed more often lets newer ones of its recipient pass."""
LOCK = 0x6F7574626F78
"""PostgreSQL advisory lock: "outbox"."""

log = structlog.get_logger(__name__)


class Outbox(Part):
    """Implements `engine.ports.Outbox`."""

    renew_every: ClassVar[float] = LEASE.total_seconds() / 3

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._under_way: dict[int, Delivery] = {}
        self._renewal: asyncio.Task[None] | None = None

    async def claim(self, platforms: Sequence[str], limit: int, now: datetime) -> list[Delivery]:
        """Up to `limit` due deliveries, oldest first; per recipient none before an older one.

        A recipient whose older delivery is being sent, or waits for one of its first tries,
        waits with it. `Delivery.attempts` counts the earlier claims.
        """
        policy = self._database.simulated
        claimed = await self._write(
            partial(_claim, policy=policy, platforms=platforms, limit=limit, now=now)
        )
        self._under_way |= {each.id: each for each in claimed}
        if claimed and (self._renewal is None or self._renewal.done()):
            self._renewal = asyncio.create_task(self._keep_leases(now))
        return claimed

    async def sent(self, delivery: Delivery, receipt: str, now: datetime) -> None:
        work = partial(_sent, delivery=delivery, receipt=receipt, now=now)
        await self._resolved(delivery, self._write(work))

    async def retry(
        self, delivery: Delivery, reason: str, at: datetime, *, again: bool = True
    ) -> None:
        work = partial(_retry, delivery=delivery, reason=reason, at=at, again=again)
        await self._resolved(delivery, self._write(work))

    async def give_up(
        self, delivery: Delivery, reason: str, now: datetime, *, gone: bool = True
    ) -> None:
        work = partial(_give_up, delivery=delivery, reason=reason, now=now, gone=gone)
        await self._resolved(delivery, self._write(work))

    async def record(self, limit: int) -> list[Signal]:
        return await self._read(partial(_record, policy=self._database.simulated, limit=limit))

    async def close(self) -> None:
        if self._renewal is not None:
            self._renewal.cancel()
        await super().close()

    async def _resolved(self, delivery: Delivery, writing: Awaitable[None]) -> None:
        """When the writing fails the lease runs out, and the delivery is claimed again."""
        self._under_way.pop(delivery.id, None)
        await writing

    async def _keep_leases(self, now: datetime) -> None:
        clock = asyncio.get_running_loop().time
        started = clock()
        while self._under_way:
            await asyncio.sleep(self.renew_every)
            held = tuple(self._under_way.values())
            at = now + timedelta(seconds=clock() - started)
            try:
                await self._write(partial(_renew, held=held, now=at))
            except StoreFailed as error:
                log.warning("leases not renewed", reason=error.reason)


def _claim(
    session: Session, *, policy: Simulated, platforms: Sequence[str], limit: int, now: datetime
) -> list[Delivery]:
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
    older = aliased(DeliveryRow)
    queued_behind = exists().where(
        col(older.platform) == col(DeliveryRow.platform),
        col(older.chat) == col(DeliveryRow.chat),
        col(older.thread) == col(DeliveryRow.thread),
        col(older.id) < col(DeliveryRow.id),
        _open(older),
        _sending(older, now) | (_waiting(older, now) & (col(older.claims) <= ORDERED_TRIES)),
    )
    due = (
        select(DeliveryRow, SignalRow)
        .join(SignalRow, col(SignalRow.id) == DeliveryRow.signal_id)
        .where(
            col(DeliveryRow.platform).in_(platforms),
            _open(DeliveryRow),
            ~_sending(DeliveryRow, now),
            ~_waiting(DeliveryRow, now),
            ~queued_behind,
            visible(session, policy, SignalRow),
        )
        .order_by(col(DeliveryRow.id))
        .limit(limit)
        .with_for_update(of=DeliveryRow, skip_locked=True)
    )
    return [_claimed(row, signal, now) for row, signal in session.exec(due).all()]


def _open(row: type[DeliveryRow]) -> ColumnElement[bool]:
    return col(row.state).in_((PENDING, SENDING))


def _sending(row: type[DeliveryRow], now: datetime) -> ColumnElement[bool]:
    return (col(row.state) == SENDING) & (col(row.claimed) > now - LEASE)


def _waiting(row: type[DeliveryRow], now: datetime) -> ColumnElement[bool]:
    return (col(row.state) == PENDING) & (col(row.next_try) > now)


def _renew(session: Session, *, held: Sequence[Delivery], now: datetime) -> None:
    for delivery in held:
        session.execute(update(DeliveryRow).where(_mine(delivery)).values(claimed=now))


def _claimed(row: DeliveryRow, signal: SignalRow, now: datetime) -> Delivery:
    earlier = row.claims
    row.unsure = row.unsure or row.state == SENDING
    row.state, row.claims, row.claimed = SENDING, earlier + 1, now
    return Delivery(
        id=row.id,
        recipient=Recipient(row.platform, row.chat, row.thread),
        signal=signal_of(signal),
        attempts=earlier,
        again=row.unsure,
    )


def _sent(session: Session, *, delivery: Delivery, receipt: str, now: datetime) -> None:
    """Also of a claim whose lease is over: what was sent was sent."""
    session.execute(
        update(DeliveryRow)
        .where(col(DeliveryRow.id) == delivery.id, _open(DeliveryRow))
        .values(state=SENT, receipt=receipt, finished=now, reason=None)
    )


def _retry(session: Session, *, delivery: Delivery, reason: str, at: datetime, again: bool) -> None:
    session.execute(
        update(DeliveryRow)
        .where(_mine(delivery))
        .values(state=PENDING, next_try=at, claimed=None, unsure=again, reason=reason)
    )


def _give_up(
    session: Session, *, delivery: Delivery, reason: str, now: datetime, gone: bool
) -> None:
    """Everything else that waits for a recipient who is gone ends with it."""
    to = delivery.recipient
    over = {"state": GIVEN_UP, "finished": now, "reason": reason}
    here = _mine(delivery) & addressed(DeliveryRow, to)
    if rows(session, update(DeliveryRow).where(here).values(over)) and gone:
        waiting = addressed(DeliveryRow, to) & _open(DeliveryRow)
        session.execute(update(DeliveryRow).where(waiting).values(over))
        unfollow(session, recipient=to)


def _mine(delivery: Delivery) -> ColumnElement[bool]:
    """Still the claim this delivery came from; a later one belongs to somebody else."""
    return (
        (col(DeliveryRow.id) == delivery.id)
        & (col(DeliveryRow.state) == SENDING)
        & (col(DeliveryRow.claims) == delivery.attempts + 1)
    )


def _record(session: Session, *, policy: Simulated, limit: int) -> list[Signal]:
    newest = select(SignalRow).where(visible(session, policy, SignalRow))
    ordered = newest.order_by(col(SignalRow.asof).desc(), col(SignalRow.id).desc())
    return [signal_of(row) for row in session.exec(ordered.limit(limit))]
