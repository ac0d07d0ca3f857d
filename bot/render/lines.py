"""Lines of styled text and how they are measured, broken and put on pages; no platform in sight.

Nothing is dropped: a page ends between lines; a line too long for any page ends between words; only
a word too long for any page is cut, and then not inside a character.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from bot.render.limits import utf16
from bot.reply import Table

Style = Literal["", "b", "i"]
Measure = Callable[[str], int]

_WORD = re.compile(r"\S+\s*|\s+")
_JOINERS = "\u200d\ufe0e\ufe0f"


@dataclass(frozen=True, slots=True)
class Span:
    text: str
    style: Style = ""


@dataclass(frozen=True, slots=True)
class Line:
    """`pre`: fixed width; `header`: its table's first line, repeated when a page starts here."""

    spans: tuple[Span, ...]
    pre: bool = False
    header: str = ""

    @property
    def text(self) -> str:
        return "".join(span.text for span in self.spans)

    @property
    def blank(self) -> bool:
        return blank(self.text)


def blank(text: str) -> bool:
    """Nothing anybody could see; platforms refuse such messages."""
    return not any(each.isprintable() and not each.isspace() for each in text)


def clean(text: str) -> str:
    """Without control characters and halves of characters, which platforms refuse or garble."""
    kept = (
        "\n" if each in "\n\u2028\u2029" else " " if each == "\t" else _visible(each)
        for each in text.replace("\r\n", "\n")
    )
    return "".join(kept)


def _visible(character: str) -> str:
    category = unicodedata.category(character)
    return "" if category == "Cc" else "\ufffd" if category == "Cs" else character


def columns(text: str) -> int:
    """Cells of a terminal or a fixed-width font that the text fills."""
    return sum(
        0 if unicodedata.combining(each) or each in _JOINERS
        else 2 if unicodedata.east_asian_width(each) in "WF"
        else 1
        for each in text
    )  # fmt: skip


def broken(text: str, limit: int, measure: Measure = utf16) -> list[str]:
    """Pieces of at most `limit`, broken between words where that is possible."""
    pieces: list[str] = []
    piece = ""
    for word in _WORD.findall(text):
        if measure(piece + word.rstrip()) <= limit:
            piece += word
            continue
        if piece:
            pieces.append(piece.rstrip())
        *cut, piece = _cut(word, limit, measure)
        pieces.extend(cut)
    return [each for each in (*pieces, piece.rstrip()) if each] or [""]


def _cut(word: str, limit: int, measure: Measure) -> list[str]:
    """A word too long for a page, in pieces; marks and joiners stay with their character."""
    pieces = [""]
    for cluster in _clusters(word):
        if pieces[-1] and measure(pieces[-1] + cluster.rstrip()) > limit:
            pieces.append("")
        pieces[-1] += cluster
    return pieces


def _clusters(word: str) -> Iterator[str]:
    cluster = ""
    for each in word:
        joined = unicodedata.combining(each) or each in _JOINERS or cluster.endswith("\u200d")
        if cluster and not (joined and len(cluster) < 16):
            yield cluster
            cluster = ""
        cluster += each
    if cluster:
        yield cluster


def fitted(line: Line, limit: int) -> list[Line]:
    """The line itself, or, when it is longer than `limit`, several, each span keeping its style."""
    if utf16(line.text) <= limit:
        return [line]
    rows: list[Line] = []
    for span in line.spans:
        for piece in broken(span.text, limit):
            last = rows[-1] if rows else None
            if last and utf16(last.text + piece) <= limit:
                rows[-1] = replace(last, spans=(*last.spans, Span(piece, span.style)))
            else:
                rows.append(replace(line, spans=(Span(piece, span.style),)))
    return rows


def pages(lines: Iterable[Line], limit: int, styles: int = 100) -> list[list[Line]]:
    """Lines put on pages of at most `limit` UTF-16 units and `styles` styled pieces each."""
    done: list[list[Line]] = []
    page: list[Line] = []
    for line in (part for each in lines for part in fitted(each, limit)):
        if page and not _fits([*page, line], limit, styles):
            done.append(page)
            page = _opening(line, limit)
        page.append(line)
    return [trimmed for each in (*done, page) if (trimmed := _trimmed(each))]


def _fits(page: list[Line], limit: int, styles: int) -> bool:
    length = sum(utf16(each.text) + 1 for each in page) - 1
    return length <= limit and sum(_styled(each) for each in page) <= styles


def _styled(line: Line) -> int:
    return 1 if line.pre else sum(1 for span in line.spans if span.style)


def _opening(line: Line, limit: int) -> list[Line]:
    """What a page that begins with `line` has above it."""
    head = Line((Span(line.header),), pre=True)
    wanted = line.pre and line.header and line.text != line.header
    return [head] if wanted and _fits([head, line], limit, styles=2) else []


def _trimmed(page: list[Line]) -> list[Line]:
    """Without blank lines at either end; empty when there is nothing to see."""
    seen = [index for index, line in enumerate(page) if not line.blank]
    return page[seen[0] : seen[-1] + 1] if seen else []


def table(block: Table, widest: int) -> list[Line]:
    """Aligned fixed-width lines, or one worded line per row when that is wider than `widest`."""
    rows = [_row(each, len(block.header)) for each in (block.header, *block.rows)]
    widths = [max(columns(row[at]) for row in rows) for at in range(len(block.header))]
    if sum(widths) + 2 * (len(widths) - 1) > widest:
        return [_worded(rows[0], row) for row in rows[1:]]
    left = [not _numeric([row[at] for row in rows[1:]]) for at in range(len(widths))]
    texts = [
        "  ".join(_pad(cell, widths[at], left=left[at]) for at, cell in enumerate(row)).rstrip()
        for row in rows
    ]
    return [Line((Span(each),), pre=True, header=texts[0]) for each in texts]


def _numeric(cells: list[str]) -> bool:
    """Numbers stand to the right."""
    said = [each for each in cells if each]
    return bool(said) and all(each[0] in "+-±$₹€£" or each[0].isdecimal() for each in said)


def _row(cells: tuple[str, ...], size: int) -> list[str]:
    """Exactly `size` one-line cells."""
    flat = [" ".join(clean(each).split()) for each in cells]
    return (flat + [""] * size)[:size]


def _pad(cell: str, width: int, *, left: bool) -> str:
    gap = " " * (width - columns(cell))
    return cell + gap if left else gap + cell


def _worded(header: list[str], row: list[str]) -> Line:
    rest = ", ".join(
        f"{name} {cell}".strip() for name, cell in zip(header[1:], row[1:], strict=True)
    )
    return Line((Span(row[0], "b"), Span(f": {rest}" if rest else "")))
