"""Reply to JSON values, for programs.

    {"error": bool, "blocks": [block, ...]}

Every block has a `type`, and besides it: `title` text, regime; `text` text; `facts` pairs
[{label, value}]; `table` header, rows; `chart` kind, caption, path (null when not drawn), snapshot
(as `gexwire analyse --json` prints it); `choices` options [{label, line}]; `footnote` text.
Wording is for people and changes; numbers are in the snapshot.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot.reply import Block, Chart, Choices, Facts, Footnote, Reply, Table, Text, Title
from engine.document import document


def as_json(reply: Reply, charts: Mapping[Chart, Path] | None = None) -> dict[str, Any]:
    """`charts`: where drawn pictures lie."""
    return {
        "error": reply.error,
        "blocks": [_block(each, charts or {}) for each in reply.blocks],
    }


def _block(block: Block, charts: Mapping[Chart, Path]) -> dict[str, Any]:
    body: dict[str, Any]
    match block:
        case Title(text, regime):
            body = {"text": text, "regime": regime and regime.value}
        case Text(text) | Footnote(text):
            body = {"text": text}
        case Facts(pairs):
            body = {"pairs": [{"label": label, "value": value} for label, value in pairs]}
        case Table(header, rows):
            body = {"header": list(header), "rows": [list(row) for row in rows]}
        case Chart(kind, snapshot, caption):
            path = str(charts[block]) if block in charts else None
            body = {"kind": kind, "caption": caption, "path": path, "snapshot": document(snapshot)}
        case Choices(options):
            body = {"options": [{"label": label, "line": line} for label, line in options]}
    return {"type": type(block).__name__.lower(), **body}
