"""The tables. No row leaves `jobs.store`; every time is aware UTC.

Every total of `Exposures` and every headline level is an ordinary column, so that SQL alone
can answer most questions; what varies by venue or version is JSON; what is long is a blob.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    UniqueConstraint,
)
from sqlmodel import Field, SQLModel

Id = BigInteger().with_variant(Integer(), "sqlite")
"""SQLite numbers rows by itself for INTEGER only."""

AT_ONCE = datetime(1970, 1, 1, tzinfo=UTC)
PENDING, SENDING, SENT, GIVEN_UP = "pending", "sending", "sent", "given_up"


class Row(SQLModel):
    """Constraints have names, so that a migration can change them on any database."""

    metadata = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "uq": "uq_%(table_name)s",
            "ix": "ix_%(table_name)s_%(column_0_name)s",
        }
    )


class SnapshotRow(Row, table=True):
    __tablename__ = "snapshot"
    __table_args__ = (
        UniqueConstraint("asset", "venue", "convention", "window", "asof", name="uq_snapshot"),
        Index("ix_snapshot_latest", "asset", "window", "simulated", "asof"),
        Index("ix_snapshot_asof", "simulated", "asof"),
    )

    id: int = Field(default=None, sa_type=Id, primary_key=True)
    asset: str
    venue: str
    """Names of the venues, joined with "+"."""
    simulated: bool
    market: str
    asof: datetime
    spot: float
    currency: str
    convention: str
    window: str
    regime: str | None

    listed: int
    used: int
    left_out: dict[str, int] = Field(sa_type=JSON)

    gex_usd_per_1pct: float
    gex_gross_usd_per_1pct: float
    gex_usd_per_1usd: float
    gex_units_per_1usd: float
    gex_usd_s2: float
    dex_usd: float
    dex_units: float
    vex_usd_per_volpt: float
    vex_units_per_volpt: float
    vex_fno_monitor: float
    cex_usd_per_day: float
    cex_units_per_day: float
    cex_fno_monitor_units_per_year: float
    vega_usd_per_volpt: float
    theta_usd_per_day: float
    vomma_usd_per_volpt2: float
    speed_usd_per_1pct2: float
    zomma_usd_per_1pct_per_volpt: float

    gamma_flip: float | None
    call_wall: float | None
    put_wall: float | None
    max_pain: float | None
    expected_move: float | None
    """The straddle; its other forms are in `levels`."""
    levels: dict[str, Any] = Field(sa_type=JSON)
    metrics: dict[str, float | None] = Field(sa_type=JSON)
    flags: list[str] = Field(sa_type=JSON)
    by_expiry: list[dict[str, Any]] = Field(sa_type=JSON)
    sums: bytes
    """Sums by strike and the profile: `archive.pack_sums`."""


class ChainRow(Row, table=True):
    """Apart from its snapshot: read seldom, deleted first."""

    __tablename__ = "chain"

    snapshot_id: int = Field(
        sa_type=Id,
        sa_column_args=(ForeignKey("snapshot.id", ondelete="CASCADE"),),
        primary_key=True,
    )
    asof: datetime = Field(index=True)
    content: bytes
    """`archive.pack_chain`."""


class SignalRow(Row, table=True):
    """Holds its snapshot: one cannot be deleted under a signal that somebody still awaits."""

    __tablename__ = "signal"
    __table_args__ = (
        UniqueConstraint("rule", "asset", "venue", "asof", name="uq_signal"),
        Index("ix_signal_asof", "simulated", "asof"),
    )

    id: int = Field(default=None, sa_type=Id, primary_key=True)
    snapshot_id: int = Field(sa_type=Id, sa_column_args=(ForeignKey("snapshot.id"),), index=True)
    rule: str
    asset: str
    venue: str
    simulated: bool
    asof: datetime
    evidence: dict[str, Any] = Field(sa_type=JSON)


class DeliveryRow(Row, table=True):
    """pending -> sending -> sent | given_up; back to pending when it is to be tried again."""

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("signal_id", "platform", "chat", "thread", name="uq_delivery"),
        Index("ix_delivery_recipient", "platform", "chat", "thread", "state"),
        Index("ix_delivery_state", "state", "platform"),
    )

    id: int = Field(default=None, sa_type=Id, primary_key=True)
    signal_id: int = Field(
        sa_type=Id, sa_column_args=(ForeignKey("signal.id", ondelete="CASCADE"),)
    )
    platform: str
    chat: str
    thread: str
    state: str = PENDING
    claims: int = 0
    """How often it was claimed; also the token that tells a claim from a later one."""
    unsure: bool = False
    """A claim ended without a word: the platform may have accepted it."""
    next_try: datetime = AT_ONCE
    claimed: datetime | None = None
    finished: datetime | None = None
    receipt: str | None = None
    reason: str | None = None


class FollowRow(Row, table=True):
    __tablename__ = "follow"

    platform: str = Field(primary_key=True)
    chat: str = Field(primary_key=True)
    thread: str = Field(primary_key=True)
    asset: str = Field(primary_key=True, index=True)
    since: datetime


class FeedRow(Row, table=True):
    __tablename__ = "feed"

    venue: str = Field(primary_key=True)
    asset: str = Field(primary_key=True)
    last_ok: datetime | None = None
    last_failure: datetime | None = None
    failures: int = 0
    reason: str | None = None


class JobRow(Row, table=True):
    __tablename__ = "job"

    name: str = Field(primary_key=True)
    started: datetime | None = None
    finished: datetime | None = None
    outcome: str
    detail: str | None = None
    runs: int = 0
    failures: int = 0
    overruns: int = 0
