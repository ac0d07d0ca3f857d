"""Text, boxes, lines and panels on a figure, placed in pixels from its lower left corner."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

from bot.charts.scale import Axis, labels
from bot.charts.style import DPI, GAP, HEIGHT, SMALL, WIDTH, Theme

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Side = Literal["left", "center", "right"]


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle. [px]"""

    left: float
    bottom: float
    right: float
    top: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.top - self.bottom


class Pen:
    """Draws on an empty figure of one point per pixel."""

    def __init__(self, figure: Figure, theme: Theme) -> None:
        from matplotlib.transforms import IdentityTransform

        self.figure = figure
        self.theme = theme
        self._pixels = IdentityTransform()
        figure.set_facecolor(theme.background)

    @staticmethod
    def width(text: str, size: float, *, bold: bool = False) -> float:
        """How wide `text` would be. [px]"""
        return _width(text, size, "bold" if bold else "normal")

    def wrapped(self, parts: Iterable[str], size: float, width: float) -> list[str]:
        """Parts joined by dots into lines no wider than `width`, broken between parts, or words."""
        lines: list[str] = []
        for part in filter(None, parts):
            longer = f"{lines[-1]} · {part}" if lines else part
            if lines and self.width(longer, size) <= width:
                lines[-1] = longer
            else:
                lines.extend(self._broken(part, size, width))
        return lines

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float = SMALL,
        color: str | None = None,
        *,
        bold: bool = False,
        side: Side = "left",
        **more: Any,
    ) -> None:
        """One line; `y` is its baseline."""
        self.figure.text(
            x,
            y,
            text,
            fontsize=size,
            fontweight="bold" if bold else "normal",
            color=color or self.theme.text,
            transform=self._pixels,
            parse_math=False,
            **{"ha": side, "va": "baseline", "zorder": 6, **more},
        )

    def box(self, box: Box, fill: str, edge: str | None = None, *, radius: float = 0) -> None:
        from matplotlib.patches import FancyBboxPatch

        patch = FancyBboxPatch(
            (box.left, box.bottom),
            box.width,
            box.height,
            boxstyle=f"round,pad=0,rounding_size={radius}" if radius else "square,pad=0",
            facecolor=fill,
            edgecolor=edge or "none",
            linewidth=1.5,
            transform=self._pixels,
            zorder=5,
        )
        self.figure.add_artist(patch)

    def line(
        self, xs: Sequence[float], ys: Sequence[float], color: str, *, over: float = 4
    ) -> None:
        from matplotlib.lines import Line2D

        self.figure.add_artist(
            Line2D(xs, ys, color=color, linewidth=2, transform=self._pixels, zorder=over)
        )

    def panel(self, box: Box, x: Axis, y: Axis, *, name_x: bool) -> Axes:
        """Axes with grid and labels; the library's own ticks would be a quarter of the work."""
        theme = self.theme
        axes = self.figure.add_axes(
            (box.left / WIDTH, box.bottom / HEIGHT, box.width / WIDTH, box.height / HEIGHT),
            facecolor=theme.panel,
            xlim=(x.low, x.high),
            ylim=(y.low, y.high),
        )
        for part in (*axes.spines.values(), axes.xaxis, axes.yaxis):
            part.set_visible(False)
        axes.vlines(x.ticks, y.low, y.high, color=theme.grid, linewidth=1, zorder=0.5)
        axes.hlines(y.ticks, x.low, x.high, color=theme.grid, linewidth=1, zorder=0.5)
        for at, label in zip(y.ticks, labels(y.ticks), strict=True):
            height = box.bottom + (at - y.low) / (y.high - y.low) * box.height - 0.36 * SMALL
            self.text(box.left - GAP, height, label, SMALL, theme.muted, side="right")
        for at, label in zip(x.ticks, labels(x.ticks) if name_x else (), strict=False):
            across = box.left + (at - x.low) / (x.high - x.low) * box.width
            self.text(
                across, box.bottom - GAP - 0.76 * SMALL, label, SMALL, theme.muted, side="center"
            )
        return axes

    def _broken(self, text: str, size: float, width: float) -> list[str]:
        lines = [""]
        for word in text.split():
            longer = f"{lines[-1]} {word}".strip()
            if self.width(longer, size) <= width:
                lines[-1] = longer
            else:
                lines.append(word)
        return [each for each in lines if each]


@lru_cache(maxsize=4096)
def _width(text: str, size: float, weight: str) -> float:
    """Measured by the renderer that will draw it; layout is the dearest part of a chart. [px]"""
    from matplotlib.backends import backend_agg
    from matplotlib.font_manager import FontProperties

    untyped: Any = backend_agg
    ruler = untyped.RendererAgg(1, 1, DPI)
    font = FontProperties(size=size, weight=weight)
    return float(ruler.get_text_width_height_descent(text, font, ismath=False)[0])
