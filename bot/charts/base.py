"""What a chart is: a name, and a function that draws it on an empty figure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.charts.style import Theme
from engine.domain import Snapshot

if TYPE_CHECKING:
    # Importing it takes a second, and only the drawing processes need it.
    from matplotlib.figure import Figure


@dataclass(frozen=True, slots=True)
class Picture:
    """`name` is what `Chart.kind` says."""

    name: str
    title: str
    draw: Callable[[Figure, Snapshot, Theme], None]
