from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.calendars import CALENDARS
from engine.domain import Market
from engine.errors import BadData, CalendarExpired
from engine.expiry import (
    hours,
    is_open,
    last_session,
    next_open,
    settlements,
    trading_date,
    zone,
)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def settles(market: Market, day: str, *, am: bool = False) -> datetime:
    (instant,) = settlements(market, np.array([day], "datetime64[D]"), np.array([am]))
    return datetime.fromtimestamp(int(instant), UTC)


@pytest.mark.parametrize(
    ("market", "day", "am", "expected"),
    [
        pytest.param(Market.CRYPTO, "2026-12-25", False, "2026-12-25T08:00", id="crypto"),
        pytest.param(Market.US, "2026-11-20", False, "2026-11-20T21:00", id="winter"),
        pytest.param(Market.US, "2026-07-17", False, "2026-07-17T20:00", id="summer"),
        pytest.param(Market.US, "2026-11-20", True, "2026-11-20T14:30", id="AM, winter"),
        pytest.param(Market.US, "2026-07-17", True, "2026-07-17T13:30", id="AM, summer"),
        pytest.param(Market.US, "2026-11-27", False, "2026-11-27T18:00", id="half day"),
        pytest.param(Market.US, "2026-11-27", True, "2026-11-27T14:30", id="half day, AM"),
        pytest.param(Market.US, "2014-02-22", False, "2014-02-21T21:00", id="Saturday of old OSI"),
        pytest.param(Market.US, "2026-04-03", False, "2026-04-02T20:00", id="Good Friday"),
        pytest.param(Market.US, "2025-04-18", True, "2025-04-17T13:30", id="Good Friday, AM"),
        pytest.param(Market.US, "2026-06-19", False, "2026-06-18T20:00", id="Juneteenth"),
        pytest.param(Market.US, "2031-12-19", False, "2031-12-19T21:00", id="beyond the tables"),
        pytest.param(Market.US, "2031-12-20", False, "2031-12-19T21:00", id="Saturday beyond them"),
        pytest.param(Market.INDIA, "2026-11-24", False, "2026-11-23T10:00", id="NSE holiday"),
        pytest.param(Market.INDIA, "2026-11-17", False, "2026-11-17T10:00", id="NSE Tuesday"),
    ],
)  # fmt: skip
def test_contracts_settle_at_their_market_s_instant(
    market: Market, day: str, am: bool, expected: str
) -> None:
    assert settles(market, day, am=am) == utc(expected)


def test_a_week_across_a_clock_change_is_an_hour_longer_or_shorter() -> None:
    autumn = settles(Market.US, "2026-11-06") - settles(Market.US, "2026-10-30")
    spring = settles(Market.US, "2026-03-13") - settles(Market.US, "2026-03-06")
    india = settles(Market.INDIA, "2026-03-10") - settles(Market.INDIA, "2026-03-02")
    assert (autumn, spring) == (timedelta(hours=169), timedelta(hours=167))
    assert india == timedelta(days=8)


def test_many_contracts_settle_like_one_at_a_time() -> None:
    days = np.array(["2026-11-27", "2026-11-20", "2026-11-27", "2014-02-22"] * 3, "datetime64[D]")
    am = np.array([False, True, True, False] * 3)
    alone = [settles(Market.US, str(d), am=bool(a)) for d, a in zip(days, am, strict=True)]
    together = settlements(Market.US, days, am)
    assert [datetime.fromtimestamp(int(each), UTC) for each in together] == alone
    assert settlements(Market.US, days[:0]).shape == (0,)


@pytest.mark.parametrize(
    ("market", "instant", "expected"),
    [
        (Market.CRYPTO, "2026-11-20T07:59:59", "2026-11-20"),
        (Market.CRYPTO, "2026-11-20T08:00:00", "2026-11-21"),
        (Market.US, "2026-11-20T20:59:59", "2026-11-20"),
        (Market.US, "2026-11-20T21:00:00", "2026-11-23"),
        (Market.US, "2026-11-27T17:59:59", "2026-11-27"),
        (Market.US, "2026-11-27T18:00:00", "2026-11-30"),
        (Market.US, "2026-11-26T12:00:00", "2026-11-27"),
        (Market.US, "2026-11-21T03:00:00", "2026-11-23"),
        (Market.INDIA, "2026-01-30T09:59:59", "2026-01-30"),
        (Market.INDIA, "2026-01-30T10:00:00", "2026-02-01"),
        (Market.INDIA, "2026-02-01T10:00:00", "2026-02-02"),
    ],
)
def test_the_trading_date_rolls_at_the_settlement(
    market: Market, instant: str, expected: str
) -> None:
    assert trading_date(market, utc(instant)) == date.fromisoformat(expected)


