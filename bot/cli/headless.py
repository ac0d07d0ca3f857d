"""No terminal and no token: say the first answer, so that a container's log shows it works."""

from __future__ import annotations

import asyncio
from pathlib import Path

import typer

from bot.app import Service
from bot.cli.ask import drawn
from bot.platforms.console import LOCAL, TERMINAL
from bot.render.text import render

_PAUSE = 0.5


async def first_answer(running: Service, folder: Path) -> None:
    """Print `/gex` of the first asset that has been stored, with its chart's path."""
    assets = list(running.parts.jobs.assets)
    while assets:
        for asset in assets:
            reply = await running.desk.line(TERMINAL, LOCAL, f"/gex {asset}")
            if not reply.error:
                typer.echo(render(reply, await drawn(running, reply, folder)))
                return
        await asyncio.sleep(_PAUSE)
