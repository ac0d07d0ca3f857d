"""Reference cases: how each section of a file is computed by the engine, and compared."""

from __future__ import annotations

from collections.abc import Mapping

from bot.cli.golden import greeks, levels, signals, trades
from bot.cli.golden.base import Section

SECTIONS: Mapping[str, Section] = {
    section.name: section
    for section in (*greeks.SECTIONS, levels.CHAINS, *signals.SECTIONS, *trades.SECTIONS)
}
