"""What a chart costs: cold, warm, in bytes, and in time during which the event loop stands still.

The plain way is pyplot with `bbox_inches="tight"`: at 300 dpi, as it is usually written, and at
100 dpi, which gives as many pixels as ours. All take turns in the same run, so that a busy machine
slows all of them; ratios are of medians.
"""

from __future__ import annotations

import asyncio
import json
import os
import platform
import subprocess
import sys
from collections.abc import Awaitable, Callable
from io import BytesIO
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

from bot.charts.draw import Painter, render, warm
from bot.reply import Chart
from engine.domain import Snapshot, StrikeTable
from jobs.pool import Pool
from tests.samples import later, make_snapshot

STRIKES = 150
ROUNDS = 7
COLD_ROUNDS = 3
AT_ONCE = 100
WORKERS = 2
TICK = 0.001
RESULTS = Path(__file__).parent / "results" / "charts.json"

Answer = dict[str, Any]


def market() -> Snapshot:
    """A chain of many strikes with round ones standing out, as venues list them."""
    steps = np.arange(-STRIKES // 2, STRIKES // 2, dtype=np.float64)
    strike = 100_000.0 * (1 + 0.004 * steps)
    away = np.log(strike / 100_000.0)
    rough = 1 + 2.5 * (np.arange(STRIKES) % 5 == 0) + np.sin(np.arange(STRIKES))
    call = 2e7 * rough * np.exp(-0.5 * ((away - 0.04) / 0.08) ** 2)
    put = -1.6e7 * rough * np.exp(-0.5 * ((away + 0.05) / 0.09) ** 2)
    zero = np.zeros(STRIKES)
    return make_snapshot(
        by_strike=StrikeTable(
            strike=strike, call_gex=call, put_gex=put, net_gex=call + put, gross_gex=call - put,
            call_oi=call, put_oi=-put, call_volume=zero, put_volume=zero,
            net_dex=zero, net_vex=zero, net_cex=zero,
        )
    )  # fmt: skip


def plain(snapshot: Snapshot, dpi: int) -> bytes:
    """The same picture as a first version draws it."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    table, levels = snapshot.by_strike, snapshot.levels
    plt.style.use("dark_background")
    made, (upper, lower) = plt.subplots(2, 1, figsize=(12, 8), sharex=True)
    step = float(np.diff(table.strike).min())
    upper.bar(table.strike, table.call_gex / 1e6, width=0.9 * step, alpha=0.4, label="calls")
    upper.bar(table.strike, table.put_gex / 1e6, width=0.9 * step, alpha=0.4, label="puts")
    upper.bar(table.strike, table.net_gex / 1e6, width=0.5 * step, label="net")
    named = {"spot": snapshot.spot, "call wall": levels.call_wall, "put wall": levels.put_wall}
    for name, at in {**named, "flip": levels.gamma_flip}.items():
        if at is not None:
            label = f"{name} {at:,.0f} ({at / snapshot.spot - 1:+.1%})"
            for axes in (upper, lower):
                axes.axvline(at, linestyle="--", label=label)
            upper.annotate(label, (at, upper.get_ylim()[1]), rotation=45)
    spots, gex = snapshot.profile.spots, snapshot.profile.gex / 1e6
    lower.plot(spots, gex)
    lower.fill_between(spots, gex, where=list(gex > 0), alpha=0.4)
    lower.fill_between(spots, gex, where=list(gex < 0), alpha=0.4)
    lower.set_xlabel("spot")
    upper.set_ylabel("GEX, $ mn per 1 %")
    upper.set_title(f"{snapshot.asset} {snapshot.spot:,.0f} {snapshot.regime} {snapshot.asof}")
    upper.legend()
    upper.grid(alpha=0.3)
    lower.grid(alpha=0.3)
    buffer = BytesIO()
    made.savefig(buffer, dpi=dpi, bbox_inches="tight")
    plt.close(made)
    return buffer.getvalue()


def ours(snapshot: Snapshot) -> bytes:
    return render("gex", snapshot, "dark")


WAYS: dict[str, Callable[[Snapshot], bytes]] = {
    "ours": ours,
    "plain 300 dpi": lambda snapshot: plain(snapshot, 300),
    "plain 100 dpi": lambda snapshot: plain(snapshot, 100),
}


def warm_times() -> Answer:
    """Milliseconds and kilobytes of one chart in a process that has drawn before."""
    snapshot = market()
    took: dict[str, list[float]] = {name: [] for name in WAYS}
    size = {name: len(draw(snapshot)) for name, draw in WAYS.items()}
    for _ in range(ROUNDS):
        for name, draw in WAYS.items():
            began = perf_counter()
            draw(snapshot)
            took[name].append(perf_counter() - began)
    return {
        name: {"ms": round(1e3 * median(took[name]), 1), "kB": round(size[name] / 1e3)}
        for name in WAYS
    }


def cold_times() -> Answer:
    """Milliseconds from the start of an interpreter to its first chart, imports included."""
    took: dict[str, list[float]] = {name: [] for name in WAYS}
    for _ in range(COLD_ROUNDS):
        for name in WAYS:
            began = perf_counter()
            subprocess.run([sys.executable, __file__, name], check=True)
            took[name].append(perf_counter() - began)
    return {name: round(1e3 * median(each)) for name, each in took.items()}


async def stalls() -> Answer:
    """Longest time the loop stood still while one chart was drawn, over the rounds."""
    snapshot = market()

    async def inline(way: Callable[[Snapshot], bytes]) -> None:
        way(snapshot)

    async with Pool(WORKERS, warm=warm) as pool:
        await pool.run(ours, snapshot)
        ways: dict[str, Callable[[], Awaitable[object]]] = {
            "nothing drawn": lambda: asyncio.sleep(0.1),
            "plain 300 dpi, inline": lambda: inline(WAYS["plain 300 dpi"]),
            "ours, inline": lambda: inline(ours),
            "ours, in a thread": lambda: asyncio.to_thread(ours, snapshot),
            "ours, in a process": lambda: pool.run(ours, snapshot),
        }
        gaps: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(ROUNDS):
            for name, draw in ways.items():
                gaps[name].append((await watched(draw))[0])
    return {
        name: {"median ms": round(1e3 * median(each), 1), "worst ms": round(1e3 * max(each), 1)}
        for name, each in gaps.items()
    }


async def watched(work: Callable[[], Awaitable[object]]) -> tuple[float, float]:
    """(longest gap between two ticks less the tick itself, whole time) [s]"""
    gaps = [0.0]
    stop = asyncio.Event()

    async def ticker() -> None:
        last = perf_counter()
        while not stop.is_set():
            await asyncio.sleep(TICK)
            now = perf_counter()
            gaps.append(now - last - TICK)
            last = now

    ticking = asyncio.create_task(ticker())
    await asyncio.sleep(5 * TICK)
    began = perf_counter()
    await work()
    took = perf_counter() - began
    await asyncio.sleep(5 * TICK)
    stop.set()
    await ticking
    return max(gaps), took


async def many() -> Answer:
    """So many people ask at once: for one chart, then each for another, then all again."""
    one = market()
    same = [Chart("gex", one, "")] * AT_ONCE
    different = [Chart("gex", later(one, minutes), "") for minutes in range(1, AT_ONCE + 1)]
    found: Answer = {}
    async with Pool(WORKERS, warm=warm) as pool:
        await pool.run(ours, one)
        painter = Painter(pool, room=2 * AT_ONCE, timeout=300)
        for name, charts in {"the same": same, "different": different, "kept": different}.items():

            async def ask(charts: list[Chart] = charts) -> None:
                await asyncio.gather(*(painter.png(each) for each in charts))

            gap, took = await watched(ask)
            found[name] = {"s": round(took, 3), "worst stall ms": round(1e3 * gap, 1)}
    return found


def main() -> None:
    results: Answer = {
        "machine": {"python": platform.python_version(), "cores": os.cpu_count()},
        "cold ms": cold_times(),
        "warm": warm_times(),
        "event loop stall, one chart": asyncio.run(stalls()),
        f"{AT_ONCE} requests at once, {WORKERS} processes": asyncio.run(many()),
    }
    took = {name: each["ms"] for name, each in results["warm"].items()}
    results["times faster, warm"] = {
        name: round(took[name] / took["ours"], 1) for name in WAYS if name != "ours"
    }
    print(json.dumps(results, indent=2))
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        WAYS[sys.argv[1]](market())
    else:
        main()
