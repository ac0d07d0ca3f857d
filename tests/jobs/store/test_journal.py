from __future__ import annotations

import pytest

from engine.service import Feed, JobState
from jobs.store import Simulated, Store
from jobs.store.journal import LONGEST
from tests.jobs.store.conftest import Opener
from tests.jobs.store.makers import MINUTE
from tests.samples import NOON

pytestmark = pytest.mark.anyio
TRACE = """Traceback (most recent call last):
  File "/srv/secret/place.py", line 1, in <module>
KeyError: 'options'
"""


async def feed(store: Store) -> Feed:
    return (await store.status()).feeds[0]


async def job(store: Store) -> JobState:
    return (await store.status()).jobs[0]


async def test_failures_are_counted_until_the_next_success(store: Store) -> None:
    await store.feed_ok("cboe", "SPX", NOON)
    await store.feed_failed("cboe", "SPX", "cboe is not answering (timeout).", NOON + MINUTE)
    await store.feed_failed("cboe", "SPX", "cboe is not answering (HTTP 503).", NOON + 2 * MINUTE)
    assert await feed(store) == Feed(
        venue="cboe", asset="SPX", last_ok=NOON, last_failure=NOON + 2 * MINUTE, failures=2,
        reason="cboe is not answering (HTTP 503).",
    )  # fmt: skip
    await store.feed_ok("cboe", "SPX", NOON + 3 * MINUTE)
    found = await feed(store)
    assert (found.last_ok, found.failures, found.reason) == (NOON + 3 * MINUTE, 0, None)
    assert found.last_failure == NOON + 2 * MINUTE


async def test_a_job_is_followed_through_its_life(store: Store) -> None:
    await store.job_started("refresh crypto", NOON)
    assert (await job(store)).outcome == "running"
    await store.job_overran("refresh crypto", NOON + MINUTE)
    late = await job(store)
    assert (late.outcome, late.overruns) == ("overran", 1)
    assert late.detail == "still running when the next run was due at 2026-11-20 12:01 UTC"
    await store.job_finished("refresh crypto", NOON + 2 * MINUTE)
    await store.job_started("refresh crypto", NOON + 3 * MINUTE)
    await store.job_failed("refresh crypto", "KeyError; see the log", NOON + 4 * MINUTE)
    assert await job(store) == JobState(
        name="refresh crypto", started=NOON + 3 * MINUTE, finished=NOON + 4 * MINUTE,
        outcome="failed", detail="KeyError; see the log", runs=2, failures=1, overruns=1,
    )  # fmt: skip


async def test_the_journal_outlives_the_process_and_tells_of_a_run_cut_short(
    store: Store, opened: Opener
) -> None:
    await store.job_started("prune", NOON)
    await store.feed_failed("cboe", "SPX", "cboe is not answering (timeout).", NOON)
    restarted = await opened(Simulated.never())
    assert (await job(restarted)).started == NOON
    assert (await feed(restarted)).failures == 1
    await restarted.job_started("prune", NOON + MINUTE)
    found = await job(restarted)
    assert (found.outcome, found.runs) == ("running", 2)
    assert found.detail == "the run of 2026-11-20 12:00 UTC was cut short"
    await restarted.job_finished("prune", NOON + 2 * MINUTE)
    await restarted.job_started("prune", NOON + 3 * MINUTE)
    assert (await job(restarted)).detail is None


async def test_no_trace_and_no_long_text_gets_into_the_journal(store: Store) -> None:
    await store.feed_failed("cboe", "SPX", TRACE, NOON)
    assert (await feed(store)).reason == "KeyError: 'options'"
    await store.job_failed("prune", "first line\nsecond line", NOON)
    assert (await job(store)).detail == "first line"
    await store.job_failed("prune", "x" * 5000, NOON)
    assert len((await job(store)).detail or "") == LONGEST
    await store.job_failed("prune", "\0\n", NOON)
    assert (await job(store)).detail == "no reason given"
