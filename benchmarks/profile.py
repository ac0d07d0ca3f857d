"""The gamma profile beside plain numpy broadcasting: time, memory, difference.

18,000 contracts at 300 and at 2,801 spots (the grid on which flips are looked for), and the
whole search for flips. The plain way builds the matrix of every contract at every spot, 300 spots
at a time, since 2,801 would take 2 GiB. Both take turns, so that a busy machine slows both; ratios
are medians over the rounds. Peak memory is what tracemalloc saw of one call.
Run: python -m benchmarks.profile
"""

from __future__ import annotations

import json
import platform
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from benchmarks.greeks import CARRY, RATE, SPOT, Contracts, contracts, in_turns, ratios
from engine.domain import Floats
from engine.profile import gamma_flips, gamma_profile

SPOTS = {"300 spots": 300, "2,801 spots": 2801}
ROUNDS = {"300 spots": 11, "2,801 spots": 3}
RESULTS = Path(__file__).parent / "results" / "profile.json"


def positions(book: Contracts) -> Floats:
    """Calls long, puts short, most of it near the money. [units of the underlying]"""
    rng = np.random.default_rng(3)
    near = np.exp(-0.5 * (np.log(book.strike / SPOT) / 0.15) ** 2)
    interest = rng.gamma(0.5, 2000.0, book.strike.size) * near
    return np.where(book.is_call, interest, -interest) * 100


def plain(spots: Floats, book: Contracts, weight: Floats) -> Floats:
    """Net GEX per 1 %, 300 spots at a time."""
    slices = np.split(spots, range(300, spots.size, 300))
    return np.concatenate([broadcast(each, book, weight) for each in slices])


def broadcast(spots: Floats, book: Contracts, weight: Floats) -> Floats:
    """Net GEX per 1 % as it is usually written: one broadcast over (spots, contracts)."""
    at = spots[:, None]
    spread = book.iv * np.sqrt(book.years)
    d1 = (np.log(at / book.strike) + (CARRY + 0.5 * book.iv**2) * book.years) / spread
    density = np.exp(-0.5 * d1**2) / np.sqrt(2 * np.pi)
    gamma = np.exp((CARRY - RATE) * book.years) * density / (at * spread)
    return np.asarray((weight * gamma * at**2 * 0.01).sum(axis=1))


def peak(work: Callable[[], Any]) -> float:
    """Peak of what one call allocates. [MiB]"""
    tracemalloc.start()
    work()
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most / 2**20


def beside(name: str, book: Contracts, weight: Floats) -> dict[str, Any]:
    spots = SPOT * np.exp(np.linspace(np.log(0.65), np.log(1.35), SPOTS[name]))

    def ours() -> Floats:
        return gamma_profile(spots, book.strike, book.years, book.iv, RATE, CARRY, weight)

    ways = {"ours": ours, "plain": lambda: plain(spots, book, weight)}
    took = in_turns(ways, ROUNDS[name])
    gross = plain(spots, book, np.abs(weight)).max()
    return {
        "ms": {way: round(1e3 * median(each), 2) for way, each in took.items()},
        "ratio": round(ratios(took, "ours")["plain"], 1),
        "peak_mib": {way: round(peak(work), 1) for way, work in ways.items()},
        "difference_of_gross": float(np.abs(ours() - plain(spots, book, weight)).max() / gross),
    }


def main() -> None:
    book = contracts()
    weight = positions(book)
    results: dict[str, Any] = {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "contracts": book.strike.size,
    }
    for name in SPOTS:
        found = results[name] = beside(name, book, weight)
        ms, memory = found["ms"], found["peak_mib"]
        print(f"{book.strike.size:,} contracts x {name}")
        print(f"  ours   {ms['ours']:9.2f} ms  {memory['ours']:8.1f} MiB")
        print(f"  plain  {ms['plain']:9.2f} ms  {memory['plain']:8.1f} MiB")
        print(f"  ratio  {found['ratio']:9.1f} x   difference {found['difference_of_gross']:.1e}")

    def search() -> int:
        flips, _, _ = gamma_flips(SPOT, book.strike, book.years, book.iv, RATE, CARRY, weight)
        return len(flips)

    took = median(in_turns({"flips": search}, 11)["flips"])
    results["all_flips"] = {"ms": round(1e3 * took, 2), "found": search()}
    print(f"all {search()} flips, refined: {1e3 * took:.1f} ms")
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
