from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.charts.style import DARK
from bot.command import Command
from bot.commands import COMMANDS
from bot.render import discord, telegram, text
from bot.render.json import as_json
from bot.reply import Chart, Choices, Facts, Footnote, Reply, Table, Text, Title
from engine.domain import Flip, Regime, Snapshot
from tests.bot.memory import ALICE, CHAT, MemoryBoard, make_desk
from tests.bot.render.inspect import check_discord, check_telegram
from tests.samples import NOON, make_snapshot

CHART = Chart("gex", make_snapshot(), "BTC gamma exposure by strike")


Show = Callable[[Reply], str]


def on_telegram(reply: Reply) -> str:
    return check_telegram(telegram.render(reply))


def on_discord(reply: Reply) -> str:
    return check_discord(discord.render(reply)).replace("\\", "")


def on_terminal(reply: Reply) -> str:
    return text.render(reply)


def as_document(reply: Reply) -> str:
    return json.dumps(as_json(reply), allow_nan=False, ensure_ascii=False)


SHOWN: list[Show] = [on_telegram, on_discord, on_terminal]
EVERYWHERE = [*SHOWN, as_document]


def heavy() -> Snapshot:
    """As much as there may ever be: hundreds of expiries, long names, dozens of flips, flags."""
    sample = make_snapshot()
    row = sample.by_expiry[0]
    return replace(
        sample,
        by_expiry=tuple(
            replace(row, root="SPXW<&>", settlement=row.settlement + timedelta(days=day // 2))
            for day in range(400)
        ),
        levels=replace(
            sample.levels,
            gamma_flips=tuple(Flip(90_000.0 + 500 * n, "neg_to_pos", 0.1) for n in range(60)),
            more={f"level_{n}": 100_000.0 + n for n in range(100)},
            unavailable={f"missing_{n}": "<no> & *none*" for n in range(50)},
        ),
        flags=tuple(f"Something to know, number {n}, with <tags> & `ticks`" for n in range(30)),
    )


@pytest.mark.anyio
@pytest.mark.parametrize("show", EVERYWHERE, ids=lambda each: each.__name__)
@pytest.mark.parametrize("command", COMMANDS, ids=lambda each: each.name)
@pytest.mark.parametrize("snapshot", [make_snapshot(), heavy()], ids=["usual", "heavy"])
async def test_every_command_fits_into_every_platform(
    command: Command, show: Show, snapshot: Snapshot
) -> None:
    desk = make_desk(MemoryBoard(snapshots=[snapshot]))
    for line in (command.example, command.name, f"{command.name} {'<&*_`' * 900}"):
        reply = await desk.line(ALICE, CHAT, line)
        assert show(reply).strip()


@pytest.mark.anyio
@pytest.mark.parametrize("show", SHOWN, ids=lambda each: each.__name__)
async def test_nothing_of_a_heavy_answer_is_dropped(show: Show) -> None:
    desk = make_desk(MemoryBoard(snapshots=[heavy()]))
    expiries = show(await desk.line(ALICE, CHAT, "/expiries BTC"))
    assert all(f"number {n}," in expiries for n in range(30))
    assert expiries.count("98,000") == 400
    levels = show(await desk.line(ALICE, CHAT, "/levels BTC"))
    assert all(f"Level {n}" in levels for n in range(100))
    assert all(f"Missing {n}: unavailable" in levels for n in range(50))


TEXTS = st.text(max_size=300) | st.text(alphabet="ab <>&*_`\\\n\x00\x1b😀é", max_size=9_000)
BLOCKS = st.one_of(
    st.builds(Title, TEXTS, st.sampled_from([None, *Regime])),
    st.builds(Text, TEXTS),
    st.builds(Footnote, TEXTS),
    st.builds(Facts, st.lists(st.tuples(TEXTS, TEXTS), max_size=4).map(tuple)),
    st.builds(
        Table,
        st.tuples(TEXTS, TEXTS),
        st.lists(st.lists(TEXTS, max_size=3).map(tuple), max_size=4).map(tuple),
    ),
    st.builds(Choices, st.lists(st.tuples(TEXTS, TEXTS), max_size=3).map(tuple)),
    st.just(CHART),
)
REPLIES = st.lists(BLOCKS, max_size=6, unique_by=id).map(lambda each: Reply(tuple(each)))


@given(REPLIES)
@settings(max_examples=120, deadline=None)
def test_whatever_a_reply_holds_every_platform_would_take_it(reply: Reply) -> None:
    for show in EVERYWHERE:
        show(reply)


def letters(said: str) -> str:
    return "".join(each for each in said if each.isalnum())


@given(st.lists(st.text(alphabet="abc é😀<&*_ \n", max_size=6_000), min_size=1, max_size=3))
@settings(max_examples=60, deadline=None)
def test_long_texts_are_split_and_never_cut_short(texts: list[str]) -> None:
    reply = Reply(tuple(Text(each) for each in texts))
    for show in SHOWN:
        assert letters(show(reply)) == letters("".join(texts))


@given(st.lists(st.sampled_from(["alpha", "beta<", "&gamma", "😀😀"]), min_size=900, max_size=1500))
@settings(max_examples=20, deadline=None)
def test_words_stay_whole(words: list[str]) -> None:
    reply = Reply((Text(" ".join(words)),))
    for show in (on_telegram, on_terminal):
        assert show(reply).split() == words


def test_formatting_goes_on_after_a_split() -> None:
    first, second = telegram.render(Reply((Title("word " * 1_500),)))
    for message in (first, second):
        assert message.text.startswith("<b>word")
        assert message.text.endswith("word</b>")


def test_a_short_answer_is_the_caption_of_its_picture() -> None:
    [message] = telegram.render(Reply((Title("BTC"), CHART, Choices((("Levels", "levels BTC"),)))))
    assert message.text == "<b>BTC</b>"
    assert message.chart is CHART
    assert message.buttons == (("Levels", "levels BTC"),)


def test_a_caption_is_measured_as_telegram_measures_it() -> None:
    fits, too_long = Text("😀&" * 341), Text("😀&" * 342)
    assert len(telegram.render(Reply((fits, CHART)))) == 1
    picture, words = telegram.render(Reply((too_long, CHART, Choices((("Again", "gex"),)))))
    assert picture.chart is CHART
    assert picture.text == CHART.caption
    assert picture.buttons == ()
    assert words.buttons == (("Again", "gex"),)


def test_a_table_is_aligned_when_a_phone_can_show_it_and_worded_when_not() -> None:
    narrow = Table(("Level", "Price"), (("Call wall", "104,000"), ("Flip", "96,500")))
    [message] = telegram.render(Reply((narrow,)))
    assert message.text == ("<pre>Level        Price\nCall wall  104,000\nFlip        96,500</pre>")
    wide = Table(("Day", "Net GEX", "Note"), (("Fri", "$1.25 bn", "x" * 40),))
    [message] = telegram.render(Reply((wide,)))
    assert message.text == f"<b>Fri</b>: Net GEX $1.25 bn, Note {'x' * 40}"


def test_a_table_that_goes_on_on_the_next_page_repeats_its_header() -> None:
    table = Table(("Name", "Value"), tuple((f"row {n}", str(n)) for n in range(500)))
    first, second, *_ = telegram.render(Reply((table,)))
    assert first.text.startswith("<pre>Name")
    assert second.text.startswith("<pre>Name")


def test_wide_characters_are_counted_as_wide() -> None:
    table = Table(("名前", "x"), (("日本", "1"), ("abcd", "2")))
    shown = text.render(Reply((table,)))
    assert shown.splitlines() == ["名前  x", "日本  1", "abcd  2"]


def test_a_button_nobody_can_hold_becomes_a_command_to_type() -> None:
    long = "gex " + "B" * 70
    for show in (on_telegram, on_discord):
        expected = long if show is on_telegram else ""
        assert expected in show(Reply((Text("x"), Choices((("Far", long),)))))
    assert telegram.render(Reply((Choices((("Far", long),)),)))[0].buttons == ()


def test_a_command_stands_on_one_button_and_too_many_buttons_become_words() -> None:
    twice = Choices((("Refresh", "gex BTC"), ("All", "gex BTC")))
    many = Choices(tuple((f"Number {n}", f"gex {n}") for n in range(30)))
    for render in (telegram.render, discord.render):
        [message] = render(Reply((Text("x"), twice)))
        assert message.buttons == (("Refresh", "gex BTC"),)
    [message] = discord.render(Reply((many,)))
    assert len(message.buttons) == 25
    assert "Number 29: /gex 29" in message.embeds[0].description


def test_discord_gets_plain_data_within_one_embed() -> None:
    blocks = (
        Title("BTC *71,703*", Regime.NEGATIVE),
        Text("Dealers <@1> `x`"),
        Facts((("Net GEX", "-$340.2 mn"),)),
        CHART,
        Footnote("deribit"),
        Choices((("Levels", "levels BTC"),)),
    )
    [message] = discord.render(Reply(blocks))
    [embed] = message.embeds
    assert embed.as_dict() == {
        "title": r"BTC \*71,703\*",
        "description": r"Dealers \<@1\> \`x\`",
        "color": discord.COLOURS[Regime.NEGATIVE],
        "fields": [{"name": "Net GEX", "value": "-$340.2 mn", "inline": True}],
        "footer": {"text": "deribit"},
        "image": {"url": f"attachment://{CHART.filename}"},
    }
    assert message.pictures == ((CHART.filename, CHART),)
    assert message.buttons == (("Levels", "levels BTC"),)


def test_discord_keeps_the_order_of_blocks_it_would_rearrange() -> None:
    reply = Reply((Facts((("a", "1"),)), Text("after"), Facts((("b", "2"),))))
    first, second = discord.render(reply)[0].embeds
    assert first.fields == (("a", "1"),)
    assert (second.description, second.fields) == ("after", (("b", "2"),))


def test_an_answer_for_thirty_embeds_comes_in_several_messages() -> None:
    reply = Reply(tuple(Facts(((f"f{n}", "v" * 1_000),)) for n in range(60)))
    assert len(discord.render(reply)) >= 10
    check_discord(discord.render(reply))


@pytest.mark.parametrize("render", [telegram.render, discord.render])
def test_nothing_to_say_is_no_message_and_only_buttons_is_one(
    render: Callable[[Reply], Any],
) -> None:
    assert render(Reply(())) == ()
    assert render(Reply((Text(" \n\u200b"),))) == ()
    [message] = render(Reply((Choices((("Go", "gex BTC"),)),)))
    assert message.buttons == (("Go", "gex BTC"),)


def test_a_terminal_is_never_sent_control_characters() -> None:
    assert text.render(Reply((Text("a\x1b[31mred\x07\x9b"),))) == "a[31mred"


def test_a_terminal_keeps_to_its_width_and_leaves_paths_whole() -> None:
    path = Path("charts") / CHART.filename
    reply = Reply((Text("word " * 60), Facts((("Label", "value " * 40),)), CHART))
    shown = text.render(reply, {CHART: path}, width=40)
    assert f"Chart: {path}" in shown.splitlines()
    assert all(len(line) <= 40 for line in shown.splitlines() if "Chart" not in line)
    assert text.render(Reply((CHART,))) == ""


def test_json_has_every_block_with_its_type() -> None:
    reply = Reply(
        (
            Title("BTC", Regime.POSITIVE),
            Text("t"),
            Facts((("Net GEX", "$1"),)),
            Table(("a",), (("1",),)),
            CHART,
            Choices((("L", "levels BTC"),)),
            Footnote("f"),
        ),
        error=True,
    )
    told: dict[str, Any] = as_json(reply, {CHART: Path("x.png")})
    assert told["error"] is True
    chart = told["blocks"].pop(4)
    assert (chart["type"], chart["kind"], chart["path"]) == ("chart", "gex", "x.png")
    assert chart["snapshot"]["asset"] == "BTC"
    assert told["blocks"] == [
        {"type": "title", "text": "BTC", "regime": "POSITIVE"},
        {"type": "text", "text": "t"},
        {"type": "facts", "pairs": [{"label": "Net GEX", "value": "$1"}]},
        {"type": "table", "header": ["a"], "rows": [["1"]]},
        {"type": "choices", "options": [{"label": "L", "line": "levels BTC"}]},
        {"type": "footnote", "text": "f"},
    ]


def test_pictures_of_windows_and_instants_do_not_overwrite_each_other() -> None:
    one = Chart("gex", make_snapshot(window="7d"), "")
    other = Chart("gex", make_snapshot(asof=NOON + timedelta(seconds=1)), "")
    odd = Chart("gex", make_snapshot(asset="../M&M"), "")
    assert len({CHART.filename, one.filename, other.filename}) == 3
    assert odd.filename == "_M_M-gex-20261120T120000Z.png"


@pytest.mark.parametrize("regime", Regime)
def test_a_regime_has_one_colour_in_message_and_picture(regime: Regime) -> None:
    pill = {
        Regime.POSITIVE: DARK.positive,
        Regime.NEGATIVE: DARK.negative,
        Regime.NEUTRAL: DARK.neutral,
    }
    assert f"#{discord.COLOURS[regime]:06x}" == pill[regime]
