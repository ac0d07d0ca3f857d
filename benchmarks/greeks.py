"""Greeks and implied vols of 18,000 contracts beside formulas as they are usually written.

The plain ways: one numpy function per greek, each with its own d1, once with scipy.stats.norm and
once with ndtr; implied vols by vectorised Newton steps on the price. All ways take turns, so that
a busy machine slows every one of them; ratios are medians over the rounds. The libraries are in
`against_libraries`. Run: python -m benchmarks.greeks
"""

from __future__ import annotations

import json
import platform
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np
from scipy.special import ndtr
from scipy.stats import norm

from engine.domain import Bools, Floats
from engine.exposure import WHICH
from engine.implied import implied_vol
from engine.pricing import bsm_greeks

CONTRACTS, EXPIRIES = 18_000, 40
SPOT, RATE, CARRY = 6700.0, 0.04, 0.028
ROUNDS = 15
RESULTS = Path(__file__).parent / "results" / "greeks.json"

Way = Callable[[], Any]
Cdf = Callable[[Floats], Floats]


@dataclass(frozen=True, slots=True)
class Contracts:
    strike: Floats
    years: Floats
    iv: Floats
    is_call: Bools


def contracts(count: int = CONTRACTS) -> Contracts:
    """An index chain: daily to yearly expiries, a skewed smile, strikes out to two deviations."""
    days = np.unique(np.concatenate([np.arange(20), np.geomspace(21, 1000, EXPIRIES - 20)])) + 0.25
    each = count // (2 * days.size)
    rows: list[tuple[Floats, ...]] = []
    for years in days / 365:
        width = 2 * min(0.05 + 0.7 * np.sqrt(years), 0.8)
        strike = SPOT * np.exp(np.linspace(-width, 0.5 * width, each))
        away = np.log(strike / SPOT) / np.sqrt(years + 0.02)
        iv = np.clip(0.16 - 0.12 * away + 0.1 * away**2, 0.07, 1.2)
        term = np.full(each, years)
        rows.extend((strike, term, iv, np.full(each, call)) for call in (True, False))
    strike, years, iv, calls = (np.concatenate(column) for column in zip(*rows, strict=True))
    return Contracts(strike, years, iv, calls.astype(np.bool_))


class Plain:
    """Textbook functions, each complete in itself."""

    def __init__(self, book: Contracts, cdf: Cdf) -> None:
        self.k, self.t, self.v, self.call = book.strike, book.years, book.iv, book.is_call
        self.cdf = cdf

    def d1(self) -> Floats:
        s = self.v * np.sqrt(self.t)
        return np.asarray((np.log(SPOT / self.k) + (CARRY + self.v**2 / 2) * self.t) / s)

    def d2(self) -> Floats:
        return self.d1() - self.v * np.sqrt(self.t)

    def pdf(self) -> Floats:
        return np.asarray(np.exp(-(self.d1() ** 2) / 2) / np.sqrt(2 * np.pi))

    def asset(self) -> Floats:
        return np.asarray(np.exp((CARRY - RATE) * self.t))

    def delta(self) -> Floats:
        call = self.asset() * self.cdf(self.d1())
        return np.where(self.call, call, call - self.asset())

    def gamma(self) -> Floats:
        return np.asarray(self.asset() * self.pdf() / (SPOT * self.v * np.sqrt(self.t)))

    def vega(self) -> Floats:
        return SPOT * self.asset() * self.pdf() * np.sqrt(self.t)

    def theta(self) -> Floats:
        decay = -SPOT * self.asset() * self.pdf() * self.v / (2 * np.sqrt(self.t))
        cash = self.k * np.exp(-RATE * self.t)
        income = (CARRY - RATE) * SPOT * self.asset()
        call = -income * self.cdf(self.d1()) - RATE * cash * self.cdf(self.d2())
        put = income * self.cdf(-self.d1()) + RATE * cash * self.cdf(-self.d2())
        return np.asarray(decay + np.where(self.call, call, put))

    def vanna(self) -> Floats:
        return -self.asset() * self.pdf() * self.d2() / self.v

    def charm(self) -> Floats:
        drift = CARRY / (self.v * np.sqrt(self.t)) - self.d2() / (2 * self.t)
        income = (CARRY - RATE) * np.where(self.call, self.cdf(self.d1()), -self.cdf(-self.d1()))
        return -self.asset() * (self.pdf() * drift + income)

    def vomma(self) -> Floats:
        return self.vega() * self.d1() * self.d2() / self.v

    def speed(self) -> Floats:
        return -self.gamma() / SPOT * (1 + self.d1() / (self.v * np.sqrt(self.t)))

    def zomma(self) -> Floats:
        return self.gamma() * (self.d1() * self.d2() - 1) / self.v

    def all(self) -> dict[str, Floats]:
        return {name: getattr(self, name)() for name in WHICH}


