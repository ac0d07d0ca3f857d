"""From a venue's bytes to a stored snapshot, 20,000 contracts, in parts, beside the plain way.

The plain way is what a first version looks like: json, a pandas row at a time, scalar formulas, a
profile re-priced contract by contract at each spot, one ORM row a contract. Its profile is
measured at 3 of the 141 spots that it would need, and scaled; everything else is measured whole.
"""

from __future__ import annotations

import asyncio
import json
import math
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import pandas as pd
from scipy.stats import norm
from sqlmodel import Field, Session, SQLModel, create_engine

from benchmarks.payload import ASOF, cboe
from engine.analyse import analyse, profiled
from engine.domain import Chain, Snapshot
from engine.positions import convention, signed
from engine.settings import EngineSettings
from engine.terms import terms
from engine.valuation import Valuation, value
from jobs.providers.cboe import Cboe
from jobs.store import Simulated, Store

CONTRACTS = 20_000
ROUNDS = 5
SPOTS = 141
SAMPLED = 3


class OptionRow(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    symbol: str
    strike: float
    iv: float
    oi: float
    bid: float
    ask: float
    gamma: float


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    started = perf_counter()
    result = work()
    return perf_counter() - started, result


def ours(payload: bytes, folder: Path, settings: EngineSettings) -> dict[str, float]:
    took: dict[str, float] = {}
    took["parse"], chain = timed(lambda: Cboe.recorded([("spx.json", payload)], "SPX", None))
    took["greeks and sums"], valuation = timed(lambda: _valued(chain, settings))
    took["profile"], _ = timed(lambda: profiled(valuation, settings))
    whole, snapshot = timed(lambda: analyse(chain, settings))
    took["levels"] = max(whole - took["greeks and sums"] - took["profile"], 0.0)
    took["store"] = asyncio.run(_stored(folder, snapshot, chain))
    return took


def _valued(chain: Chain, settings: EngineSettings) -> Valuation:
    position = signed(chain.oi, chain.is_call, convention(settings.convention))
    return value(chain, terms(chain, settings), position)


async def _stored(folder: Path, snapshot: Snapshot, chain: Chain) -> float:
    store = Store(f"sqlite:///{folder}/ours.db", simulated=Simulated.never())
    await store.upgrade()
    started = perf_counter()
    await store.save(snapshot, chain, ())
    took = perf_counter() - started
    await store.close()
    return took


def plain(payload: bytes, folder: Path) -> dict[str, float]:
    took: dict[str, float] = {}
    took["parse"], frame = timed(lambda: _frame(payload))
    took["greeks"], rows = timed(lambda: [_greeks(row) for _, row in frame.iterrows()])
    took["sums"], _ = timed(lambda: _sums(rows))
    sampled, _ = timed(lambda: [_profile(rows, 6500.0 * (0.9 + 0.1 * k)) for k in range(SAMPLED)])
    took["profile"] = sampled * SPOTS / SAMPLED
    took["store"], _ = timed(lambda: _rows_stored(folder, rows))
    return took


def _frame(payload: bytes) -> pd.DataFrame:
    frame = pd.DataFrame(json.loads(payload)["data"]["options"])
    frame["expiry"] = frame["option"].map(
        lambda name: pd.to_datetime(name[-15:-9], format="%y%m%d")
    )
    frame["call"] = frame["option"].map(lambda name: name[-9] == "C")
    frame["strike"] = frame["option"].map(lambda name: int(name[-8:]) / 1000)
    return frame


def _greeks(row: Any) -> dict[str, float]:
    days = (row["expiry"] - pd.Timestamp(ASOF.date())).days
    years = max(days, 1) / 365
    return {
        "symbol": row["option"],
        "strike": row["strike"],
        "years": years,
        "sign": 1.0 if row["call"] else -1.0,
        "iv": row["iv"],
        "oi": row["open_interest"],
        "bid": row["bid"],
        "ask": row["ask"],
        "gamma": _gamma(6500.0, row["strike"], years, row["iv"]),
    }


def _gamma(spot: float, strike: float, years: float, iv: float) -> float:
    deviation = iv * math.sqrt(years)
    d1 = (math.log(spot / strike) + 0.04 * years) / deviation + deviation / 2
    return float(norm.pdf(d1)) / (spot * deviation)


def _sums(rows: list[dict[str, float]]) -> dict[float, float]:
    by_strike: dict[float, float] = {}
    for row in rows:
        gex = row["sign"] * row["oi"] * 100 * row["gamma"] * 6500.0**2 * 0.01
        by_strike[row["strike"]] = by_strike.get(row["strike"], 0.0) + gex
    return by_strike


def _profile(rows: list[dict[str, float]], spot: float) -> float:
    return sum(
        row["sign"] * row["oi"] * _gamma(spot, row["strike"], row["years"], row["iv"]) * spot**2
        for row in rows
    )


def _rows_stored(folder: Path, rows: list[dict[str, Any]]) -> None:
    engine = create_engine(f"sqlite:///{folder}/plain.db")
    SQLModel.metadata.create_all(engine, tables=[OptionRow.__table__])  # type: ignore[attr-defined]
    names = set(OptionRow.model_fields) - {"id"}
    with Session(engine) as session:
        session.add_all([OptionRow(**{name: row[name] for name in names}) for row in rows])
        session.commit()
    engine.dispose()


def main() -> None:
    settings, payload = EngineSettings(), cboe(CONTRACTS)
    runs: list[dict[str, float]] = []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(ROUNDS):
            place = Path(folder) / str(number)
            place.mkdir()
            runs.append(ours(payload, place, settings))
            if number == 0:
                slow = plain(payload, place)
    best = {part: median(run[part] for run in runs) for part in runs[0]}
    total, slow_total = sum(best.values()), sum(slow.values())
    report = {
        "contracts": CONTRACTS,
        "ours_share_of_time": {part: round(took / total, 3) for part, took in best.items()},
        "plain_share_of_time": {part: round(took / slow_total, 3) for part, took in slow.items()},
        "plain_over_ours": {
            "parse": round(slow["parse"] / best["parse"], 1),
            "greeks and sums": round((slow["greeks"] + slow["sums"]) / best["greeks and sums"], 1),
            "profile": round(slow["profile"] / best["profile"], 1),
            "store": round(slow["store"] / best["store"], 1),
            "whole": round(slow_total / total, 1),
        },
    }
    print(json.dumps(report, indent=2))
    results = Path(__file__).parent / "results"
    results.mkdir(exist_ok=True)
    (results / "pipeline.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
