"""Ask the desk a line, and read the parts of its answer."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.reply import Choices, Facts, Footnote, Reply, Table, Text, Title
from engine.domain import (
    Market,
    Snapshot,
)
from tests.bot.memory import ALICE, CHAT, SOON, MemoryBoard, MemoryPeople, make_desk
from tests.samples import make_snapshot


async def ask(
    line: str,
    *snapshots: Snapshot,
    now: datetime = SOON,
    board: MemoryBoard | None = None,
    people: MemoryPeople | None = None,
    zone: str = "UTC",
) -> Reply:
    board = board or MemoryBoard(snapshots=list(snapshots) or [make_snapshot()])
    return await make_desk(board, people, now=now, zone=zone).line(ALICE, CHAT, line)


def facts(reply: Reply) -> dict[str, str]:
    return dict(pair for each in reply.blocks if isinstance(each, Facts) for pair in each.pairs)


def title(reply: Reply) -> str:
    return next(each.text for each in reply.blocks if isinstance(each, Title))


def said(reply: Reply) -> str:
    return "\n".join(each.text for each in reply.blocks if isinstance(each, Text))


def small_print(reply: Reply) -> str:
    return "\n".join(each.text for each in reply.blocks if isinstance(each, Footnote))


def lines_offered(reply: Reply) -> dict[str, str]:
    return dict(pair for each in reply.blocks if isinstance(each, Choices) for pair in each.options)


def rows(reply: Reply) -> list[tuple[str, ...]]:
    return [row for each in reply.blocks if isinstance(each, Table) for row in each.rows]


def us(**changes: object) -> Snapshot:
    """An index snapshot from the middle of a Friday session in New York."""
    fields = {"asset": "SPX", "venues": ("cboe",), "market": Market.US, "spot": 6_475.1}
    asof = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)
    return make_snapshot(**{**fields, "asof": asof, **changes})
