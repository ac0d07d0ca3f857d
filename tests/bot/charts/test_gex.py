"""The canonical chart as it is rendered: what it says, that nothing overlaps, what it refuses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from itertools import combinations, pairwise
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox
from PIL import Image

from bot.charts import CHARTS
from bot.charts.draw import figure, render
from bot.charts.frame import window
from bot.charts.style import HEIGHT, SMALL, THEMES, WIDTH, Theme
from bot.format import MADE_UP, distance, money, percent, price, when
from engine.domain import ExpectedMove, Flip, Floats, Levels, Profile, Snapshot
from tests.bot.charts.books import random_snapshot, table
from tests.bot.unpriced import nothing_open, unpriced
from tests.samples import make_snapshot

NOTHING = Levels(
    gamma_flip=None,
    gamma_flips=(),
    call_wall=None,
    put_wall=None,
    max_pain=None,
    expected_move=None,
    unavailable={
        "gamma_flip": "no open interest",
        "call_wall": "no call open interest",
        "put_wall": "no put open interest",
        "expected_move": "no usable quote",
    },
)


def empty_snapshot() -> Snapshot:
    none = np.array([])
    return make_snapshot(
        regime=None,
        levels=NOTHING,
        by_strike=table(none, none, none),
        by_expiry=(),
        profile=Profile(none, none),
    )


def drawn(snapshot: Snapshot, theme: str = "dark") -> Figure:
    return figure("gex", snapshot, theme)


def written(made: Figure) -> Iterator[Text]:
    for text in made.findobj(Text):
        if isinstance(text, Text) and text.get_visible() and text.get_text():
            yield text


def words(made: Figure) -> list[str]:
    made.canvas.draw()
    return [each.get_text() for each in written(made)]


def boxes(made: Figure) -> list[tuple[str, Bbox]]:
    """Of every text as rendered, but for the watermark, which lies under all. [px]"""
    canvas: Any = made.canvas
    renderer = canvas.get_renderer()
    level = (each for each in written(made) if not each.get_rotation())
    return [(each.get_text(), each.get_window_extent(renderer)) for each in level]


def chips(made: Figure) -> list[tuple[str, Bbox]]:
    return [("box", each.get_window_extent()) for each in made.patches if each is not made.patch]


def overlapping(found: list[tuple[str, Bbox]]) -> list[tuple[str, str]]:
    return [
        (one, other)
        for (one, first), (other, second) in combinations(found, 2)
        if min(first.x1, second.x1) - max(first.x0, second.x0) > 0.5
        and min(first.y1, second.y1) - max(first.y0, second.y0) > 0.5
    ]


@pytest.mark.parametrize("start", range(0, 200, 25))
def test_nothing_overlaps_and_nothing_is_cut_off_whatever_the_snapshot(start: int) -> None:
    for seed in range(start, start + 25):
        made = drawn(random_snapshot(seed))
        texts, coloured = boxes(made), chips(made)
        assert overlapping(texts) == [], f"seed {seed}"
        assert overlapping(coloured) == [], f"seed {seed}"
        for said, box in (*texts, *coloured):
            inside = box.x0 >= -0.5 and box.y0 >= -0.5
            inside = inside and box.x1 <= WIDTH + 0.5 and box.y1 <= HEIGHT + 0.5
            assert inside, f"seed {seed}: {said!r} at {box}"


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", [each.name for each in CHARTS])
def test_every_chart_draws_the_sample_snapshot(name: str, theme: str) -> None:
    made = figure(name, make_snapshot(), theme)
    assert made.get_size_inches() * made.dpi == pytest.approx((WIDTH, HEIGHT))
    assert made.axes


def test_the_numbers_are_those_of_the_text() -> None:
    snapshot = make_snapshot()
    levels, spot = snapshot.levels, snapshot.spot
    assert levels.expected_move
    straddle = levels.expected_move.straddle
    assert straddle
    assert {
        "BTC",
        price(spot),
        "dealer gamma POSITIVE",
        money(snapshot.exposures.gex_usd_per_1pct, "USD"),
        "per 1 % move",
        f"{price(levels.call_wall)}  {distance(levels.call_wall, spot)}",
        f"{price(levels.put_wall)}  {distance(levels.put_wall, spot)}",
        f"{price(levels.gamma_flip)}  {distance(levels.gamma_flip, spot)}",
        f"±{price(straddle)}  {percent(straddle / spot)}",
        "Net GEX by strike, $ mn per 1 % move",
        "all 3 expiries, 2026-11-21 to 2026-12-25",
    } <= set(words(drawn(snapshot)))


SOURCE = (
    f"deribit · as of {when(make_snapshot().asof, ZoneInfo('UTC'))} · dealer sign naive (assumed)"
    " · 186 of 196 live contracts"
)


@pytest.mark.parametrize("venue", ["deribit", "demo"])
def test_whose_numbers_these_are_stands_right_under_the_title(venue: str) -> None:
    made = drawn(make_snapshot(venues=(venue,)))
    made.canvas.draw()
    found = dict(boxes(made))
    source = found[SOURCE.replace("deribit", venue)]
    title, below = found["BTC"], found["all 3 expiries, 2026-11-21 to 2026-12-25"]
    assert source.x0 == pytest.approx(title.x0, abs=5)
    assert title.y0 >= source.y1
    assert source.y0 >= below.y1
    between = [text for text, box in found.items() if source.y1 < box.y0 and box.y1 < title.y0]
    assert between == []


def test_a_source_too_long_for_a_line_takes_two() -> None:
    venues = ("deribit", "okx", "bybit", "binance", "demo")
    said = words(drawn(make_snapshot(venues=venues, convention="customers_buy_calls")))
    assert "186 of 196 live contracts" in said
    assert any(each.startswith("deribit+okx") and each.endswith("(assumed)") for each in said)


def test_the_footer_says_how_far_to_trust_the_picture() -> None:
    assumed = "Dealer sign assumed, not observed (naive: calls +1, puts -1)."
    snapshot = make_snapshot(flags=(assumed, "The put wall is above spot."))
    text = " · ".join(words(drawn(snapshot)))
    assert "of gross GEX in view · The put wall is above spot" in text
    assert "not observed" not in text, "the convention says so already"
    assert "(assumed)" not in " ".join(words(drawn(replace(snapshot, convention="book"))))


def test_a_book_that_could_not_be_priced_has_no_net_gex_of_zero() -> None:
    snapshot = unpriced()
    made = drawn(snapshot)
    reason = "no contract with open interest has a volatility"
    said = words(made)
    assert "$0" not in said
    assert "unavailable" in said
    assert f"Gamma exposure unavailable ({reason})" in said
    assert overlapping(boxes(made)) == []
    assert "$0" in words(drawn(nothing_open())), "nothing open is no gamma, and that is known"


def test_every_flip_in_view_is_marked_and_labelled() -> None:
    snapshot = make_snapshot()
    flips = tuple(Flip(each, "neg_to_pos", 0.5) for each in (91_000.0, 96_500.0, 103_000.0))
    made = drawn(replace(snapshot, levels=replace(snapshot.levels, gamma_flips=flips)))
    said = words(made)
    assert {"91,000  -9.0 %", "96,500  -3.5 %", "103,000  +3.0 %"} <= set(said)
    dots = [line for line in made.axes[1].lines if line.get_marker() == "o"]
    assert [list(np.asarray(each.get_xdata())) for each in dots] == [[91_000, 96_500, 103_000]]


def test_flips_without_room_for_a_label_are_counted() -> None:
    flips = tuple(Flip(each, "neg_to_pos", 0.5) for each in np.linspace(90_000, 110_000, 25))
    snapshot = make_snapshot()
    levels = replace(snapshot.levels, gamma_flip=flips[0].level, gamma_flips=flips)
    said = words(drawn(replace(snapshot, levels=levels)))
    labelled = said.count("Flip")
    assert labelled >= 6
    assert any(f"{24 - labelled} of the flips marked without a label" in each for each in said)


def test_levels_out_of_view_become_arrows_at_the_border() -> None:
    snapshot = make_snapshot()
    levels = replace(snapshot.levels, put_wall=20_000.0, call_wall=190_000.0)
    made = drawn(replace(snapshot, levels=levels))
    said = words(made)
    assert {"◀ Put wall", "20,000  -80.0 %", "Call wall ▶", "190,000  +90.0 %"} <= set(said)
    for axes in made.axes:
        assert {line.get_marker() for line in axes.lines} >= {"<", ">"}


def test_equal_levels_are_all_labelled() -> None:
    snapshot = make_snapshot()
    at = replace(snapshot.levels, call_wall=1e5, put_wall=1e5, gamma_flip=1e5)
    said = words(drawn(replace(snapshot, levels=at)))
    assert {"Spot", "Call wall", "Put wall", "Gamma flip", "Expected move"} <= set(said)
    assert said.count("100,000  0.0 %") == 3


def test_without_open_interest_the_picture_says_so() -> None:
    said = words(drawn(empty_snapshot()))
    assert "No open interest in this window" in said
    assert "Gamma profile unavailable (no open interest)" in said
    assert "dealer gamma unavailable" in said
    text = " · ".join(said)
    for name, reason in (
        ("Call wall", "no call open interest"),
        ("Put wall", "no put open interest"),
        ("Gamma flip", "no open interest"),
        ("Expected move", "no usable quote"),
    ):
        assert f"{name} unavailable ({reason})" in text


def test_open_interest_without_gamma_is_not_called_no_open_interest() -> None:
    snapshot = make_snapshot()
    flat = replace(
        table(snapshot.by_strike.strike, *np.zeros((2, 31))), call_oi=snapshot.by_strike.call_oi
    )
    said = words(drawn(replace(snapshot, by_strike=flat, levels=NOTHING)))
    assert "No gamma exposure in this window" in said


def test_amounts_that_would_be_written_as_zero_are_not_drawn_as_mountains() -> None:
    snapshot = make_snapshot()
    was = snapshot.by_strike
    tiny = table(was.strike, was.call_gex * 1e-20, was.put_gex * 1e-20)
    levels = replace(snapshot.levels, gamma_flip=None, gamma_flips=())
    profile = Profile(snapshot.profile.spots, snapshot.profile.gex * 1e-20)
    interest = replace(tiny, call_oi=was.call_oi)
    said = words(drawn(replace(snapshot, by_strike=interest, levels=levels, profile=profile)))
    assert "Next to no gamma exposure in this window" in said
    assert "Gamma profile unavailable (next to no gamma in view)" in said


@pytest.mark.parametrize("theme", THEMES)
def test_a_simulated_market_cannot_be_mistaken_for_a_real_one(theme: str) -> None:
    said = words(drawn(make_snapshot(venues=("demo",)), theme))
    assert MADE_UP.rstrip(".") in said
    assert "SIMULATED" in said, "across the bars as well"
    assert not any("SIMULATED" in each for each in words(drawn(make_snapshot(), theme)))


@pytest.mark.parametrize(
    ("currency", "net", "expected"),
    [("USD", 1.25e9, "$1.25 bn"), ("INR", 4e10, "₹40.0 bn"), ("USDC", 812.0, "812 USDC")],
)
def test_money_has_its_currency_and_its_magnitude(currency: str, net: float, expected: str) -> None:
    snapshot = make_snapshot(currency=currency)
    exposures = replace(snapshot.exposures, gex_usd_per_1pct=net)
    assert expected in words(drawn(replace(snapshot, exposures=exposures)))


def test_dollar_signs_are_never_read_as_formulas() -> None:
    made = drawn(make_snapshot(asset="$A_1$", flags=("from $5 to $6 in $x_2$",)))
    assert {"$A_1$"} <= set(words(made))
    assert not any(each.get_parse_math() for each in made.texts)


@pytest.mark.parametrize(
    ("label", "days", "expected"),
    [
        ("all", 3, "all 3 expiries, 2026-11-21 to 2026-12-25"),
        ("30d", 2, "30d: 2 expiries, 2026-11-21 to 2026-11-27"),
        ("0dte", 1, "0dte: 1 expiry, 2026-11-21"),
        ("2026-11-21", 1, "expiry 2026-11-21"),
        ("0dte", 0, "0dte: 0 expiries"),
        ("all", 0, "all expiries"),
    ],
)
def test_the_window_is_named(label: str, days: int, expected: str) -> None:
    rows = make_snapshot().by_expiry[:days]
    assert next(window(make_snapshot(window=label, by_expiry=rows))) == expected


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(
    "snapshot",
    [make_snapshot(), make_snapshot(venues=("demo",)), empty_snapshot(), random_snapshot(7)],
    ids=["sample", "simulated", "empty", "random"],
)
def test_the_file_is_a_small_rgb_png_of_the_promised_size(snapshot: Snapshot, theme: str) -> None:
    png = render("gex", snapshot, theme)
    assert len(png) < 200_000
    with Image.open(BytesIO(png)) as picture:
        picture.load()
        assert (picture.format, picture.mode, picture.size) == ("PNG", "RGB", (WIDTH, HEIGHT))
        assert len(picture.getcolors(WIDTH * HEIGHT) or ()) > 50


def test_the_same_snapshot_gives_the_same_bytes() -> None:
    assert render("gex", make_snapshot(), "dark") == render("gex", make_snapshot(), "dark")


def test_an_expected_move_wider_than_the_view_is_still_drawn() -> None:
    snapshot = make_snapshot()
    huge = ExpectedMove(1e5, 1.2e5, None, None, None)
    levels = replace(snapshot.levels, expected_move=huge)
    assert "Expected move ▶" in words(drawn(replace(snapshot, levels=levels)))


def test_print_is_large_enough_for_a_phone() -> None:
    sizes = {
        each.get_text(): float(each.get_fontsize()) for each in written(drawn(make_snapshot()))
    }
    assert min(sizes.values()) >= SMALL >= 15
    assert all(sizes[each] >= 20 for each in ("Call wall", "Put wall", "Gamma flip", "Spot"))


def luminance(color: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(color)]
    return float(np.dot(linear, (0.2126, 0.7152, 0.0722)))


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", THEMES.values(), ids=list(THEMES))
def test_text_stands_out_from_what_is_behind_it(theme: Theme) -> None:
    for color in (theme.text, theme.muted, theme.positive, theme.negative, theme.flip):
        assert contrast(color, theme.background) >= 4.5
        assert contrast(color, theme.panel) >= 4.5
    for filled in (theme.positive, theme.negative, theme.neutral):
        assert contrast(theme.on_color, filled) >= 4.5


# Machado, Oliveira, Fernandes 2009, severity 1, for linear RGB.
_DEUTERANOPIA = [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.011820, 0.042940, 0.968881],
]


@pytest.mark.parametrize("theme", THEMES.values(), ids=list(THEMES))
def test_colours_stay_apart_for_colour_blind_eyes(theme: Theme) -> None:
    def seen(color: str) -> Floats:
        linear = [
            c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(color)
        ]
        return np.asarray(np.clip(np.dot(_DEUTERANOPIA, linear), 0, 1) ** (1 / 2.4))

    opposite = ((theme.positive, theme.negative), (theme.call, theme.put))
    for one, other in opposite:
        assert np.linalg.norm(seen(one) - seen(other)) > 0.25


def test_the_longest_wording_of_a_window_comes_first() -> None:
    for seed in range(20):
        said = [len(each) for each in window(random_snapshot(seed))]
        assert all(one > other for one, other in pairwise(said))
