"""Snapshots, chains, signals, deliveries, follows, and the journal of feeds and jobs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)
TOTALS = (
    "gex_usd_per_1pct",
    "gex_gross_usd_per_1pct",
    "gex_usd_per_1usd",
    "gex_units_per_1usd",
    "gex_usd_s2",
    "dex_usd",
    "dex_units",
    "vex_usd_per_volpt",
    "vex_units_per_volpt",
    "vex_fno_monitor",
    "cex_usd_per_day",
    "cex_units_per_day",
    "cex_fno_monitor_units_per_year",
    "vega_usd_per_volpt",
    "theta_usd_per_day",
    "vomma_usd_per_volpt2",
    "speed_usd_per_1pct2",
    "zomma_usd_per_1pct_per_volpt",
)
HEADLINES = ("gamma_flip", "call_wall", "put_wall", "max_pain", "expected_move")


def upgrade() -> None:
    _snapshots()
    _signals()
    _people_and_journal()


def _snapshots() -> None:
    op.create_table(
        "snapshot",
        sa.Column("id", ID, nullable=False),
        sa.Column("asset", sa.String(), nullable=False),
        sa.Column("venue", sa.String(), nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("market", sa.String(), nullable=False),
        sa.Column("asof", TIME, nullable=False),
        sa.Column("spot", sa.Float(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("convention", sa.String(), nullable=False),
        sa.Column("window", sa.String(), nullable=False),
        sa.Column("regime", sa.String(), nullable=True),
        sa.Column("listed", sa.Integer(), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("left_out", sa.JSON(), nullable=False),
        *(sa.Column(name, sa.Float(), nullable=False) for name in TOTALS),
        *(sa.Column(name, sa.Float(), nullable=True) for name in HEADLINES),
        sa.Column("levels", sa.JSON(), nullable=False),
        sa.Column("metrics", sa.JSON(), nullable=False),
        sa.Column("flags", sa.JSON(), nullable=False),
        sa.Column("by_expiry", sa.JSON(), nullable=False),
        sa.Column("sums", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_snapshot"),
        sa.UniqueConstraint("asset", "venue", "convention", "window", "asof", name="uq_snapshot"),
    )
    op.create_index("ix_snapshot_latest", "snapshot", ["asset", "window", "simulated", "asof"])
    op.create_index("ix_snapshot_asof", "snapshot", ["simulated", "asof"])
    op.create_table(
        "chain",
        sa.Column("snapshot_id", ID, nullable=False),
        sa.Column("asof", TIME, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("snapshot_id", name="pk_chain"),
        sa.ForeignKeyConstraint(
            ["snapshot_id"], ["snapshot.id"], name="fk_chain_snapshot_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_chain_asof", "chain", ["asof"])


def _signals() -> None:
    op.create_table(
        "signal",
        sa.Column("id", ID, nullable=False),
        sa.Column("snapshot_id", ID, nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("asset", sa.String(), nullable=False),
        sa.Column("venue", sa.String(), nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("asof", TIME, nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_signal"),
        sa.UniqueConstraint("rule", "asset", "venue", "asof", name="uq_signal"),
        sa.ForeignKeyConstraint(["snapshot_id"], ["snapshot.id"], name="fk_signal_snapshot_id"),
    )
    op.create_index("ix_signal_asof", "signal", ["simulated", "asof"])
    op.create_index("ix_signal_snapshot_id", "signal", ["snapshot_id"])
    op.create_table(
        "delivery",
        sa.Column("id", ID, nullable=False),
        sa.Column("signal_id", ID, nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("chat", sa.String(), nullable=False),
        sa.Column("thread", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("claims", sa.Integer(), nullable=False),
        sa.Column("unsure", sa.Boolean(), nullable=False),
        sa.Column("next_try", TIME, nullable=False),
        sa.Column("claimed", TIME, nullable=True),
        sa.Column("finished", TIME, nullable=True),
        sa.Column("receipt", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_delivery"),
        sa.UniqueConstraint("signal_id", "platform", "chat", "thread", name="uq_delivery"),
        sa.ForeignKeyConstraint(
            ["signal_id"], ["signal.id"], name="fk_delivery_signal_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_delivery_recipient", "delivery", ["platform", "chat", "thread", "state"])
    op.create_index("ix_delivery_state", "delivery", ["state", "platform"])


def _people_and_journal() -> None:
    op.create_table(
        "follow",
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("chat", sa.String(), nullable=False),
        sa.Column("thread", sa.String(), nullable=False),
        sa.Column("asset", sa.String(), nullable=False),
        sa.Column("since", TIME, nullable=False),
        sa.PrimaryKeyConstraint("platform", "chat", "thread", "asset", name="pk_follow"),
    )
    op.create_index("ix_follow_asset", "follow", ["asset"])
    op.create_table(
        "feed",
        sa.Column("venue", sa.String(), nullable=False),
        sa.Column("asset", sa.String(), nullable=False),
        sa.Column("last_ok", TIME, nullable=True),
        sa.Column("last_failure", TIME, nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("venue", "asset", name="pk_feed"),
    )
    op.create_table(
        "job",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("started", TIME, nullable=True),
        sa.Column("finished", TIME, nullable=True),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=True),
        sa.Column("runs", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("overruns", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_job"),
    )
