from __future__ import annotations

import pytest

from tests.bot.commands.asking import ask, lines_offered, said
from tests.bot.memory import CHAT, MemoryPeople


@pytest.mark.anyio
async def test_following_twice_is_following_once() -> None:
    people = MemoryPeople()
    first = await ask("/follow BTC", people=people)
    second = await ask("/follow BTC", people=people)
    assert "BTC is followed here now." in said(first)
    assert "followed here already" in said(second)
    assert people.followed[CHAT] == ["BTC"]
    assert lines_offered(first)["Unfollow BTC"] == "unfollow BTC"


@pytest.mark.anyio
async def test_unfollowing_ends_one_or_all_and_says_what_ended() -> None:
    people = MemoryPeople({CHAT: ["BTC", "ETH", "SPX"]})
    one = await ask("/unfollow ETH", people=people)
    assert "No more messages here about ETH." in said(one)
    assert "Followed here: BTC, SPX." in said(one)
    assert lines_offered(one) == {"Follow ETH": "follow ETH"}
    everything = await ask("/unfollow", people=people)
    assert "No more messages here about BTC, SPX." in said(everything)
    assert lines_offered(everything) == {"Follow BTC": "follow BTC", "Follow SPX": "follow SPX"}
    assert "ETH was not followed here." in said(await ask("/unfollow ETH", people=people))
    assert "nothing to end" in said(await ask("/unfollow", people=people))
