"""Sizes and colours. One figure point is one pixel: at 72 dots per inch they are the same."""

from __future__ import annotations

from dataclasses import dataclass

from bot.reply import TINTS
from engine.domain import Regime

WIDTH, HEIGHT = 1200, 800
"""Of every chart. [px]"""

DPI = 72

SMALL, LABEL, CHIP, BIG, TITLE = 18, 20, 22, 30, 38
"""Text sizes. A phone shows the picture at a third of its size. [px]"""

LEFT, RIGHT = 92, WIDTH - 24
"""Where panels begin and end. [px]"""

EDGE, GAP = 24, 8
"""Space along the picture's border, and between things that belong together. [px]"""


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours that stay apart for colour-blind eyes: blue and orange, never red and green."""

    name: str
    background: str
    panel: str
    band: str
    grid: str
    text: str
    muted: str
    positive: str
    negative: str
    neutral: str
    call: str
    put: str
    flip: str
    warning: str
    on_color: str
    """Text on `positive`, `negative`, `neutral` and `warning`."""


DARK = Theme(
    name="dark",
    background="#0b0f15",
    panel="#121821",
    band="#1f2937",
    grid="#222b38",
    text="#f2f5f9",
    muted="#a3b0c2",
    positive=TINTS[Regime.POSITIVE],
    negative=TINTS[Regime.NEGATIVE],
    neutral=TINTS[Regime.NEUTRAL],
    call="#1f4b78",
    put="#75491f",
    flip="#f58ad0",
    warning="#ffd60a",
    on_color="#080b10",
)

LIGHT = Theme(
    name="light",
    background="#ffffff",
    panel="#f6f8fa",
    band="#e6ebf1",
    grid="#dfe5ec",
    text="#0f1720",
    muted="#4d5a6b",
    positive="#0a62bd",
    negative="#b3500a",
    neutral="#4d5a6b",
    call="#a6cbf0",
    put="#f5cda6",
    flip="#a3247a",
    warning="#ffd60a",
    on_color="#ffffff",
)

THEMES = {theme.name: theme for theme in (DARK, LIGHT)}
