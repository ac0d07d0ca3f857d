"""Every reference case of single options and quotes, and that a wrong value would not pass."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from bot.cli.golden.base import MISMATCH, Case, Section, close
from bot.cli.golden.greeks import SECTIONS
from tests.recorded import golden

CASES: Mapping[str, Any] = json.loads(golden("greeks_public.json").read_text(encoding="utf-8"))
BY_NAME = {section.name: section for section in SECTIONS}


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.name)
def test_every_reference_case_is_within_its_tolerance(section: Section) -> None:
    cases = CASES[section.name]
    deviations = {case["id"]: section.check(case, section.compute(case)) for case in cases}
    assert len(deviations) == len(cases) > 0
    assert {name: off for name, off in deviations.items() if not off <= 1} == {}


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.name)
def test_a_value_that_is_off_does_not_pass(section: Section) -> None:
    for case in CASES[section.name]:
        assert section.check(case, _spoiled(case["expected"])) > 1
        assert section.check(case, case["expected"]) == 0


def _spoiled(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _spoiled(each) for name, each in value.items()}
    return 1.0 if value is None else value + 1e-3 + 1e-3 * abs(value)


def test_the_greeks_without_a_tolerance_are_as_accurate_as_the_others() -> None:
    scale = {"rho": 1e-9, "rho76": 1e-9, "veta": 1e-9, "dual_delta": 1e-9}
    compared = 0
    for case in CASES["greeks"]:
        value = BY_NAME["greeks"].compute(case)
        for name, rtol in scale.items():
            expected = case["expected"][name]
            if expected is not None:
                assert value[name] == pytest.approx(expected, rel=rtol, abs=1e-15), case["id"]
                compared += 1
    assert compared > 600


def test_values_come_out_in_the_shape_of_the_reference_and_as_json() -> None:
    for section in SECTIONS:
        for case in CASES[section.name]:
            value = section.compute(case)
            assert _keys(value) == _keys(case["expected"])
            json.dumps(value, allow_nan=False)


def _keys(value: Any) -> Any:
    return {k: _keys(v) for k, v in value.items()} if isinstance(value, dict) else None


def test_a_missing_number_is_not_a_number_and_the_other_way_round() -> None:
    assert close({"a": None}, {"a": None}) == 0
    assert close({"a": None}, {"a": 0.0}) == MISMATCH
    assert close({"a": 0.0}, {"a": None}, atol=1.0) == MISMATCH


@pytest.mark.parametrize(
    ("expected", "value"),
    [
        ({"a": 1.0}, {}),
        ([1.0], [1.0, 1.0]),
        ([1.0], 1.0),
        ({"a": 1.0}, [1.0]),
        ("up", "down"),
        (True, 1),
        (1.0, float("nan")),
    ],
)
def test_another_shape_is_a_mismatch_whatever_the_tolerance(expected: Any, value: Any) -> None:
    assert close(expected, value, rtol=1e9, atol=1e9) == MISMATCH


def test_a_deviation_counts_in_tolerances_and_the_worst_one_counts() -> None:
    assert close([1.0, [2.0]], [1.1, [2.4]], atol=0.2) == pytest.approx(2.0)
    assert close(100.0, 101.0, rtol=0.02) == pytest.approx(0.5)
    assert close(3, 3.0) == 0


def test_zero_dte_and_the_deepest_strikes_keep_their_relative_accuracy() -> None:
    """Beyond what the tolerances ask for: tails lose nothing to subtraction."""
    for case in _live("deep", "zero_dte", "vol_extreme"):
        value = BY_NAME["greeks"].compute(case)
        for name in ("delta", "gamma", "vega", "vanna"):
            expected = case["expected"][name]
            if abs(expected) > np.finfo(float).tiny:
                assert value[name] == pytest.approx(expected, rel=1e-11), (case["id"], name)


def _live(*categories: str) -> list[Case]:
    cases = [case for case in CASES["greeks"] if case["category"] in categories]
    assert len(cases) > 30
    return cases
