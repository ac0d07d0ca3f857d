"""Who follows what."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, delete, exists, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from engine.service import Recipient
from jobs.store.database import Part
from jobs.store.tables import PENDING, SENDING, DeliveryRow, FollowRow


class People(Part):
    """Implements `engine.ports.People`."""

    async def follow(self, recipient: Recipient, asset: str, now: datetime) -> bool:
        return await self._write(partial(_follow, recipient=recipient, asset=asset, now=now))

    async def unfollow(self, recipient: Recipient, asset: str | None = None) -> int:
        return await self._write(partial(unfollow, recipient=recipient, asset=asset))

    async def follows(self, recipient: Recipient) -> tuple[str, ...]:
        return await self._read(partial(_follows, recipient=recipient))

    async def moved(self, old: Recipient, new: Recipient) -> None:
        if old != new:
            await self._write(partial(_moved, old=old, new=new))


def addressed(row: type[FollowRow] | type[DeliveryRow], to: Recipient) -> ColumnElement[bool]:
    return (
        (col(row.platform) == to.platform)
        & (col(row.chat) == to.chat)
        & (col(row.thread) == to.thread)
    )


def unfollow(session: Session, *, recipient: Recipient, asset: str | None = None) -> int:
    ended = delete(FollowRow).where(addressed(FollowRow, recipient))
    if asset is not None:
        ended = ended.where(col(FollowRow.asset) == asset)
    return rows(session, ended)


def rows(session: Session, statement: Any) -> int:
    """How many rows a statement changed."""
    return int(cast("CursorResult[Any]", session.execute(statement)).rowcount)


def _follow(session: Session, *, recipient: Recipient, asset: str, now: datetime) -> bool:
    address = _address(recipient)
    if session.get(FollowRow, (*address.values(), asset)) is not None:
        return False
    session.add(FollowRow(**address, asset=asset, since=now))
    return True


def _follows(session: Session, *, recipient: Recipient) -> tuple[str, ...]:
    followed = select(FollowRow.asset).where(addressed(FollowRow, recipient))
    return tuple(session.exec(followed.order_by(FollowRow.asset)))


def _moved(session: Session, *, old: Recipient, new: Recipient) -> None:
    """What the new address has already is not doubled; the rest goes along."""
    there = select(FollowRow.asset).where(addressed(FollowRow, new)).scalar_subquery()
    mine = addressed(FollowRow, old)
    address = _address(new)
    session.execute(delete(FollowRow).where(mine, col(FollowRow.asset).in_(there)))
    session.execute(update(FollowRow).where(mine).values(address))

    other = aliased(DeliveryRow)
    waiting = addressed(DeliveryRow, old) & col(DeliveryRow.state).in_((PENDING, SENDING))
    twin = exists().where(addressed(other, new), col(other.signal_id) == col(DeliveryRow.signal_id))
    session.execute(delete(DeliveryRow).where(waiting, twin))
    session.execute(update(DeliveryRow).where(waiting).values(address))


def _address(recipient: Recipient) -> dict[str, str]:
    return {"platform": recipient.platform, "chat": recipient.chat, "thread": recipient.thread}
