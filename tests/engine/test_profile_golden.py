"""The flips of every reference chain under every convention."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import numpy as np
import pytest

from engine.domain import SECONDS_PER_YEAR
from engine.implied import implied_vol
from tests.engine.gamma_books import Book
from tests.recorded import golden

REFERENCE: Mapping[str, Any] = json.loads(golden("levels_public.json").read_text(encoding="utf-8"))
CHAINS = [
    pytest.param(chain, convention, id=f"{chain['id']}-{convention}")
    for chain in REFERENCE["chains"]
    for convention in chain["expected"]["conventions"]
]


@pytest.mark.parametrize(("chain", "convention"), CHAINS)
def test_flips_of_the_reference_chains(chain: Mapping[str, Any], convention: str) -> None:
    expected = chain["expected"]["conventions"][convention]
    flips, primary, _ = reference_book(chain["input"], convention).flips()
    assert [each.direction for each in flips] == [each["direction"] for each in expected["flips"]]
    for found, wanted in zip(flips, expected["flips"], strict=True):
        low, high = wanted["bracket"]
        assert low <= found.level <= high
        assert found.prominence == pytest.approx(wanted["prominence"], rel=1e-6)
        if chain["id"] != "zero-dte-dead-zone":
            assert found.level == pytest.approx(wanted["level"], rel=1e-8)
    if expected["gamma_flip"] is None:
        assert primary is None
    elif chain["id"] != "zero-dte-dead-zone":
        assert primary == pytest.approx(expected["gamma_flip"], rel=1e-8)


def reference_book(case: Mapping[str, Any], convention: str) -> Book:
    """Arrays straight from the file: unexpired contracts with a vol by its rules."""
    now = datetime.fromisoformat(case["now"])
    rate, carry = case["r"], case["r"] - case["q"]
    rows = []
    for each in case["contracts"]:
        seconds = (datetime.fromisoformat(each["expiry"]) - now).total_seconds()
        years = max(seconds, 60.0) / SECONDS_PER_YEAR
        iv = _vol(each, case["spot"], years, rate, carry)
        if seconds > 0 and np.isfinite(iv):
            held = _position(each, convention) * each["mult"]
            rows.append((each["strike"], years, iv, held))
    strikes, terms, vols, weights = np.array(rows, dtype=np.float64).reshape(-1, 4).T
    return Book(
        spot=case["spot"],
        strike=strikes,
        years=terms,
        iv=vols,
        weight=weights,
        rate=rate,
        carry=carry,
    )


def _position(contract: Mapping[str, Any], convention: str) -> float:
    if convention == "book":
        return float(contract["dealer_qty"] or 0.0)
    call, put = REFERENCE["conventions"][convention]
    return float((call if contract["kind"] == "C" else put) * (contract["oi"] or 0.0))


def _vol(
    contract: Mapping[str, Any], spot: float, years: float, rate: float, carry: float
) -> float:
    iv, bid, ask = contract["iv"], contract.get("bid"), contract.get("ask")
    if iv is None or not 0.005 <= iv <= 5:
        if not bid or not ask or bid > ask:
            return float("nan")
        call = contract["kind"] == "C"
        mid = (bid + ask) / 2
        iv = float(implied_vol(mid, spot, contract["strike"], years, rate, carry, call))
    return iv if 0.005 <= iv <= 5 else float("nan")
