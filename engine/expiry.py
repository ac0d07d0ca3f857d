"""When contracts settle and when markets are open, exact to the second and across clock changes.

Crypto options settle at 08:00 UTC every day. US equity and ETF options price to the regular close
(16:00 New York, 13:00 on half days), AM-settled index options to the opening auction; NSE options
to 15:30 India. A trading date ends with that settlement, not at midnight.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from engine.calendars import CALENDARS, Calendar
from engine.domain import Bools, Ints, Market
from engine.errors import BadData, CalendarExpired

Dates = NDArray[np.datetime64]
"""Calendar days, dtype datetime64[D]."""

CRYPTO_SETTLES = time(8, 0)
_DAY = timedelta(days=1)
_SATURDAY = 5
_LONGEST_BREAK = 14
"""No exchange has been closed for longer. [days]"""


def zone(market: Market) -> ZoneInfo:
    """The zone whose calendar days the market's expiries are."""
    return ZoneInfo("UTC" if market is Market.CRYPTO else CALENDARS[market].zone)


def hours(market: Market, day: date) -> tuple[datetime, datetime] | None:
    """Opening and close (UTC) of the session of `day`; None when there is none.

    A crypto session is the day that ends with the 08:00 UTC settlement.

    Raises:
        CalendarExpired: `day` is past the last day the market's calendar knows.
        BadData: `day` is before its first one.
    """
    if market is Market.CRYPTO:
        close = datetime.combine(day, CRYPTO_SETTLES, UTC)
        return close - _DAY, close
    calendar = CALENDARS[market]
    if day > calendar.known_until:
        raise CalendarExpired(market, calendar.known_until)
    if day < calendar.known_from:
        raise BadData(
            f"The {market} trading calendar starts on {calendar.known_from}: {day} asked."
        )
    local = _hours(calendar, day)
    return None if local is None else (_utc(calendar, day, local[0]), _utc(calendar, day, local[1]))


def is_open(market: Market, instant: datetime) -> bool:
    """Is the market trading? The opening instant belongs to the session, the close does not."""
    if market is Market.CRYPTO:
        return True
    session = hours(market, instant.astimezone(zone(market)).date())
    return session is not None and session[0] <= instant < session[1]


def next_open(market: Market, instant: datetime) -> datetime:
    """The first opening after `instant` (UTC); crypto never closes, so `instant` itself."""
    if market is Market.CRYPTO:
        return instant.astimezone(UTC)
    return next(start for _, start, _ in _sessions(market, instant) if start > instant)


def last_session(market: Market, instant: datetime) -> tuple[datetime, datetime]:
    """Opening and close (UTC) of the latest session that is over at `instant`.

    Raises:
        BadData: none within the longest break an exchange has ever taken.
        CalendarExpired: as `hours`.
    """
    today = instant.astimezone(zone(market)).date()
    for back in range(_LONGEST_BREAK):
        session = hours(market, today - back * _DAY)
        if session is not None and session[1] <= instant:
            return session
    raise BadData(f"The {market} trading calendar has no session before {today}.")


def trading_date(market: Market, instant: datetime) -> date:
    """The day whose settlement is the next one: the date of "0dte" at `instant`."""
    return next(day for day, _, close in _sessions(market, instant) if close > instant)


def settlements(market: Market, expiry: Dates, am: Bools | None = None) -> Ints:
    """Settlement instants of contracts that expire on these days. [s since 1970]

    A day without a session (the Saturdays of old OSI symbols, a Good Friday) settles at the
    session before it. Beyond the calendar's tables weekdays count as sessions with regular hours.

    Args:
        market: Whose rules apply.
        expiry: Expiry days, shape (n,), datetime64[D], none of them NaT.
        am: Settled at the opening auction, shape (n,); None = nowhere.

    Returns:
        Shape (n,).
    """
    early = np.zeros(expiry.shape, dtype=bool) if am is None else am
    key = expiry.astype("datetime64[D]").astype(np.int64) * 2 + early
    unique, back = np.unique(key, return_inverse=True)
    instants = [_settlement(market, _EPOCH + _DAY * int(k // 2), am=bool(k % 2)) for k in unique]
    return np.array(instants, dtype=np.int64)[back]


_EPOCH = date(1970, 1, 1)


def _settlement(market: Market, day: date, *, am: bool) -> int:
    if market is Market.CRYPTO:
        return int(datetime.combine(day, CRYPTO_SETTLES, UTC).timestamp())
    calendar = CALENDARS[market]
    while (session := _hours(calendar, day)) is None:
        day -= _DAY
    return int(_utc(calendar, day, calendar.soq if am else session[1]).timestamp())


def _hours(calendar: Calendar, day: date) -> tuple[time, time] | None:
    """Local opening and close by the tables, whatever they know."""
    if day in calendar.special:
        return calendar.special[day]
    if day.weekday() >= _SATURDAY or day in calendar.holidays:
        return None
    return calendar.opens, calendar.half_days.get(day, calendar.closes)


def _utc(calendar: Calendar, day: date, local: time) -> datetime:
    return datetime.combine(day, local, ZoneInfo(calendar.zone)).astimezone(UTC)


def _sessions(market: Market, instant: datetime) -> Iterator[tuple[date, datetime, datetime]]:
    """Sessions from the day of `instant` on: day, opening, close."""
    day = instant.astimezone(zone(market)).date()
    while True:
        if (session := hours(market, day)) is not None:
            yield day, *session
        day += _DAY
