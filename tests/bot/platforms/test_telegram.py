"""The real python-telegram-bot against a Bot API on loopback: what people get."""

from __future__ import annotations

import asyncio

import pytest

from bot.config import BotSettings, CooldownSettings
from bot.reply import Chart
from engine.service import Recipient
from tests.bot.fakes.picture import png
from tests.bot.fakes.telegram import ALICE, BOT, GROUP, SUPERGROUP, TelegramServer
from tests.bot.fakes.trouble import eventually
from tests.bot.memory import MemoryPeople
from tests.bot.platforms.running import quiet, telegram

pytestmark = pytest.mark.anyio
BOB = 43
Server = TelegramServer


async def test_gex_is_answered_with_one_photo_whose_caption_has_the_levels(
    telegram_server: Server, people: MemoryPeople
) -> None:
    async with telegram(telegram_server, people):
        telegram_server.say("/gex BTC")
        [answer] = await eventually(lambda: telegram_server.sent)
    assert (answer.chat, answer.answers, answer.thread) == (ALICE, None, "")
    assert (answer.photo, answer.filename) == (png(), "BTC-gex-20261120T120000Z.png")
    assert "<b>Call wall:</b>" in answer.text
    assert ("Levels", "levels BTC") in answer.buttons
    assert max(answer.rows) <= 3


@pytest.mark.parametrize(
    ("typed", "meant", "button"),
    [
        ("/gxe BTC", "Did you mean /gex BTC?", "gex BTC"),
        ("/gex BTX", "Did you mean BTC?", "gex BTC"),
        ("gex BTX", "Did you mean BTC?", "gex BTC"),
    ],
)
async def test_a_slip_of_the_pen_is_understood(
    telegram_server: Server, people: MemoryPeople, typed: str, meant: str, button: str
) -> None:
    async with telegram(telegram_server, people):
        telegram_server.say(typed)
        [answer] = await eventually(lambda: telegram_server.sent)
    assert meant in answer.text
    assert button in dict(answer.buttons).values()


async def test_in_a_group_only_what_is_meant_for_this_bot_is_answered(
    telegram_server: Server, people: MemoryPeople
) -> None:
    async with telegram(telegram_server, people):
        for other in ("good morning", "/ban BTC", "/gex@another_bot BTC"):
            telegram_server.say(other, chat=GROUP)
        asked = telegram_server.say(f"/help@{BOT['username']} gex", chat=GROUP)
        [answer] = await eventually(lambda: telegram_server.sent)
        await quiet(telegram_server)
    assert telegram_server.sent == [answer]
    assert (answer.chat, answer.answers) == (GROUP, asked)


async def test_a_topic_is_answered_and_followed_in_that_topic(
    telegram_server: Server, people: MemoryPeople
) -> None:
    async with telegram(telegram_server, people):
        telegram_server.say("/follow BTC", chat=SUPERGROUP, topic=77)
        [answer] = await eventually(lambda: telegram_server.sent)
    assert answer.thread == "77"
    assert people.followed == {Recipient("telegram", str(SUPERGROUP), "77"): ["BTC"]}


async def test_a_reply_thread_that_is_no_topic_is_not_taken_for_one(
    telegram_server: Server, people: MemoryPeople
) -> None:
    async with telegram(telegram_server, people):
        telegram_server.say("/follow BTC", chat=SUPERGROUP, message_thread_id=5)
        await eventually(lambda: telegram_server.sent)
    assert list(people.followed) == [Recipient("telegram", str(SUPERGROUP))]


async def test_edited_messages_are_ignored(telegram_server: Server, people: MemoryPeople) -> None:
    telegram_server.say("/help", kind="edited_message")
    async with telegram(telegram_server, people):
        await eventually(lambda: not telegram_server.pending)
        await quiet(telegram_server)
    assert telegram_server.sent == []


async def test_a_channel_is_answered_and_its_copy_in_the_discussion_group_is_not(
    telegram_server: Server, people: MemoryPeople
) -> None:
    async with telegram(telegram_server, people):
        telegram_server.say("/follow BTC", chat=SUPERGROUP, kind="channel_post")
        telegram_server.say("/follow BTC", chat=GROUP, is_automatic_forward=True)
        [answer] = await eventually(lambda: telegram_server.sent)
        await quiet(telegram_server)
    assert telegram_server.sent == [answer]
    assert answer.chat == SUPERGROUP


async def test_a_pressed_button_stops_spinning_and_its_command_is_answered(
    telegram_server: Server, people: MemoryPeople
) -> None:
    async with telegram(telegram_server, people):
        telegram_server.say("/gex BTC", chat=SUPERGROUP, topic=77)
        [first] = await eventually(lambda: telegram_server.sent)
        query = telegram_server.press("levels BTC", message=first)
        _, second = await eventually(lambda: telegram_server.sent[1:] and telegram_server.sent)
    assert telegram_server.acknowledged == [query]
    assert "levels" in second.text
    assert second.thread == "77"


async def test_a_button_is_acknowledged_while_the_answer_before_is_still_being_made(
    telegram_server: Server, people: MemoryPeople
) -> None:
    release = asyncio.Event()

    async def slow(chart: Chart) -> bytes:
        await release.wait()
        return png()

    async with telegram(telegram_server, people, slow):
        telegram_server.say("/gex BTC")
        query = telegram_server.press("levels BTC")
        await eventually(lambda: telegram_server.acknowledged == [query])
        assert telegram_server.sent == []
        release.set()
        first, second = await eventually(lambda: telegram_server.sent[1:] and telegram_server.sent)
    assert first.photo
    assert "levels" in second.text


async def test_a_button_under_a_message_too_old_to_be_shown_still_works(
    telegram_server: Server, people: MemoryPeople
) -> None:
    async with telegram(telegram_server, people):
        telegram_server.press("levels BTC")
        [answer] = await eventually(lambda: telegram_server.sent)
    assert answer.chat == ALICE


async def test_the_menu_is_the_command_list_in_private_chats_and_in_groups(
    telegram_server: Server, people: MemoryPeople
) -> None:
    async with telegram(telegram_server, people):
        await eventually(lambda: len(telegram_server.menus) == 2)
    assert set(telegram_server.menus) == {"all_private_chats", "all_group_chats"}
    assert all({"gex", "follow", "help"} <= set(each) for each in telegram_server.menus.values())


async def test_a_hundred_messages_of_a_stranger_get_a_handful_of_answers(
    telegram_server: Server, people: MemoryPeople
) -> None:
    closed = BotSettings(cooldown=CooldownSettings(burst=3, every=3_600))
    async with telegram(telegram_server, people, settings=closed):
        for _ in range(100):
            telegram_server.say("/gex BTC")
        await eventually(lambda: len(telegram_server.sent) >= 4)
        await quiet(telegram_server)
    said = [each.text for each in telegram_server.sent]
    assert ["not on this bot's list" in each for each in said] == [True, True, True, False]
    assert said[-1].startswith("Too fast: try again in")
