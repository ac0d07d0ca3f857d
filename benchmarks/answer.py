"""From a command received to its answer ready to send: the chart cached, not cached, and plain.

A stored index chain of 20,000 contracts; `/gex SPX` through the desk, rendered for Telegram, with
its picture. The plain way answers the same question from the same stored payload at every
request: decode, analyse, draw with pyplot. A request for one expiry re-analyses the chain.
"""

from __future__ import annotations

import asyncio
import io
import json
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

from benchmarks.payload import cboe
from bot.app import Parts, Service, service
from bot.charts.draw import Painter
from bot.config import BotSettings
from bot.platforms.console import LOCAL, TERMINAL
from bot.render.telegram import render
from bot.reply import Chart
from engine.analyse import analyse
from engine.domain import Snapshot
from engine.settings import EngineSettings
from jobs.config import JobsSettings
from jobs.providers.cboe import Cboe
from jobs.store import Simulated

CONTRACTS = 20_000
ROUNDS = 9


async def answered(running: Service, painter: Painter, line: str) -> float:
    started = perf_counter()
    reply = await running.desk.line(TERMINAL, LOCAL, line)
    messages = render(reply)
    for block in reply.blocks:
        if isinstance(block, Chart):
            await painter.png(block)
    assert messages
    assert not reply.error
    return perf_counter() - started


def plain(payload: bytes) -> float:
    started = perf_counter()
    chain = Cboe.recorded([("spx.json", payload)], "SPX", None)
    _pyplot(analyse(chain, EngineSettings()))
    return perf_counter() - started


def _pyplot(snapshot: Snapshot) -> bytes:
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(12, 8))
    axes.bar(snapshot.by_strike.strike, snapshot.by_strike.net_gex, width=10)
    for level in (snapshot.levels.call_wall, snapshot.levels.put_wall, snapshot.spot):
        if level is not None:
            axes.axvline(level)
    out = io.BytesIO()
    figure.savefig(out, dpi=300, bbox_inches="tight")
    plt.close(figure)
    return out.getvalue()


async def measured(folder: Path) -> dict[str, float]:
    payload = cboe(CONTRACTS)
    settings = JobsSettings.model_validate({"store": {"url": f"sqlite:///{folder}/answer.db"}})
    parts = Parts(EngineSettings(), settings, BotSettings())
    chain = Cboe.recorded([("spx.json", payload)], "SPX", None)
    took: dict[str, list[float]] = {"cached": [], "uncached": [], "one expiry": [], "plain": []}
    async with service(parts, simulated=Simulated.never(), said=print) as running:
        await running.store.save(analyse(chain, parts.engine), chain, ())
        running.pool.start()
        await answered(running, running.painter, "/gex SPX")
        for number in range(ROUNDS):
            painter = Painter(running.pool)
            took["uncached"].append(await answered(running, painter, "/gex SPX"))
            took["cached"].append(await answered(running, painter, "/gex SPX"))
            took["one expiry"].append(await answered(running, painter, f"/gex SPX {number + 7}d"))
            if number < 3:
                took["plain"].append(plain(payload))
    return {name: median(each) for name, each in took.items()}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        took = asyncio.run(measured(Path(folder)))
    report = {
        "contracts": CONTRACTS,
        "plain_over": {name: round(took["plain"] / each, 1) for name, each in took.items()},
        "milliseconds": {name: round(each * 1000, 1) for name, each in took.items()},
    }
    print(json.dumps(report, indent=2))
    results = Path(__file__).parent / "results"
    (results / "answer.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