def ours(book: Contracts) -> dict[str, Floats]:
    return bsm_greeks(
        SPOT, book.strike, book.years, RATE, CARRY, book.iv, book.is_call, which=WHICH
    ).as_dict()


def newton(price: Floats, book: Contracts) -> Floats:
    """Newton on the price from 30 %, until every step is below 1e-8 or 50 are done."""
    iv = np.full(price.size, 0.3)
    for _ in range(50):
        at = bsm_greeks(
            SPOT, book.strike, book.years, RATE, CARRY, iv, book.is_call, which=("price", "vega")
        ).as_dict()
        step = (at["price"] - price) / np.maximum(at["vega"], 1e-8)
        iv = np.clip(iv - step, 1e-4, 5.0)
        if np.abs(step).max() < 1e-8:
            break
    return iv


def in_turns(ways: Mapping[str, Way], rounds: int = ROUNDS) -> dict[str, list[float]]:
    """Seconds of every way in every round, one after the other."""
    took: dict[str, list[float]] = {name: [] for name in ways}
    for work in ways.values():
        work()
    for _ in range(rounds):
        for name, work in ways.items():
            started = perf_counter()
            work()
            took[name].append(perf_counter() - started)
    return took


def ratios(took: Mapping[str, list[float]], first: str) -> dict[str, float]:
    """How many times as long as `first` each way takes, median over the rounds."""
    return {
        name: median(each / base for each, base in zip(times, took[first], strict=True))
        for name, times in took.items()
    }


def worst(found: Mapping[str, Floats], other: Mapping[str, Floats]) -> float:
    """Largest difference of two sets of greeks, each in units of its own largest value."""
    return max(
        float(np.abs(found[name] - other[name]).max() / np.abs(other[name]).max()) for name in found
    )


def report(title: str, took: Mapping[str, list[float]], first: str) -> dict[str, Any]:
    times = {name: 1e3 * median(each) for name, each in took.items()}
    slower = ratios(took, first)
    print(title)
    for name, each in times.items():
        print(f"  {name:<28} {each:9.2f} ms   {slower[name]:7.1f} x")
    return {name: {"ms": round(times[name], 3), "ratio": round(slower[name], 2)} for name in times}


def main() -> None:
    book = contracts()
    n = book.strike.size
    with_stats, with_ndtr = Plain(book, norm.cdf), Plain(book, ndtr)
    greeks = in_turns(
        {
            "one fused pass": lambda: ours(book),
            "plain numpy, ndtr": with_ndtr.all,
            "plain numpy, scipy.stats": with_stats.all,
        }
    )
    price = bsm_greeks(
        SPOT, book.strike, book.years, RATE, CARRY, book.iv, book.is_call, which=("price",)
    ).as_dict()["price"]

    def solved() -> Floats:
        return implied_vol(price, SPOT, book.strike, book.years, RATE, CARRY, book.is_call)

    vols = in_turns({"three exact steps": solved, "Newton": lambda: newton(price, book)}, 5)

    results = {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "contracts": n,
        "greeks": report(f"Nine greeks of {n:,} contracts", greeks, "one fused pass"),
        "difference_from_plain": worst(ours(book), with_ndtr.all()),
        "implied_vols": report(f"Implied vols of {n:,} contracts", vols, "three exact steps"),
        "median_vol_error": {
            "three exact steps": _error(solved(), book.iv, price),
            "Newton": _error(newton(price, book), book.iv, price),
        },
    }
    print(f"  greeks differ from the plain ones by {results['difference_from_plain']:.1e}")
    print(f"  median relative error of a vol: {results['median_vol_error']}")
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


def _error(found: Floats, iv: Floats, price: Floats) -> float:
    """Over prices of a cent or more above intrinsic value, where the price says the vol."""
    known = np.isfinite(found) & (price > 0.01)
    return float(np.median(np.abs(found / iv - 1)[known]))


if __name__ == "__main__":
    main()
