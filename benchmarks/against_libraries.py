"""Greeks of 20,000 contracts: one fused pass beside plain numpy, QuantLib and py_vollib.

The libraries price one contract at a time, in a loop over all of them, each the fastest way it
offers: QuantLib by `BlackCalculator`, without instruments and engines, py_vollib by its analytical
greeks. Four greeks are asked of everyone, since py_vollib has no others of ours. All ways take
turns in one run, ratios are medians over the rounds, and their greeks are compared, so that nobody
is fast by computing something else.

`make bench` installs the libraries. One that is absent all the same is named and left out, and the
kept results stay as they are.
"""

from __future__ import annotations

import json
import platform
from collections.abc import Callable, Mapping
from importlib import import_module, metadata
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import ndtr

from benchmarks.greeks import (
    CARRY,
    RATE,
    SPOT,
    Contracts,
    Plain,
    contracts,
    in_turns,
    report,
    worst,
)
from engine.domain import Floats
from engine.pricing import bsm_greeks

CONTRACTS, ROUNDS = 20_000, 3
WHICH = ("delta", "gamma", "vega", "theta")
FUSED = "one fused pass"
RESULTS = Path(__file__).parent / "results" / "against_libraries.json"

Greeks = dict[str, Floats]
Way = Callable[[], Greeks]


def fused(book: Contracts) -> Greeks:
    return bsm_greeks(
        SPOT, book.strike, book.years, RATE, CARRY, book.iv, book.is_call, which=WHICH
    ).as_dict()


def plain(book: Contracts) -> Greeks:
    textbook = Plain(book, ndtr)
    return {name: getattr(textbook, name)() for name in WHICH}


def quantlib(book: Contracts) -> Way:
    """Raises ImportError where it is not installed."""
    ql = import_module("QuantLib")
    forward = (SPOT * np.exp(CARRY * book.years)).tolist()
    spread = (book.iv * np.sqrt(book.years)).tolist()
    discount = np.exp(-RATE * book.years).tolist()
    side = [ql.Option.Call if call else ql.Option.Put for call in book.is_call]
    strike, years = book.strike.tolist(), book.years.tolist()

    def work() -> Greeks:
        rows = np.empty((len(side), len(WHICH)))
        for i, call in enumerate(side):
            payoff = ql.PlainVanillaPayoff(call, strike[i])
            one = ql.BlackCalculator(payoff, forward[i], spread[i], discount[i])
            rows[i] = (
                one.delta(SPOT),
                one.gamma(SPOT),
                one.vega(years[i]),
                one.theta(SPOT, years[i]),
            )
        return dict(zip(WHICH, rows.T, strict=True))

    return work


def vollib(book: Contracts) -> Way:
    """Theta per day and vega per vol point are put back to raw. Raises ImportError."""
    greeks = import_module("py_vollib.black_scholes_merton.greeks.analytical")
    functions = [getattr(greeks, name) for name in WHICH]
    units = np.array([1.0, 1.0, 100.0, 365.0])
    side = ["c" if call else "p" for call in book.is_call]
    strike, years, iv = book.strike.tolist(), book.years.tolist(), book.iv.tolist()

    def work() -> Greeks:
        rows = np.empty((len(side), len(WHICH)))
        for i, flag in enumerate(side):
            terms = (flag, SPOT, strike[i], years[i], RATE, iv[i], RATE - CARRY)
            rows[i] = [greek(*terms) for greek in functions]
        return dict(zip(WHICH, (rows * units).T, strict=True))

    return work


LIBRARIES: Mapping[str, Callable[[Contracts], Way]] = {"QuantLib": quantlib, "py_vollib": vollib}


def installed(book: Contracts) -> tuple[dict[str, Way], list[str]]:
    """The libraries that are here, by name and version, and the names of those that are not."""
    found: dict[str, Way] = {}
    absent = []
    for name, make in LIBRARIES.items():
        try:
            found[f"{name} {metadata.version(name)}"] = make(book)
        except (ImportError, metadata.PackageNotFoundError):
            absent.append(name)
    return found, absent


def main() -> None:
    book = contracts(CONTRACTS)
    libraries, absent = installed(book)
    took = in_turns(
        {FUSED: lambda: fused(book), "plain numpy": lambda: plain(book), **libraries}, ROUNDS
    )
    title = f"{', '.join(WHICH)} of {book.strike.size:,} contracts"
    results: dict[str, Any] = {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "contracts": book.strike.size,
        "greeks": report(title, took, FUSED),
        "difference": {name: worst(fused(book), work()) for name, work in libraries.items()},
        "not_installed": absent,
    }
    for name, difference in results["difference"].items():
        print(f"  {name} differs by {difference:.1e} of the largest value")
    print(f"  not installed: {', '.join(absent) or 'none'}")
    if absent:
        return
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
