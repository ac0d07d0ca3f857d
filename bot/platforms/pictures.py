"""Pictures of a reply, drawn while the text is on its way."""

from __future__ import annotations

import asyncio
import logging

from bot.platforms.base import Paint
from bot.reply import Chart, Reply
from engine.errors import GexError

log = logging.getLogger(__name__)

PATIENCE = 4.0
"""A text waits this long for its picture; then it goes first. [s]"""

LONGEST = 60.0
"""A picture that takes longer is not sent. [s]"""

Drawn = bytes | str
"""The PNG, or the sentence that says why there is none."""

_FAILED = "The chart could not be drawn; the reason is in the log."
_TOO_SLOW = "The chart could not be drawn in time."


class Pictures:
    """Starts drawing at once; `close` when the reply is sent."""

    def __init__(self, paint: Paint, reply: Reply, patience: float) -> None:
        self._patience = patience
        charts = [each for each in reply.blocks if isinstance(each, Chart)]
        self._tasks = {each: asyncio.create_task(_drawn(paint, each)) for each in charts}

    async def ready(self, chart: Chart) -> bool:
        """Wait a little; False when the text had better go first."""
        await asyncio.wait([self._tasks[chart]], timeout=self._patience)
        return self._tasks[chart].done()

    async def get(self, chart: Chart) -> Drawn:
        """The picture however long it takes, within reason."""
        return await self._tasks[chart]

    def close(self) -> None:
        for task in self._tasks.values():
            task.cancel()


async def _drawn(paint: Paint, chart: Chart) -> Drawn:
    try:
        async with asyncio.timeout(LONGEST):
            return await paint(chart)
    except GexError as error:
        return str(error)
    except TimeoutError:
        log.warning("chart given up kind=%s asset=%s", chart.kind, chart.snapshot.asset)
        return _TOO_SLOW
    except Exception:
        log.exception("chart failed kind=%s asset=%s", chart.kind, chart.snapshot.asset)
        return _FAILED
