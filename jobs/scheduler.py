"""JOBS to APScheduler; nothing else imports it.

Every job starts once at start-up and then at its interval, with jitter; a start that finds the
job still running is counted as overrun and left out; missed starts are made up once. What a
job did is written into the journal, where `/status` reads it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import structlog
from apscheduler.events import EVENT_JOB_MAX_INSTANCES, JobSubmissionEvent
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from engine.errors import GexError, StoreFailed
from jobs.context import Context
from jobs.tasks.base import Job

log = structlog.get_logger(__name__)


class Scheduler:
    """Runs the jobs of a context until stopped.

    Args:
        context: Given to every job.
        jobs: What to run; names are unique.
    """

    def __init__(self, context: Context, jobs: Iterable[Job]) -> None:
        self._context = context
        self._jobs = {job.name: job for job in jobs}
        self._running: set[asyncio.Task[None]] = set()
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        self._scheduler.add_listener(self._overran, EVENT_JOB_MAX_INSTANCES)

    def start(self) -> None:
        for job in self._jobs.values():
            self._scheduler.add_job(
                self._run,
                IntervalTrigger(
                    seconds=job.every(self._context.settings),
                    jitter=job.jitter(self._context.settings),
                    timezone="UTC",
                ),
                args=(job,),
                id=job.name,
                next_run_time=self._context.now(),
                coalesce=True,
                max_instances=1,
                misfire_grace_time=None,
            )
        self._scheduler.start()

    async def stop(self) -> None:
        """No new starts; what is running is cancelled, and the store keeps whole transactions."""
        self._scheduler.shutdown(wait=False)
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _run(self, job: Job) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        try:
            await self._journaled(job)
        except StoreFailed as error:
            log.error("journal lost", job=job.name, reason=str(error))  # noqa: TRY400
        except asyncio.CancelledError:
            log.debug("job cancelled", job=job.name)

    async def _journaled(self, job: Job) -> None:
        store, now = self._context.store, self._context.now
        await store.job_started(job.name, now())
        try:
            await job.run(self._context)
        except GexError as error:
            await store.job_failed(job.name, str(error), now())
        except Exception as error:
            log.exception("job failed", job=job.name)
            await store.job_failed(job.name, f"{type(error).__name__}; see the log", now())
        else:
            await store.job_finished(job.name, now())

    def _overran(self, event: JobSubmissionEvent) -> None:
        log.warning("job overran", job=event.job_id)
        note = asyncio.ensure_future(
            self._context.store.job_overran(event.job_id, self._context.now())
        )
        self._running.add(note)
        note.add_done_callback(self._running.discard)
