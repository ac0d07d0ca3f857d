"""Which expiries an answer is about: 0dte, 7d, 30d, one date, or all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Window:
    """`days`: up to that many calendar days from the current trading date; `day`: that date only.

    The trading date rolls at the market's settlement: 0dte is what settles in the session
    in progress, or in the next one when that is over.
    """

    label: str
    days: int | None = None
    day: date | None = None


ALL = Window("all")
