from __future__ import annotations

import math
import re
from dataclasses import replace

import pytest

from bot.render.text import render
from bot.reply import Chart, Reply, Text
from engine.domain import (
    Contracts,
    ExpectedMove,
    Flip,
    Levels,
)
from tests.bot.commands.asking import ask, facts, lines_offered, rows, said, small_print, title
from tests.bot.unpriced import nothing_open, unpriced
from tests.samples import make_snapshot

LABELS = ["Net GEX", "Call wall", "Put wall", "Gamma flip", "Max pain", "Expected move"]
NOTHING = Levels(
    gamma_flip=None,
    gamma_flips=(),
    call_wall=None,
    put_wall=None,
    max_pain=None,
    expected_move=None,
    unavailable={
        "gamma_flip": "no open contract has gamma",
        "call_wall": "no call open interest",
        "expected_move": "no usable quote",
    },
)


@pytest.mark.anyio
async def test_gex_has_the_fixed_labels_in_their_order() -> None:
    reply = await ask("/gex BTC")
    assert list(facts(reply)) == LABELS
    assert title(reply) == "BTC 100,000 · dealer gamma POSITIVE"
    assert "sell rallies and buy dips" in said(reply)
    [chart] = [each for each in reply.blocks if isinstance(each, Chart)]
    assert (chart.kind, chart.filename) == ("gex", "BTC-gex-20261120T120000Z.png")


@pytest.mark.anyio
async def test_levels_are_told_with_their_distance_and_moves_with_what_they_cover() -> None:
    told = facts(await ask("/gex BTC"))
    assert told["Call wall"] == "104,000 (+4.0 %)"
    assert told["Put wall"] == "94,000 (-6.0 %)"
    assert told["Max pain"] == "98,000 (-2.0 %)"
    assert told["Expected move"].startswith(
        "±2,100 (2.1 %), 57 % of outcomes; 1 sigma ±2,632; until 2026-11-21"
    )
    assert told["Net GEX"] == "$29.9 mn per 1 % move"


@pytest.mark.anyio
async def test_the_flip_says_which_side_is_which_and_what_other_flips_there_are() -> None:
    told = facts(await ask("/gex BTC"))["Gamma flip"]
    assert told == (
        "96,500 (-3.5 %), positive above, negative below;"
        " also 121,000 (+21.0 %), negative above, positive below"
    )


@pytest.mark.anyio
async def test_a_flip_from_positive_to_negative_is_never_called_positive_above() -> None:
    levels = replace(
        make_snapshot().levels,
        gamma_flip=103_000.0,
        gamma_flips=(Flip(103_000.0, "pos_to_neg", 0.5),),
    )
    told = facts(await ask("/gex BTC", make_snapshot(levels=levels)))["Gamma flip"]
    assert told == "103,000 (+3.0 %), negative above, positive below"


@pytest.mark.anyio
async def test_many_flips_are_counted_and_all_of_them_listed_in_levels() -> None:
    roots = tuple(
        Flip(100_000.0 + 1_000 * each, "neg_to_pos" if each % 2 else "pos_to_neg", 0.1)
        for each in range(1, 7)
    )
    levels = replace(make_snapshot().levels, gamma_flip=101_000.0, gamma_flips=roots)
    snapshot = make_snapshot(levels=levels)
    assert facts(await ask("/gex BTC", snapshot))["Gamma flip"].endswith("3 more in /levels")
    listed = [row for row in rows(await ask("/levels BTC", snapshot)) if "Gamma flip" in row[2]]
    assert len(listed) == 6


@pytest.mark.anyio
async def test_spot_on_the_flip_is_said() -> None:
    levels = replace(
        make_snapshot().levels,
        gamma_flip=100_000.05,
        gamma_flips=(Flip(100_000.05, "neg_to_pos", 0.5),),
    )
    told = facts(await ask("/gex BTC", make_snapshot(levels=levels)))["Gamma flip"]
    assert told.startswith("100,000 (spot is at flip)")


@pytest.mark.anyio
async def test_what_does_not_exist_is_unavailable_with_its_reason() -> None:
    snapshot = make_snapshot(
        levels=NOTHING,
        regime=None,
        by_expiry=(),
        contracts=Contracts(listed=3, used=0, left_out={"no_vol": 3}),
    )
    told = facts(await ask("/gex BTC", snapshot))
    assert told["Gamma flip"] == "unavailable (no open contract has gamma)"
    assert told["Call wall"] == "unavailable (no call open interest)"
    assert told["Put wall"] == "unavailable"
    assert told["Expected move"] == "unavailable (no usable quote)"
    assert "regime is unavailable (no open contract has gamma)" in said(
        await ask("/gex BTC", snapshot)
    )
    assert "Call wall: unavailable (no call open interest)" in said(
        await ask("/levels BTC", snapshot)
    )


