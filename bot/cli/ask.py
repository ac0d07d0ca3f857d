"""`gexwire ask "/gex BTC"`: one question, answered, exit."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Annotated

import typer

from bot.app import Parts, Service, service
from bot.cli.config import ConfigOption
from bot.cli.exits import Exit, exits
from bot.cli.logs import configure
from bot.cli.market import DemoOption, simulated
from bot.cli.settings import Secrets, load
from bot.platforms.console import LOCAL, TERMINAL, save
from bot.render.json import as_json
from bot.render.text import render
from bot.reply import Chart, Reply
from engine.errors import GexError
from jobs.tasks.on_demand import fetch_missing


def ask(
    line: Annotated[str, typer.Argument(help='A command as typed in a chat: "/gex BTC 7d"')],
    json_: Annotated[bool, typer.Option("--json", help="Print the answer as JSON")] = False,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the charts; bot.charts by default")
    ] = None,
    demo: DemoOption = False,
    path: ConfigOption = None,
) -> None:
    """Answer one command and exit; fetches first what has never been stored."""
    with exits():
        settings = load(path)
        configure("error")
        parts = Parts(settings.engine, settings.jobs, settings.bot)
        code = asyncio.run(
            _ask(parts, line, json_=json_, folder=out or Path(settings.bot.charts), demo=demo)
        )
    raise typer.Exit(code)


async def _ask(parts: Parts, line: str, *, json_: bool, folder: Path, demo: bool) -> Exit:
    policy = simulated(demo=demo, secrets=Secrets())
    async with service(parts, simulated=policy, said=_said) as running:
        missing = await fetch_missing(running.context, mentioned(line, parts))
        reply = await running.desk.line(TERMINAL, LOCAL, line)
        charts = await drawn(running, reply, folder)
        if json_:
            typer.echo(json.dumps(as_json(reply, charts), indent=2, allow_nan=False))
        else:
            typer.echo(render(reply, charts))
    if reply.error:
        return Exit.NO_DATA if missing else Exit.USAGE
    return Exit.OK


def mentioned(line: str, parts: Parts) -> list[str]:
    """The declared assets among the words of a command."""
    words = (word.lstrip("$").upper() for word in line.split()[1:])
    return list(dict.fromkeys(word for word in words if word in parts.jobs.assets))


async def drawn(running: Service, reply: Reply, folder: Path) -> dict[Chart, Path]:
    """Draw and write every chart of a reply; one that cannot be is told on stderr."""
    paths: dict[Chart, Path] = {}
    for chart in (block for block in reply.blocks if isinstance(block, Chart)):
        try:
            paths[chart] = save(folder, chart, await running.painter.png(chart))
        except GexError as error:
            _said(str(error))
    return paths


def _said(sentence: str) -> None:
    typer.echo(sentence, err=True)
