"""Which expiries an answer is about: 0dte, 7d, 30d, one date, or all."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

import numpy as np

from engine.domain import COLUMNS, Chain, Ints
from engine.errors import BadExpiry
from engine.expiry import Dates, trading_date, zone


@dataclass(frozen=True, slots=True)
class Window:
    """`days`: up to that many calendar days from the current trading date; `day`: that date only.

    The trading date rolls at the market's settlement: 0dte is what settles in the session
    in progress, or in the next one when that is over.
    """

    label: str
    days: int | None = None
    day: date | None = None


ALL = Window("all")

_MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_DAYS = re.compile(r"(\d{1,4})(?:d|dte)", re.ASCII)
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}|\d{8}", re.ASCII)
_NAMED = re.compile(r"(\d{1,2})[- ]?([a-z]{3,})(?:[- ]?(\d{2}|\d{4}))?", re.ASCII)


def parse_window(text: str, today: date) -> Window:
    """What a person typed to a Window.

    Reads `all`, `0dte`, `7d`, `2026-12-18`, `20261218`, `18DEC26`, `18-Dec-2026` and `18dec`, which
    is the next such date from `today` on. Forms whose day and month could be taken for each other
    (12/11, 11.12.26) are refused.

    Raises:
        BadExpiry: anything else.
    """
    word = text.strip().lower()
    if word == "all":
        return ALL
    if found := _DAYS.fullmatch(word):
        days = int(found[1])
        return Window(f"{days}d" if days else "0dte", days=days)
    try:
        day = _date(word, today)
    except ValueError as error:
        raise BadExpiry(text, ()) from error
    return Window(day.isoformat(), day=day)


def within(chain: Chain, window: Window) -> Chain:
    """The chain's contracts inside `window`; the others count as never listed.

    What the venue listed and `chain` left out stays counted: its expiry is not known here.
    The result may be empty.

    Raises:
        CalendarExpired: a window of days, and the chain lies past its market's calendar.
    """
    if window.days is None and window.day is None:
        return chain
    if window.days is None:
        inside = _settlement_dates(chain) == np.datetime64(window.day, "D")
    else:
        inside = days_away(chain) <= window.days
    columns = {name: getattr(chain, name)[inside] for name in COLUMNS}
    return replace(chain, listed=chain.listed - int((~inside).sum()), **columns)


def days_away(chain: Chain) -> Ints:
    """Calendar days from the current trading date to every contract's settlement, shape (n,).

    0 is "0dte", whatever the hour.

    Raises:
        CalendarExpired: the chain lies past its market's calendar.
    """
    today = np.datetime64(trading_date(chain.market, chain.asof), "D")
    away: Ints = (_settlement_dates(chain) - today).astype(np.int64)
    return away


def expiry_dates(chain: Chain) -> list[date]:
    """Days on which contracts of the chain settle, in the market's zone, nearest first."""
    dates: list[date] = np.unique(_settlement_dates(chain)).tolist()
    return dates


def _settlement_dates(chain: Chain) -> Dates:
    """Local settlement day of every contract, shape (n,)."""
    unique, back = np.unique(chain.settlement, return_inverse=True)
    here = zone(chain.market)
    days = [datetime.fromtimestamp(int(each), UTC).astimezone(here).date() for each in unique]
    return np.array(days, dtype="datetime64[D]")[back]


def _date(word: str, today: date) -> date:
    """Raises ValueError."""
    if _ISO.fullmatch(word):
        return date.fromisoformat(word)
    found = _NAMED.fullmatch(word)
    if found is None:
        raise ValueError(word)
    months = [each.startswith(found[2]) for each in _MONTHS]
    day, month = int(found[1]), months.index(True) + 1
    if found[3] is None:
        return _next(day, month, today)
    year = int(found[3])
    return date(year if year > 99 else 2000 + year, month, day)


def _next(day: int, month: int, today: date) -> date:
    """The first such date from `today` on; 29 February may be up to eight years away."""
    for year in range(today.year, today.year + 9):
        try:
            candidate = date(year, month, day)
        except ValueError:
            continue
        if candidate >= today:
            return candidate
    raise ValueError(f"no day {day} in month {month}")
