"""Every reference case of measures, rules and trades, and that a wrong value would not pass."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from bot.cli.golden import signals, trades
from bot.cli.golden.base import Section
from tests.recorded import golden

CASES: dict[str, list[dict[str, Any]]] = {
    name: cases
    for file in ("signals_public.json", "trades_public.json")
    for name, cases in json.loads(golden(file).read_text(encoding="utf-8")).items()
    if name != "note"
}
SECTIONS = (*signals.SECTIONS, *trades.SECTIONS)


def test_every_section_of_the_files_is_computed() -> None:
    assert {section.name for section in SECTIONS} == CASES.keys()


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.name)
def test_every_reference_case_is_met_and_comes_out_as_json(section: Section) -> None:
    missed = {}
    for case in CASES[section.name]:
        value = section.compute(case)
        json.dumps(value, allow_nan=False)
        assert _shape(value) == _shape(case["expected"]), case["id"]
        if section.check(case, value) > 1:
            missed[case["id"]] = value
    assert missed == {}


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.name)
def test_a_value_that_is_off_does_not_pass(section: Section) -> None:
    for case in CASES[section.name]:
        for wrong in _spoiled(section.compute(case)):
            assert section.check(case, wrong) > 1, (case["id"], wrong)


def _spoiled(value: Any) -> Iterator[Any]:
    """The value with each of its leaves wrong, one at a time."""
    if isinstance(value, dict):
        for key, each in value.items():
            for wrong in _spoiled(each):
                yield {**value, key: wrong}
    elif isinstance(value, list):
        yield [*value, 0]
        for at, each in enumerate(value):
            for wrong in _spoiled(each):
                other = copy.copy(value)
                other[at] = wrong
                yield other
    elif value is None or isinstance(value, str):
        yield 0.0
    elif isinstance(value, bool):
        yield not value
    else:
        yield value + 1e-9 * (1 + abs(value))


def _shape(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _shape(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_shape(each) for each in value]
    return value is None


def test_what_a_case_does_not_know_is_silent_and_no_error() -> None:
    by_name = {section.name: section for section in SECTIONS}
    silences: dict[str, Any] = {
        "breakout": {"bull": [], "bear": [], "score": 0},
        "signal_library": [],
        "oi_buildup": "NEUTRAL",
        "oi_trend": None,
        "pcr": None,
    }
    for name, silent in silences.items():
        [first, *_] = CASES[name]
        unknown = {"input": dict.fromkeys(first["input"])}
        assert by_name[name].compute(unknown) == silent
    nothing = {"input": dict.fromkeys(CASES["positioning_confidence"][0]["input"])}
    assert by_name["positioning_confidence"].compute(nothing)["score"] == 100.0


def test_a_strike_without_numbers_is_silent_and_the_others_are_not() -> None:
    [case] = [each for each in CASES["uoa"] if each["id"] == "uoa-07"]
    gap = copy.deepcopy(case)
    del gap["input"]["put_volume"]["100"]
    gap["input"]["call_oi_change"]["95"] = None
    gap["input"]["avg_put_oi_change"] = None
    kinds = [(each["type"], each.get("strike")) for each in signals.unusual(gap)["default"]]
    assert kinds == [
        ("UNUSUAL_CALL_VOLUME", 115),
        ("OTM_CALL_ACCUMULATION", 115),
        ("UNUSUAL_PUT_VOLUME", 110),
    ]
