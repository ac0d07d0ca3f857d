from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from engine.service import Feed, JobState
from tests.bot.commands.asking import ask, facts, lines_offered, rows, said, title
from tests.bot.memory import MemoryBoard, make_status
from tests.samples import NOON


@pytest.mark.anyio
async def test_status_says_what_fails_since_when_and_why() -> None:
    sick = [
        Feed(
            venue="cboe",
            asset=asset,
            last_ok=None,
            last_failure=NOON,
            failures=number,
            reason="cboe is not answering (HTTP 503).",
        )
        for asset, number in (("SPX", 3), ("SPY", 4))
    ]
    job = JobState(
        name="prune",
        started=NOON - timedelta(minutes=10),
        finished=None,
        outcome="failed",
        detail="The database is not answering (locked).",
        runs=4,
        failures=1,
        overruns=2,
    )
    state = make_status(alerts_pending=2, alerts_failed=1)
    state = replace(state, feeds=(*state.feeds, *sick), jobs=(*state.jobs, job))
    reply = await ask("/status", board=MemoryBoard(state=state))
    assert title(reply) == "gexwire status · in trouble: 2 feeds, 1 job"
    assert "cboe SPX, SPY: cboe is not answering (HTTP 503), 4 times in a row." in said(reply)
    assert "prune: The database is not answering (locked)." in said(reply)
    assert ("cboe", "SPX", "never", "failing") in rows(reply)
    assert ("deribit", "BTC", "42 s ago", "ok") in rows(reply)
    told = facts(reply)
    assert told["Alerts"] == "2 waiting, 1 given up"
    assert told["Version"] == "1.2.3"
    assert told["Up for"] == "5 h"


@pytest.mark.anyio
async def test_help_is_the_command_list_and_explains_each() -> None:
    told = facts(await ask("/help"))
    assert "/gex ASSET [EXPIRY]" in told
    one = await ask("/help /gex")
    assert title(one) == "/gex ASSET [EXPIRY]"
    assert facts(one)["EXPIRY"].endswith("(optional)")
    assert "Did you mean /gex?" in said(await ask("/help gxe"))


@pytest.mark.anyio
async def test_start_says_what_this_is_in_four_lines() -> None:
    reply = await ask("/start")
    assert len(said(reply).splitlines()) == 4
    assert lines_offered(reply)["GEX BTC"] == "gex BTC"
