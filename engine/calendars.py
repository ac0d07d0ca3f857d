"""Trading days of the exchanges: holidays, half days, special sessions, and until when we know.

Kept by hand from the exchanges' own announcements (NYSE/Cboe to 2028, NSE circulars to 2026) and
checked against `exchange_calendars` in the tests. Past `known_until` nobody may guess: questions
about sessions raise CalendarExpired, settlement instants fall back to the regular close.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time

from engine.domain import Market


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """One exchange's days, in its own zone.

    Attributes:
        zone: IANA name of the exchange's time zone.
        opens, closes: Regular hours; `closes` is also when options settle.
        soq: When the opening auction fixes the settlement of AM-settled index options.
        known_from, known_until: First and last day these tables speak about.
        holidays: Weekdays without a session.
        half_days: Days that close early, with the closing time.
        special: Sessions outside the rule (a Sunday, an hour on a holiday): opening, closing.
    """

    zone: str
    opens: time
    closes: time
    soq: time
    known_from: date
    known_until: date
    holidays: frozenset[date]
    half_days: Mapping[date, time] = field(default_factory=dict)
    special: Mapping[date, tuple[time, time]] = field(default_factory=dict)


def _days(years: Mapping[int, str]) -> frozenset[date]:
    """{2026: "0101 0119"} to dates."""
    return frozenset(
        date(year, int(day[:2]), int(day[2:]))
        for year, text in years.items()
        for day in text.split()
    )


US = Calendar(
    zone="America/New_York",
    opens=time(9, 30),
    closes=time(16, 0),
    soq=time(9, 30),
    known_from=date(2010, 1, 1),
    known_until=date(2028, 12, 31),
    holidays=_days(
        {
            2010: "0101 0118 0215 0402 0531 0705 0906 1125 1224",
            2011: "0117 0221 0422 0530 0704 0905 1124 1226",
            2012: "0102 0116 0220 0406 0528 0704 0903 1029 1030 1122 1225",
            2013: "0101 0121 0218 0329 0527 0704 0902 1128 1225",
            2014: "0101 0120 0217 0418 0526 0704 0901 1127 1225",
            2015: "0101 0119 0216 0403 0525 0703 0907 1126 1225",
            2016: "0101 0118 0215 0325 0530 0704 0905 1124 1226",
            2017: "0102 0116 0220 0414 0529 0704 0904 1123 1225",
            2018: "0101 0115 0219 0330 0528 0704 0903 1122 1205 1225",
            2019: "0101 0121 0218 0419 0527 0704 0902 1128 1225",
            2020: "0101 0120 0217 0410 0525 0703 0907 1126 1225",
            2021: "0101 0118 0215 0402 0531 0705 0906 1125 1224",
            2022: "0117 0221 0415 0530 0620 0704 0905 1124 1226",
            2023: "0102 0116 0220 0407 0529 0619 0704 0904 1123 1225",
            2024: "0101 0115 0219 0329 0527 0619 0704 0902 1128 1225",
            2025: "0101 0109 0120 0217 0418 0526 0619 0704 0901 1127 1225",
            2026: "0101 0119 0216 0403 0525 0619 0703 0907 1126 1225",
            2027: "0101 0118 0215 0326 0531 0618 0705 0906 1125 1224",
            2028: "0117 0221 0414 0529 0619 0704 0904 1123 1225",
        }
    ),
    half_days=dict.fromkeys(
        _days(
            {
                2010: "1126",
                2011: "1125",
                2012: "0703 1123 1224",
                2013: "0703 1129 1224",
                2014: "0703 1128 1224",
                2015: "1127 1224",
                2016: "1125",
                2017: "0703 1124",
                2018: "0703 1123 1224",
                2019: "0703 1129 1224",
                2020: "1127 1224",
                2021: "1126",
                2022: "1125",
                2023: "0703 1124",
                2024: "0703 1129 1224",
                2025: "0703 1128 1224",
                2026: "1127 1224",
                2027: "1126",
                2028: "0703 1124",
            }
        ),
        time(13, 0),
    ),
)

INDIA = Calendar(
    zone="Asia/Kolkata",
    opens=time(9, 15),
    closes=time(15, 30),
    soq=time(9, 15),
    known_from=date(2025, 1, 1),
    known_until=date(2026, 12, 31),
    holidays=_days(
        {
            2025: "0226 0314 0331 0410 0414 0418 0501 0815 0827 1002 1021 1022 1105 1225",
            2026: "0115 0126 0303 0326 0331 0403 0414 0501 0528 0626 0914 1002 1020 1110 1124 1225",
        }
    ),
    # The Muhurat hour of Sunday 2026-11-08 is left out: its time was announced after these tables.
    special={
        date(2025, 2, 1): (time(9, 15), time(15, 30)),  # a Saturday: Union Budget
        date(2025, 10, 21): (time(13, 45), time(14, 45)),  # Muhurat hour on Laxmi Pujan
        date(2026, 2, 1): (time(9, 15), time(15, 30)),  # a Sunday: Union Budget
    },
)

CALENDARS: Mapping[Market, Calendar] = {Market.US: US, Market.INDIA: INDIA}
