"""`gexwire run`: the service, on every platform whose token is set, else in this terminal."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import typer

from bot.app import Parts, Service, service
from bot.cli.config import ConfigOption
from bot.cli.exits import exits
from bot.cli.headless import first_answer
from bot.cli.logs import configure
from bot.cli.market import DemoOption, simulated
from bot.cli.settings import Secrets, Settings, load
from bot.platforms.base import Platform
from bot.platforms.console import Console, attended

PATIENCE = 10.0
"""The terminal chat opens when the first chains are there, and after this long anyway. [s]"""


def run(demo: DemoOption = False, path: ConfigOption = None) -> None:
    """Refresh, answer and alert until stopped (Ctrl-C, SIGTERM)."""
    with exits():
        settings, secrets = load(path), Secrets()
        online = (
            secrets.telegram_token.get_secret_value() or secrets.discord_token.get_secret_value()
        )
        terminal = not online and attended()
        asyncio.run(serve(settings, secrets, demo=demo, terminal=terminal))


async def serve(settings: Settings, secrets: Secrets, *, demo: bool, terminal: bool) -> None:
    """The whole life of the process. `terminal`: a person types here, the log goes to its file."""
    configure(settings.bot.log_level, Path(settings.bot.log_file) if terminal else None)
    until = asyncio.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(each, until.set)
    parts = Parts(settings.engine, settings.jobs, settings.bot)
    async with service(
        parts, simulated=simulated(demo=demo, secrets=secrets), said=_say
    ) as running:
        if terminal:
            await _chat(running, until)
            return
        platforms = _online(running, secrets)
        if platforms:
            await running.run(platforms, until)
            return
        async with asyncio.TaskGroup() as group:
            hello = group.create_task(first_answer(running, Path(settings.bot.charts)))
            await running.run((), until)
            hello.cancel()


async def _chat(running: Service, until: asyncio.Event) -> None:
    typer.echo("Fetching the first chains ...", err=True)
    console = Console(
        running.desk, running.painter.png, Path(running.parts.bot.charts), closed=until.set
    )
    await running.run((console,), until, patience=PATIENCE)


def _online(running: Service, secrets: Secrets) -> list[Platform]:
    """The platforms whose token is set; each library is imported only then."""
    platforms: list[Platform] = []
    bot, desk, paint = running.parts.bot, running.desk, running.painter.png
    if token := secrets.telegram_token.get_secret_value():
        from bot.platforms.telegram import Telegram

        platforms.append(Telegram(token, desk, paint, running.store, bot.telegram))
    if token := secrets.discord_token.get_secret_value():
        from bot.platforms.discord import Discord

        platforms.append(Discord(token, desk, paint, running.store, bot.discord))
    return platforms


def _say(sentence: str) -> None:
    typer.echo(sentence, err=True)
