"""Alerts over the real discord.py: delivered once, and every failure named rightly."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from zoneinfo import ZoneInfo

import pytest

from bot.alerts import Alerts, TryLater, Unreachable, key
from bot.cards.alert import alert as card
from bot.platforms.discord import Discord
from bot.reply import Chart, Reply, Text, Title
from engine.service import Recipient
from tests.bot.fakes.discord import DiscordServer, Refusal
from tests.bot.fakes.discord_shapes import CHANNEL, THREAD
from tests.bot.fakes.picture import paint, png
from tests.bot.fakes.trouble import Fault, eventually
from tests.bot.memory import MemoryPeople, make_desk, make_signal
from tests.bot.outbox import LEASE, MemoryOutbox
from tests.samples import NOON, make_snapshot

pytestmark = pytest.mark.anyio

HERE = Recipient("discord", CHANNEL)
POST = "POST channels/messages"
SIGNAL = make_signal()
NEWS = card(SIGNAL, NOON, ZoneInfo("UTC"))
KEY = key(SIGNAL, HERE)


@pytest.fixture
async def platform(discord_server: DiscordServer, people: MemoryPeople) -> AsyncIterator[Discord]:
    made = Discord(
        discord_server.token, make_desk(people=people), paint, people, discord_server.settings
    )
    await made.start()
    await eventually(lambda: discord_server.connected)
    yield made
    await made.stop()


async def test_a_follower_gets_the_news_once_and_the_receipt_is_kept(
    platform: Discord, discord_server: DiscordServer
) -> None:
    outbox = MemoryOutbox()
    outbox.put(SIGNAL, HERE, Recipient("discord", CHANNEL, THREAD))
    alerts = Alerts(outbox, [platform], partial(card, zone=ZoneInfo("UTC")), lambda: NOON)
    assert await alerts.deliver() == 2
    assert await alerts.deliver() == 0
    [in_channel], [in_thread] = discord_server.channels[CHANNEL], discord_server.channels[THREAD]
    assert [each.receipt for each in outbox.rows] == [in_channel["id"], in_thread["id"]]
    assert in_channel["nonce"] != in_thread["nonce"]
    assert "NEGATIVE" in in_channel["embeds"][0]["title"]


async def test_killed_between_accepted_and_recorded_the_repeat_is_dropped(
    platform: Discord, discord_server: DiscordServer
) -> None:
    outbox, later = MemoryOutbox(), NOON + LEASE
    outbox.put(SIGNAL, HERE)
    [delivery] = await outbox.claim(["discord"], 10, NOON)
    await platform.send(HERE, NEWS, key=key(delivery.signal, HERE), again=False)
    alerts = Alerts(outbox, [platform], partial(card, zone=ZoneInfo("UTC")), lambda: later)
    assert await alerts.deliver() == 1
    [message] = discord_server.channels[CHANNEL]
    assert outbox.rows[0].receipt == message["id"]


async def test_an_acceptance_that_got_lost_is_found_by_its_nonce(
    platform: Discord, discord_server: DiscordServer
) -> None:
    discord_server.faults.append(Fault(POST, done=True))
    with pytest.raises(TryLater) as later:
        await platform.send(HERE, NEWS, key=KEY, again=False)
    assert later.value.maybe_sent
    receipt = await platform.send(HERE, NEWS, key=KEY, again=False)
    [message] = discord_server.channels[CHANNEL]
    assert receipt == message["id"]


async def test_when_discord_has_forgotten_the_nonce_the_channel_itself_is_looked_at(
    platform: Discord, discord_server: DiscordServer
) -> None:
    discord_server.remembers_nonces = False
    first = await platform.send(HERE, NEWS, key=KEY, again=False)
    second = await platform.send(HERE, NEWS, key=KEY, again=True)
    assert first == second
    assert len(discord_server.channels[CHANNEL]) == 1


async def test_another_alert_in_the_channel_is_not_taken_for_this_one(
    platform: Discord, discord_server: DiscordServer
) -> None:
    other = make_signal(asset="ETH")
    words = card(other, NOON, ZoneInfo("UTC"))
    await platform.send(HERE, words, key=key(other, HERE), again=False)
    await platform.send(HERE, NEWS, key=KEY, again=True)
    assert len(discord_server.channels[CHANNEL]) == 2


async def test_a_channel_that_cannot_be_read_back_gets_the_news_all_the_same(
    platform: Discord, discord_server: DiscordServer
) -> None:
    refused = {"code": 50013, "message": "Missing Permissions"}
    discord_server.faults.append(Fault("GET channels/messages", 403, refused))
    await platform.send(HERE, NEWS, key=KEY, again=True)
    assert len(discord_server.channels[CHANNEL]) == 1


async def test_a_card_with_a_picture_is_one_message(
    platform: Discord, discord_server: DiscordServer
) -> None:
    blocks = (Title("BTC"), Chart("gex", make_snapshot(), "BTC"))
    await platform.send(HERE, Reply(blocks), key=KEY, again=False)
    [message] = discord_server.channels[CHANNEL]
    assert list(discord_server.files[message["id"]].values()) == [png()]


async def test_a_long_alert_goes_on_in_a_second_message_and_neither_is_repeated(
    platform: Discord, discord_server: DiscordServer
) -> None:
    long = Reply((Title("BTC"), *(Text("word " * 700) for _ in range(2))))
    first = await platform.send(HERE, long, key=KEY, again=False)
    again = await platform.send(HERE, long, key=KEY, again=False)
    assert (first, len(discord_server.channels[CHANNEL])) == (again, 2)


@pytest.mark.parametrize(
    ("status", "code", "message"),
    [
        (403, 50001, "Missing Access"),
        (403, 50013, "Missing Permissions"),
        (403, 50007, "Cannot send messages to this user"),
        (404, 10003, "Unknown Channel"),
        (400, 50008, "Cannot send messages in a non-text channel"),
        (400, 50083, "Thread is archived"),
    ],
)
async def test_a_channel_that_is_closed_to_us_is_unreachable(
    platform: Discord, discord_server: DiscordServer, status: int, code: int, message: str
) -> None:
    discord_server.refusing[CHANNEL] = Refusal(status, code, message)
    with pytest.raises(Unreachable, match=message):
        await platform.send(HERE, NEWS, key=KEY, again=False)


async def test_a_message_discord_cannot_read_is_our_bug_and_not_the_followers_loss(
    platform: Discord, discord_server: DiscordServer
) -> None:
    discord_server.refusing[CHANNEL] = Refusal(400, 50035, "Invalid Form Body")
    with pytest.raises(Exception, match="Invalid Form Body") as failed:
        await platform.send(HERE, NEWS, key=KEY, again=False)
    assert not isinstance(failed.value, (Unreachable, TryLater))


VIA = {"Via": "1.1 google"}
LIMITED = {"message": "You are being rate limited.", "retry_after": 64.5, "global": False}


@pytest.mark.parametrize(
    ("fault", "wait", "maybe"),
    [
        (Fault(POST, 429, LIMITED, VIA), 64.5, False),
        (Fault(POST, 429, "<html>error code: 1015</html>", {"Retry-After": "90"}), 90.0, False),
        (Fault(POST, 503, {}), 10.0, True),
        (Fault(POST, 200, '{"id": "1', done=True), 5.0, True),
        (Fault(POST), 5.0, True),
    ],
    ids=["channel limit", "ban of the whole bot", "unavailable", "unreadable", "cut"],
)
async def test_what_may_work_later_goes_back_to_the_outbox(
    platform: Discord, discord_server: DiscordServer, fault: Fault, wait: float, maybe: bool
) -> None:
    discord_server.faults.append(replace(fault))
    with pytest.raises(TryLater) as later:
        await platform.send(HERE, NEWS, key=KEY, again=False)
    assert later.value.retry_after == pytest.approx(wait)
    assert later.value.maybe_sent is maybe


async def test_an_attempt_that_never_left_is_certain(
    platform: Discord, discord_server: DiscordServer
) -> None:
    await discord_server.down()
    with pytest.raises(TryLater):  # on the connection that was open: nobody knows
        await platform.send(HERE, NEWS, key=KEY, again=False)
    with pytest.raises(TryLater) as later:
        await platform.send(HERE, NEWS, key=KEY, again=False)
    assert not later.value.maybe_sent


async def test_before_discord_is_connected_alerts_wait(people: MemoryPeople) -> None:
    away = DiscordServer().settings
    platform = Discord("a.b.c", make_desk(people=people), paint, people, away)
    with pytest.raises(TryLater):
        await platform.send(HERE, NEWS, key=KEY, again=False)
