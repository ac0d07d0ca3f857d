"""Alerts over the real python-telegram-bot: delivered once, and every failure named rightly."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from zoneinfo import ZoneInfo

import pytest

from bot.alerts import Alerts, TryLater, Unreachable
from bot.cards.alert import alert as card
from bot.platforms.telegram import Telegram
from bot.reply import Chart, Reply, Text, Title
from engine.errors import GexError
from engine.service import Recipient
from tests.bot.fakes.picture import paint, png
from tests.bot.fakes.telegram import ALICE, GROUP, SUPERGROUP, Refusal, TelegramServer
from tests.bot.fakes.trouble import Fault
from tests.bot.memory import MemoryPeople, make_desk, make_signal
from tests.bot.outbox import MemoryOutbox
from tests.samples import NOON, make_snapshot

pytestmark = pytest.mark.anyio

NEWS = Reply((Title("BTC turned NEGATIVE"), Text("Below 98,000.")))
ME = Recipient("telegram", str(ALICE))
KEY = "k" * 24


@pytest.fixture
async def platform(
    telegram_server: TelegramServer, people: MemoryPeople
) -> AsyncIterator[Telegram]:
    made = Telegram(
        telegram_server.token, make_desk(people=people), paint, people, telegram_server.settings
    )
    await made.start()
    yield made
    await made.stop()


async def test_a_follower_gets_the_news_once_and_the_receipt_is_kept(
    platform: Telegram, telegram_server: TelegramServer
) -> None:
    outbox = MemoryOutbox()
    outbox.put(make_signal(), ME, Recipient("telegram", str(SUPERGROUP), "77"))
    alerts = Alerts(outbox, [platform], partial(card, zone=ZoneInfo("UTC")), lambda: NOON)
    assert await alerts.deliver() == 2
    assert await alerts.deliver() == 0
    sent = {each.chat: each for each in telegram_server.sent}
    assert len(telegram_server.sent) == 2
    assert sent[SUPERGROUP].thread == "77"
    for chat, message in sent.items():
        assert "NEGATIVE" in message.text
        assert outbox.row(str(chat)).state == "sent"
        assert outbox.row(str(chat)).receipt == str(message.id)


async def test_a_card_with_a_picture_is_one_message(
    platform: Telegram, telegram_server: TelegramServer
) -> None:
    reply = Reply((*NEWS.blocks, Chart("gex", make_snapshot(), "BTC")))
    receipt = await platform.send(ME, reply, key=KEY, again=False)
    [sent] = telegram_server.sent
    assert (receipt, sent.photo) == (str(sent.id), png())


async def test_a_picture_that_is_not_ready_does_not_hold_up_the_news(
    telegram_server: TelegramServer, people: MemoryPeople
) -> None:
    async def never(chart: Chart) -> bytes:
        raise GexError("The chart is not available (no room).")

    platform = Telegram(
        telegram_server.token, make_desk(people=people), never, people, telegram_server.settings
    )
    await platform.start()
    reply = Reply((*NEWS.blocks, Chart("gex", make_snapshot(), "BTC")))
    await platform.send(ME, reply, key=KEY, again=False)
    await platform.stop()
    [sent] = telegram_server.sent
    assert sent.text.endswith("The chart is not available (no room).")


async def test_a_long_alert_counts_as_delivered_once_its_first_message_is(
    platform: Telegram, telegram_server: TelegramServer
) -> None:
    telegram_server.faults.append(Fault("sendMessage", skip=1))
    long = Reply((Title("BTC"), *(Text("word " * 700) for _ in range(2))))
    receipt = await platform.send(ME, long, key=KEY, again=False)
    [sent] = telegram_server.sent
    assert receipt == str(sent.id)


@pytest.mark.parametrize(
    ("status", "description"),
    [
        (403, "Forbidden: bot was blocked by the user"),
        (403, "Forbidden: bot was kicked from the supergroup chat"),
        (403, "Forbidden: user is deactivated"),
        (400, "Bad Request: chat not found"),
        (400, "Bad Request: message thread not found"),
        (400, "Bad Request: TOPIC_CLOSED"),
        (400, "Bad Request: not enough rights to send text messages to the chat"),
        (400, "Bad Request: need administrator rights in the channel chat"),
    ],
)
async def test_a_chat_that_is_closed_to_us_is_unreachable(
    platform: Telegram, telegram_server: TelegramServer, status: int, description: str
) -> None:
    telegram_server.refusing[ALICE] = Refusal(status, description)
    with pytest.raises(Unreachable):
        await platform.send(ME, NEWS, key=KEY, again=False)


async def test_a_message_telegram_cannot_read_is_our_bug_and_not_the_followers_loss(
    platform: Telegram, telegram_server: TelegramServer
) -> None:
    telegram_server.refusing[ALICE] = Refusal(400, "Bad Request: can't parse entities")
    with pytest.raises(Exception, match="parse entities") as failed:
        await platform.send(ME, NEWS, key=KEY, again=False)
    assert not isinstance(failed.value, (Unreachable, TryLater))


async def test_a_flood_wait_goes_back_to_the_outbox_with_its_length(
    platform: Telegram, telegram_server: TelegramServer
) -> None:
    telegram_server.flood(37, chat=ALICE)
    for _ in range(2):
        with pytest.raises(TryLater) as later:
            await platform.send(ME, NEWS, key=KEY, again=False)
        assert later.value.retry_after == pytest.approx(37, abs=0.5)
        assert not later.value.maybe_sent
    assert telegram_server.calls["sendMessage"] == 1, "the second time nobody asked"


@pytest.mark.parametrize(
    "fault",
    [
        Fault("sendMessage", done=True),
        Fault("sendMessage"),
        Fault("sendMessage", 502, "<html>nginx</html>"),
    ],
    ids=["accepted and cut", "cut", "bad gateway"],
)
async def test_an_attempt_that_may_have_arrived_says_so(
    platform: Telegram, telegram_server: TelegramServer, fault: Fault
) -> None:
    telegram_server.faults.append(replace(fault))
    with pytest.raises(TryLater) as later:
        await platform.send(ME, NEWS, key=KEY, again=False)
    assert later.value.maybe_sent


async def test_an_attempt_that_never_left_says_so_too(
    platform: Telegram, telegram_server: TelegramServer
) -> None:
    await telegram_server.down()
    with pytest.raises(TryLater) as later:
        await platform.send(ME, NEWS, key=KEY, again=False)
    assert not later.value.maybe_sent


async def test_an_acceptance_that_cannot_be_read_is_not_sent_again(
    platform: Telegram, telegram_server: TelegramServer
) -> None:
    telegram_server.faults.append(Fault("sendMessage", 200, '{"ok":true,"resu', done=True))
    receipt = await platform.send(ME, NEWS, key=KEY, again=False)
    assert "unreadable" in receipt
    assert len(telegram_server.sent) == 1


async def test_a_group_that_moved_gets_the_news_at_its_new_address(
    platform: Telegram, telegram_server: TelegramServer, people: MemoryPeople
) -> None:
    old, new = Recipient("telegram", str(GROUP)), Recipient("telegram", str(SUPERGROUP))
    people.followed[old] = ["BTC"]
    telegram_server.migrate(GROUP, SUPERGROUP)
    await platform.send(old, NEWS, key=KEY, again=False)
    [sent] = telegram_server.sent
    assert sent.chat == SUPERGROUP
    assert people.followed == {new: ["BTC"]}


async def test_before_telegram_is_connected_alerts_wait(people: MemoryPeople) -> None:
    platform = Telegram(
        "1:token", make_desk(people=people), paint, people, TelegramServer().settings
    )
    with pytest.raises(TryLater):
        await platform.send(ME, NEWS, key=KEY, again=False)
