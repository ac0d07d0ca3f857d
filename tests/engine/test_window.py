from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain import Chain, Market
from engine.errors import BadExpiry, CalendarExpired
from engine.window import ALL, Window, expiry_dates, parse_window, within
from tests.samples import NOON, make_chain

TODAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("all", ALL),
        (" ALL ", ALL),
        ("0dte", Window("0dte", days=0)),
        ("0d", Window("0dte", days=0)),
        ("3d", Window("3d", days=3)),
        ("30D", Window("30d", days=30)),
        ("007d", Window("7d", days=7)),
        ("2026-12-18", Window("2026-12-18", day=date(2026, 12, 18))),
        ("20261218", Window("2026-12-18", day=date(2026, 12, 18))),
        ("18DEC26", Window("2026-12-18", day=date(2026, 12, 18))),
        ("8JAN27", Window("2027-01-08", day=date(2027, 1, 8))),
        ("18-Dec-2026", Window("2026-12-18", day=date(2026, 12, 18))),
        ("18 december 26", Window("2026-12-18", day=date(2026, 12, 18))),
        ("18dec", Window("2026-12-18", day=date(2026, 12, 18))),
        ("20nov", Window("2026-11-20", day=date(2026, 11, 20))),
        ("19nov", Window("2027-11-19", day=date(2027, 11, 19))),
        ("29feb", Window("2028-02-29", day=date(2028, 2, 29))),
    ],
)
def test_a_typed_expiry_is_read(text: str, expected: Window) -> None:
    assert parse_window(text, TODAY) == expected


@pytest.mark.parametrize(
    "text",
    ["", "d", "7", "-3d", "1.5d", "99999d", "٣d", "12/18", "12/11/26", "11.12.26", "dec26",
     "31feb", "31feb26", "18dcc26", "18decay26", "18dec126", "2026-13-01", "2026-1-1", "26-12-18",
     "0dte; drop", "today"],
)  # fmt: skip
def test_nonsense_is_refused_with_what_would_do(text: str) -> None:
    with pytest.raises(BadExpiry, match="Use 0dte, 7d, 30d, all, a date like") as error:
        parse_window(text, TODAY)
    assert repr(text) in str(error.value)


@given(st.text(max_size=12))
def test_any_text_is_read_or_refused_and_never_crashes(text: str) -> None:
    try:
        window = parse_window(text, TODAY)
    except BadExpiry:
        return
    assert window == parse_window(window.label, TODAY)


def us_chain(asof: str, *settles: str) -> Chain:
    at = datetime.fromisoformat(asof).replace(tzinfo=UTC)
    chain = make_chain(
        asset="SPX", venue="cboe", asof=at, spot=6000.0, days=tuple(range(1, len(settles) + 1))
    )
    instants = [
        int(datetime.fromisoformat(each).replace(tzinfo=UTC).timestamp()) for each in settles
    ]
    return replace(
        chain, market=Market.US, settlement=np.repeat(instants, len(chain) // len(settles))
    )


def test_0dte_is_what_settles_in_the_session_in_progress() -> None:
    chain = us_chain("2026-11-20T15:00", "2026-11-20T21:00", "2026-11-23T21:00")
    assert expiry_dates(within(chain, Window("0dte", days=0))) == [date(2026, 11, 20)]


def test_after_the_close_0dte_is_the_next_session() -> None:
    chain = us_chain("2026-11-20T21:30", "2026-11-23T21:00", "2026-11-24T21:00")
    assert expiry_dates(within(chain, Window("0dte", days=0))) == [date(2026, 11, 23)]


def test_days_are_calendar_days_from_the_trading_date_in_the_market_s_zone() -> None:
    chain = us_chain("2026-11-20T15:00", "2026-11-20T21:00", "2026-11-27T18:00", "2026-11-30T21:00")
    week = within(chain, Window("7d", days=7))
    assert expiry_dates(week) == [date(2026, 11, 20), date(2026, 11, 27)]


def test_crypto_0dte_rolls_at_eight_utc() -> None:
    chain = make_chain(asof=NOON)
    assert expiry_dates(within(chain, parse_window("0dte", TODAY))) == [date(2026, 11, 21)]


def test_one_date_keeps_am_and_pm_contracts_of_that_day() -> None:
    chain = us_chain("2026-11-19T15:00", "2026-11-20T14:30", "2026-11-20T21:00", "2026-11-23T21:00")
    day = within(chain, parse_window("20nov", TODAY))
    assert np.unique(day.settlement).size == 2
    assert expiry_dates(day) == [date(2026, 11, 20)]


def test_a_date_nothing_expires_on_gives_an_empty_chain() -> None:
    empty = within(make_chain(), Window("2026-12-24", day=date(2026, 12, 24)))
    assert len(empty) == 0
    assert empty.listed == 0


def test_contracts_outside_are_neither_listed_nor_left_out() -> None:
    chain = make_chain()
    noted = replace(chain, listed=len(chain) + 5, left_out={"expired": 4, "invalid": 1})
    week = within(noted, Window("7d", days=7))
    assert 0 < len(week) < len(chain)
    assert week.left_out == noted.left_out
    assert week.listed == len(week) + 5


def test_all_is_the_chain_itself_even_past_the_calendar() -> None:
    chain = us_chain("2029-06-01T15:00", "2029-06-01T20:00")
    assert within(chain, ALL) is chain
    with pytest.raises(CalendarExpired):
        within(chain, Window("7d", days=7))


@given(days=st.integers(0, 60))
def test_a_longer_window_holds_the_shorter_one(days: int) -> None:
    chain = make_chain()
    shorter, longer = (within(chain, Window("", days=each)) for each in (days, days + 1))
    assert set(shorter.settlement) <= set(longer.settlement)
    assert len(shorter) == (np.isin(chain.settlement, shorter.settlement)).sum()
