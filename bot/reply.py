"""What a command answers: typed blocks without markup; every platform renders them its own way."""

from __future__ import annotations

import re
from dataclasses import dataclass

from engine.domain import Regime, Snapshot

TINTS = {
    Regime.POSITIVE: "#46a6ff",
    Regime.NEGATIVE: "#ff9f45",
    Regime.NEUTRAL: "#c3ccd8",
}
"""On a dark ground; apart for colour-blind eyes: blue and orange, never red and green."""


@dataclass(frozen=True, slots=True)
class Title:
    """`regime` tints the message where a platform has colours; the words never rely on it."""

    text: str
    regime: Regime | None = None


@dataclass(frozen=True, slots=True)
class Text:
    text: str


@dataclass(frozen=True, slots=True)
class Facts:
    """Label and value pairs."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Table:
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Chart:
    """What to draw, not how: `kind` is a name in bot.charts.CHARTS."""

    kind: str
    snapshot: Snapshot
    caption: str

    @property
    def filename(self) -> str:
        """BTC-gex-20261120T120000Z.png; the window stands in it when it is not all expiries."""
        window = () if self.snapshot.window == "all" else (self.snapshot.window,)
        parts = (self.snapshot.asset, self.kind, *window, f"{self.snapshot.asof:%Y%m%dT%H%M%SZ}")
        return "-".join(re.sub(r"[^A-Za-z0-9]+", "_", part) for part in parts) + ".png"


@dataclass(frozen=True, slots=True)
class Choices:
    """Buttons: (label, command line without the slash), at most five."""

    options: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Footnote:
    """Small print: venue, as-of, age, coverage, convention."""

    text: str


Block = Title | Text | Facts | Table | Chart | Choices | Footnote


@dataclass(frozen=True, slots=True)
class Reply:
    blocks: tuple[Block, ...]
    error: bool = False
    """True when the command could not do what was asked; the text says why."""
