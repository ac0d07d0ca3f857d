"""The hand-kept tables against an independent calendar library, day by day."""

from __future__ import annotations

import warnings
from datetime import date, time, timedelta

import pytest

from engine.calendars import CALENDARS, Calendar
from engine.domain import Market
from engine.expiry import hours, zone

_DAY = timedelta(days=1)
# NSE sessions the Bombay oracle does not know: two Budget weekends and the Muhurat hour.
NSE_ONLY = {date(2025, 2, 1), date(2025, 10, 21), date(2026, 2, 1)}


def days(calendar: Calendar) -> list[date]:
    count = (calendar.known_until - calendar.known_from).days + 1
    return [calendar.known_from + i * _DAY for i in range(count)]


def local_hours(market: Market, day: date) -> tuple[time, time] | None:
    session = hours(market, day)
    if session is None:
        return None
    start, close = (each.astimezone(zone(market)) for each in session)
    return start.time(), close.time()


def oracle(name: str, calendar: Calendar) -> dict[date, tuple[time, time]]:
    import exchange_calendars

    with warnings.catch_warnings():  # pandas' deprecations inside the oracle are not ours
        warnings.simplefilter("ignore")
        schedule = exchange_calendars.get_calendar(
            name, start=str(calendar.known_from), end=str(calendar.known_until)
        ).schedule
    opens = schedule["open"].dt.tz_convert(calendar.zone).dt.time
    closes = schedule["close"].dt.tz_convert(calendar.zone).dt.time
    dates = [each.date() for each in schedule.index]
    return dict(zip(dates, zip(opens, closes, strict=True), strict=True))


def test_every_us_day_from_2010_to_2028_agrees_with_the_oracle() -> None:
    calendar = CALENDARS[Market.US]
    assert calendar.known_from <= date(2022, 1, 1)
    assert calendar.known_until >= date(2027, 12, 31)
    truth = oracle("XNYS", calendar)
    assert {day: local_hours(Market.US, day) for day in days(calendar)} == {
        day: truth.get(day) for day in days(calendar)
    }


def test_every_indian_day_agrees_with_the_oracle_but_for_the_special_sessions() -> None:
    calendar = CALENDARS[Market.INDIA]
    truth = oracle("XBOM", calendar)
    ours = {day: local_hours(Market.INDIA, day) for day in days(calendar)}
    differs = {day for day, found in ours.items() if found != truth.get(day)}
    assert differs == NSE_ONLY
    assert set(calendar.special) == NSE_ONLY


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 2, 1), (time(9, 15), time(15, 30))),
        (date(2025, 10, 21), (time(13, 45), time(14, 45))),
        (date(2026, 1, 15), None),
        (date(2026, 2, 8), None),
    ],
)
def test_indian_special_days_are_known(day: date, expected: tuple[time, time] | None) -> None:
    assert local_hours(Market.INDIA, day) == expected


@pytest.mark.parametrize("market", CALENDARS)
def test_a_calendar_holds_only_days_it_knows_and_no_day_twice(market: Market) -> None:
    calendar = CALENDARS[market]
    special = set(calendar.special) - calendar.holidays
    marked = [*calendar.holidays, *calendar.half_days, *special]
    assert all(calendar.known_from <= day <= calendar.known_until for day in marked)
    assert len(marked) == len(set(marked))
    assert all(day.weekday() < 5 for day in (*calendar.holidays, *calendar.half_days))
