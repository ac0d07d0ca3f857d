"""The real discord.py against REST and gateway on loopback: what people get."""

from __future__ import annotations

import pytest

from bot.config import CooldownSettings
from bot.platforms.discord import Discord
from engine.service import Recipient
from tests.bot.fakes.discord import Asked, DiscordServer
from tests.bot.fakes.discord_shapes import CHANNEL, GUILD, THREAD, buttons
from tests.bot.fakes.picture import paint, png
from tests.bot.fakes.trouble import Fault, eventually
from tests.bot.memory import OPEN, MemoryPeople, make_desk
from tests.bot.platforms.running import discord

pytestmark = pytest.mark.anyio

DIRECT = "555"
EDIT = "PATCH webhooks/messages"
ACKNOWLEDGE = "POST interactions/callback"


async def test_gex_is_answered_with_an_embed_and_the_chart_in_it(
    discord_server: DiscordServer, people: MemoryPeople
) -> None:
    async with discord(discord_server, people):
        asked = await discord_server.run("gex", asset="BTC")
        await eventually(lambda: asked.answered)
    [(name, picture)] = asked.message["files"].items()
    assert asked.acknowledged == 5
    assert picture == png()
    assert asked.embed["image"]["url"] == f"attachment://{name}"
    assert {"Call wall", "Put wall"} <= {each["name"] for each in asked.embed["fields"]}
    assert ("Levels", "levels BTC") in buttons(asked.message)
    assert len(asked.edits) == 1


async def test_a_mistyped_asset_is_understood(
    discord_server: DiscordServer, people: MemoryPeople
) -> None:
    async with discord(discord_server, people):
        asked = await discord_server.run("gex", asset="BTX")
        await eventually(lambda: asked.answered)
    assert "Did you mean BTC?" in asked.embed["description"]
    assert "gex BTC" in dict(buttons(asked.message)).values()


async def test_options_carry_the_arguments_names_and_are_completed_while_typed(
    discord_server: DiscordServer, people: MemoryPeople
) -> None:
    async with discord(discord_server, people):
        assets = await discord_server.complete("gex", "asset", "b")
        expiries = await discord_server.complete("gex", "expiry", "", asset="BTC")
        await eventually(lambda: assets.choices and expiries.choices)
    [gex] = [each for each in discord_server.commands if each["name"] == "gex"]
    options = [(each["name"], each["required"], each["autocomplete"]) for each in gex["options"]]
    assert options == [("asset", True, True), ("expiry", False, True)]
    assert assets.choices == ["BTC", "IBIT"]
    assert expiries.choices
    assert expiries.choices[:2] == ["0dte", "7d"]
    assert "2026-11-27" in expiries.choices


async def test_commands_are_registered_only_when_they_changed(
    discord_server: DiscordServer, people: MemoryPeople
) -> None:
    for _ in range(2):
        async with discord(discord_server, people):
            await eventually(lambda: discord_server.calls["GET applications/commands"])
    assert discord_server.calls["PUT applications/commands"] == 1
    discord_server.commands[0]["description"] = "an older one"
    async with discord(discord_server, people):
        await eventually(lambda: discord_server.calls["PUT applications/commands"] == 2)


async def test_registering_is_tried_again_when_discord_hiccups(
    discord_server: DiscordServer, people: MemoryPeople, caplog: pytest.LogCaptureFixture
) -> None:
    discord_server.faults.append(Fault("GET applications/commands", 503, {}))
    async with discord(discord_server, people):
        assert discord_server.commands
    assert "commands not registered yet" in caplog.text


async def test_only_unprivileged_intents_are_asked_for(
    discord_server: DiscordServer, people: MemoryPeople
) -> None:
    async with discord(discord_server, people):
        assert discord_server.intents == 1


async def test_a_button_works_after_a_restart_because_it_is_a_command(
    discord_server: DiscordServer, people: MemoryPeople
) -> None:
    async with discord(discord_server, people):
        asked = await discord_server.run("gex", asset="BTC")
        await eventually(lambda: asked.answered)
    line = dict(buttons(asked.message))["Levels"]
    async with discord(discord_server, people):
        pressed = await discord_server.press(line)
        await eventually(lambda: pressed.answered)
    assert pressed.acknowledged == 5
    assert "levels" in pressed.embed["title"]


async def test_nothing_is_remembered_for_buttons(
    discord_server: DiscordServer, people: MemoryPeople
) -> None:
    async with discord(discord_server, people) as platform:
        asked = await discord_server.run("gex", asset="BTC")
        await eventually(lambda: asked.answered)
        assert buttons(asked.message)
        assert platform._client is not None
        assert list(platform._client.persistent_views) == []


async def test_a_thread_is_answered_and_followed_as_a_part_of_its_channel(
    discord_server: DiscordServer, people: MemoryPeople
) -> None:
    async with discord(discord_server, people):
        asked = await discord_server.run("follow", THREAD, asset="BTC")
        await eventually(lambda: asked.answered)
    assert people.followed == {Recipient("discord", CHANNEL, THREAD): ["BTC"]}


async def test_direct_messages_are_answered_and_followed(
    discord_server: DiscordServer, people: MemoryPeople
) -> None:
    async with discord(discord_server, people):
        asked = await discord_server.run("follow", DIRECT, asset="BTC")
        await eventually(lambda: asked.answered)
    assert people.followed == {Recipient("discord", DIRECT): ["BTC"]}


async def test_who_follows_where_the_bot_may_not_write_is_told_so(
    discord_server: DiscordServer, people: MemoryPeople
) -> None:
    discord_server.app_permissions = 0
    async with discord(discord_server, people):
        command = await discord_server.run("follow", asset="BTC")
        button = await discord_server.press("follow BTC")
        unharmed = await discord_server.run("gex", asset="BTC")
        direct = await discord_server.run("follow", DIRECT, asset="BTC")
        everything = (command, button, unharmed, direct)
        await eventually(lambda: all(each.answered for each in everything))
    told = ["Send Messages" in str(each.message["embeds"]) for each in everything]
    assert told == [True, True, False, False]


async def test_the_server_somebody_asks_from_is_known_to_the_gate(
    discord_server: DiscordServer, people: MemoryPeople
) -> None:
    from bot.config import AllowSettings, BotSettings

    settings = BotSettings(allow=AllowSettings(guilds=(GUILD,)))
    desk = make_desk(people=people, settings=settings)
    platform = Discord(discord_server.token, desk, paint, people, discord_server.settings)
    await platform.start()
    await eventually(lambda: discord_server.connected)
    inside = await discord_server.run("help", CHANNEL)
    outside = await discord_server.run("help", DIRECT)
    await eventually(lambda: inside.answered and outside.answered)
    await platform.stop()
    assert inside.embed["title"] == "Commands"
    assert "not on this bot's list" in outside.embed["description"]


async def helped(server: DiscordServer) -> Asked:
    asked = await server.run("help")
    await eventually(lambda: asked.answered)
    return asked


async def test_who_asks_too_often_is_told_once_before_everybody_and_then_alone(
    discord_server: DiscordServer, people: MemoryPeople
) -> None:
    burst = CooldownSettings(burst=2, every=3_600)
    slow = OPEN.model_copy(update={"cooldown": burst})
    seen = []
    async with discord(discord_server, people, settings=slow):
        for _ in range(6):
            asked = await helped(discord_server)
            seen.append((asked.private, "Too fast" in asked.embed.get("description", "")))
    assert seen == [(False, False)] * 2 + [(False, True)] + [(True, True)] * 3
