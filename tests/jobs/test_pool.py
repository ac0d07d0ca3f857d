"""The process pool: what it promises when all is well, and when a process is not."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from concurrent.futures import BrokenExecutor
from multiprocessing import active_children
from pathlib import Path

import pytest

from jobs.pool import Pool

ROOT = Path(__file__).resolve().parents[2]


def add(left: int, right: int) -> int:
    return left + right


def fail() -> None:
    raise LookupError("no such thing")


def late() -> None:
    raise TimeoutError("the function's own")


class Warm:
    """Notes the process it was called in; unpickling it imports this module there."""

    def __init__(self, path: str) -> None:
        self._path = path

    def __call__(self) -> None:
        with Path(self._path).open("a") as file:
            file.write(f"{os.getpid()}\n")


def die_once(path: str) -> int:
    """Ends its process the first time, as a crash in C code would."""
    if not Path(path).exists():
        Path(path).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return os.getpid()


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def touch_then_sleep(path: str, seconds: float) -> None:
    Path(path).touch()
    time.sleep(seconds)


def wait_for(path: Path) -> None:
    deadline = time.monotonic() + 20
    while not path.exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def stop_signals() -> int:
    os.kill(os.getpid(), signal.SIGINT)
    os.kill(os.getpid(), signal.SIGTERM)
    return os.getpid()


@pytest.fixture
async def pool() -> AsyncIterator[Pool]:
    async with Pool(1, limit=20) as opened:
        yield opened


@pytest.mark.anyio
async def test_a_function_runs_in_another_process_and_its_errors_come_back(pool: Pool) -> None:
    assert await pool.run(add, 2, 3) == 5
    first = await pool.run(os.getpid)
    assert first != os.getpid()
    with pytest.raises(LookupError, match="no such thing"):
        await pool.run(fail)
    with pytest.raises(TimeoutError, match="the function's own"):
        await pool.run(late)
    assert await pool.run(os.getpid) == first, "an error is no reason to start anew"


@pytest.mark.anyio
async def test_a_process_that_dies_is_replaced_and_the_job_is_done_once_more(
    pool: Pool, tmp_path: Path
) -> None:
    first = await pool.run(os.getpid)
    second = await pool.run(die_once, str(tmp_path / "died"))
    assert second not in {first, os.getpid()}
    assert await pool.run(os.getpid) == second


@pytest.mark.anyio
async def test_a_job_that_kills_every_process_is_given_up_and_the_pool_goes_on(pool: Pool) -> None:
    with pytest.raises(BrokenExecutor):
        await pool.run(die)
    assert await pool.run(add, 1, 1) == 2


@pytest.mark.anyio
async def test_a_process_killed_while_idle_is_replaced_unnoticed(pool: Pool) -> None:
    first = await pool.run(os.getpid)
    os.kill(first, signal.SIGKILL)
    assert await pool.run(os.getpid) != first


@pytest.mark.anyio
async def test_a_job_that_overruns_is_killed_and_the_next_one_runs(tmp_path: Path) -> None:
    async with Pool(1, warm=Warm(str(tmp_path / "warmed")), limit=1.0) as pool:
        began = tmp_path / "began"
        with pytest.raises(TimeoutError):
            await pool.run(touch_then_sleep, str(began), 60.0)
        assert began.exists()
        assert await pool.run(add, 1, 1) == 2


@pytest.mark.anyio
async def test_what_cannot_be_pickled_is_refused_and_breaks_nothing(pool: Pool) -> None:
    with pytest.raises(Exception, match=r"pickle|local object"):
        await pool.run(lambda: 1)
    assert await pool.run(add, 1, 1) == 2


@pytest.mark.anyio
async def test_workers_leave_the_stop_signals_to_the_parent(pool: Pool) -> None:
    pool.start()
    [worker] = active_children()
    assert worker.pid
    os.kill(worker.pid, signal.SIGINT)
    os.kill(worker.pid, signal.SIGTERM)
    assert await pool.run(os.getpid) == worker.pid, "also while it is still starting"
    assert await pool.run(stop_signals) == worker.pid
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())


@pytest.mark.anyio
async def test_every_process_is_warmed_once_before_its_first_job(tmp_path: Path) -> None:
    path = tmp_path / "warmed"
    async with Pool(2, warm=Warm(str(path))) as pool:
        pool.start()
        pids = set(await asyncio.gather(*(pool.run(os.getpid) for _ in range(2))))
        pids |= set(await asyncio.gather(*(pool.run(os.getpid) for _ in range(4))))
        assert len(pids) == 2
    assert {int(line) for line in path.read_text().split()} == pids


@pytest.mark.anyio
async def test_closing_ends_every_process_whatever_it_is_doing(tmp_path: Path) -> None:
    began = tmp_path / "began"
    pool = Pool(1)
    job = asyncio.create_task(pool.run(touch_then_sleep, str(began), 60.0))
    waiting = asyncio.create_task(pool.run(add, 1, 1))
    await asyncio.to_thread(wait_for, began)
    await pool.close()
    assert not active_children()
    for task in (job, waiting):
        with pytest.raises(BrokenExecutor, match="closed"):
            await task
    with pytest.raises(BrokenExecutor, match="closed"):
        await pool.run(add, 1, 1)
    await pool.close()


@pytest.mark.anyio
async def test_a_job_nobody_waits_for_any_more_is_finished_and_its_worker_is_free_again(
    pool: Pool, tmp_path: Path
) -> None:
    began = tmp_path / "began"
    job = asyncio.create_task(pool.run(touch_then_sleep, str(began), 0.3))
    await asyncio.to_thread(wait_for, began)
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job
    assert await pool.run(add, 1, 1) == 2


_PARENT = """
import asyncio, os, sys
from jobs.pool import Pool

async def main():
    async with Pool(1) as pool:
        print(await pool.run(os.getpid), flush=True)
        await asyncio.sleep(60)

if __name__ == "__main__":
    asyncio.run(main())
"""


def test_workers_end_when_the_parent_is_killed(tmp_path: Path) -> None:
    """They hold the parent's standard output open as long as they live."""
    script = tmp_path / "parent.py"
    script.write_text(_PARENT)
    with subprocess.Popen(
        [sys.executable, str(script)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        text=True,
    ) as parent:
        assert parent.stdout
        worker = int(parent.stdout.readline())
        os.kill(worker, 0)
        parent.kill()
        said, _ = parent.communicate(timeout=20)
    assert said == ""
