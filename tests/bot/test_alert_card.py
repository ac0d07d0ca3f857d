from __future__ import annotations

from datetime import timedelta

from bot.cards.alert import alert, reference
from bot.reply import Facts, Footnote, Text, Title
from tests.bot.memory import make_signal
from tests.bot.messengers import UTC_ZONE
from tests.samples import NOON


def test_the_message_tells_the_news_and_what_it_was_decided_on() -> None:
    reply = alert(make_signal(), NOON + timedelta(seconds=42), UTC_ZONE)
    title = next(each for each in reply.blocks if isinstance(each, Title))
    assert title.text == "BTC dealer gamma turned NEGATIVE (was POSITIVE)"
    told = dict(next(each for each in reply.blocks if isinstance(each, Facts)).pairs)
    assert told == {
        "Net GEX": "-$340.2 mn per 1 % move, was $1.25 bn",
        "Spot": "100,000",
        "Gamma flip": "101,000 (+1.0 %)",
        "Call wall": "104,000 (+4.0 %)",
        "Put wall": "unavailable",
    }
    small = next(each for each in reply.blocks if isinstance(each, Footnote)).text
    assert small == (
        "deribit · as of 2026-11-20 12:00 UTC, 42 s ago · 94.9 % of live contracts used"
        f" · dealer sign naive (assumed) · ref {reference(make_signal())}"
    )


def test_a_simulated_or_late_message_says_so_before_anything_else() -> None:
    reply = alert(make_signal(venue="demo"), NOON + timedelta(hours=3), UTC_ZONE)
    first, second, *_ = reply.blocks
    assert isinstance(first, Title)
    assert first.text.startswith("SIMULATED · BTC")
    assert isinstance(second, Text)
    assert "Late: this happened 3 h ago." in second.text


def test_a_rule_without_words_of_its_own_still_tells_what_it_saw() -> None:
    signal = make_signal(rule="odd_rule", evidence={"spot": 100_000.0, "side": "up", "x": None})
    reply = alert(signal, NOON, UTC_ZONE)
    title, facts, *_ = reply.blocks
    assert title == Title("BTC: odd rule")
    assert facts == Facts((("spot", "100,000"), ("side", "up"), ("x", "unavailable")))
