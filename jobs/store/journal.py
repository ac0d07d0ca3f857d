"""How feeds and jobs are going, kept over restarts. `Board.status` reads it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

from sqlmodel import Session

from jobs.store.database import Part
from jobs.store.tables import FeedRow, JobRow

LONGEST = 200
"""A reason is one line of at most this many characters."""


class Journal(Part):
    async def feed_ok(self, venue: str, asset: str, now: datetime) -> None:
        await self._write(partial(_feed_ok, venue=venue, asset=asset, now=now))

    async def feed_failed(self, venue: str, asset: str, reason: str, now: datetime) -> None:
        await self._write(partial(_feed_failed, venue=venue, asset=asset, reason=reason, now=now))

    async def job_started(self, name: str, now: datetime) -> None:
        await self._change(name, partial(_started, now=now))

    async def job_finished(self, name: str, now: datetime) -> None:
        await self._change(name, partial(_finished, now=now))

    async def job_failed(self, name: str, reason: str, now: datetime) -> None:
        await self._change(name, partial(_failed, reason=reason, now=now))

    async def job_overran(self, name: str, now: datetime) -> None:
        """A run was due while the one before was still going; it was left out."""
        await self._change(name, partial(_overran, now=now))

    async def _change(self, name: str, change: Callable[[JobRow], None]) -> None:
        def work(session: Session) -> None:
            row = session.get(JobRow, name) or JobRow(name=name, outcome="running")
            change(row)
            session.add(row)

        await self._write(work)


def one_line(text: str) -> str:
    """The first line of a text, shortened; of a traceback the one that says what happened."""
    lines = [line.strip() for line in text.replace("\0", "").splitlines() if line.strip()]
    if not lines:
        return "no reason given"
    line = lines[-1] if lines[0].startswith("Traceback") else lines[0]
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"


def _feed(session: Session, venue: str, asset: str) -> FeedRow:
    row = session.get(FeedRow, (venue, asset)) or FeedRow(venue=venue, asset=asset)
    session.add(row)
    return row


def _feed_ok(session: Session, *, venue: str, asset: str, now: datetime) -> None:
    row = _feed(session, venue, asset)
    row.last_ok, row.failures, row.reason = now, 0, None


def _feed_failed(session: Session, *, venue: str, asset: str, reason: str, now: datetime) -> None:
    row = _feed(session, venue, asset)
    row.last_failure, row.failures, row.reason = now, row.failures + 1, one_line(reason)


def _started(row: JobRow, *, now: datetime) -> None:
    lost = row.started is not None and (row.finished is None or row.finished < row.started)
    row.detail = f"the run of {row.started:%Y-%m-%d %H:%M} UTC was cut short" if lost else None
    row.started, row.outcome, row.runs = now, "running", row.runs + 1


def _finished(row: JobRow, *, now: datetime) -> None:
    row.finished, row.outcome = now, "ok"


def _failed(row: JobRow, *, reason: str, now: datetime) -> None:
    row.finished, row.outcome, row.failures = now, "failed", row.failures + 1
    row.detail = one_line(reason)


def _overran(row: JobRow, *, now: datetime) -> None:
    row.outcome, row.overruns = "overran", row.overruns + 1
    row.detail = f"still running when the next run was due at {now:%Y-%m-%d %H:%M} UTC"
