"""From a Chain to a Snapshot, 20,000 contracts, in parts, each beside the plain row-wise way.

Ours and the plain way take turns, so that a busy machine slows both, and ratios are medians over
the rounds. The plain way is a loop over rows with `math`: what a first version looks like. Where
it would take minutes it is measured on a sample of its rows or spots, and scaled.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import NormalDist, median
from time import perf_counter
from typing import Any

import numpy as np

from engine.analyse import analyse, profiled
from engine.domain import Chain, Floats, Market
from engine.expiries import by_expiry
from engine.exposure import WHICH, dealt, price, strike_table, strikes, totals
from engine.levels.max_pain import max_pain
from engine.levels.summary import levels
from engine.metrics import METRICS
from engine.pricing import bsm_greeks
from engine.settings import EngineSettings
from engine.terms import terms
from engine.valuation import value

ASOF = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)
SPOT, RATE = 6500.0, 0.04
EXPIRIES, STRIKES = 40, 250
ROUNDS = 5
SOLVED, REPRICED = 200, 2
"""Rows of which the plain way solves the vol; spots of 2,801 at which it re-prices the book."""

Row = dict[str, float]
NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Part:
    """Two ways to the same numbers; `share` is how much of its work the plain one does here."""

    name: str
    ours: Callable[[], Any]
    plain: Callable[[], Any]
    share: float = 1.0


def market() -> Chain:
    """An index chain with a smile, daily expiries, and quotes around its own model prices."""
    ladder = np.round(SPOT * np.linspace(0.6, 1.4, STRIKES), 0)
    instants = int(ASOF.timestamp()) + 86_400 * np.arange(1, EXPIRIES + 1) + 10_800
    strike = np.tile(np.repeat(ladder, 2), EXPIRIES)
    settlement = np.repeat(instants, 2 * STRIKES)
    n = strike.size
    is_call = np.tile([True, False], n // 2)
    years = (settlement - ASOF.timestamp()) / (365 * 86_400)
    away = np.log(strike / SPOT)
    iv = 0.14 + 0.25 * away**2 - 0.12 * away
    worth = bsm_greeks(SPOT, strike, years, RATE, RATE, iv, is_call, which=("price",))
    mid = worth.as_dict()["price"]
    oi = np.random.default_rng(7).integers(0, 20_000, n).astype(np.float64)
    return Chain(
        asset="SPX",
        venue="benchmark",
        market=Market.US,
        asof=ASOF,
        spot=SPOT,
        currency="USD",
        root=np.full(n, "SPXW"),
        settlement=settlement,
        strike=strike,
        is_call=is_call,
        oi=oi,
        volume=np.floor(oi / 10),
        bid=mid * 0.98,
        ask=mid * 1.02 + 0.05,
        iv=iv,
        multiplier=np.full(n, 100.0),
        forward=np.full(n, np.nan),
        listed=n,
    )


def parts(chain: Chain, settings: EngineSettings) -> list[Part]:
    rows = [
        {"strike": k, "years": t, "iv": v, "call": 1.0 if c else -1.0, "oi": o, "mid": (b + a) / 2}
        for k, t, v, c, o, b, a in zip(
            chain.strike.tolist(),
            chain.years.tolist(),
            chain.iv.tolist(),
            chain.is_call.tolist(),
            chain.oi.tolist(),
            chain.bid.tolist(),
            chain.ask.tolist(),
            strict=True,
        )
    ]
    solving = settings.model_copy(update={"use_venue_iv": False})
    given = terms(chain, settings)
    position: Floats = np.where(chain.is_call, 1.0, -1.0) * chain.oi
    priced = price(chain, given)
    held = value(chain, given, position)
    flips, primary, _ = profiled(held, settings)
    valued = [{**row, **_greeks(row, SPOT)} for row in rows]
    return [
        Part(
            "volatilities",
            lambda: terms(chain, solving),
            lambda: [_solved(row) for row in rows[:: len(rows) // SOLVED]],
            SOLVED / len(rows),
        ),
        Part("greeks", lambda: price(chain, given), lambda: [_greeks(row, SPOT) for row in rows]),
        Part(
            "sums",
            lambda: _sums(chain, priced, position),
            lambda: _plain_sums(valued),
        ),
        Part(
            "profile",
            lambda: profiled(held, settings),
            lambda: [_net(rows, SPOT * (0.9 + 0.2 * i)) for i in range(REPRICED)],
            REPRICED / 2801,
        ),
        Part(
            "max pain",
            lambda: [_pain(chain, each.rows) for each in held.settlements],
            lambda: _plain_pain(rows[: 2 * STRIKES]),
            1 / EXPIRIES,
        ),
        Part(
            "levels, expiries, metrics",
            lambda: (
                levels(held, settings, flips, primary, empty=""),
                by_expiry(held),
                [each.compute(held, settings) for each in METRICS],
            ),
            lambda: [_open_delta(rows, SPOT * (0.9 + 0.1 * i)) for i in range(REPRICED)],
            REPRICED / 40,
        ),
    ]


def _sums(chain: Chain, priced: Any, position: Floats) -> Any:
    book = dealt(priced, position)
    strike, grid = strikes(chain)
    return totals(priced, book), strike_table(chain, priced, book, strike, grid)


def _pain(chain: Chain, rows: Any) -> Any:
    return max_pain(chain.strike[rows], chain.is_call[rows], chain.oi[rows], chain.spot)


def _d1(row: Row, spot: float, iv: float) -> tuple[float, float]:
    deviation = iv * math.sqrt(row["years"])
    away = math.log(spot / row["strike"]) + RATE * row["years"]
    return away / deviation + deviation / 2, deviation


def _density(x: float) -> float:
    return math.exp(-x * x / 2) / math.sqrt(2 * math.pi)


def _price(row: Row, iv: float) -> float:
    d1, deviation = _d1(row, SPOT, iv)
    side, d2 = row["call"], d1 - deviation
    owed = row["strike"] * math.exp(-RATE * row["years"])
    return side * (SPOT * NORMAL.cdf(side * d1) - owed * NORMAL.cdf(side * d2))


def _solved(row: Row) -> float:
    """Bisection to 1e-9, which is what the loop in most scripts does."""
    low, high = 1e-4, 5.0
    while high - low > 1e-9:
        middle = (low + high) / 2
        low, high = (middle, high) if _price(row, middle) < row["mid"] else (low, middle)
    return low


def _greeks(row: Row, spot: float) -> Row:
    d1, deviation = _d1(row, spot, row["iv"])
    d2, density, root = d1 - deviation, _density(d1), math.sqrt(row["years"])
    gamma, vega = density / (spot * deviation), spot * density * root
    owed = row["strike"] * math.exp(-RATE * row["years"])
    return {
        "delta": row["call"] * NORMAL.cdf(row["call"] * d1),
        "gamma": gamma,
        "vega": vega,
        "theta": -spot * density * row["iv"] / (2 * root)
        - row["call"] * RATE * owed * NORMAL.cdf(row["call"] * d2),
        "vanna": -density * d2 / row["iv"],
        "charm": -density * (RATE / deviation - d2 / (2 * row["years"])),
        "vomma": vega * d1 * d2 / row["iv"],
        "speed": -gamma / spot * (1 + d1 / deviation),
        "zomma": gamma * (d1 * d2 - 1) / row["iv"],
    }


def _plain_sums(rows: Iterable[Row]) -> Any:
    sums: dict[str, float] = {}
    by_strike: dict[tuple[float, str], float] = {}
    for row in rows:
        units = row["call"] * row["oi"] * 100
        for name in WHICH:
            sums[name] = sums.get(name, 0.0) + units * row[name]
        for name in ("delta", "gamma", "vanna", "charm"):
            key = row["strike"], name
            by_strike[key] = by_strike.get(key, 0.0) + units * row[name]
    return sums, by_strike


def _net(rows: Iterable[Row], spot: float) -> float:
    total = 0.0
    for row in rows:
        d1, deviation = _d1(row, spot, row["iv"])
        total += row["call"] * row["oi"] * 100 * _density(d1) / (spot * deviation) * spot**2 * 0.01
    return total


def _open_delta(rows: Iterable[Row], spot: float) -> float:
    return sum(
        row["oi"] * row["call"] * NORMAL.cdf(row["call"] * _d1(row, spot, row["iv"])[0])
        for row in rows
    )


def _plain_pain(rows: list[Row]) -> float:
    def payout(settle: float) -> float:
        return sum(row["oi"] * max(row["call"] * (settle - row["strike"]), 0.0) for row in rows)

    return min({row["strike"] for row in rows}, key=payout)


def timed(work: Callable[[], Any]) -> float:
    started = perf_counter()
    work()
    return perf_counter() - started


def main() -> None:
    settings, chain = EngineSettings(), market()
    quoted = replace(chain, iv=np.full(len(chain), np.nan))
    measured = parts(chain, settings)
    ours: dict[str, list[float]] = {each.name: [] for each in measured}
    ratios: dict[str, list[float]] = {each.name: [] for each in measured}
    whole: list[float] = []
    solved: list[float] = []
    for _ in range(ROUNDS):
        for part in measured:
            took = timed(part.ours)
            ours[part.name].append(took)
            ratios[part.name].append(timed(part.plain) / part.share / took)
        whole.append(timed(lambda: analyse(chain, settings)))
        solved.append(timed(lambda: analyse(quoted, settings)))
    report = {
        "contracts": len(chain),
        "rounds": ROUNDS,
        "ours_ms": {name: round(1e3 * median(each), 2) for name, each in ours.items()},
        "plain_over_ours": {name: round(median(each), 1) for name, each in ratios.items()},
        "analyse_ms": {
            "venue's vols": round(1e3 * median(whole), 1),
            "every vol solved": round(1e3 * median(solved), 1),
        },
        "plain_measured_on": {
            "volatilities": f"{SOLVED} of the contracts",
            "profile": f"{REPRICED} of 2,801 spots",
            "max pain": f"1 of {EXPIRIES} expiries",
            "levels, expiries, metrics": f"{REPRICED} of 40 steps to the delta flip, no more",
        },
    }
    print(json.dumps(report, indent=2))
    results = Path(__file__).parent / "results"
    results.mkdir(exist_ok=True)
    text = json.dumps(report, indent=2) + "\n"
    (results / "analyse.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
