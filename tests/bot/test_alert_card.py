from __future__ import annotations

from datetime import timedelta

from bot.cards.alert import alert, reference
from bot.cards.snapshot import flips
from bot.reply import Facts, Footnote, Text, Title
from engine.domain import Regime
from engine.signals.gamma_flip import RULE
from tests.bot.memory import make_signal
from tests.bot.messengers import UTC_ZONE
from tests.samples import NOON, make_snapshot


def test_the_message_tells_the_news_and_what_it_was_decided_on() -> None:
    reply = alert(make_signal(), NOON + timedelta(seconds=42), UTC_ZONE)
    title = next(each for each in reply.blocks if isinstance(each, Title))
    assert title.text == "BTC dealer gamma turned NEGATIVE (was POSITIVE)"
    told = dict(next(each for each in reply.blocks if isinstance(each, Facts)).pairs)
    assert told == {
        "Net GEX": "-$340.2 mn per 1 % move, was $1.25 bn",
        "Spot": "100,000",
        "Gamma flip": "101,000 (+1.0 %), negative above, positive below",
        "Call wall": "104,000 (+4.0 %)",
        "Put wall": "unavailable (no put open interest)",
    }
    small = next(each for each in reply.blocks if isinstance(each, Footnote)).text
    assert small == (
        "deribit · as of 2026-11-20 12:00 UTC, 42 s ago · 94.9 % of live contracts used"
        f" · dealer sign naive (assumed) · ref {reference(make_signal())}"
    )


def test_what_was_not_seen_is_unavailable_and_a_flip_at_spot_is_said() -> None:
    bare = {"regime": "NEGATIVE", "spot": 100_000.0, "gamma_flip": 100_000.05, "coverage": None}
    reply = alert(make_signal(evidence=bare), NOON, UTC_ZONE)
    told = dict(next(each for each in reply.blocks if isinstance(each, Facts)).pairs)
    assert told["Gamma flip"] == "100,000 (spot is at flip)"
    assert told["Call wall"] == "unavailable"
    small = next(each for each in reply.blocks if isinstance(each, Footnote)).text
    assert " · coverage unavailable · " in small


def test_an_alert_words_the_flip_as_the_answer_does() -> None:
    snapshot = make_snapshot(regime=Regime.NEGATIVE)
    signal = RULE.check(snapshot, make_snapshot(regime=Regime.POSITIVE))
    assert signal is not None
    pairs = next(
        each for each in alert(signal, NOON, UTC_ZONE).blocks if isinstance(each, Facts)
    ).pairs
    told = dict(pairs)["Gamma flip"]
    assert told == "96,500 (-3.5 %), positive above, negative below"
    assert flips(snapshot).startswith(f"{told}; also")


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
