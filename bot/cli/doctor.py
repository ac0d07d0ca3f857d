"""`gexwire doctor`: one line per part of the service, and what to do where it is not well."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from bot.app import Parts
from bot.cli.config import ConfigOption
from bot.cli.exits import Exit, exits
from bot.cli.logs import configure
from bot.cli.settings import DEFAULT_FILE, Secrets, hide_password, load
from bot.format import age
from bot.platforms.identity import discord_name, telegram_name
from engine.calendars import CALENDARS
from engine.errors import GexError
from engine.ports import ChainSource
from jobs import clock
from jobs.providers import open_venues
from jobs.store import Simulated, Store

_ALIVE = timedelta(minutes=10)
_SOON = timedelta(days=60)
_PATIENCE = 15.0
"""A platform that has not answered by then is not reached. [s]"""
_DRIFT = 30.0
"""A clock that differs by more makes ages and settlements wrong. [s]"""


@dataclass(frozen=True, slots=True)
class Finding:
    part: str
    well: bool
    text: str

    def __str__(self) -> str:
        return f"{'ok  ' if self.well else 'FAIL'} {self.part}: {self.text}"


def doctor(
    alive: Annotated[
        bool, typer.Option("--alive", help="Only check that a running service keeps working")
    ] = False,
    path: ConfigOption = None,
) -> None:
    """Check configuration, storage, clock, venues and tokens; exit 1 when something is wrong."""
    with exits():
        settings = load(path)
        configure("error")
        parts = Parts(settings.engine, settings.jobs, settings.bot)
        checks = _alive(parts) if alive else _everything(parts, path)
        well = asyncio.run(_print(checks))
    raise typer.Exit(Exit.OK if well else Exit.FAILED)


async def _print(findings: AsyncIterator[Finding]) -> bool:
    well = True
    async for finding in findings:
        typer.echo(str(finding))
        well &= finding.well
    return well


async def _everything(parts: Parts, path: Path | None) -> AsyncIterator[Finding]:
    yield _configuration(parts, path)
    yield _who_may(parts)
    yield await _database(parts)
    for finding in _calendars(parts):
        yield finding
    venues = open_venues(parts.jobs)
    drifts: list[float] = []
    for name, venue in venues.items():
        try:
            yield await _venue(name, venue, parts, drifts)
        finally:
            await venue.aclose()
    yield _clock(drifts)
    for platform, check in _tokens(parts).items():
        yield await _token(platform, check)


def _configuration(parts: Parts, path: Path | None) -> Finding:
    file = path or DEFAULT_FILE
    source = str(file) if file.is_file() else "defaults; no config.yaml in this folder"
    assets = ", ".join(parts.jobs.assets)
    return Finding("configuration", True, f"{source}; {parts.engine.convention}; {assets}")


def _who_may(parts: Parts) -> Finding:
    allow, secrets = parts.bot.allow, Secrets()
    online = any(getattr(secrets, name).get_secret_value() for name in Secrets.model_fields)
    someone = allow.open or allow.users or allow.chats or allow.guilds or parts.bot.admins
    if online and not someone:
        return Finding(
            "people", False, "nobody may use the bot: set bot.allow.users, or bot.allow.open: true"
        )
    return Finding("people", True, "everybody" if allow.open else "the allow-list")


async def _database(parts: Parts) -> Finding:
    url = hide_password(parts.jobs.store.url)
    try:
        store = Store(parts.jobs.store.url, simulated=Simulated.never())
        await store.upgrade()
        status = await store.status()
        await store.close()
    except GexError as error:
        return Finding("database", False, f"{str(error).rstrip('.')}. Check jobs.store.url.")
    return Finding("database", True, f"{url}; {status.snapshots} snapshots")


def _calendars(parts: Parts) -> list[Finding]:
    """Those that some asset follows."""
    followed = {asset.group for asset in parts.jobs.assets.values()}
    today = clock.now().date()
    return [
        Finding(
            f"{market} calendar",
            calendar.known_until - today > _SOON,
            f"known until {calendar.known_until}"
            + ("" if calendar.known_until - today > _SOON else "; update gexwire before then"),
        )
        for market, calendar in CALENDARS.items()
        if market in followed
    ]


async def _venue(name: str, venue: ChainSource, parts: Parts, drifts: list[float]) -> Finding:
    assets = [each for each, asset in parts.jobs.assets.items() if name in asset.venues]
    if not assets:
        return Finding(name, True, "enabled, but no asset in jobs.assets names it")
    started = clock.monotonic()
    try:
        chain = await venue.chain(assets[-1], clock.now())
    except GexError as error:
        hint = f"Check the network and jobs.providers.{name}.base_url, or set enabled: false."
        return Finding(name, False, f"{error} {hint}")
    took = clock.monotonic() - started
    if name == "deribit":
        drifts.append((clock.now() - chain.asof).total_seconds() - took)
    told = age(chain.asof, clock.now())
    return Finding(name, True, f"{assets[-1]}: {len(chain)} contracts in {took:.1f} s, {told} old")


def _clock(drifts: list[float]) -> Finding:
    if not drifts:
        return Finding(
            "clock", True, f"{clock.now():%Y-%m-%d %H:%M:%S} UTC; nothing to compare with"
        )
    worst = max(drifts, key=abs)
    if abs(worst) > _DRIFT:
        return Finding(
            "clock", False, f"{worst:+.0f} s from deribit's: turn on time synchronisation"
        )
    return Finding("clock", True, f"within {max(1.0, abs(worst)):.0f} s of deribit's")


def _tokens(parts: Parts) -> dict[str, Callable[[], Awaitable[str]] | None]:
    """How to ask each platform who its token is; None where no token is set."""
    secrets = Secrets()
    telegram = secrets.telegram_token.get_secret_value()
    discord = secrets.discord_token.get_secret_value()
    return {
        "telegram": (lambda: telegram_name(telegram, parts.bot.telegram)) if telegram else None,
        "discord": (lambda: discord_name(discord, parts.bot.discord)) if discord else None,
    }


async def _token(platform: str, check: Callable[[], Awaitable[str]] | None) -> Finding:
    variable = f"{platform.upper()}_TOKEN"
    if check is None:
        return Finding(platform, True, f"off; set {variable} to switch it on")
    try:
        async with asyncio.timeout(_PATIENCE):
            return Finding(platform, True, f"the token is {await check()}'s")
    except Exception as error:  # noqa: BLE001  whatever the library raises, the answer is the same
        kind = type(error).__name__
        return Finding(
            platform, False, f"{variable} was refused or {platform} cannot be reached ({kind})"
        )


async def _alive(parts: Parts) -> AsyncIterator[Finding]:
    """What a container asks: has any job finished lately?"""
    store = Store(parts.jobs.store.url, simulated=Simulated.never())
    try:
        await store.upgrade()
        jobs = (await store.status()).jobs
    except GexError as error:
        yield Finding("service", False, str(error))
        return
    finally:
        await store.close()
    last = max((job.finished for job in jobs if job.finished), default=None)
    if last is None:
        yield Finding("service", False, "no job has finished yet")
        return
    well = clock.now() - last < _ALIVE
    yield Finding("service", well, f"the last job finished {age(last, clock.now())} ago")
