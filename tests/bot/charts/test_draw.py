"""The painter: draws once for everybody, keeps a few pictures, and turns failures into words."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import BrokenExecutor
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, TypeVar, TypeVarTuple, cast

import pytest

from bot.charts.draw import Painter, render, warm
from bot.reply import Chart
from engine.domain import Snapshot
from engine.errors import ChartUnavailable, GexError
from jobs.pool import Pool
from tests.samples import later, make_snapshot

PNG = b"\x89PNG\r\n\x1a\n"

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


@dataclass
class FakePool:
    """Answers with the arguments it was given, once `open` is set; or raises `failure`."""

    failure: BaseException | None = None
    open: asyncio.Event = field(default_factory=asyncio.Event)
    jobs: list[tuple[Any, ...]] = field(default_factory=list)

    async def run(self, function: Callable[[*Ts], T], *args: *Ts) -> T:
        self.jobs.append((function, *args))
        await self.open.wait()
        if self.failure:
            raise self.failure
        return cast("T", f"picture {len(self.jobs)}".encode())


def chart(snapshot: Snapshot | None = None, kind: str = "gex") -> Chart:
    return Chart(kind, snapshot or make_snapshot(), "BTC gamma exposure by strike")


def opened(failure: BaseException | None = None) -> FakePool:
    pool = FakePool(failure)
    pool.open.set()
    return pool


@pytest.mark.anyio
async def test_everybody_who_asks_at_once_gets_the_same_drawing() -> None:
    pool = FakePool()
    painter = Painter(pool)
    asked = [asyncio.create_task(painter.png(chart())) for _ in range(20)]
    await asyncio.sleep(0)
    pool.open.set()
    pictures = await asyncio.gather(*asked)
    assert len(pool.jobs) == 1
    assert len(set(pictures)) == 1
    assert pool.jobs[0][0] is render
    assert pool.jobs[0][3] == "dark"


@pytest.mark.anyio
async def test_a_picture_is_drawn_again_only_for_something_else() -> None:
    pool, snapshot = opened(), make_snapshot()
    painter = Painter(pool, "light")
    first = await painter.png(chart(snapshot))
    assert await painter.png(chart(replace(snapshot))) == first
    assert len(pool.jobs) == 1
    others = (
        later(snapshot, 1),
        replace(snapshot, asset="ETH"),
        replace(snapshot, venues=("demo",)),
        replace(snapshot, convention="inverse"),
        replace(snapshot, window="7d"),
    )
    for number, other in enumerate(others, start=2):
        await painter.png(chart(other))
        assert len(pool.jobs) == number
    await painter.png(chart(snapshot, kind="other"))
    assert len(pool.jobs) == len(others) + 2


@pytest.mark.anyio
async def test_only_the_pictures_wanted_last_are_kept() -> None:
    pool = opened()
    painter = Painter(pool, room=2)
    one, two, three = (chart(later(make_snapshot(), minutes)) for minutes in (0, 1, 2))
    for each in (one, two, one, three, one):
        await painter.png(each)
    assert len(pool.jobs) == 3, "one stayed, since it was wanted after two"
    await painter.png(two)
    assert len(pool.jobs) == 4


@pytest.mark.anyio
async def test_whoever_waits_too_long_goes_without_and_the_picture_is_finished_for_the_next() -> (
    None
):
    pool = FakePool()
    painter = Painter(pool, timeout=0.01)
    with pytest.raises(ChartUnavailable, match="took too long"):
        await painter.png(chart())
    pool.open.set()
    assert await painter.png(chart()) == await painter.png(chart())
    assert len(pool.jobs) == 1


@pytest.mark.anyio
async def test_somebody_who_leaves_does_not_spoil_it_for_the_others() -> None:
    pool = FakePool()
    painter = Painter(pool)
    leaving, staying = (asyncio.create_task(painter.png(chart())) for _ in range(2))
    await asyncio.sleep(0)
    leaving.cancel()
    await asyncio.sleep(0)
    pool.open.set()
    assert await staying
    assert leaving.cancelled()
    assert len(pool.jobs) == 1


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        (TimeoutError(), "drawing it took too long"),
        (BrokenExecutor(), "its drawing process ended"),
        (ValueError("secret /path"), "it could not be drawn"),
    ],
)
async def test_every_failure_becomes_one_sentence_and_is_tried_again_next_time(
    failure: BaseException, reason: str
) -> None:
    pool = opened(failure)
    painter = Painter(pool)
    with pytest.raises(GexError) as caught:
        await painter.png(chart())
    assert str(caught.value) == f"The chart is not available ({reason})."
    pool.failure = None
    assert await painter.png(chart())
    assert len(pool.jobs) == 2


@pytest.mark.anyio
async def test_a_bug_in_a_drawing_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR), pytest.raises(ChartUnavailable):
        await Painter(opened(ZeroDivisionError())).png(chart())
    assert "kind=gex asset=BTC" in caplog.text


@pytest.mark.anyio
async def test_a_failure_nobody_waits_for_is_not_reported_as_forgotten(
    caplog: pytest.LogCaptureFixture,
) -> None:
    pool = FakePool(BrokenExecutor())
    painter = Painter(pool)
    asked = asyncio.create_task(painter.png(chart()))
    await asyncio.sleep(0)
    asked.cancel()
    pool.open.set()
    await asyncio.sleep(0.01)
    assert "never retrieved" not in caplog.text


@pytest.mark.anyio
async def test_real_processes_draw_real_pictures_also_after_one_was_killed() -> None:
    async with Pool(1, warm=warm) as pool:
        painter = Painter(pool)
        first = await painter.png(chart())
        assert first.startswith(PNG)
        os.kill(await pool.run(os.getpid), signal.SIGKILL)
        snapshot = make_snapshot(asof=make_snapshot().asof + timedelta(minutes=1))
        assert (await painter.png(chart(snapshot))).startswith(PNG)
        with pytest.raises(ChartUnavailable, match="could not be drawn"):
            await painter.png(chart(kind="no such chart"))


def test_the_service_starts_without_the_plotting_library() -> None:
    """It takes a second to import, and only the drawing processes need it."""
    code = "import sys, bot.charts.draw; assert not {'matplotlib', 'PIL'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