@pytest.mark.parametrize(
    ("instant", "expected"),
    [
        ("2026-11-20T14:29:59", False),
        ("2026-11-20T14:30:00", True),
        ("2026-11-20T20:59:59", True),
        ("2026-11-20T21:00:00", False),
        ("2026-11-26T16:00:00", False),
        ("2026-11-27T17:59:59", True),
        ("2026-11-27T18:00:00", False),
        ("2026-11-21T16:00:00", False),
        ("2026-07-17T13:30:00", True),
    ],
)
def test_the_us_market_is_open_from_the_opening_until_just_before_the_close(
    instant: str, expected: bool
) -> None:
    assert is_open(Market.US, utc(instant)) is expected
    assert is_open(Market.CRYPTO, utc(instant))


def test_the_next_opening_skips_nights_weekends_and_holidays() -> None:
    assert next_open(Market.US, utc("2026-11-25T22:00")) == utc("2026-11-27T14:30")
    assert next_open(Market.US, utc("2026-11-20T14:30")) == utc("2026-11-23T14:30")
    assert next_open(Market.INDIA, utc("2026-01-30T12:00")) == utc("2026-02-01T03:45")
    assert next_open(Market.CRYPTO, utc("2026-11-21T03:00")) == utc("2026-11-21T03:00")


@pytest.mark.parametrize("market", CALENDARS)
def test_sessions_past_the_known_days_are_refused_with_the_date_and_the_file(
    market: Market,
) -> None:
    after = CALENDARS[market].known_until + timedelta(days=1)
    instant = datetime(after.year, after.month, after.day, 12, tzinfo=UTC)
    for ask in (is_open, next_open, trading_date):
        with pytest.raises(CalendarExpired, match=f"{CALENDARS[market].known_until}.*calendars.py"):
            ask(market, instant)


def test_sessions_before_the_known_days_are_refused_too() -> None:
    with pytest.raises(BadData, match="starts on 2025-01-01"):
        hours(Market.INDIA, date(2024, 12, 31))


INSTANTS = st.datetimes(datetime(2025, 1, 2), datetime(2026, 12, 28)).map(  # noqa: DTZ001
    lambda each: each.replace(tzinfo=UTC)
)


@given(market=st.sampled_from(Market), instant=INSTANTS)
def test_the_trading_date_settles_after_now_and_no_session_s_close_lies_between(
    market: Market, instant: datetime
) -> None:
    day = trading_date(market, instant)
    session = hours(market, day)
    assert session is not None
    assert session[1] > instant
    here = instant.astimezone(zone(market)).date()
    between = [hours(market, here + timedelta(days=i)) for i in range((day - here).days)]
    assert all(each is None or each[1] <= instant for each in between)


@given(market=st.sampled_from(Market), instant=INSTANTS)
def test_an_open_market_is_inside_the_session_of_its_trading_date(
    market: Market, instant: datetime
) -> None:
    session = hours(market, trading_date(market, instant))
    assert session is not None
    assert is_open(market, instant) == (session[0] <= instant < session[1])


@pytest.mark.parametrize(
    ("now", "opened", "closed"),
    [
        ("2026-11-22T12:00", "2026-11-20T14:30", "2026-11-20T21:00"),
        ("2026-11-20T20:59", "2026-11-19T14:30", "2026-11-19T21:00"),
        ("2026-11-20T21:00", "2026-11-20T14:30", "2026-11-20T21:00"),
        ("2026-11-28T12:00", "2026-11-27T14:30", "2026-11-27T18:00"),
    ],
)
def test_the_last_session_is_the_latest_one_that_is_over(
    now: str, opened: str, closed: str
) -> None:
    assert last_session(Market.US, utc(now)) == (utc(opened), utc(closed))
