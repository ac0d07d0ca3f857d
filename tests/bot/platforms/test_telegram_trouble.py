"""The real python-telegram-bot when the Bot API, the network or the picture gives trouble."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace

import pytest

from bot.platforms.telegram import Telegram
from bot.reply import Chart
from engine.errors import BadConfiguration
from engine.service import Recipient
from tests.bot.fakes.picture import paint, png
from tests.bot.fakes.telegram import ALICE, GROUP, SUPERGROUP, TelegramServer
from tests.bot.fakes.trouble import Fault, eventually
from tests.bot.memory import MemoryPeople, make_desk
from tests.bot.platforms.running import quiet, telegram

pytestmark = pytest.mark.anyio
BOB = 43
Server = TelegramServer


async def test_messages_written_while_the_bot_restarts_are_answered_once(
    telegram_server: Server, people: MemoryPeople
) -> None:
    async with telegram(telegram_server, people):
        telegram_server.say("/levels BTC")
        await eventually(lambda: telegram_server.sent)
    telegram_server.say("/status")
    telegram_server.say("/help gex")
    async with telegram(telegram_server, people):
        await eventually(lambda: len(telegram_server.sent) == 3)
        await quiet(telegram_server)
    assert len(telegram_server.sent) == 3
    assert telegram_server.pending == []


async def test_what_was_answered_but_not_yet_confirmed_is_confirmed_on_leaving(
    telegram_server: Server, people: MemoryPeople
) -> None:
    telegram_server.faults.append(Fault("getUpdates", 502, "<html>nginx</html>", skip=1))
    telegram_server.say("/status")
    async with telegram(telegram_server, people):
        await eventually(lambda: telegram_server.sent)
        assert telegram_server.pending
    assert telegram_server.pending == []


async def test_an_answer_under_way_is_finished_before_the_bot_leaves(
    telegram_server: Server, people: MemoryPeople
) -> None:
    begun = asyncio.Event()

    async def slow(chart: Chart) -> bytes:
        begun.set()
        await asyncio.sleep(0.3)
        return png()

    async with telegram(telegram_server, people, slow):
        telegram_server.say("/gex BTC")
        await begun.wait()
    [answer] = telegram_server.sent
    assert answer.photo


async def test_a_slow_picture_lets_the_text_go_first(
    telegram_server: Server, people: MemoryPeople
) -> None:
    release = asyncio.Event()

    async def slow(chart: Chart) -> bytes:
        await release.wait()
        return png()

    async with telegram(telegram_server, people, slow, patience=0.05):
        telegram_server.say("/gex BTC")
        [text] = await eventually(lambda: telegram_server.sent)
        release.set()
        _, picture = await eventually(lambda: telegram_server.sent[1:] and telegram_server.sent)
    assert ("<b>Call wall:</b>" in text.text, text.photo) == (True, b"")
    assert text.buttons
    assert (picture.photo, picture.text) == (png(), "BTC gamma exposure by strike")


async def test_a_picture_that_cannot_be_drawn_is_said_to_be_missing(
    telegram_server: Server, people: MemoryPeople, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(chart: Chart) -> bytes:
        raise RuntimeError("no ink")

    async with telegram(telegram_server, people, broken):
        telegram_server.say("/gex BTC")
        [answer] = await eventually(lambda: telegram_server.sent)
    assert "<b>Call wall:</b>" in answer.text
    assert "The chart could not be drawn" in answer.text
    assert "no ink" not in answer.text
    assert "no ink" in caplog.text


async def test_a_chat_without_pictures_gets_the_text_and_the_reason(
    telegram_server: Server, people: MemoryPeople
) -> None:
    telegram_server.no_photos.add(GROUP)
    async with telegram(telegram_server, people):
        telegram_server.say("/gex BTC", chat=GROUP)
        [answer] = await eventually(lambda: telegram_server.sent)
    assert "<b>Call wall:</b>" in answer.text
    assert "not allowed to send pictures" in answer.text
    assert answer.buttons


async def test_a_flood_wait_is_waited_out_and_other_chats_do_not_wait(
    telegram_server: Server, people: MemoryPeople
) -> None:
    telegram_server.flood(1, chat=ALICE)
    async with telegram(telegram_server, people):
        telegram_server.say("/status", user=ALICE)
        await eventually(lambda: telegram_server.calls["sendMessage"])
        telegram_server.say("/status", chat=BOB, user=BOB)
        first, second = await eventually(lambda: telegram_server.sent[1:] and telegram_server.sent)
    assert (first.chat, second.chat) == (BOB, ALICE)
    assert telegram_server.calls["sendMessage"] == 3


async def test_one_slow_answer_holds_up_nobody_else(
    telegram_server: Server, people: MemoryPeople
) -> None:
    release = asyncio.Event()

    async def slow(chart: Chart) -> bytes:
        await release.wait()
        return png()

    async with telegram(telegram_server, people, slow):
        telegram_server.say("/gex BTC")
        telegram_server.say("/status", chat=BOB, user=BOB)
        [answer] = await eventually(lambda: telegram_server.sent)
        assert answer.chat == BOB
        release.set()
        await eventually(lambda: len(telegram_server.sent) == 2)


@pytest.mark.parametrize(
    "fault",
    [
        Fault("sendMessage"),
        Fault("sendMessage", 502, "<html>nginx</html>"),
        Fault("sendMessage", 500, {"ok": False, "error_code": 500, "description": "Internal"}),
    ],
    ids=["cut", "bad gateway", "internal error"],
)
async def test_an_answer_is_tried_again_after_a_short_failure(
    telegram_server: Server, people: MemoryPeople, fault: Fault
) -> None:
    telegram_server.faults.append(replace(fault))
    async with telegram(telegram_server, people):
        telegram_server.say("/status")
        [answer] = await eventually(lambda: telegram_server.sent)
    assert "gexwire status" in answer.text


async def test_a_group_that_became_a_supergroup_takes_its_follows_along(
    telegram_server: Server, people: MemoryPeople
) -> None:
    async with telegram(telegram_server, people):
        telegram_server.say("/follow BTC", chat=GROUP)
        await eventually(lambda: telegram_server.sent)
        telegram_server.say("", chat=GROUP, migrate_to_chat_id=SUPERGROUP)
        moved = Recipient("telegram", str(SUPERGROUP))
        await eventually(lambda: moved in people.followed)
    assert people.followed == {moved: ["BTC"]}


async def test_a_telegram_that_is_away_at_the_start_is_said_once_and_waited_for(
    telegram_server: Server, people: MemoryPeople, caplog: pytest.LogCaptureFixture
) -> None:
    await telegram_server.down()
    telegram_server.say("/status")
    async with telegram(telegram_server, people):
        await asyncio.sleep(0.6)
        await telegram_server.up()
        await eventually(lambda: telegram_server.sent)
    said = [each.getMessage() for each in caplog.records if "answering" in each.getMessage()]
    assert said == [
        "Telegram is not answering (ConnectError). I keep trying.",
        "Telegram is answering again.",
    ]


async def test_an_outage_in_between_is_survived_and_nothing_is_lost(
    telegram_server: Server, people: MemoryPeople, caplog: pytest.LogCaptureFixture
) -> None:
    async with telegram(telegram_server, people):
        await eventually(lambda: telegram_server.calls["getUpdates"])
        await telegram_server.down()
        telegram_server.say("/status")
        await eventually(lambda: "Telegram is not answering" in caplog.text)
        await telegram_server.up()
        await eventually(lambda: telegram_server.sent)
        await eventually(lambda: "Telegram is answering again" in caplog.text)
    assert len(telegram_server.sent) == 1


async def test_an_outage_behind_a_gateway_leaves_one_line_and_no_traces(
    telegram_server: Server, people: MemoryPeople, caplog: pytest.LogCaptureFixture
) -> None:
    telegram_server.faults.append(Fault("getUpdates", 502, "<html>nginx</html>", times=2))
    async with telegram(telegram_server, people):
        telegram_server.say("/status")
        await eventually(lambda: telegram_server.sent)
        await eventually(lambda: "Telegram is answering again" in caplog.text)
    assert caplog.text.count("Telegram is not answering (Bad Gateway (502)). I keep trying.") == 1
    assert "Traceback" not in caplog.text


async def test_a_second_poller_of_the_same_bot_is_named_as_such(
    telegram_server: Server, people: MemoryPeople, caplog: pytest.LogCaptureFixture
) -> None:
    conflict = {"ok": False, "error_code": 409, "description": "Conflict: terminated by other"}
    telegram_server.faults.append(Fault("getUpdates", 409, conflict))
    async with telegram(telegram_server, people):
        await eventually(lambda: "another program is polling this bot" in caplog.text)


@pytest.mark.parametrize("token", ["1234567:wrong-token", "two words", "", "12\n34"])
async def test_a_token_telegram_does_not_take_is_one_clear_sentence(
    telegram_server: Server, people: MemoryPeople, token: str
) -> None:
    platform = Telegram(token, make_desk(people=people), paint, people, telegram_server.settings)
    with pytest.raises(BadConfiguration) as refused:
        await platform.start()
    await platform.stop()
    assert str(refused.value).startswith("Telegram does not accept TELEGRAM_TOKEN: ")
    assert "\n" not in str(refused.value)
    assert "wrong-token" not in repr(refused.value)
    assert refused.value.__suppress_context__ or refused.value.__context__ is None


async def test_a_token_revoked_later_is_said_in_the_log(
    telegram_server: Server, people: MemoryPeople, caplog: pytest.LogCaptureFixture
) -> None:
    async with telegram(telegram_server, people):
        await eventually(lambda: telegram_server.calls["getUpdates"])
        telegram_server.token = "another"
        telegram_server.say("/status")
        await eventually(lambda: "does not accept TELEGRAM_TOKEN" in caplog.text)


async def test_the_token_is_in_no_log_line_at_any_level(
    telegram_server: Server, people: MemoryPeople, caplog: pytest.LogCaptureFixture
) -> None:
    token = telegram_server.token
    with caplog.at_level(logging.DEBUG):
        async with telegram(telegram_server, people):
            telegram_server.faults.append(Fault("sendPhoto"))
            telegram_server.say("/gex BTC")
            await eventually(lambda: telegram_server.sent)
            telegram_server.token = "another"
            telegram_server.say("/status")
            await eventually(lambda: "does not accept TELEGRAM_TOKEN" in caplog.text)
    assert "httpcore" in caplog.text, "the libraries did log"
    assert token not in caplog.text
    assert token.split(":")[1] not in caplog.text
