"""Signing two million option trades beside the loop that one writes first.

The plain way goes through the tape once: the contract's last quote and last different price in
dictionaries, prices compared as decimals, as the rules ask. It does a share of the trades, and its
time is scaled; both ways have to give the same sides there. Run: python -m benchmarks.trades
"""

from __future__ import annotations

import json
import platform
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

from engine.trades.classify import Method, Rule, classify, clnv, lee_ready, tick_test
from engine.trades.tape import Quotes, Trades, prevailing

TRADES, QUOTES, CONTRACTS = 2_000_000, 4_000_000, 4_000
SAMPLE = 50_000
ROUNDS = 3
RESULTS = Path(__file__).parent / "results" / "trades.json"


def tape(seed: int = 1) -> tuple[Trades, Quotes]:
    """A day: cent prices, trades at the quotes, at the mid and between, some contracts unquoted."""
    draw = np.random.default_rng(seed)
    mids = draw.integers(5, 4000, CONTRACTS)
    quoted = draw.integers(0, CONTRACTS - 40, QUOTES)
    bids = mids[quoted] + draw.integers(-3, 3, QUOTES)
    asks = bids + draw.integers(1, 12, QUOTES)
    quotes = Quotes(
        contract=quoted,
        time=np.sort(draw.integers(0, 23_400_000_000_000, QUOTES)),
        bid=bids / 100,
        ask=asks / 100,
    )
    traded = draw.integers(0, CONTRACTS, TRADES)
    trades = Trades(
        contract=traded,
        time=np.sort(draw.integers(0, 23_400_000_000_000, TRADES)),
        price=(2 * mids[traded] + draw.integers(-6, 20, TRADES)) / 200,
        size=draw.integers(1, 50, TRADES).astype(np.float64),
    )
    return trades, quotes


def plain(trades: Trades, quotes: Quotes, until: int) -> list[int]:
    """Lee-Ready, one trade at a time, up to that many trades."""
    quote: dict[int, tuple[float, float]] = {}
    last: dict[int, float] = {}
    tick: dict[int, int] = {}
    sides, at = [], 0
    for row in range(until):
        while at < quotes.time.size and quotes.time[at] <= trades.time[row]:
            quote[int(quotes.contract[at])] = (float(quotes.bid[at]), float(quotes.ask[at]))
            at += 1
        name, price = int(trades.contract[row]), float(trades.price[row])
        if name in last and price != last[name]:
            tick[name] = 1 if price > last[name] else -1
        last[name] = price
        sides.append(_by_quote(price, quote.get(name)) or tick.get(name, 0))
    return sides


def _by_quote(price: float, quote: tuple[float, float] | None) -> int:
    if quote is None or not (0 <= quote[0] <= quote[1] and quote[1] > 0):
        return 0
    twice = 2 * Decimal(repr(price))
    both = Decimal(repr(quote[0])) + Decimal(repr(quote[1]))
    return (twice > both) - (twice < both)


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    started = perf_counter()
    result = work()
    return perf_counter() - started, result


def main() -> None:
    trades, quotes = tape()
    slow: list[float] = []
    parts: dict[str, list[float]] = {}
    for _ in range(ROUNDS):
        took, sides = timed(lambda: plain(trades, quotes, SAMPLE))
        slow.append(took * TRADES / SAMPLE)
        whole, found = timed(lambda: classify(trades, quotes, Rule.LEE_READY))
        assert found.side[:SAMPLE].tolist() == sides
        join, met = timed(lambda: prevailing(trades, quotes))
        seen = trades.price, met.bid, met.ask, trades.contract
        took_parts = {
            "whole": whole,
            "join": join,
            "tick_test": timed(partial(tick_test, trades.price, trades.contract))[0],
            "lee_ready": timed(partial(lee_ready, *seen))[0],
            "clnv": timed(partial(clnv, *seen))[0],
        }
        for name, took in took_parts.items():
            parts.setdefault(name, []).append(took)
    report = {
        "python": platform.python_version(),
        "trades": TRADES,
        "quotes": QUOTES,
        "plain_over_ours": round(median(slow) / median(parts["whole"]), 1),
        "share_of_whole": {
            name: round(median(took) / median(parts["whole"]), 2)
            for name, took in parts.items()
            if name != "whole"
        },
        "million_trades_per_second": round(TRADES / median(parts["whole"]) / 1e6, 2),
        "unsigned": round(float(np.mean(found.side == 0)), 4),
        "decided_by_quote": round(float(np.mean(found.method == Method.QUOTE)), 3),
    }
    print(json.dumps(report, indent=2))
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
