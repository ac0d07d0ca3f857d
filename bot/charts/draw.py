"""From a Chart block to a PNG: drawn in the injected pool, kept, and drawn once for everybody."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor
from contextlib import contextmanager
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar, TypeVarTuple

from bot.charts import CHARTS
from bot.charts.style import DPI, HEIGHT, THEMES, WIDTH
from bot.reply import Chart
from engine.domain import Snapshot
from engine.errors import ChartUnavailable

if TYPE_CHECKING:
    from matplotlib.figure import Figure

log = logging.getLogger(__name__)

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

_COMPRESSION = 1
"""zlib's level: charts are flat colours, more effort takes longer and saves little."""


class Executor(Protocol):
    """Where drawing happens; the service injects its process pool."""

    async def run(self, function: Callable[[*Ts], T], *args: *Ts) -> T: ...


class _Key(NamedTuple):
    kind: str
    asset: str
    venue: str
    asof: datetime
    convention: str
    window: str


class Painter:
    """Charts to PNGs.

    Args:
        pool: Runs `render`.
        theme: A name in THEMES.
        timeout: How long somebody waits for a picture before going without. [s]
        room: Pictures that are kept, the least recently wanted going first.
    """

    def __init__(
        self, pool: Executor, theme: str = "dark", *, timeout: float = 30.0, room: int = 64
    ) -> None:
        self._pool = pool
        self._theme = theme
        self._timeout = timeout
        self._room = room
        self._kept: OrderedDict[_Key, bytes] = OrderedDict()
        self._under_way: dict[_Key, asyncio.Task[bytes]] = {}

    async def png(self, chart: Chart) -> bytes:
        """A PNG of 1200 x 800 pixels. Raises ChartUnavailable."""
        key = _key(chart)
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        try:
            async with asyncio.timeout(self._timeout):
                return await asyncio.shield(self._once(key, chart))
        except TimeoutError as error:
            raise ChartUnavailable("drawing it took too long") from error

    def _once(self, key: _Key, chart: Chart) -> asyncio.Task[bytes]:
        """The drawing under way for `key`, begun if there is none; it goes on without waiters."""
        if key not in self._under_way:
            task = asyncio.create_task(self._drawn(key, chart))
            self._under_way[key] = task
            task.add_done_callback(lambda done: done.cancelled() or done.exception())
        return self._under_way[key]

    async def _drawn(self, key: _Key, chart: Chart) -> bytes:
        try:
            png = await self._pool.run(render, chart.kind, chart.snapshot, self._theme)
        except TimeoutError as error:
            raise ChartUnavailable("drawing it took too long") from error
        except BrokenExecutor as error:
            raise ChartUnavailable("its drawing process ended") from error
        except Exception as error:
            log.exception("chart failed kind=%s asset=%s", chart.kind, chart.snapshot.asset)
            raise ChartUnavailable("it could not be drawn") from error
        finally:
            del self._under_way[key]
        self._keep(key, png)
        return png

    def _keep(self, key: _Key, png: bytes) -> None:
        self._kept[key] = png
        while len(self._kept) > self._room:
            self._kept.popitem(last=False)


def _key(chart: Chart) -> _Key:
    """Equal keys, equal pictures: a snapshot is computed once per asset, venue and instant."""
    each = chart.snapshot
    return _Key(chart.kind, each.asset, each.venue, each.asof, each.convention, each.window)


def figure(kind: str, snapshot: Snapshot, theme: str) -> Figure:
    """The chart, not yet rendered. Raises LookupError for an unknown kind or theme."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    draw = {picture.name: picture.draw for picture in CHARTS}[kind]
    with _plain():
        made = Figure(figsize=(WIDTH / DPI, HEIGHT / DPI), dpi=DPI)
        FigureCanvasAgg(made)
        draw(made, snapshot, THEMES[theme])
    return made


def render(kind: str, snapshot: Snapshot, theme: str) -> bytes:
    """The chart as PNG, RGB. Importable by name, since it runs in a process of the pool."""
    from PIL import Image

    made = figure(kind, snapshot, theme)
    canvas: Any = made.canvas
    with _plain():
        canvas.draw()
    picture = Image.frombuffer("RGBA", (WIDTH, HEIGHT), canvas.buffer_rgba()).convert("RGB")
    buffer = BytesIO()
    picture.save(buffer, "PNG", compress_level=_COMPRESSION)
    return buffer.getvalue()


@contextmanager
def _plain() -> Iterator[None]:
    """The library's own settings, whatever style a file in somebody's home asks for."""
    from matplotlib import rc_context, rcdefaults

    with rc_context():
        rcdefaults()
        yield


def warm() -> None:
    """Import and build what the first picture would wait for; for the pool's processes."""
    from matplotlib.backends import backend_agg
    from matplotlib.font_manager import fontManager
    from PIL import PngImagePlugin

    del backend_agg, PngImagePlugin
    fontManager.findfont("DejaVu Sans")