@pytest.mark.anyio
async def test_a_book_that_could_not_be_priced_has_no_net_gex_of_zero() -> None:
    reason = "unavailable (no contract with open interest has a volatility)"
    assert facts(await ask("/gex BTC", unpriced()))["Net GEX"] == reason
    assert f"Net GEX: {reason}" in said(await ask("/levels BTC", unpriced()))
    assert facts(await ask("/gex BTC", nothing_open()))["Net GEX"] == "$0 per 1 % move"


@pytest.mark.anyio
async def test_an_expected_move_without_quotes_falls_back_to_volatility_and_says_so() -> None:
    levels = replace(
        make_snapshot().levels,
        expected_move=ExpectedMove(None, None, None, None, 2_600.0),
        unavailable={"expected_move": "no usable quote"},
    )
    told = facts(await ask("/gex BTC", make_snapshot(levels=levels)))["Expected move"]
    assert told.startswith("unavailable (no usable quote); 1 sigma ±2,600")


@pytest.mark.anyio
@pytest.mark.parametrize("line", ["/gex BTC", "/levels BTC", "/expiries BTC"])
@pytest.mark.parametrize("bad", [math.nan, math.inf])
async def test_not_a_number_is_never_printed(line: str, bad: float) -> None:
    sample = make_snapshot()
    snapshot = replace(
        sample,
        exposures=replace(sample.exposures, gex_usd_per_1pct=bad),
        levels=Levels(
            gamma_flip=bad,
            gamma_flips=(),
            call_wall=bad,
            put_wall=bad,
            max_pain=bad,
            expected_move=ExpectedMove(bad, bad, bad, bad, bad),
            more={"hvl": bad},
        ),
        by_expiry=tuple(
            replace(row, max_pain=bad, atm_iv=bad, expected_move=bad, net_gex=bad, call_oi=bad)
            for row in sample.by_expiry
        ),
    )
    assert not re.search(r"\b(nan|inf)\b", render(await ask(line, snapshot)), re.IGNORECASE)


@pytest.mark.anyio
async def test_the_small_print_names_source_time_age_coverage_sign_and_unit() -> None:
    told = small_print(await ask("/gex BTC", zone="America/New_York"))
    assert told == (
        "deribit · as of 2026-11-20 07:00 EST, 42 s ago · 186 of 196 live contracts,"
        " 4 expired left out · dealer sign naive (assumed) · GEX in USD per 1 % move"
    )


@pytest.mark.anyio
async def test_a_sign_taken_from_trades_is_not_called_assumed() -> None:
    told = small_print(await ask("/gex BTC", make_snapshot(convention="book")))
    assert "dealer sign book ·" in told


@pytest.mark.anyio
async def test_what_a_reader_must_see_is_shown_once() -> None:
    flags = (*make_snapshot().flags, "The call wall is below spot.")
    reply = await ask("/gex BTC", make_snapshot(flags=flags))
    assert "The call wall is below spot." in said(reply)
    assert "not observed" not in said(reply)


@pytest.mark.anyio
async def test_a_window_is_computed_from_the_stored_chain() -> None:
    reply = await ask("/gex BTC 7d")
    assert title(reply) == "BTC 100,000 · 7d · dealer gamma POSITIVE"
    assert lines_offered(reply) == {
        "Levels": "levels BTC 7d",
        "Next: 21 Nov": "gex BTC 2026-11-21",
        "Refresh": "gex BTC 7d",
        "Follow": "follow BTC",
    }


@pytest.mark.anyio
async def test_the_next_expiry_button_walks_through_all_of_them_and_back() -> None:
    line, seen = "gex BTC", []
    for _ in range(4):
        offered = lines_offered(await ask(line))
        line = next(v for k, v in offered.items() if k.startswith(("Next", "All")))
        seen.append(line)
    assert seen == ["gex BTC 2026-11-21", "gex BTC 2026-11-27", "gex BTC 2026-12-25", "gex BTC"]


@pytest.mark.anyio
async def test_an_empty_window_says_what_there_is_instead() -> None:
    reply = await ask("/gex BTC 2026-11-22")
    assert reply.error
    assert "No BTC option expires on 2026-11-22. It lists 2026-11-21, 2026-11-27" in said(reply)
    assert "gex BTC 7d" in lines_offered(reply).values()


@pytest.mark.anyio
async def test_no_data_yet_is_one_sentence() -> None:
    reply = await ask("/gex ETH")
    assert reply == Reply((Text("No ETH data is stored yet."),), error=True)
