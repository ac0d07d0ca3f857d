"""The terminal of this machine: a prompt for a person, a pipe for a script."""

from __future__ import annotations

import asyncio
import logging
import shutil
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from bot.alerts import TryLater
from bot.command import Person
from bot.desk import Desk
from bot.gate import CONSOLE
from bot.platforms.base import Paint
from bot.platforms.console_input import piped, prompted
from bot.render.text import render
from bot.reply import Chart, Reply
from engine.errors import ChartUnavailable, GexError
from engine.service import Recipient

log = logging.getLogger(__name__)

TERMINAL = Person(CONSOLE, "local")
LOCAL = Recipient(CONSOLE, "local")

GREETING = "Type a command like /gex BTC, or help; Tab completes, quit leaves."
_LEAVE = ("quit", "exit")
_WIDEST = 120
_STDIN = 0


class Console:
    """The platform; see `bot.platforms.base.Platform`.

    Args:
        folder: Where pictures are written.
        closed: Called once, when the person has left or the input has ended.
        lines: What is typed; this process's own input by default.
        write: Where answers go, one whole message at a time; this process's own output by default.
    """

    platform = CONSOLE

    def __init__(
        self,
        desk: Desk,
        paint: Paint,
        folder: Path,
        *,
        closed: Callable[[], None],
        lines: AsyncIterator[str] | None = None,
        write: Callable[[str], None] | None = None,
    ) -> None:
        self._desk = desk
        self._paint = paint
        self._folder = folder
        self._closed = closed
        self._lines = lines
        self._write = write or _print
        self._listening: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._listening = asyncio.create_task(self._listen())

    async def stop(self) -> None:
        listening, self._listening = self._listening, None
        if listening:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)

    async def send(
        self,
        recipient: Recipient,  # noqa: ARG002  there is one terminal
        reply: Reply,
        *,
        key: str,
        again: bool,  # noqa: ARG002
    ) -> str:
        """Print an alert above the prompt; see `bot.alerts.Messenger`."""
        if self._listening is None or self._listening.done():
            raise TryLater(60.0, "nobody is at the terminal")
        await self._show(reply)
        return key

    async def _listen(self) -> None:
        try:
            async for line in self._lines or _typed(self._desk):
                if line.strip().lower().removeprefix("/") in _LEAVE:
                    break
                if line.strip():
                    await self._show(await self._desk.line(TERMINAL, LOCAL, line))
        finally:
            self._closed()

    async def _show(self, reply: Reply) -> None:
        charts: dict[Chart, Path] = {}
        troubles = []
        for chart in (each for each in reply.blocks if isinstance(each, Chart)):
            try:
                charts[chart] = await self._saved(chart)
            except GexError as error:
                troubles.append(str(error))
            except Exception:
                log.exception("chart failed kind=%s asset=%s", chart.kind, chart.snapshot.asset)
                troubles.append("The chart could not be drawn; the reason is in the log.")
        text = render(reply, charts, width=_width())
        self._write("\n".join([text, *troubles]) + "\n")

    async def _saved(self, chart: Chart) -> Path:
        return await asyncio.to_thread(save, self._folder, chart, await self._paint(chart))


def save(folder: Path, chart: Chart, png: bytes) -> Path:
    """Write a picture and return its path; nobody ever finds half a picture there.

    Raises:
        ChartUnavailable: the folder cannot be written.
    """
    path = folder / chart.filename
    unfinished = path.with_suffix(".part")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        unfinished.write_bytes(png)
        unfinished.replace(path)
    except OSError as error:
        raise ChartUnavailable(f"it cannot be written into {folder}: {error.strerror}") from error
    return path


def attended() -> bool:
    """Whether a person sits at this process's terminal; a closed stream is nobody's."""
    return all(each is not None and each.isatty() for each in (sys.stdin, sys.stdout))


def _typed(desk: Desk) -> AsyncIterator[str]:
    if attended():
        _print(GREETING + "\n")
        return prompted(desk, TERMINAL, LOCAL)
    return piped(_STDIN)


def _print(text: str) -> None:
    print(text, flush=True)  # noqa: T201  the terminal is where this platform speaks


def _width() -> int:
    return min(shutil.get_terminal_size().columns, _WIDEST)
