"""Sections of `greeks_*.json`: formulas of single options and quotes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np

from bot.cli.golden.base import MISMATCH, Case, Section, close, missing, number, within
from engine.domain import SECONDS_PER_YEAR
from engine.fno_monitor import corrected_greeks, literal_greeks
from engine.forward import implied_forward
from engine.implied import implied_vol
from engine.pricing import black76_greeks, bsm_greeks, premium_adjusted

RTOL, ATOL = 1e-9, 1e-12
"""Of a greeks case that does not bring its own tolerances."""


def _numbers(case: Case, *names: str) -> list[float]:
    """Inputs of a case, a null as NaN."""
    return [missing(case["input"][name]) for name in names]


def greeks(case: Case) -> dict[str, float | None]:
    given = case["input"]
    spot, strike, years, rate, iv = _numbers(case, "S", "K", "T", "r", "sigma")
    call = given["kind"] == "C"
    if case["model"] == "black76":
        values = black76_greeks(spot, strike, years, rate, iv, call)
    else:
        values = bsm_greeks(spot, strike, years, rate, missing(given["b"]), iv, call)
    return {name: number(float(each)) for name, each in values.as_dict().items()}


def check_greeks(case: Case, value: Any) -> float:
    """A case says how far each greek may be off, or nothing: then all are compared closely."""
    expected = case["expected"]
    if "tol" not in case:
        return close(expected, value, rtol=RTOL, atol=ATOL)
    deviations = [_off(expected[name], value[name], each) for name, each in case["tol"].items()]
    return max(deviations, default=0.0)


def _off(expected: float | None, value: float | None, tolerance: float) -> float:
    if expected is None or value is None:
        return 0.0 if expected is value else MISMATCH
    return within(expected, value, tolerance)


def implied(case: Case) -> dict[str, float | None]:
    given = case["input"]
    price, spot, strike, years, rate, carry = _numbers(case, "price", "S", "K", "T", "r", "b")
    sigma = implied_vol(price, spot, strike, years, rate, carry, given["kind"] == "C")
    return {"sigma": number(float(sigma))}


def parity_forward(case: Case) -> dict[str, float | None]:
    given = case["input"]
    quotes = np.array([[missing(each) for each in row] for row in given["quotes"]]).reshape(-1, 3)
    strikes, calls, puts = quotes.T
    forward = implied_forward(strikes, calls, puts, given["T"], given["r"])
    return {"F": number(forward)}


def year_fraction(case: Case) -> dict[str, float]:
    """Never below 0: what has settled has no time left."""
    now, settle = (datetime.fromisoformat(case["input"][name]) for name in ("now", "settle"))
    seconds = max(0.0, (settle - now).total_seconds())
    return {"T": seconds / SECONDS_PER_YEAR, "seconds": seconds}


def inverse(case: Case) -> dict[str, float | None]:
    given = case["input"]
    spot, strike, years, rate, carry, iv = _numbers(case, "S", "K", "T", "r", "b", "sigma")
    dollars = bsm_greeks(spot, strike, years, rate, carry, iv, given["kind"] == "C")
    coins = premium_adjusted(dollars, spot)
    plain, adjusted = dollars.as_dict(), coins.as_dict()
    values = {
        "price_usd": plain["price"],
        "price_coin": adjusted["price"],
        "delta": plain["delta"],
        "gamma": plain["gamma"],
        "delta_premium_adjusted": adjusted["delta"],
        "gamma_premium_adjusted": adjusted["gamma"],
    }
    return {name: number(float(each)) for name, each in values.items()}


def fno_monitor(case: Case) -> dict[str, dict[str, float | None]]:
    given = case["input"]
    forward, strike, years, rate, iv = _numbers(case, "F", "K", "T", "r", "sigma")
    call = given["kind"] == "CE"
    found = {
        "literal": literal_greeks(forward, strike, years, rate, iv, call),
        "correct_same_units": corrected_greeks(forward, strike, years, rate, iv, call),
    }
    return {
        frame: {name: number(float(each)) for name, each in values.items()}
        for frame, values in found.items()
    }


def check_relative(case: Case, value: Any) -> float:
    """Within the case's `rtol`; without one, within that of a greeks case."""
    return close(case["expected"], value, rtol=case.get("rtol", RTOL), atol=0.0)


def check_fno_monitor(case: Case, value: Any) -> float:
    """Relative, and 0 may be off by what rounding leaves of the formula's terms."""
    return close(case["expected"], value, rtol=case.get("rtol", RTOL), atol=ATOL)


SECTIONS = (
    Section("greeks", greeks, check_greeks),
    Section("implied_vol", implied, check_relative),
    Section("parity_forward", parity_forward, check_relative),
    Section("year_fraction", year_fraction, check_relative),
    Section("inverse_premium_adjusted", inverse, check_relative),
    Section("fno_monitor_literal", fno_monitor, check_fno_monitor),
)
