"""The real discord.py when REST, gateway or the picture gives trouble."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace

import pytest

from bot.platforms.discord import Discord
from bot.reply import Chart
from engine.errors import BadConfiguration
from tests.bot.fakes.discord import DiscordServer, Refusal
from tests.bot.fakes.discord_shapes import CHANNEL
from tests.bot.fakes.picture import paint, png
from tests.bot.fakes.trouble import Fault, eventually
from tests.bot.memory import MemoryPeople, make_desk
from tests.bot.platforms.running import discord

pytestmark = pytest.mark.anyio

DIRECT = "555"
EDIT = "PATCH webhooks/messages"
ACKNOWLEDGE = "POST interactions/callback"


async def test_a_slow_picture_lets_the_text_go_first(
    discord_server: DiscordServer, people: MemoryPeople
) -> None:
    release = asyncio.Event()

    async def slow(chart: Chart) -> bytes:
        await release.wait()
        return png()

    async with discord(discord_server, people, slow, patience=0.05):
        asked = await discord_server.run("gex", asset="BTC")
        await eventually(lambda: asked.answered)
        release.set()
        text, whole = await eventually(lambda: asked.edits[1:] and asked.edits)
    assert text["embeds"][0]["fields"] == whole["embeds"][0]["fields"]
    assert "image" not in text["embeds"][0]
    assert not text["files"]
    assert list(whole["files"].values()) == [png()]
    assert "image" in whole["embeds"][0]


async def test_a_picture_that_cannot_be_drawn_is_said_to_be_missing(
    discord_server: DiscordServer, people: MemoryPeople
) -> None:
    async def broken(chart: Chart) -> bytes:
        raise RuntimeError("no ink")

    async with discord(discord_server, people, broken):
        asked = await discord_server.run("gex", asset="BTC")
        await eventually(lambda: asked.answered)
    assert "The chart could not be drawn" in asked.message["content"]
    assert asked.embed["fields"]


async def test_missing_permissions_are_said(
    discord_server: DiscordServer, people: MemoryPeople
) -> None:
    discord_server.refusing[CHANNEL] = Refusal(403, 50013, "Missing Permissions")
    async with discord(discord_server, people):
        asked = await discord_server.run("gex", asset="BTC")
        await eventually(lambda: asked.answered)
    assert "I need Embed Links and Attach Files" in asked.message["content"]


async def test_an_interaction_that_comes_too_late_is_left_alone(
    discord_server: DiscordServer, people: MemoryPeople, caplog: pytest.LogCaptureFixture
) -> None:
    async with discord(discord_server, people):
        late = await discord_server.late("status", seconds=10.0)
        prompt = await discord_server.run("status")
        await eventually(lambda: prompt.answered)
    assert not late.answered
    assert [each for each in caplog.records if each.levelno >= logging.WARNING] == []


@pytest.mark.parametrize(
    "fault",
    [
        Fault(ACKNOWLEDGE),
        Fault(ACKNOWLEDGE, done=True),
        Fault(ACKNOWLEDGE, 503, {}),
        Fault(EDIT),
        Fault(EDIT, done=True),
        Fault(EDIT, 200, '{"id": "1', done=True),
    ],
    ids=[
        "acknowledgement cut",
        "acknowledged and cut",
        "acknowledgement unavailable",
        "answer cut",
        "answered and cut",
        "answered unreadably",
    ],
)
async def test_short_trouble_does_not_cost_the_answer(
    discord_server: DiscordServer, people: MemoryPeople, fault: Fault
) -> None:
    async with discord(discord_server, people):
        discord_server.faults.append(replace(fault))
        asked = await discord_server.run("gex", asset="BTC")
        await eventually(lambda: asked.answered and not discord_server.faults)
    assert list(asked.message["files"].values()) == [png()]


async def test_one_slow_answer_holds_up_nobody_else(
    discord_server: DiscordServer, people: MemoryPeople
) -> None:
    release = asyncio.Event()

    async def slow(chart: Chart) -> bytes:
        await release.wait()
        return png()

    async with discord(discord_server, people, slow):
        first = await discord_server.run("gex", asset="BTC")
        second = await discord_server.run("status", DIRECT)
        await eventually(lambda: second.answered)
        assert first.acknowledged
        assert not first.answered
        release.set()
        await eventually(lambda: first.answered)


async def test_an_answer_under_way_is_finished_before_the_bot_leaves(
    discord_server: DiscordServer, people: MemoryPeople
) -> None:
    async def slow(chart: Chart) -> bytes:
        await asyncio.sleep(0.3)
        return png()

    async with discord(discord_server, people, slow):
        asked = await discord_server.run("gex", asset="BTC")
        await eventually(lambda: asked.acknowledged)
    assert asked.answered


async def test_a_broken_gateway_is_taken_up_again_where_it_broke(
    discord_server: DiscordServer, people: MemoryPeople
) -> None:
    async with discord(discord_server, people):
        discord_server.hang_up()
        await eventually(lambda: discord_server.resumed and discord_server.connected)
        asked = await discord_server.run("status")
        await eventually(lambda: asked.answered)
    assert discord_server.identified == 1


async def test_an_outage_is_said_once_and_ended_by_itself(
    discord_server: DiscordServer, people: MemoryPeople, caplog: pytest.LogCaptureFixture
) -> None:
    async with discord(discord_server, people):
        await discord_server.down()
        await eventually(lambda: "Discord is not answering" in caplog.text)
        await asyncio.sleep(1.2)
        await discord_server.up()
        await eventually(lambda: discord_server.connected)
        asked = await discord_server.run("status")
        await eventually(lambda: asked.answered)
        await eventually(lambda: "Discord is answering again" in caplog.text)
    assert caplog.text.count("not answering") == 1
    assert "Traceback" not in caplog.text
    assert (discord_server.identified, discord_server.resumed) == (1, 1)


async def test_a_discord_that_is_away_at_the_start_is_waited_for(
    discord_server: DiscordServer, people: MemoryPeople, caplog: pytest.LogCaptureFixture
) -> None:
    await discord_server.down()
    settings = discord_server.settings
    platform = Discord(discord_server.token, make_desk(people=people), paint, people, settings)
    await platform.start()
    await discord_server.up()
    await eventually(lambda: discord_server.connected and discord_server.commands)
    await platform.stop()
    assert caplog.text.count("Discord is not answering") == 1


async def test_a_gateway_that_refuses_the_first_connection_is_waited_for(
    discord_server: DiscordServer, people: MemoryPeople, caplog: pytest.LogCaptureFixture
) -> None:
    discord_server.refuse_gateway = 2
    async with discord(discord_server, people):
        asked = await discord_server.run("status")
        await eventually(lambda: asked.answered)
    assert "Discord is not answering" in caplog.text
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize("token", ["wrong.token.here", "two words", "", "a\nb"])
async def test_a_token_discord_does_not_take_is_one_clear_sentence(
    discord_server: DiscordServer, people: MemoryPeople, token: str
) -> None:
    settings = discord_server.settings
    platform = Discord(token, make_desk(people=people), paint, people, settings)
    with pytest.raises(BadConfiguration) as refused:
        await platform.start()
    await platform.stop()
    assert str(refused.value).startswith("Discord does not accept DISCORD_TOKEN: ")
    assert "\n" not in str(refused.value)
    assert "wrong.token" not in repr(refused.value)


async def test_a_token_revoked_later_is_said_in_the_log(
    discord_server: DiscordServer, people: MemoryPeople, caplog: pytest.LogCaptureFixture
) -> None:
    async with discord(discord_server, people):
        discord_server.token = "another"
        discord_server.hang_up()
        await eventually(lambda: "Discord no longer accepts the token." in caplog.text)


async def test_the_token_is_in_no_log_line_at_any_level(
    discord_server: DiscordServer, people: MemoryPeople, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        async with discord(discord_server, people):
            asked = await discord_server.run("gex", asset="BTC")
            await eventually(lambda: asked.answered)
            discord_server.hang_up()
            await eventually(lambda: discord_server.resumed)
    assert "discord.gateway" in caplog.text, "the library did log"
    assert discord_server.token not in caplog.text
