"""Delete what is older than the retention of config.yaml, in small steps."""

from __future__ import annotations

from datetime import timedelta

import structlog

from jobs.context import Context
from jobs.tasks.base import Job

log = structlog.get_logger(__name__)


async def prune(context: Context) -> None:
    keep = context.settings.store.retention
    now = context.now()
    deleted = await context.store.prune(
        chains_before=now - timedelta(seconds=keep.chains),
        snapshots_before=now - timedelta(seconds=keep.snapshots),
    )
    log.debug("pruned", **deleted)


JOB = Job(
    name="prune",
    every=lambda settings: settings.store.retention.every,
    jitter=lambda _: 60.0,
    run=prune,
)
