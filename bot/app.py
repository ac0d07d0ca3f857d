"""THE composition root: what the service is made of is said here, and nowhere else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from importlib.metadata import version
from zoneinfo import ZoneInfo

from bot.alerts import Alerts, Messenger
from bot.cards.alert import alert
from bot.charts.draw import Painter, warm
from bot.command import About, Call, Person
from bot.commands import COMMANDS
from bot.config import BotSettings
from bot.desk import Desk
from bot.gate import Gate
from bot.platforms.base import Platform
from engine.analyse import analyse
from engine.domain import Chain, Snapshot
from engine.errors import BadInput, NoData
from engine.service import Recipient
from engine.settings import EngineSettings
from engine.signals import RULES
from engine.window import Window
from jobs import clock
from jobs.config import JobsSettings
from jobs.context import Contact, Context
from jobs.pool import Pool
from jobs.providers import PARSERS, demo_venue, open_venues
from jobs.providers.base import Source
from jobs.scheduler import Scheduler
from jobs.store import Simulated, Store
from jobs.tasks import JOBS

_POLL = 0.1
ALERTS_EVERY = 2.0
"""The outbox is looked at this often even when nothing was saved here. [s]"""


@dataclass(frozen=True, slots=True)
class Parts:
    """The three sections of the configuration."""

    engine: EngineSettings
    jobs: JobsSettings
    bot: BotSettings


@dataclass(frozen=True, slots=True)
class Service:
    """Everything wired; nothing scheduled yet. Made by `service`."""

    parts: Parts
    context: Context
    store: Store
    desk: Desk
    painter: Painter
    pool: Pool
    saved: asyncio.Event

    async def run(
        self, platforms: Sequence[Platform], until: asyncio.Event, *, patience: float = 0.0
    ) -> None:
        """Refresh, answer and alert until told to stop; what is under way is finished first.

        Args:
            patience: Platforms start when every asset has been fetched or has failed once, and
                after this long in any case. [s]
        """
        scheduler = Scheduler(self.context, JOBS)
        self.pool.start()
        async with AsyncExitStack() as stack:
            scheduler.start()
            stack.push_async_callback(scheduler.stop)
            await self._fetched(until, patience)
            for platform in platforms:
                stack.push_async_callback(platform.stop)
                await platform.start()
            alerts = asyncio.create_task(self._alerts(platforms).run(self.saved, ALERTS_EVERY))
            stack.push_async_callback(_cancelled, alerts)
            await until.wait()

    async def _fetched(self, until: asyncio.Event, patience: float) -> None:
        deadline = clock.monotonic() + patience
        while clock.monotonic() < deadline and not until.is_set():
            if all([await self._settled(asset) for asset in self.parts.jobs.assets]):
                return
            await asyncio.sleep(_POLL)

    async def _settled(self, asset: str) -> bool:
        try:
            await self.store.latest(asset)
        except NoData:
            return await self.store.has_real() and any(
                feed.asset == asset and feed.failures for feed in (await self.store.status()).feeds
            )
        return True

    def _alerts(self, messengers: Sequence[Messenger]) -> Alerts:
        zone = ZoneInfo(self.parts.bot.timezone)
        card = partial(alert, zone=zone)
        return Alerts(self.store, tuple(messengers), card, self.context.now)


@asynccontextmanager
async def service(
    parts: Parts, *, simulated: Simulated, said: Callable[[str], None]
) -> AsyncIterator[Service]:
    """Open the store, the venues and the drawing pool; close them at the end.

    Args:
        simulated: Whether the simulated market is shown: never, only, or as a stand-in.
        said: Receives sentences a person should see once ("deribit is not answering ...").

    Raises:
        BadConfiguration: the store's URL cannot be used.
    """
    async with AsyncExitStack() as stack:
        store = Store(parts.jobs.store.url, simulated=simulated)
        stack.push_async_callback(store.close)
        await store.upgrade()
        demo = demo_venue(parts.jobs)
        venues = _venues(parts.jobs, simulated, demo)
        for venue in venues.values():
            stack.push_async_callback(venue.aclose)
        pool = Pool(parts.jobs.workers, warm=warm)
        stack.push_async_callback(pool.close)
        saved = asyncio.Event()
        context = Context(
            now=clock.now,
            store=store,
            venues=venues,
            demo=demo if simulated.since else None,
            rules=RULES,
            engine=parts.engine,
            settings=parts.jobs,
            saved=saved.set,
            contact=Contact(said),
        )
        painter = Painter(pool, parts.bot.theme)
        yield Service(parts, context, store, _desk(parts, store), painter, pool, saved)


def _venues(jobs: JobsSettings, simulated: Simulated, demo: Source) -> dict[str, Source]:
    """The enabled venues that some asset is read from; only the simulated one when asked for."""
    if simulated == Simulated.only():
        return {demo.name: demo}
    read = {name for asset in jobs.assets.values() for name in asset.venues}
    return {name: venue for name, venue in open_venues(jobs).items() if name in read}


def _desk(parts: Parts, store: Store) -> Desk:
    commands = {command.name: command for command in COMMANDS}
    about = About(
        version=version("gexwire"), started=clock.now(), convention=parts.engine.convention
    )

    def call(who: Person, where: Recipient) -> Call:
        return Call(
            now=clock.now(),
            who=who,
            where=where,
            board=store,
            people=store,
            analyse=partial(_analyse, parts.engine),
            assets={name: asset.group for name, asset in parts.jobs.assets.items()},
            zone=ZoneInfo(parts.bot.timezone),
            stale_after=parts.bot.stale_after.of,
            about=about,
            commands=commands,
        )

    return Desk(commands, Gate(parts.bot, clock.monotonic), call)


def _analyse(settings: EngineSettings, chain: Chain, window: Window) -> Snapshot:
    return analyse(chain, settings, window=window)


async def _cancelled(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def recorded_chain(
    venue: str, asset: str, files: Sequence[tuple[str, bytes]], asof: datetime | None
) -> Chain:
    """A chain from recorded payloads. Raises BadInput for an unknown venue, BadData."""
    if venue not in PARSERS:
        raise BadInput(f"--venue: expected one of {', '.join(PARSERS)}, found {venue!r}.")
    return PARSERS[venue].recorded(files, asset, asof)
