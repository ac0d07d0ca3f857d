"""Reply to plain text for a terminal or a log: aligned, wrapped between words, never cut."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from bot.render.lines import broken, clean, columns, table
from bot.reply import Block, Chart, Choices, Facts, Footnote, Reply, Table, Text, Title

NARROWEST = 30


def render(reply: Reply, charts: Mapping[Chart, Path] | None = None, *, width: int = 80) -> str:
    """One text, without a line end after the last line.

    Args:
        charts: Where drawn pictures lie; a chart that is not among them is not mentioned.
        width: Columns to stay inside; paths and single long words may be longer.
    """
    wide = max(width, NARROWEST)
    text = ""
    before: tuple[Block, int] | None = None
    for block in reply.blocks:
        lines = _lines(block, charts or {}, wide)
        if lines:
            text += _gap(before, block) + "\n".join(lines)
            before = block, len(lines)
    return text


def _gap(before: tuple[Block, int] | None, block: Block) -> str:
    """Headings stand on what they head, small print on the line before."""
    match before, block:
        case None, _:
            return ""
        case (
            ((Title() | Text(), 1), Text() | Table())
            | ((Title(), _), Text())
            | ((Footnote(), _), _)
        ):
            return "\n"
    return "\n\n"


def _lines(block: Block, charts: Mapping[Chart, Path], width: int) -> list[str]:
    match block:
        case Title(text) | Text(text) | Footnote(text):
            return _wrapped(text, width)
        case Facts(pairs):
            return _facts(pairs, width)
        case Table():
            return [
                part
                for line in table(block, width)
                for part in ([line.text] if line.pre else _wrapped(line.text, width))
            ]
        case Chart():
            return [f"Chart: {charts[block]}"] if block in charts else []
        case Choices(options):
            return _packed("Next: ", [f"/{clean(line)}" for _, line in options], width)


def _wrapped(text: str, width: int) -> list[str]:
    lines = clean(text).strip("\n").split("\n")
    wrapped = [part for line in lines for part in broken(line, width, columns)]
    return wrapped if any(wrapped) else []


def _packed(lead: str, items: list[str], width: int) -> list[str]:
    """Items in rows, each item whole."""
    rows: list[str] = []
    for item in items:
        if rows and columns(f"{rows[-1]} · {item}") <= width:
            rows[-1] += f" · {item}"
        else:
            rows.append((" " * len(lead) if rows else lead) + item)
    return rows


def _facts(pairs: tuple[tuple[str, str], ...], width: int) -> list[str]:
    names = [" ".join(clean(label).split()) for label, _ in pairs]
    widest = min(max(map(columns, names), default=0), width // 2)
    lines: list[str] = []
    for name, (_, value) in zip(names, pairs, strict=True):
        first, *rest = _wrapped(value, width - widest - 2) or [""]
        gap = " " * max(widest - columns(name), 0)
        lines += [f"{name}{gap}  {first}", *(f"{' ' * (widest + 2)}{each}" for each in rest)]
    return lines
