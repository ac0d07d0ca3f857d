from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from bot.alerts import TryLater
from bot.cards.alert import alert
from bot.config import BotSettings
from bot.platforms.base import Paint
from bot.platforms.console import LOCAL, TERMINAL, Console, attended, save
from bot.platforms.console_input import completer, piped, prompted, suggestions
from bot.reply import Chart
from engine.errors import ChartUnavailable, GexError
from tests.bot.memory import make_desk, make_signal
from tests.samples import NOON, make_snapshot

PNG = b"\x89PNG picture"


@dataclass
class Screen:
    """What was printed, and whether the terminal was left."""

    shown: list[str] = field(default_factory=list)
    closed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def text(self) -> str:
        return "".join(self.shown)


async def paint(chart: Chart) -> bytes:
    return PNG


async def typed(*lines: str) -> AsyncIterator[str]:
    for line in lines:
        yield line


async def chat(folder: Path, *lines: str, paint: Paint = paint) -> Screen:
    """A whole conversation, until the person left."""
    screen = Screen()
    desk = make_desk(settings=BotSettings())
    console = Console(
        desk,
        paint,
        folder,
        closed=screen.closed.set,
        lines=typed(*lines),
        write=screen.shown.append,
    )
    await console.start()
    async with asyncio.timeout(5):
        await screen.closed.wait()
    await console.stop()
    return screen


@pytest.mark.anyio
@pytest.mark.parametrize("line", ["/gex BTC", "gex btc"])
async def test_gex_shows_the_summary_and_where_the_chart_lies(tmp_path: Path, line: str) -> None:
    screen = await chat(tmp_path / "charts", line)
    path = tmp_path / "charts" / "BTC-gex-20261120T120000Z.png"
    assert "Net GEX" in screen.text
    assert f"Chart: {path}" in screen.text
    assert path.read_bytes() == PNG
    assert [each.name for each in path.parent.iterdir()] == [path.name]


@pytest.mark.anyio
async def test_the_terminal_needs_no_permission_and_is_left_by_quit_or_the_end(
    tmp_path: Path,
) -> None:
    screen = await chat(tmp_path, "", "/status", "/quit", "/gex BTC")
    assert "gexwire status" in screen.text
    assert "Net GEX" not in screen.text
    assert (await chat(tmp_path, "exit")).shown == []


@pytest.mark.anyio
async def test_a_chart_that_cannot_be_drawn_leaves_the_numbers(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def slow(chart: Chart) -> bytes:
        raise GexError("The chart is not available (drawing it took too long).")

    async def broken(chart: Chart) -> bytes:
        raise RuntimeError("/secret/path")

    screen = await chat(tmp_path, "/gex BTC", paint=slow)
    assert "Net GEX" in screen.text
    assert "drawing it took too long" in screen.text
    screen = await chat(tmp_path, "/gex BTC", paint=broken)
    assert "Net GEX" in screen.text
    assert "could not be drawn" in screen.text
    assert "secret" not in screen.text


@pytest.mark.anyio
async def test_an_alert_is_printed_whole_as_it_comes(tmp_path: Path) -> None:
    async def waiting() -> AsyncIterator[str]:
        await asyncio.sleep(3600)
        yield ""

    screen = Screen()
    console = Console(
        make_desk(),
        paint,
        tmp_path,
        closed=screen.closed.set,
        lines=waiting(),
        write=screen.shown.append,
    )
    reply = alert(make_signal(), NOON + timedelta(seconds=1), ZoneInfo("UTC"))
    with pytest.raises(TryLater):
        await console.send(LOCAL, reply, key="k", again=False)
    await console.start()
    assert await console.send(LOCAL, reply, key="k", again=False) == "k"
    [message] = screen.shown
    assert "BTC dealer gamma turned NEGATIVE (was POSITIVE)" in message
    await console.stop()
    await console.stop()


@pytest.mark.anyio
async def test_a_pipe_is_read_line_by_line_to_its_end() -> None:
    reading, writing = os.pipe()
    os.write(writing, b"/gex BTC\r\nhalf ")
    lines = piped(reading)
    assert (await anext(lines)).strip() == "/gex BTC"
    os.write(writing, "a é line\nlast".encode())
    assert await anext(lines) == "half a é line"
    os.close(writing)
    assert [each async for each in lines] == ["last"]
    os.close(reading)


@pytest.mark.anyio
async def test_a_file_is_read_like_a_pipe(tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text("/start\n/gex BTC\n")
    with script.open() as opened:
        assert [each async for each in piped(opened.fileno())] == ["/start", "/gex BTC"]


@pytest.mark.anyio
async def test_a_prompt_takes_lines_until_it_is_left() -> None:
    with create_pipe_input() as keys, create_app_session(input=keys, output=DummyOutput()):
        keys.send_text("/gex BTC\nsta\x04\x15\x04")
        lines = prompted(make_desk(), TERMINAL, LOCAL)
        assert [each async for each in lines] == ["/gex BTC"]


@pytest.mark.anyio
async def test_tab_completes_commands_assets_and_expiries() -> None:
    desk = make_desk()

    async def offered(text: str) -> list[str]:
        return await suggestions(desk, TERMINAL, LOCAL, text)

    assert await offered("/le") == ["levels"]
    assert await offered("gex b") == ["BTC", "IBIT"]
    assert await offered("gex BTC 2026-12") == ["2026-12-25"]
    assert await offered("gex BTC 7d ") == []
    assert await offered("nothing b") == []


@pytest.mark.anyio
async def test_a_completion_replaces_the_word_it_completes() -> None:
    from prompt_toolkit.completion import CompleteEvent
    from prompt_toolkit.document import Document

    found = completer(make_desk(), TERMINAL, LOCAL).get_completions_async(
        Document("gex bt"), CompleteEvent()
    )
    assert [(each.text, each.start_position) async for each in found] == [("BTC", -2)]


def test_a_picture_replaces_the_one_of_the_same_name(tmp_path: Path) -> None:
    chart = Chart("gex", make_snapshot(), "")
    first = save(tmp_path, chart, b"old")
    assert save(tmp_path, chart, b"new") == first
    assert first.read_bytes() == b"new"


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "charts").write_text("a file", encoding="utf-8")
    chart = Chart("gex", make_snapshot(), "")
    with pytest.raises(ChartUnavailable, match=r"cannot be written into .*charts"):
        save(tmp_path / "charts", chart, b"png")


def test_a_closed_stream_is_nobodys_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert not attended()
