from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.render.text import render
from bot.reply import Chart
from engine.service import Feed
from tests.bot.commands.asking import ask, said, small_print, title, us
from tests.bot.memory import MemoryBoard, make_status
from tests.samples import NOON, make_chain, make_snapshot


@pytest.mark.anyio
@pytest.mark.parametrize("line", ["/gex BTC", "/gex BTC 7d", "/levels BTC", "/expiries BTC"])
async def test_simulated_numbers_say_so_first(line: str) -> None:
    board = MemoryBoard(
        snapshots=[make_snapshot(venues=("demo",))], chains=[make_chain(venue="demo")]
    )
    reply = await ask(line, board=board)
    assert title(reply).startswith("SIMULATED · BTC")
    assert "made up" in said(reply)
    assert "demo SIMULATED" in small_print(reply)
    assert all("SIMULATED" in each.caption for each in reply.blocks if isinstance(each, Chart))


@pytest.mark.anyio
@pytest.mark.parametrize(
    "line", ["/start", "/help", "/help gex", "/follow BTC", "/unfollow BTC", "/status"]
)
async def test_messages_without_numbers_say_simulated_too(line: str) -> None:
    simulated = MemoryBoard(state=make_status(simulated=True))
    assert "SIMULATED" in render(await ask(line, board=simulated))
    assert "SIMULATED" not in render(await ask(line))


@pytest.mark.anyio
async def test_stale_numbers_say_how_old_and_why() -> None:
    feed = Feed(
        venue="deribit",
        asset="BTC",
        last_ok=NOON,
        last_failure=NOON + timedelta(minutes=25),
        failures=4,
        reason="deribit is not answering (timeout).",
    )
    board = MemoryBoard(state=make_status(feeds=(feed,)))
    reply = await ask("/gex BTC", board=board, now=NOON + timedelta(minutes=25))
    assert title(reply).startswith("STALE · BTC")
    assert "STALE: 25 min old. deribit is not answering (timeout)." in said(reply)
    fresh = await ask("/gex BTC", board=board, now=NOON + timedelta(minutes=19))
    assert "STALE" not in render(fresh)


@pytest.mark.anyio
async def test_a_closed_market_is_closed_and_not_stale() -> None:
    saturday = datetime(2026, 11, 21, 15, 0, tzinfo=UTC)
    reply = await ask("/gex SPX", us(), now=saturday)
    assert title(reply).startswith("SPX 6,475.1 ·")
    assert "Market closed, last session: the numbers are 22 h old." in said(reply)


@pytest.mark.anyio
async def test_numbers_from_before_the_last_session_are_stale_even_when_it_is_over() -> None:
    sunday = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
    thursday = us(asof=datetime(2026, 11, 19, 20, 0, tzinfo=UTC))
    reply = await ask("/gex SPX", thursday, now=sunday)
    assert title(reply).startswith("STALE ·")
    assert "from before the last session" in said(reply)


@pytest.mark.anyio
async def test_where_the_calendar_ends_old_numbers_are_stale_and_the_reason_is_said() -> None:
    now = datetime(2040, 1, 3, 15, 0, tzinfo=UTC)
    reply = await ask("/gex SPX", us(), now=now)
    assert title(reply).startswith("STALE ·")
    assert "calendar is known until" in said(reply)


@pytest.mark.anyio
async def test_the_simulated_market_never_closes() -> None:
    saturday = datetime(2026, 11, 21, 15, 0, tzinfo=UTC)
    snapshot = us(venues=("demo",), asof=saturday - timedelta(seconds=30))
    assert "closed" not in render(await ask("/gex SPX", snapshot, now=saturday))
