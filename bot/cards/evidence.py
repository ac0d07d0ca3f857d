"""What a signal saw, read back by name; what is not there is unavailable, never zero."""

from __future__ import annotations

from bot.format import price
from engine.domain import Signal


def number(signal: Signal, name: str) -> float | None:
    value = signal.evidence.get(name)
    return None if value is None or isinstance(value, str) else float(value)


def words(signal: Signal, name: str) -> str | None:
    value = signal.evidence.get(name)
    return value if isinstance(value, str) and value else None


def text(signal: Signal, name: str) -> str:
    """Words as they are, a number as a price."""
    return words(signal, name) or price(number(signal, name))
