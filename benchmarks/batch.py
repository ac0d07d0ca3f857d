"""150 chains of 300 contracts: one batch beside a loop, totals and whole snapshots.

All ways take turns, so that a busy machine slows every one of them; ratios are medians over the
rounds. The loop of `analyse` also finds levels, flips and metrics: it says what a scan saves that
only wants the sums. Run: python -m benchmarks.batch
"""

from __future__ import annotations

import json
import platform
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.analyse import STRIKES, market
from benchmarks.greeks import Way, in_turns, report
from engine.analyse import analyse
from engine.batch import batch_totals
from engine.domain import COLUMNS, Chain
from engine.held import hold
from engine.settings import EngineSettings

CHAINS, ROUNDS = 150, 7
EXPIRIES, WIDTH = (2, 7, 21), 50
BATCH = "batch of totals"
RESULTS = Path(__file__).parent / "results" / "batch.json"


def chains() -> list[Chain]:
    """Each with the strikes around spot of three expiries, at a spot and size of its own."""
    whole = market()
    middle = STRIKES // 2
    near = np.arange(2 * (middle - WIDTH // 2), 2 * (middle + WIDTH // 2))
    rows = np.concatenate([near + 2 * STRIKES * expiry for expiry in EXPIRIES])
    one = replace(whole, listed=rows.size, **{name: getattr(whole, name)[rows] for name in COLUMNS})
    prices = ("strike", "bid", "ask")
    return [
        replace(
            one,
            asset=f"X{i}",
            spot=one.spot * scale,
            oi=np.roll(one.oi, i),
            **{name: getattr(one, name) * scale for name in prices},
        )
        for i, scale in enumerate(np.geomspace(0.01, 2, CHAINS).tolist())
    ]


def main() -> None:
    listed, settings = chains(), EngineSettings()
    ways: dict[str, Way] = {
        BATCH: lambda: batch_totals(listed, settings),
        "loop of totals": lambda: [hold(each, settings).value().exposures for each in listed],
        "loop of analyse": lambda: [analyse(each, settings) for each in listed],
    }
    found = batch_totals(listed, settings)
    expected = [hold(each, settings).value().exposures for each in listed]
    difference = max(
        abs(one.gex_usd_per_1pct - other.gex_usd_per_1pct) / other.gex_gross_usd_per_1pct
        for one, other in zip(found, expected, strict=True)
    )
    took = in_turns(ways, ROUNDS)
    results: dict[str, Any] = {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "chains": len(listed),
        "contracts": len(listed[0]),
        "ways": report(f"{len(listed)} chains of {len(listed[0])} contracts", took, BATCH),
        "difference_of_gross": difference,
    }
    print(f"  net GEX differs by {difference:.1e} of gross")
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
