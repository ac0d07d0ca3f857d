"""The canonical chart: gamma exposure per strike, and under it the gamma profile over spot."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from bot.charts.bars import Bars, bars, view
from bot.charts.base import Picture
from bot.charts.chips import Scale, draw_chips, draw_lines, laid_out
from bot.charts.frame import footer, header, watermark, window
from bot.charts.marks import Band, band, further_flips, marks, missing
from bot.charts.pen import Box, Pen
from bot.charts.scale import Axis, ticks, unit
from bot.charts.style import BIG, EDGE, GAP, LABEL, LEFT, RIGHT, SMALL, Theme
from bot.format import cautions, count, money, percent, price, unavailable
from engine.domain import Floats, Snapshot

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MOST_BARS = 80
_WIDEST, _NARROWEST = 46, 4
"""Of a bar. [px]"""

_STRIP = 30
"""Height of a line of words above a panel. [px]"""

_UPPER = 0.6
"""Share of the panels' height that the bars get."""

_AIR = 0.08
"""Above and below what a panel shows, as a share of it; half of it is free of ticks."""

_BESIDE = 36
"""Left and right of a price on the axis, half its width. [px]"""

_NEGLIGIBLE = 0.005
"""Less is written as 0.00. [quote currency per 1 % move]"""

_ALL_IN_VIEW = 0.9995


def draw(figure: Figure, snapshot: Snapshot, theme: Theme) -> None:
    pen = Pen(figure, theme)
    shown = bars(snapshot.by_strike, *view(snapshot), _MOST_BARS)
    scale = _scale(snapshot, shown)
    flips = [each for each in further_flips(snapshot, theme) if scale.shows(each.at)]
    above = laid_out(pen, scale, marks(snapshot, theme), lines=2, rows=2)
    below = laid_out(pen, scale, flips, lines=1, rows=2)

    top = header(pen, snapshot) - _STRIP
    _legend(pen, snapshot, shown, top + GAP)
    top -= above.height
    unnamed = len(flips) - len(below.each)
    bottom = footer(pen, _notes(snapshot, shown, unnamed)) + SMALL + GAP
    between = _STRIP + below.height
    middle = bottom + (top - bottom - between) * (1 - _UPPER)
    strikes = Box(LEFT, middle + between, RIGHT, top)
    profile = Box(LEFT, bottom, RIGHT, middle)

    said = (
        f"Gamma profile: net GEX if spot were there, {_unit(snapshot, _largest(snapshot, scale))}"
    )
    pen.text(EDGE, middle + below.height + GAP, said, LABEL, theme.muted)
    draw_chips(pen, above, strikes.top)
    draw_chips(pen, below, profile.top)
    panels = _strikes(pen, strikes, scale, snapshot, shown), _profile(pen, profile, scale, snapshot)
    for axes in panels:
        _shade(axes, band(snapshot), theme)
        draw_lines(axes, scale, above.marks)
    draw_lines(panels[1], scale, below.marks)
    if snapshot.simulated:
        watermark(pen, strikes)


def _scale(snapshot: Snapshot, shown: Bars) -> Scale:
    """The view, widened so that the outermost bars are not cut."""
    low, high = view(snapshot)
    if not shown.at.size:
        return Scale(low, high)
    half = 0.6 * shown.step
    return Scale(min(low, float(shown.at[0]) - half), max(high, float(shown.at[-1]) + half))


def _legend(pen: Pen, snapshot: Snapshot, shown: Bars, y: float) -> None:
    theme = pen.theme
    right = float(RIGHT)
    for name, colors in (
        ("puts", (theme.put,)),
        ("calls", (theme.call,)),
        ("net", (theme.negative, theme.positive)),
    ):
        pen.text(right, y, name, LABEL, theme.muted, side="right")
        right -= pen.width(name, LABEL) + 4
        for color in colors:
            right -= 18
            pen.box(Box(right, y, right + 15, y + 15), color)
        right -= 2 * GAP
    said = f"Net GEX by strike, {_unit(snapshot, shown.largest)}"
    pen.text(right, y, said, LABEL, theme.muted, side="right")
    right -= pen.width(said, LABEL) + 2 * GAP
    about = [each for each in window(snapshot) if EDGE + pen.width(each, LABEL) <= right]
    pen.text(EDGE, y, about[0] if about else "", LABEL, theme.text)


