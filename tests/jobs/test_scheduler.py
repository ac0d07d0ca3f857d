"""Jobs that fail or overrun are seen, and never stop the others."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.errors import BadData
from engine.service import JobState
from jobs.clock import now
from jobs.context import Context
from jobs.scheduler import Scheduler
from jobs.tasks import JOBS
from jobs.tasks.base import Job
from tests.jobs.service import Clock, ScriptedVenue, make_context, open_store
from tests.samples import NOON, make_chain

pytestmark = pytest.mark.anyio


def job(name: str, run: object, every: float = 0.05) -> Job:
    return Job(name=name, every=lambda _: every, jitter=lambda _: 0.0, run=run)  # type: ignore[arg-type]


States = dict[str, JobState]


async def states(tmp_path: Path, *jobs: Job, until: Callable[[States], bool]) -> States:
    """Run the jobs until their states are as expected; the last states, after a stop."""
    store = await open_store(tmp_path)
    scheduler = Scheduler(make_context(store, now, ScriptedVenue([make_chain()])), jobs)
    scheduler.start()
    seen: States = {}
    async with asyncio.timeout(30):
        while len(seen) < len(jobs) or not until(seen):
            await asyncio.sleep(0.05)
            seen = {state.name: state for state in (await store.status()).jobs}
    await scheduler.stop()
    return seen


async def test_a_job_runs_at_once_and_again(tmp_path: Path) -> None:
    ran: list[int] = []

    async def count(_: Context) -> None:
        ran.append(1)

    seen = await states(tmp_path, job("count", count), until=lambda seen: seen["count"].runs >= 3)
    assert len(ran) >= 3
    assert seen["count"].failures == 0


async def test_a_failing_job_is_seen_and_stops_no_other(tmp_path: Path) -> None:
    ran: list[int] = []

    async def fail(_: Context) -> None:
        raise BadData("the payload was odd")

    async def crash(_: Context) -> None:
        raise RuntimeError("/secret")

    async def count(_: Context) -> None:
        ran.append(1)

    seen = await states(
        tmp_path,
        job("fail", fail, every=3600),
        job("crash", crash, every=3600),
        job("count", count),
        until=lambda seen: len(ran) > 2 and all(seen[each].failures for each in ("fail", "crash")),
    )
    assert seen["fail"].detail == "the payload was odd"
    assert seen["crash"].detail == "RuntimeError; see the log"


async def test_a_job_that_overruns_is_counted_and_never_runs_twice_at_once(tmp_path: Path) -> None:
    running, most = [0], [0]

    async def slow(_: Context) -> None:
        running[0] += 1
        most[0] = max(most[0], running[0])
        await asyncio.sleep(0.4)
        running[0] -= 1

    seen = await states(tmp_path, job("slow", slow), until=lambda seen: seen["slow"].overruns > 1)
    assert most == [1]
    assert seen["slow"].failures == 0


async def test_every_job_of_the_service_runs_twice_without_doubling_rows(tmp_path: Path) -> None:
    store = await open_store(tmp_path)
    context = make_context(store, Clock(NOON), ScriptedVenue([make_chain()]))
    for _ in range(2):
        for each in JOBS:
            await each.run(context)
    assert (await store.status()).snapshots == 1
