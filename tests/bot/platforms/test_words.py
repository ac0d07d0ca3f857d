"""Which messages are meant for the bot, and how they read."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.platforms.contact import usable
from bot.platforms.telegram_words import command_line
from bot.platforms.turns import Turns

KNOWN = ("gex", "levels", "follow", "unfollow", "status", "help", "start", "expiries")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("/gex BTC 7d", "gex BTC 7d"),
        ("/GEX@Us_Bot\n BTC", "GEX BTC"),
        ("/gxe BTC", "gxe BTC"),
        ("/levles BTC", "levles BTC"),
        ("/nonsense@us_bot", "nonsense"),
        ("/nonsense", None),
        ("/gex@them_bot BTC", None),
        ("gex BTC", None),
        ("/", None),
        ("  ", None),
    ],
)
def test_in_a_group(text: str, line: str | None) -> None:
    assert command_line(text, "us_bot", KNOWN, private=False) == line


@pytest.mark.parametrize(
    ("text", "line"),
    [("gex BTC", "gex BTC"), ("/nonsense", "nonsense"), ("/", ""), ("/gex@them_bot BTC", None)],
)
def test_in_private(text: str, line: str | None) -> None:
    assert command_line(text, "us_bot", KNOWN, private=True) == line


@given(st.text(max_size=60), st.booleans())
def test_no_text_is_too_strange(text: str, private: bool) -> None:
    line = command_line(text, "us_bot", KNOWN, private=private)
    assert line is None or "\n" not in line


@pytest.mark.parametrize(
    ("token", "plausible"),
    [
        ("12:AB-c_d", True),
        ("a.b.c", True),
        ("", False),
        ("a b", False),
        ("a\nb", False),
        ("ä", False),
    ],
)
def test_what_cannot_be_a_token_is_not_even_tried(token: str, plausible: bool) -> None:
    assert usable(token) is plausible


@pytest.mark.anyio
async def test_turns_are_taken_in_order_per_key_and_keys_do_not_wait_for_each_other() -> None:
    turns = Turns()
    order: list[str] = []
    gate = asyncio.Event()

    async def one(key: str, name: str, wait: bool) -> None:
        async with turns.turn(key):
            if wait:
                await gate.wait()
            order.append(name)

    async with asyncio.TaskGroup() as group:
        group.create_task(one("a", "a1", wait=True))
        group.create_task(one("a", "a2", wait=False))
        group.create_task(one("b", "b1", wait=False))
        await asyncio.sleep(0.01)
        assert (turns.waiting("a"), turns.waiting("b")) == (2, 0)
        gate.set()
    assert order == ["b1", "a1", "a2"]
    assert turns.waiting("a") == 0
    assert not turns._doors
