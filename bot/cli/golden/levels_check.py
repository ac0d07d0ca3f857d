"""How far a computed chain is from its reference values, in units of the tolerance."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from bot.cli.golden.base import MISMATCH, Case, within

MONEY = 1e-8
"""Of the gross of the same exposure: its largest total under any convention."""
PER_CONTRACT = 1e-7
ROOT = 1e-6
OTHER = 1e-6
TINY = 1e-12

EXACT = {
    "strike", "ties", "used", "regime", "regime_local_2pct", "direction", "gamma_walls",
    "call_oi_walls", "put_oi_walls", "call_wall_oi", "put_wall_oi", "call_wall", "put_wall",
    "abs_gamma_strike", "atm_strike", "hvl", "R1", "R2", "S1", "S2", "up", "down",
    "nearest_expiry", "n_contracts", "n_used", "n_expired", "n_no_vol",
}  # fmt: skip
IGNORED = {"prominence", "bracket"}
"""Informational: the search's own grid, not the market."""

GROSS_OF = {
    "call_gex": "gex_usd_per_1pct",
    "put_gex": "gex_usd_per_1pct",
    "net_gex": "gex_usd_per_1pct",
    "net_dex_usd": "dex_usd",
    "net_vex": "vex_usd_per_volpt",
    "net_cex": "cex_usd_per_day",
    "active": "gex_usd_per_1pct",
    "net_dealer_delta_flow_dashboard": "dex_usd",
    "charm_overnight": "cex_units_per_day",
    "vanna_crush_5pt": "vex_units_per_volpt",
    "vanna_spike_5pt": "vex_units_per_volpt",
    "overnight_combined": "cex_units_per_day",
    "gamma_up_1pct": "gex_usd_per_1usd",
    "gamma_down_1pct": "gex_usd_per_1usd",
}
ROOTS = {"level", "gamma_flip", "delta_flip"}

Path = tuple[str, ...]
Tolerance = Callable[[Path, float], float]


def check(case: Case, value: Mapping[str, Any]) -> float:
    """Largest deviation of a case over its tolerance; <= 1 passes, infinite where shapes differ."""
    expected = case["expected"]
    tolerance = _tolerances(expected)
    return max(
        (
            _deviation(path, want, got, tolerance)
            for path, want, got in _leaves((), _dead_zones(expected, value), value)
        ),
        default=0.0,
    )


def _tolerances(expected: Mapping[str, Any]) -> Tolerance:
    totals = [each["totals"] for each in expected["conventions"].values()]
    gross: dict[str, float] = {
        name: max(abs(float(each[name])) for each in totals)
        for name in (totals[0] if totals else ())
    }

    def tolerance(path: Path, want: float) -> float:
        name = "active" if "active" in path else path[-1]
        if name in gross:
            return MONEY * gross[name]
        if name in GROSS_OF:
            return MONEY * gross.get(GROSS_OF[name], abs(want))
        if name in ROOTS:
            return ROOT * abs(want)
        return (PER_CONTRACT if path[0] == "contracts" else OTHER) * abs(want)

    return tolerance


def _dead_zones(expected: Mapping[str, Any], value: Mapping[str, Any]) -> dict[str, Any]:
    """`expected` with our own root where the reference's bracket is a dead zone around it.

    Between two walls of an expiry about to settle the profile is nothing but rounding, and a
    root may lie anywhere there: the bracket then spans far more than a step of the grid.
    """
    return {
        **expected,
        "conventions": {
            name: _settled(want, value["conventions"].get(name) or {"flips": []})
            for name, want in expected["conventions"].items()
        },
    }


def _settled(want: Mapping[str, Any], got: Mapping[str, Any]) -> dict[str, Any]:
    flips, ours = want["flips"], got["flips"]
    if len(flips) != len(ours):
        return dict(want)
    moved = [_within_bracket(a, b) for a, b in zip(flips, ours, strict=True)]
    levels = {a["level"]: b["level"] for a, b in zip(flips, moved, strict=True)}
    primary = want["gamma_flip"]
    return {**want, "flips": moved, "gamma_flip": levels.get(primary, primary)}


def _within_bracket(want: Mapping[str, Any], got: Mapping[str, Any]) -> dict[str, Any]:
    low, high = want.get("bracket", (math.nan, math.nan))
    wide = high - low > 0.001 * want["level"]
    return {**want, "level": got["level"]} if wide and low <= got["level"] <= high else dict(want)


def _leaves(path: Path, want: Any, got: Any) -> Iterator[tuple[Path, Any, Any]]:
    """Pairs of what is expected and found; a missing part is paired with None."""
    if isinstance(want, Mapping):
        there = got if isinstance(got, Mapping) else {}
        for key in want.keys() - IGNORED:
            yield from _leaves((*path, str(key)), want[key], there.get(key))
    elif isinstance(want, Sequence) and not isinstance(want, str):
        listed = got if isinstance(got, Sequence) and not isinstance(got, str) else []
        yield (*path, "length"), len(want), len(listed)
        for each, found in zip(want, listed, strict=False):
            yield from _leaves(path, each, found)
    else:
        yield path, want, got


def _deviation(path: Path, want: Any, got: Any, tolerance: Tolerance) -> float:
    number = isinstance(want, (int, float)) and not isinstance(want, bool)
    if not number or path[-1] in EXACT or path[-1] == "length":
        return 0.0 if want == got else MISMATCH
    if not isinstance(got, (int, float)) or isinstance(got, bool):
        return MISMATCH
    return within(want, got, max(tolerance(path, want), TINY))