def _strikes(pen: Pen, box: Box, scale: Scale, snapshot: Snapshot, shown: Bars) -> Axes:
    theme = pen.theme
    divisor, _ = unit(shown.largest)
    call, put, net = shown.call / divisor, shown.put / divisor, shown.net / divisor
    base = np.where(np.sign(call) == np.sign(put), call, 0.0)
    reach = np.concatenate([call, base + put, net])
    empty = shown.largest < _NEGLIGIBLE
    axes = pen.panel(box, _across(scale), _up(reach, empty=empty), name_x=False)
    if empty:
        _centred(pen, box, _nothing(snapshot), BIG)
        return axes
    axes.axhline(0, color=theme.muted, linewidth=1.5, zorder=2.5)
    wide = min(max(round(0.86 * shown.step / scale.per_pixel), _NARROWEST), _WIDEST)
    thin = 2 * max(wide // 4, 1) + wide % 2
    zero = np.zeros_like(net)
    _bars(axes, _sides(scale, shown.at, wide), zero, call, [theme.call])
    _bars(axes, _sides(scale, shown.at, wide), base, base + put, [theme.put])
    signs = [theme.positive if each > 0 else theme.negative for each in net]
    _bars(axes, _sides(scale, shown.at, thin), zero, net, signs)
    return axes


def _profile(pen: Pen, box: Box, scale: Scale, snapshot: Snapshot) -> Axes:
    theme = pen.theme
    largest = _largest(snapshot, scale)
    spots, gex = _visible(snapshot, scale)
    gex = gex / unit(largest)[0]
    empty = largest < _NEGLIGIBLE
    axes = pen.panel(box, _across(scale), _up(gex, empty=empty), name_x=True)
    if empty:
        reason = snapshot.levels.unavailable.get("gamma_flip", "next to no gamma in view")
        _centred(pen, box, f"Gamma profile {unavailable(reason)}", LABEL)
        return axes
    axes.axhline(0, color=theme.muted, linewidth=1.5, zorder=2.5)
    for where, color in ((gex >= 0, theme.positive), (gex <= 0, theme.negative)):
        axes.fill_between(
            spots, gex, where=where, interpolate=True, color=color, alpha=0.35, linewidth=0
        )
    axes.plot(spots, gex, color=theme.text, linewidth=2.5, solid_joinstyle="round", zorder=4)
    roots = [each.level for each in snapshot.levels.gamma_flips]
    axes.plot(
        roots,
        [0.0] * len(roots),
        linestyle="none",
        marker="o",
        markersize=12,
        color=theme.flip,
        markeredgecolor=theme.panel,
        markeredgewidth=2,
        zorder=5,
    )
    return axes


def _sides(scale: Scale, at: Floats, width: int) -> tuple[Floats, Floats]:
    """Left and right sides of bars, on whole pixels so that all look equally wide. [quote]"""
    left = np.round((at - scale.low) / scale.per_pixel - width / 2)
    return scale.low + left * scale.per_pixel, scale.low + (left + width) * scale.per_pixel


def _bars(
    axes: Axes, sides: tuple[Floats, Floats], base: Floats, end: Floats, colors: Sequence[str]
) -> None:
    from matplotlib.collections import PolyCollection

    left, right = sides
    corners = np.stack([left, base, left, end, right, end, right, base], axis=1).reshape(-1, 4, 2)
    rectangles = PolyCollection(list(corners), facecolors=colors, linewidths=0, zorder=2)
    axes.add_collection(rectangles, autolim=False)


def _shade(axes: Axes, around: Band | None, theme: Theme) -> None:
    """The expected move; its upper end is drawn with the other levels."""
    if around is None:
        return
    axes.axvspan(around.low, around.high, color=theme.band, linewidth=0, zorder=0.4)
    axes.axvline(around.low, color=theme.muted, linewidth=2, linestyle=(0, (1, 2)), zorder=3)


def _visible(snapshot: Snapshot, scale: Scale) -> tuple[Floats, Floats]:
    """The profile inside the view, its ends interpolated to the borders."""
    there = np.isfinite(snapshot.profile.gex)
    spots, gex = snapshot.profile.spots[there], snapshot.profile.gex[there]
    if not spots.size:
        return spots, gex
    ends = np.clip([scale.low, scale.high], spots[0], spots[-1])
    inside = spots[(spots > ends[0]) & (spots < ends[1])]
    seen = np.concatenate([ends[:1], inside, ends[1:]])
    return seen, np.interp(seen, spots, gex)


def _largest(snapshot: Snapshot, scale: Scale) -> float:
    return float(np.abs(_visible(snapshot, scale)[1]).max(initial=0.0))


def _across(scale: Scale) -> Axis:
    """Prices, none so near the border that its label would stick out."""
    beside = _BESIDE * scale.per_pixel
    return Axis(scale.low, scale.high, ticks(scale.low + beside, scale.high - beside, 8))


def _up(values: Floats, *, empty: bool) -> Axis:
    """Zero and every value, with air around."""
    low, high = float(values.min(initial=0.0)), float(values.max(initial=0.0))
    air = _AIR * (high - low) or 1.0
    named = ticks(low - air / 2, high + air / 2, 6)
    return Axis(low - air, high + air, named[:0] if empty else named)


def _unit(snapshot: Snapshot, largest: float) -> str:
    """ "$ mn per 1 % move"; the sign is what `money` writes beside a number."""
    sign = money(0.0, snapshot.currency).replace("0", "").strip()
    return " ".join(filter(None, (sign, unit(largest)[1], "per 1 % move")))


def _nothing(snapshot: Snapshot) -> str:
    if unknown := snapshot.levels.unavailable.get("net_gex"):
        return f"Gamma exposure {unavailable(unknown)}"
    table = snapshot.by_strike
    interest = np.nansum(table.call_oi) + np.nansum(table.put_oi)
    if not interest:
        return "No open interest in this window"
    return f"{'Next to no' if table.gross_gex.any() else 'No'} gamma exposure in this window"


def _centred(pen: Pen, box: Box, text: str, size: float) -> None:
    """Instead of values, on a patch of its own, so that no line runs through it.

    A sentence that would be wider than the panel is written smaller.
    """
    size *= min(1.0, (box.width - 4 * EDGE) / pen.width(text, size))
    x, y, half = (box.left + box.right) / 2, (box.bottom + box.top) / 2, pen.width(text, size) / 2
    pen.box(Box(x - half - EDGE, y - size, x + half + EDGE, y + size), pen.theme.panel)
    pen.text(x, y - size / 3, text, size, pen.theme.text, side="center")


def _notes(snapshot: Snapshot, shown: Bars, unnamed: int) -> Iterator[str]:
    if shown.share is not None and shown.share < _ALL_IN_VIEW:
        yield f"{percent(shown.share)} of gross GEX in view"
    if shown.merged:
        yield f"strikes merged in steps of {price(shown.step)}"
    if unnamed:
        yield f"{count(unnamed)} of the flips marked without a label"
    yield from missing(snapshot)
    yield from cautions(snapshot)


CHART = Picture("gex", "Gamma exposure by strike", draw)
