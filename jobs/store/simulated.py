"""Whether rows of the simulated market are shown. They are never shown beside real ones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from jobs.store.tables import SignalRow, SnapshotRow


class Shown(StrEnum):
    NEVER = "never"
    ONLY = "only"
    STAND_IN = "stand_in"


@dataclass(frozen=True, slots=True)
class Simulated:
    """The policy of one run of the service; make it with `never`, `only` or `stand_in`."""

    shown: Shown
    since: datetime | None = None

    @classmethod
    def never(cls) -> Simulated:
        """Simulated rows are invisible."""
        return cls(Shown.NEVER)

    @classmethod
    def only(cls) -> Simulated:
        """Simulated rows are all there is."""
        return cls(Shown.ONLY)

    @classmethod
    def stand_in(cls, since: datetime) -> Simulated:
        """Rows simulated from `since` on are shown while nothing real has ever been stored."""
        return cls(Shown.STAND_IN, since)


def has_real(session: Session) -> bool:
    real = select(SnapshotRow.id).where(col(SnapshotRow.simulated).is_(False)).limit(1)
    return session.exec(real).first() is not None


def stands_in(session: Session, simulated: Simulated) -> bool:
    """Whether simulated rows, where there are any, are shown in place of real ones."""
    return simulated.shown is Shown.STAND_IN and not has_real(session)


def visible(
    session: Session, simulated: Simulated, row: type[SnapshotRow] | type[SignalRow]
) -> ColumnElement[bool]:
    """The condition on `row` that the policy means, now."""
    if simulated.shown is Shown.ONLY:
        return col(row.simulated).is_(True)
    if simulated.since is None or not stands_in(session, simulated):
        return col(row.simulated).is_(False)
    return col(row.simulated).is_(True) & (col(row.asof) >= simulated.since)
