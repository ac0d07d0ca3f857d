"""Choices as buttons where a platform has room for them, and as commands to type where not."""

from __future__ import annotations

from bot.render.limits import utf16
from bot.render.lines import blank, broken, clean
from bot.reply import Choices, Reply

Pairs = tuple[tuple[str, str], ...]


def split(
    reply: Reply, *, line_bytes: int, label_length: int, most: int
) -> tuple[Pairs, tuple[str, ...]]:
    """(label, line) pairs that fit into buttons, each line once, and the others as sentences."""
    options = [pair for each in reply.blocks if isinstance(each, Choices) for pair in each.options]
    fitting = {line: name for name, line in reversed(options) if _fits(name, line, line_bytes)}
    lines = [each for each in dict.fromkeys(line for _, line in options) if each in fitting]
    rest = [
        *(each for each in options if each[1] not in fitting),
        *((fitting[line], line) for line in lines[most:]),
    ]
    return (
        tuple((_label(fitting[line], label_length), line) for line in lines[:most]),
        tuple(f"{_flat(name)}: /{_flat(line)}" for name, line in rest),
    )


def _fits(name: str, line: str, line_bytes: int) -> bool:
    size = len(line.encode(errors="replace"))
    return not blank(_flat(name)) and clean(line) == line and 0 < size <= line_bytes


def _label(name: str, limit: int) -> str:
    text = _flat(name)
    return text if utf16(text) <= limit else broken(text, limit - 1)[0] + "…"


def _flat(text: str) -> str:
    return " ".join(clean(text).split())
