from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.bot.commands.asking import ask, rows, said, title, us
from tests.bot.unpriced import nothing_open, unpriced
from tests.samples import NOON, make_snapshot


@pytest.mark.anyio
async def test_expiries_are_listed_by_day_in_groups() -> None:
    reply = await ask("/expiries BTC")
    assert title(reply) == "BTC 100,000 · 3 expiries"
    assert said(reply) == "Within 7 days\nWithin 45 days"
    assert rows(reply)[0] == (
        "Sat 2026-11-21", "0", "$40.0 mn", "900", "700", "98,000", "52.0 %", "±2,100",
    )  # fmt: skip


@pytest.mark.anyio
async def test_an_expiry_that_could_not_be_priced_has_no_net_gex_of_zero() -> None:
    told = rows(await ask("/expiries BTC", unpriced()))
    assert [row[2] for row in told] == ["n/a"] * 3
    assert {row[2] for row in rows(await ask("/expiries BTC", nothing_open()))} == {"$0"}
    whole = make_snapshot()
    first, *others = whole.by_expiry
    blank = replace(first, net_gex=0.0, gross_gex=0.0, atm_iv=None)
    snapshot = replace(whole, by_expiry=(blank, *others))
    told = rows(await ask("/expiries BTC", snapshot))
    assert [row[2] == "n/a" for row in told] == [True, False, False]


@pytest.mark.anyio
async def test_settled_expiries_are_not_listed() -> None:
    reply = await ask("/expiries BTC", now=datetime(2026, 11, 21, 8, 0, 1, tzinfo=UTC))
    assert [row[0] for row in rows(reply)] == ["Fri 2026-11-27", "Fri 2026-12-25"]
    later = await ask("/expiries BTC", now=NOON + timedelta(days=60))
    assert "has settled since" in said(later)


@pytest.mark.anyio
async def test_morning_and_afternoon_settlements_of_one_day_are_told_apart() -> None:
    row = make_snapshot().by_expiry[0]
    morning = replace(
        row, root="SPX", settlement=datetime(2026, 12, 18, 14, 30, tzinfo=UTC), expected_move=None
    )
    evening = replace(row, root="SPXW", settlement=datetime(2026, 12, 18, 21, 0, tzinfo=UTC))
    snapshot = us(by_expiry=(morning, evening))
    told = rows(await ask("/expiries SPX", snapshot, now=snapshot.asof))
    assert [each[0] for each in told] == ["Fri 2026-12-18 SPX AM", "Fri 2026-12-18 SPXW PM"]
    assert told[0][-1] == "n/a"
