"""The engine against whole chains computed in 60-digit arithmetic."""

from __future__ import annotations

import copy
import json
import math
from typing import Any

import pytest

from bot.cli.golden.levels import CHAINS
from tests.recorded import golden

CASES: list[dict[str, Any]] = json.loads(golden("levels_public.json").read_text(encoding="utf-8"))[
    "chains"
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["id"]))
def test_a_chain_has_the_reference_values_under_every_convention(case: dict[str, Any]) -> None:
    assert CHAINS.check(case, CHAINS.compute(case)) <= 1.0


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["id"]))
def test_what_is_computed_has_every_key_that_is_expected(case: dict[str, Any]) -> None:
    value, expected = CHAINS.compute(case), case["expected"]
    assert value.keys() == expected.keys()
    assert value["common"].keys() == expected["common"].keys()
    assert value["conventions"].keys() == expected["conventions"].keys()
    for name, convention in expected["conventions"].items():
        assert value["conventions"][name].keys() == convention.keys()
    json.dumps(value, allow_nan=False)


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        (("common", "call_wall"), 103.0),
        (("common", "n_used"), 5),
        (("common", "max_pain_all", "ties"), []),
        (("common", "pcr_oi"), 1.1001),
        (("common", "pin", "score"), math.nan),
        (("conventions", "naive", "regime"), "POSITIVE"),
        (("conventions", "naive", "totals", "cex_usd_per_day"), 0.0),
        (("conventions", "naive", "flips"), [{"level": 100.0, "direction": "neg_to_pos"}]),
        (("conventions", "naive", "by_strike"), []),
        (("conventions", "naive"), None),
    ],
)
def test_a_wrong_value_anywhere_fails_the_case(path: tuple[str, ...], wrong: Any) -> None:
    [case] = [each for each in CASES if each["id"] == "broken-quotes"]
    value = copy.deepcopy(CHAINS.compute(case))
    inner = value
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = wrong
    assert CHAINS.check(case, value) > 1.0


def test_what_has_expired_leaves_everything_but_the_count() -> None:
    [case] = [each for each in CASES if each["id"] == "broken-quotes"]
    late = copy.deepcopy(case)
    contracts = late["input"]["contracts"]
    contracts.insert(0, {**contracts[1], "expiry": late["input"]["now"], "oi": 10**9, "iv": 0.3})
    one, other = CHAINS.compute(case), CHAINS.compute(late)
    assert other["conventions"] == one["conventions"]
    counts = {"n_contracts": 11, "n_expired": 1}
    assert other["common"] == {**one["common"], **counts}
    assert other["contracts"][1:] == one["contracts"]
    assert other["contracts"][0] == {
        "T": 0.0, "used": False, "sigma": None, "delta": None, "gamma": None, "vanna": None,
        "charm": None,
    }  # fmt: skip


def test_unpublished_open_interest_is_no_open_interest_and_no_error() -> None:
    [case] = [each for each in CASES if each["id"] == "calls-only"]
    unknown = copy.deepcopy(case)
    for contract in unknown["input"]["contracts"]:
        contract["oi"] = None
    common = CHAINS.compute(unknown)["common"]
    assert (common["total_call_oi"], common["call_wall"], common["pcr_oi"]) == (None, None, None)
    json.dumps(common, allow_nan=False)
