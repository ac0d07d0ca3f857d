"""A few processes for work that would stall the event loop: drawing charts, bulk trades.

Every worker is an executor of its own with one process in it, so that a crash or an overrun costs
one job and one process. Workers are spawned, not forked (this process runs threads). They leave
the stop signals to this process, and they end when it is gone, however it ended.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import active_children, get_context, parent_process
from multiprocessing.process import BaseProcess
from threading import Thread
from types import TracebackType
from typing import Self, TypeVar, TypeVarTuple

log = logging.getLogger(__name__)

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

_STARTING = 60.0
"""A process that is not ready by then never will be. [s]"""

_ATTEMPTS = 2
_FOR_THE_PARENT = {signal.SIGINT, signal.SIGTERM}


class Pool:
    """Runs functions in up to `workers` processes, first come first served.

    A process is started when it is first needed, or all of them by `start`.

    Args:
        workers: Processes at the same time.
        warm: Called once in every new process before its first job; it must be picklable.
        limit: A job that runs longer is killed. [s]
    """

    def __init__(
        self, workers: int, *, warm: Callable[[], object] | None = None, limit: float = 30.0
    ) -> None:
        self._workers = [_Worker(warm) for _ in range(workers)]
        self._limit = limit
        self._idle: asyncio.LifoQueue[_Worker] = asyncio.LifoQueue()
        for worker in reversed(self._workers):
            self._idle.put_nowait(worker)
        self._jobs: set[asyncio.Task[object]] = set()
        self._closed = False

    def start(self) -> None:
        """Start every process now, in the background, so that the first job finds it warm."""
        for worker in self._workers:
            worker.start()

    async def run(self, function: Callable[[*Ts], T], *args: *Ts) -> T:
        """`function(*args)`, run elsewhere; function, arguments and result must be picklable.

        A job whose process dies is run once more in a new process. One that was started is
        finished also when nobody waits for it any more.

        Raises:
            BrokenExecutor: its process died twice, or the pool is closed.
            TimeoutError: it ran longer than `limit`.
            Exception: whatever the function raised.
        """
        if self._closed:
            raise BrokenExecutor("the pool is closed")
        job = asyncio.create_task(self._job(function, *args))
        self._jobs.add(job)
        job.add_done_callback(self._finished)
        try:
            return await asyncio.shield(job)
        except asyncio.CancelledError:
            if job.cancelled() and not _cancelling():
                raise BrokenExecutor("the pool was closed") from None
            raise

    async def close(self) -> None:
        """Kill what still runs, end every process and wait for its end; harmless twice."""
        self._closed = True
        for job in self._jobs:
            job.cancel()
        await asyncio.gather(*self._jobs, return_exceptions=True)
        for worker in self._workers:
            await worker.stop()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def _job(self, function: Callable[[*Ts], T], *args: *Ts) -> T:
        worker = await self._idle.get()
        try:
            for attempt in range(1, _ATTEMPTS):
                try:
                    return await worker.run(self._limit, function, *args)
                except BrokenExecutor:
                    log.warning("worker died attempt=%d", attempt)
                    await worker.stop()
            return await worker.run(self._limit, function, *args)
        except (BrokenExecutor, _Overran) as error:
            log.warning("worker given up reason=%s", error)
            await worker.stop()
            raise
        finally:
            self._idle.put_nowait(worker)

    def _finished(self, job: asyncio.Task[object]) -> None:
        """Takes note of the error, which was raised by `run` unless its caller left."""
        self._jobs.discard(job)
        if not job.cancelled():
            job.exception()


def _cancelling() -> bool:
    """Whether whoever asked is being cancelled, as opposed to what it waits for."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


class _Overran(TimeoutError):
    """Ours, as opposed to a TimeoutError that the function raised."""


@dataclass(frozen=True, slots=True)
class _Live:
    executor: ProcessPoolExecutor
    process: BaseProcess
    ready: Future[None]


class _Worker:
    """One process at a time, replaced after `stop`."""

    def __init__(self, warm: Callable[[], object] | None) -> None:
        self._warm = warm
        self._live: _Live | None = None

    def start(self) -> _Live:
        if self._live is None:
            executor = ProcessPoolExecutor(1, get_context("spawn"), initializer=_watch_the_parent)
            with _signals_stay_here():
                before = active_children()
                ready = executor.submit(_begin, self._warm)
                [process] = [each for each in active_children() if each not in before]
            self._live = _Live(executor, process, ready)
        return self._live

    async def run(self, limit: float, function: Callable[[*Ts], T], *args: *Ts) -> T:
        live = self.start()
        await _within(_STARTING, live.ready)
        return await _within(limit, live.executor.submit(function, *args))

    async def stop(self) -> None:
        """Kill it, whatever it is doing: nothing here owns more than its own memory."""
        if self._live is None:
            return
        live, self._live = self._live, None
        live.process.kill()
        await asyncio.to_thread(live.executor.shutdown)


async def _within(limit: float, future: Future[T]) -> T:
    waited = asyncio.wrap_future(future)
    await asyncio.wait([waited], timeout=limit)
    if not waited.done():
        waited.cancel()
        raise _Overran(f"nothing after {limit:.1f} s")
    return waited.result()


@contextmanager
def _signals_stay_here() -> Iterator[None]:
    """A process started inside never receives the stop signals: a child inherits what is blocked.

    A signal that arrives meanwhile waits for the end of the block; none is lost.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _FOR_THE_PARENT)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin(warm: Callable[[], object] | None) -> None:
    if warm is not None:
        warm()


def _watch_the_parent() -> None:
    Thread(target=_end_with_the_parent, daemon=True).start()


def _end_with_the_parent() -> None:
    """Also after a kill -9, which leaves the parent no time to say anything."""
    if parent := parent_process():
        parent.join()
    os._exit(1)
