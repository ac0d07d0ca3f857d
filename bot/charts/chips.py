"""Level labels on a figure: chips above a panel with leaders down to it, and the levels' lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.charts.labels import Place, Shelf
from bot.charts.marks import Mark
from bot.charts.pen import Box, Pen
from bot.charts.style import CHIP, GAP, LEFT, RIGHT

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_PADDING = 10
_LINE = CHIP + 5
_ARROW = 14
"""Of the mark at the border, towards a level out of view. [px]"""

_SHELF = Shelf(LEFT - 60, RIGHT, GAP)
_LEAST_LEADER, _MOST_LEADER = 14.0, 40.0
_SLOPE = 0.12
"""Leaders fall at least this much per pixel sideways, as far as there is height."""


@dataclass(frozen=True, slots=True)
class Scale:
    """The strike axis: prices shown, and where. [quote]"""

    low: float
    high: float

    def pixel(self, price: float) -> float:
        """A price out of view stands at the border. [px]"""
        share = (price - self.low) / (self.high - self.low)
        return LEFT + min(max(share, 0.0), 1.0) * (RIGHT - LEFT)

    def shows(self, price: float) -> bool:
        return self.low <= price <= self.high

    @property
    def per_pixel(self) -> float:
        return (self.high - self.low) / (RIGHT - LEFT)


@dataclass(frozen=True, slots=True)
class Chip:
    """A mark's label, `lines` lines high."""

    mark: Mark
    name: str
    lines: int
    foot: float
    """Where its thing is. [px]"""
    width: float
    place: Place

    @property
    def height(self) -> float:
        return self.lines * _LINE + 7.0


@dataclass(frozen=True, slots=True)
class Chips:
    """Labels above one panel, in rows."""

    each: tuple[Chip, ...] = ()

    @property
    def leader(self) -> float:
        """Height between the lowest row and the panel. [px]"""
        shift = max((abs(chip.place.centre - chip.foot) for chip in self.each), default=0.0)
        return min(max(_LEAST_LEADER, _SLOPE * shift), _MOST_LEADER) if self.each else 0.0

    @property
    def row(self) -> float:
        """Height of a row with the space above it. [px]"""
        return max((chip.height + GAP for chip in self.each), default=0.0)

    @property
    def height(self) -> float:
        rows = 1 + max((chip.place.row for chip in self.each), default=-1)
        return self.leader + rows * self.row

    @property
    def marks(self) -> tuple[Mark, ...]:
        return tuple(chip.mark for chip in self.each)


def laid_out(pen: Pen, scale: Scale, marks: Sequence[Mark], *, lines: int, rows: int) -> Chips:
    """As many of `marks`, most important first, as there is room for in `rows` rows."""
    for many in range(len(marks), 0, -1):
        chosen = sorted(marks[:many], key=lambda mark: mark.at)
        names = [_name(scale, mark) for mark in chosen]
        widths = [_width(pen, mark, name, lines) for mark, name in zip(chosen, names, strict=True)]
        feet = [scale.pixel(mark.at) for mark in chosen]
        places = _SHELF.place(feet, widths, rows)
        if places is not None:
            columns = zip(chosen, names, feet, widths, places, strict=True)
            return Chips(
                tuple(
                    Chip(mark, name, lines, foot, width, place)
                    for mark, name, foot, width, place in columns
                )
            )
    return Chips()


def draw_chips(pen: Pen, chips: Chips, panel_top: float) -> None:
    for chip in chips.each:
        low = panel_top + chips.leader + chip.place.row * chips.row
        half = chip.width / 2
        box = Box(chip.place.centre - half, low, chip.place.centre + half, low + chip.height)
        start = min(max(chip.foot, box.left + _PADDING), box.right - _PADDING)
        color = chip.mark.color
        pen.line((start, chip.foot), (low, panel_top), color, over=4 - 0.1 * chip.place.row)
        pen.box(box, color if chip.mark.strong else pen.theme.panel, color, radius=7)
        _words(pen, chip, box)


def draw_lines(axes: Axes, scale: Scale, marks: Sequence[Mark]) -> None:
    """Down a panel; towards a level out of view an arrow at the border."""
    for mark in marks:
        if scale.shows(mark.at):
            dashes = (0, mark.dashes) if mark.dashes else "solid"
            axes.axvline(mark.at, color=mark.color, linewidth=2, linestyle=dashes, zorder=3)
        else:
            beyond = mark.at > scale.high
            axes.plot(
                [float(beyond)],
                [1.0],
                marker=">" if beyond else "<",
                markersize=_ARROW,
                color=mark.color,
                transform=axes.transAxes,
                clip_on=False,
                zorder=5,
            )


def _name(scale: Scale, mark: Mark) -> str:
    """With an arrow when the level is out of view."""
    if scale.shows(mark.at):
        return mark.name
    return f"{mark.name} ▶" if mark.at > scale.high else f"◀ {mark.name}"


def _width(pen: Pen, mark: Mark, name: str, lines: int) -> float:
    first, second = pen.width(name, CHIP), pen.width(mark.value, CHIP, bold=True)
    text = max(first, second) if lines > 1 else first + GAP + second
    return text + 2 * _PADDING


def _words(pen: Pen, chip: Chip, box: Box) -> None:
    low, color, muted = box.bottom + 9, chip.mark.color, pen.theme.muted
    if chip.mark.strong:
        color = muted = pen.theme.background
    if chip.lines > 1:
        middle = (box.left + box.right) / 2
        pen.text(middle, low, chip.mark.value, CHIP, color, bold=True, side="center")
        pen.text(middle, low + _LINE, chip.name, CHIP, muted, side="center")
    else:
        pen.text(box.left + _PADDING, low, chip.name, CHIP, muted)
        pen.text(box.right - _PADDING, low, chip.mark.value, CHIP, color, bold=True, side="right")
