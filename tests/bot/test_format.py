from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import format as shown
from tests.samples import NOON

Form = Callable[..., str]

UNKNOWN = (None, math.nan, math.inf, -math.inf)
NUMBERS = st.floats(min_value=-1e15, max_value=1e15)


@pytest.mark.parametrize("value", UNKNOWN)
@pytest.mark.parametrize(
    "form", [shown.money, shown.price, shown.percent, shown.signed_percent, shown.iv, shown.count]
)
def test_what_is_not_known_is_said_and_never_printed_as_a_number(
    form: Form, value: float | None
) -> None:
    assert form(value) == "unavailable"
    assert form(value, reason="no quotes") == "unavailable (no quotes)"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "$0"),
        (3.2, "$3.20"),
        (812.0, "$812"),
        (999.994, "$1.00 k"),
        (12_345.0, "$12.3 k"),
        (999_949_000.0, "$999.9 mn"),
        (999_960_000.0, "$1.00 bn"),
        (9.996e9, "$10.0 bn"),
        (-340.2e6, "-$340.2 mn"),
        (-0.001, "$0.00"),
        (3.1e12, "$3.10 tn"),
    ],
)
def test_money_keeps_three_or_four_digits_across_the_borders_of_its_units(
    value: float, text: str
) -> None:
    assert shown.money(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (100_000.4, "100,000"),
        (99_999.6, "100,000"),
        (9_999.96, "10,000"),
        (6_475.0, "6,475"),
        (661.25, "661.25"),
        (52.374, "52.374"),
        (0.52345, "0.52345"),
        (-0.0, "0"),
        (-1e-15, "0"),
    ],
)
def test_a_price_has_the_digits_it_needs(value: float, text: str) -> None:
    assert shown.price(value) == text


@given(NUMBERS)
def test_a_printed_price_is_the_price_to_five_digits(value: float) -> None:
    printed = float(shown.price(value).replace(",", ""))
    assert printed == pytest.approx(value, rel=5e-5, abs=1e-11)


@given(NUMBERS)
def test_printed_money_is_the_amount_within_its_digits(value: float) -> None:
    text = shown.money(value, "XYZ").removesuffix(" XYZ")
    number, _, unit = text.partition(" ")
    scale = {"": 1.0, "k": 1e3, "mn": 1e6, "bn": 1e9, "tn": 1e12}[unit]
    assert float(number.replace(",", "")) * scale == pytest.approx(value, rel=6e-3, abs=0.006)


@given(NUMBERS)
def test_no_number_is_printed_as_minus_zero_or_in_scientific_notation(value: float) -> None:
    for form in (shown.money, shown.price, shown.percent, shown.signed_percent, shown.count):
        text = form(value)
        assert not re.search(r"\de[+-]?\d|nan|inf", text)
        assert not re.fullmatch(r"-\D?0(\.0+)?( %)?", text)


def test_signed_percent_always_shows_which_side() -> None:
    assert shown.signed_percent(0.04) == "+4.0 %"
    assert shown.signed_percent(-0.04) == "-4.0 %"
    assert shown.signed_percent(0.0001) == "0.0 %"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-5, "0 s"), (59.9, "59 s"), (60, "1 min"), (3_599, "59 min"), (3_600, "1 h"),
     (7_500, "2 h 5 min"), (86_400, "1 day"), (3 * 86_400 + 5, "3 days")],
)  # fmt: skip
def test_age_is_told_in_the_unit_people_would_use(seconds: float, text: str) -> None:
    assert shown.age(NOON - timedelta(seconds=seconds), NOON) == text


def test_what_never_happened_has_no_age() -> None:
    assert shown.age(None, NOON) == "never"
    assert shown.when(None, ZoneInfo("UTC")) == "never"


def test_times_carry_the_name_of_their_zone_and_follow_its_clock_changes() -> None:
    zone = ZoneInfo("America/New_York")
    assert shown.when(datetime(2026, 7, 1, 16, tzinfo=UTC), zone) == "2026-07-01 12:00 EDT"
    assert shown.when(datetime(2026, 12, 1, 17, tzinfo=UTC), zone) == "2026-12-01 12:00 EST"
