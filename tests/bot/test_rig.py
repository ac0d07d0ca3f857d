"""Both platforms against stand-ins that enforce the real limits, rates and error answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.alerts import Alerts, Messenger
from bot.cards.alert import alert as card
from bot.commands import COMMANDS
from engine.service import Recipient
from tests.bot.memory import MemoryPeople, make_signal
from tests.bot.outbox import MemoryOutbox
from tests.bot.rig import assert_clean, chatrig, discord, telegram
from tests.samples import NOON

pytestmark = [pytest.mark.anyio, pytest.mark.rig]

NEWS = "ref "
"""In the small print of every alert, and of nothing else."""


@pytest.fixture
async def rig(anyio_backend: str) -> AsyncIterator[Any]:
    async with chatrig().Rig() as made:
        yield made


@pytest.fixture
def people() -> MemoryPeople:
    return MemoryPeople()


async def follow_up(rig: Any, user: int, label: str) -> dict[str, Any]:
    """Press a button and wait for what it brings."""
    since = rig.tg.mark()
    pressed = rig.tg.press(user=user, label=label)
    answered = await rig.tg.wait_callback(pressed["query"])
    assert answered["after"] < 1
    [message] = await rig.tg.wait_sent(chat=user, since=since)
    return dict(message)


def alerts(outbox: MemoryOutbox, messenger: Messenger) -> Alerts:
    return Alerts(outbox, [messenger], partial(card, zone=ZoneInfo("UTC")), lambda: NOON)


async def test_telegram_in_private(rig: Any, people: MemoryPeople) -> None:
    async with telegram(rig, people):
        alice, bob = rig.tg.add_users(2)
        gex = await rig.tg.ask(user=alice, text="/gex BTC", media="photo", settle=0.1)
        assert gex["after"] < 2
        [photo] = gex["replies"]
        assert rig.tg.image(sha=photo["file"]["sha"])["distinct_colors"] > 50
        assert "Call wall" in photo["text"]
        assert "levels" in (await follow_up(rig, alice, "Levels"))["text"]
        typo = await rig.tg.ask(user=bob, text="/gxe BTC", settle=0.1)
        assert "Did you mean /gex BTC?" in typo["replies"][0]["text"]
        asked = await rig.tg.ask(user=bob, text="/follow BTC", settle=0.1)
        silence = rig.tg.mark()
        rig.tg.edit(user=bob, message_id=asked["message_id"], text="/status")
        await rig.tg.wait_idle()
        await asyncio.sleep(0.2)
        assert rig.tg.sent(chat=bob, since=silence) == []
    assert people.followed == {Recipient("telegram", str(bob)): ["BTC"]}
    assert all("gex" in str(menu) for menu in rig.tg.commands().values())
    assert len(rig.tg.commands()) == 2
    assert_clean(rig.tg)


async def test_every_commands_example_is_answered_by_both_within_every_limit(
    rig: Any, people: MemoryPeople
) -> None:
    dana = rig.dc.add_user(name="Dana")["id"]
    server = await rig.dc.add_guild(members=[dana], channels=["general"])
    general = server["channels"]["general"]
    async with telegram(rig, people), discord(rig, people):
        for command, user in zip(COMMANDS, rig.tg.add_users(len(COMMANDS)), strict=True):
            answer = await rig.tg.ask(user=user, text=command.example, settle=0.05)
            assert answer["replies"], command.example
            words = command.example.split()[1:]
            options = dict(zip((each.name for each in command.parameters), words, strict=False))
            answer = await rig.dc.run(
                user=dana, channel=general, command=command.name, options=options
            )
            assert answer["answered"], command.example
    assert_clean(rig.tg)
    assert_clean(rig.dc)


async def test_telegram_in_groups_topics_and_channels(rig: Any, people: MemoryPeople) -> None:
    alice = rig.tg.add_user()["id"]
    group = rig.tg.add_chat(type="group", members=[alice])["id"]
    forum = rig.tg.add_chat(forum=True, members=[alice])["id"]
    topic = rig.tg.add_topic(chat=forum)["thread"]
    channel = rig.tg.add_chat(type="channel")["id"]
    async with telegram(rig, people) as platform:
        named = await rig.tg.ask(user=alice, chat=group, text="/gex@rig_bot BTC", settle=0.1)
        assert named["replies"][0]["reply_to"] == named["message_id"]
        threaded = await rig.tg.ask(user=alice, chat=forum, thread=topic, text="/follow BTC")
        assert threaded["replies"][0]["thread"] == topic
        posted = await rig.tg.ask(user=alice, chat=channel, text="/follow BTC", settle=0.1)
        assert posted["replies"]
        await rig.tg.ask(user=alice, chat=group, text="/follow BTC", settle=0.1)
        new = rig.tg.migrate(chat=group)["new"]
        moved = Recipient("telegram", str(new))
        await rig.tg.wait_idle()
        await asyncio.sleep(0.1)
        assert moved in people.followed
        outbox = MemoryOutbox()
        outbox.put(make_signal(), *people.followed)
        assert await alerts(outbox, platform).deliver() == 3
    for chat, thread in ((new, None), (forum, topic), (channel, None)):
        [news] = rig.tg.sent(chat=chat, contains=NEWS)
        assert news["thread"] == thread
    assert_clean(rig.tg)


async def test_telegram_restarted_answers_everything_once(rig: Any, people: MemoryPeople) -> None:
    users = rig.tg.add_users(20)
    async with telegram(rig, people):
        for each in users[:10]:
            rig.tg.say(user=each, text="/status")
    for each in users[10:]:
        rig.tg.say(user=each, text="/status")
    async with telegram(rig, people):
        await rig.tg.wait_sent(count=20)
        await rig.tg.wait_idle()
        await asyncio.sleep(0.2)
    answered = [each["chat"] for each in rig.tg.sent(kind="new")]
    assert sorted(answered) == sorted(users)
    assert_clean(rig.tg)


async def test_telegram_reaches_every_follower_once_within_its_rates(
    rig: Any, people: MemoryPeople
) -> None:
    users = rig.tg.add_users(70)
    rig.tg.block(user=users[0])
    rig.tg.fault(mode="flood", method="sendMessage", chat=users[1], retry_after=30)
    outbox = MemoryOutbox()
    outbox.put(make_signal(), *(Recipient("telegram", str(each)) for each in users))
    async with telegram(rig, people) as platform:
        watch = rig.fanout_begin("tg", NEWS, users[2:])
        began = rig.tg.mark()
        delivering = asyncio.create_task(alerts(outbox, platform).deliver())
        asked = await rig.tg.ask(user=rig.tg.add_user()["id"], text="/status", settle=0)
        assert asked["after"] < 1, "an answer does not wait for the alerts"
        assert await delivering == 68
        result = await rig.fanout_end(watch, timeout=1, settle=0.2)
    assert (result["delivered"], result["duplicated"], result["strays"]) == (68, {}, {})
    assert result["peak_in_1s"] <= 30
    states = outbox.states()
    assert (states[str(users[0])], states[str(users[1])]) == ("given_up", "pending")
    assert outbox.row(str(users[1])).again is False
    assert len(rig.tg.calls(method="sendMessage", since=began)) == 71
    assert_clean(rig.tg, allowed=["blocked by the user"])


async def test_discord_in_a_server_a_thread_and_direct_messages(
    rig: Any, people: MemoryPeople
) -> None:
    dana = rig.dc.add_user(name="Dana")["id"]
    server = await rig.dc.add_guild(members=[dana], channels=["general"])
    general = server["channels"]["general"]
    thread = (await rig.dc.add_thread(channel=general))["id"]
    direct = rig.dc.dm(user=dana)["channel"]
    rig.dc.set_limits(enforce_identify_gap=False)
    async with discord(rig, people):
        gex = await rig.dc.run(user=dana, channel=general, command="gex", options={"asset": "BTC"})
        assert gex["ack_after"] < 1
        [chart] = gex["message"]["files"]
        assert (chart["embedded"], chart["broken"]) == (True, None)
        names = [each["name"] for each in gex["message"]["embeds"][0]["fields"]]
        assert "Call wall" in names
        ask = partial(rig.dc.autocomplete, user=dana, channel=general, command="gex")
        assert (await ask(focused="asset", typed="b"))["choices"][0]["value"] == "BTC"
        offered = await ask(focused="expiry", typed="", options={"asset": "BTC"})
        assert "7d" in [each["value"] for each in offered["choices"]]
        for channel in (thread, direct):
            options = {"asset": "BTC"}
            done = await rig.dc.run(user=dana, channel=channel, command="follow", options=options)
            assert "followed here now" in str(done["message"]["embeds"])
    async with discord(rig, people) as platform:
        pressed = await rig.dc.press(user=dana, channel=general, label="Levels")
        levels = await rig.dc.wait_answer(pressed["interaction"])
        assert "levels" in levels["message"]["embeds"][0]["title"]
        outbox = MemoryOutbox()
        outbox.put(make_signal(), *people.followed)
        assert await alerts(outbox, platform).deliver() == 2
    assert set(people.followed) == {
        Recipient("discord", general, thread),
        Recipient("discord", direct),
    }
    for channel in (thread, direct):
        assert len(rig.dc.sent(chat=channel, contains=NEWS)) == 1
    assert len(rig.dc.calls(route="PUT /applications/{a}/commands")) == 1
    assert_clean(rig.dc)


async def test_discord_says_what_it_is_not_allowed_to(rig: Any, people: MemoryPeople) -> None:
    dana = rig.dc.add_user(name="Dana")["id"]
    server = await rig.dc.add_guild(members=[dana], channels=["general"])
    general = server["channels"]["general"]
    await rig.dc.set_permissions(channel=general, deny=["SEND_MESSAGES"])
    async with discord(rig, people) as platform:
        options = {"asset": "BTC"}
        done = await rig.dc.run(user=dana, channel=general, command="follow", options=options)
        assert "Send Messages" in str(done["message"]["embeds"])
        outbox = MemoryOutbox()
        outbox.put(make_signal(), *people.followed)
        assert await alerts(outbox, platform).deliver() == 0
    assert outbox.states() == {general: "given_up"}
    assert_clean(rig.dc, allowed=["50013 Missing Permissions"])


async def test_discord_reaches_every_channel_once_though_answers_get_lost(
    rig: Any, people: MemoryPeople
) -> None:
    server = await rig.dc.add_guild()
    channels = await rig.dc.add_channels(guild=server["id"], count=60)
    route = "POST /channels/{c}/messages"
    for lost in channels[:3]:
        rig.dc.fault(mode="lost", route=route, channel=lost)
    outbox = MemoryOutbox()
    outbox.put(make_signal(), *(Recipient("discord", each) for each in channels))
    async with discord(rig, people) as platform:
        watch = rig.fanout_begin("dc", NEWS, channels)
        assert await alerts(outbox, platform).deliver() == 57
        for row in outbox.rows:
            row.due = NOON
        assert await alerts(outbox, platform).deliver() == 3
        result = await rig.fanout_end(watch, timeout=1, settle=0.2)
    assert (result["delivered"], result["duplicated"], result["strays"]) == (60, {}, {})
    assert set(outbox.states().values()) == {"sent"}
    assert_clean(rig.dc)


@pytest.mark.parametrize("mode", ["close", "tcp", "reconnect"])
async def test_discord_comes_back_when_the_gateway_breaks(
    rig: Any, people: MemoryPeople, mode: str
) -> None:
    dana = rig.dc.add_user(name="Dana")["id"]
    server = await rig.dc.add_guild(members=[dana], channels=["general"])
    async with discord(rig, people):
        since = rig.dc.mark()
        await rig.dc.drop(mode=mode)
        assert await rig.dc.wait_gateway(event="resume", since=since, timeout=5)
        done = await rig.dc.run(user=dana, channel=server["channels"]["general"], command="status")
        assert done["answered"]
    assert rig.dc.state()["identifies"] == 1
    assert_clean(rig.dc)
