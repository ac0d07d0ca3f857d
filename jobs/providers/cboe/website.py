"""The CSV that Cboe's website offers for download (quotedata.csv).

A name line, a date line, a header of 22 columns (two of each name: calls left, puts right), then
one line per expiry and strike. The date is written by the reader's browser, in its language.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import numpy as np

from engine.domain import Bools, Floats
from engine.errors import BadData
from jobs.providers.cboe.quotes import Sheet

_WIDTH = 22
_FIELDS = ("Bid", "Ask", "Volume", "IV", "Open Interest")
_GREEKS = ("Delta", "Gamma")
_NEW_YORK = "America/New_York"

_LAST = re.compile(r"Last:\s*\"?(\d[\d,]*(?:\.\d+)?|\.\d+)(?=[,\s\"]|$)")
_DATE = re.compile(r"Date:\s*(.*?)\"?,?\s*\"?Bid:")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::\d{2})?(?:\s*([AaPp])\.?\s?[Mm]\.?)?")
_OFFSET = re.compile(r"(?:GMT|UTC)\s*(?:([+\-\u2212])\s*(\d{1,2})(?::?\d{2})?)?")
_YEAR = re.compile(r"(?<!\d)(20\d\d)(?!\d)")
_NUMBER = re.compile(r"(?<!\d)(\d{1,2})(?!\d)")
_WORD = re.compile(r"[^\W\d_]{3,}")
_MONTHS = {
    1: "jan ene gen янв", 2: "feb fev fév feb фев", 3: "mar mär мар", 4: "apr abr avr апр",
    5: "may mai mag maj мая май", 6: "jun juin giu июн", 7: "jul juil lug июл",
    8: "aug ago aoû aou авг", 9: "sep set сен", 10: "oct okt out ott окт", 11: "nov ноя",
    12: "dec dez dic déc дек",
}  # fmt: skip
"""How month names begin in English, German, French, Spanish, Portuguese, Italian and Russian."""


@dataclass(frozen=True, slots=True)
class Website:
    """The text of a download."""

    text: str


def csv_sheet(page: Website) -> Sheet:
    """The website's CSV. Raises BadData when it is another file, or KeyError on surprises."""
    lines = page.text.splitlines()
    header = next((i for i, line in enumerate(lines[:10]) if "Expiration Date,Calls" in line), None)
    if header is None:
        raise BadData(
            "expected a website CSV of Cboe (Expiration Date,Calls,...), found no header."
        )
    places = _places(lines[header])
    top = "\n".join(lines[:header])
    cells, well_formed = _cells([line for line in lines[header + 1 :] if line.strip(" ,\r")])
    numbers = {name: _both(cells, places[name]) for name in _FIELDS}
    odd = ~np.tile(well_formed, 2) | np.any([bad for _, bad in numbers.values()], axis=0)
    delta, gamma = (_both(cells, places[name])[0] for name in _GREEKS)
    last = _LAST.search(top)
    date = _DATE.search(top)
    price = float(last[1].replace(",", "")) if last else float("nan")
    written = date[1].strip() if date else ""
    calls, puts = places["Calls"][0], places["Puts"][0]
    return Sheet(
        underlying="",
        stamp=written_date(written),
        stamp_text=written,
        price=price,
        close=price,
        symbols=[row[calls] for row in cells] + [row[puts] for row in cells],
        oi=numbers["Open Interest"][0],
        volume=numbers["Volume"][0],
        bid=numbers["Bid"][0],
        ask=numbers["Ask"][0],
        iv=numbers["IV"][0],
        delta=delta,
        gamma=gamma,
        malformed=odd,
    )


def written_date(text: str) -> datetime | None:
    """A date as browsers write it, New York time unless it names an offset; None if unreadable.

    >>> written_date("5 de setembro de 2025 às 10:16 GMT-4").isoformat()
    '2025-09-05T10:16:00-04:00'
    >>> written_date("July 12, 2022, 11:55 AM EDT").isoformat()
    '2022-07-12T11:55:00-04:00'
    >>> written_date("4 June 4, 3:15 PM EDT") is None
    True
    """
    clock, year = _CLOCK.search(text), _YEAR.search(text)
    if clock is None or year is None:
        return None
    offset = _OFFSET.search(text)
    rest = text
    for found in (clock, year, offset):
        rest = rest.replace(found[0], " ", 1) if found else rest
    days, month = _NUMBER.findall(rest), _month(rest)
    if len(days) != 1 or month is None:
        return None
    try:
        local = datetime(int(year[1]), month, int(days[0]), _hour(clock), int(clock[2]))  # noqa: DTZ001
    except ValueError:
        return None
    return local.replace(tzinfo=_zone(offset))


def _places(header: str) -> dict[str, list[int]]:
    """Column positions per name. Raises KeyError for a name that is not there twice."""
    names = [name.strip().strip('"') for name in header.split(",")]
    places = {name: [i for i, each in enumerate(names) if each == name] for name in names}
    for name in (*_FIELDS, *_GREEKS):
        if len(places.get(name, ())) != 2:
            raise KeyError(name)
    return {name: places[name] for name in ("Calls", "Puts", *_FIELDS, *_GREEKS)}


def _cells(lines: list[str]) -> tuple[list[list[str]], Bools]:
    """Rows of 22 cells, and which had as many; quoting is only looked at where there is any."""
    rows = [line.split(",") if '"' not in line else next(csv.reader([line])) for line in lines]
    fits = np.array([len(row) == _WIDTH for row in rows], dtype=bool)
    if not fits.all():
        rows = [(row + [""] * _WIDTH)[:_WIDTH] for row in rows]
    return rows, fits


def _both(rows: list[list[str]], places: list[int]) -> tuple[Floats, Bools]:
    """A column of the calls followed by that of the puts, and where a cell is not a number."""
    texts = [row[place] for place in places for row in rows]
    try:
        return np.array(texts, dtype=np.float64), np.zeros(len(texts), dtype=bool)
    except ValueError:
        values = [_number(each) for each in texts]
    odd = [value is None for value in values]
    return np.array([np.nan if v is None else v for v in values]), np.array(odd, dtype=bool)


def _number(text: str) -> float | None:
    """An empty cell is "not published"."""
    if not text.strip():
        return float("nan")
    try:
        return float(text)
    except ValueError:
        return None


def _month(text: str) -> int | None:
    for word in _WORD.findall(text.lower()):
        for month, beginnings in _MONTHS.items():
            if word.startswith(tuple(beginnings.split())):
                return month
    return None


def _hour(clock: re.Match[str]) -> int:
    hour = int(clock[1])
    if clock[3] is None:
        return hour
    return hour % 12 + (12 if clock[3] in "pP" else 0)


def _zone(offset: re.Match[str] | None) -> ZoneInfo | timezone:
    if offset is None:
        return ZoneInfo(_NEW_YORK)
    if offset[1] is None:
        return UTC
    hours = int(offset[2])
    return timezone(timedelta(hours=hours if offset[1] == "+" else -hours))
