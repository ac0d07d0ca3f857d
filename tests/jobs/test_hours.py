"""When a group is asked: by its exchange's calendar, and once after a close it has missed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from engine.domain import Market
from jobs.config import RefreshSettings
from jobs.tasks.hours import active, due
from tests.jobs.service import Clock, ScriptedVenue, make_context, open_store, settings
from tests.samples import make_chain

REFRESH = RefreshSettings(every=60.0, before_open=5400.0, after_close=1800.0)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("market", "moment", "expected"),
    [
        (Market.CRYPTO, "2026-11-22T03:00", True),
        (Market.US, "2026-11-20T12:59", False),
        (Market.US, "2026-11-20T13:00", True),
        (Market.US, "2026-11-20T21:29", True),
        (Market.US, "2026-11-20T21:30", False),
        (Market.US, "2026-11-21T16:00", False),
        (Market.US, "2026-11-26T16:00", False),
        (Market.US, "2026-11-27T18:29", True),
        (Market.US, "2026-11-27T18:30", False),
        (Market.US, "2026-07-20T12:00", True),
        (Market.INDIA, "2026-11-20T04:00", True),
        (Market.INDIA, "2026-11-20T11:00", False),
        (Market.INDIA, "2026-02-01T06:00", True),
        (Market.INDIA, "2026-02-08T06:00", False),
    ],
)
def test_markets_are_refreshed_around_their_sessions(
    market: Market, moment: str, expected: bool
) -> None:
    assert active(market, utc(moment), REFRESH) is expected


@pytest.mark.anyio
async def test_on_a_sunday_only_what_was_not_seen_since_friday_is_asked(tmp_path: Path) -> None:
    sunday = utc("2026-11-22T15:00")
    store = await open_store(tmp_path)
    venue = ScriptedVenue([], name="cboe")
    declared = settings(SPX=("us", ("cboe",)), SPY=("us", ("cboe",)), BTC=("crypto", ("deribit",)))
    context = make_context(store, Clock(sunday), venue, declared=declared)
    assert await due(context, Market.US) == ["SPX", "SPY"]
    assert await due(context, Market.CRYPTO) == ["BTC"]
    chain = make_chain(asset="SPX", venue="cboe", asof=sunday - timedelta(hours=3))
    from engine.analyse import analyse

    await store.save(analyse(chain, context.engine), chain, ())
    assert await due(context, Market.US) == ["SPY"]
