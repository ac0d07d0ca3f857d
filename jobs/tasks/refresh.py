"""Fetch, analyse, store: every asset of a group, from each of its venues.

Errors are caught per (venue, asset): one silent venue or one odd chain never stops another,
and the last good snapshot stays.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import structlog

from engine.analyse import analyse
from engine.domain import DEMO, Market, Signal, Snapshot
from engine.errors import GexError, StoreFailed
from engine.ports import ChainSource
from jobs.context import Context
from jobs.tasks.base import Job
from jobs.tasks.hours import due

log = structlog.get_logger(__name__)


async def refresh(context: Context, assets: Iterable[str]) -> None:
    """Refresh these assets now, from every enabled venue they are declared with."""
    async with asyncio.TaskGroup() as group:
        for asset in assets:
            for venue in sources(context, asset):
                group.create_task(refresh_one(context, venue, asset))


def sources(context: Context, asset: str) -> list[ChainSource]:
    """The enabled venues of an asset; the simulated market serves every asset when it is on."""
    if set(context.venues) == {DEMO}:
        return list(context.venues.values())
    declared = context.settings.assets[asset].venues
    return [context.venues[name] for name in declared if name in context.venues]


async def refresh_one(context: Context, venue: ChainSource, asset: str) -> bool:
    """One chain to one stored snapshot; False, with the reason in the journal, when it failed."""
    try:
        stored = await _stored(context, venue, asset)
        await context.store.feed_ok(venue.name, asset, context.now())
    except GexError as error:
        return await _failed(context, venue, asset, str(error))
    except Exception:
        log.exception("refresh crashed", venue=venue.name, asset=asset)
        return await _failed(context, venue, asset, "an error on our side; it has been logged")
    context.contact.ok(venue.name, asset)
    if stored:
        context.saved()
    return True


async def _stored(context: Context, venue: ChainSource, asset: str) -> bool:
    chain = await venue.chain(asset, context.now())
    snapshot = await asyncio.to_thread(analyse, chain, context.engine)
    stored = await context.store.save(snapshot, chain, await _fired(context, snapshot))
    log.debug("refreshed", venue=venue.name, asset=asset, asof=str(snapshot.asof), new=stored)
    return stored


async def _failed(context: Context, venue: ChainSource, asset: str, reason: str) -> bool:
    log.debug("refresh failed", venue=venue.name, asset=asset, reason=reason)
    context.contact.failed(venue.name, asset, reason)
    try:
        await context.store.feed_failed(venue.name, asset, reason, context.now())
    except StoreFailed as error:
        log.error("journal lost", venue=venue.name, asset=asset, reason=str(error))  # noqa: TRY400
    return False


async def _fired(context: Context, now: Snapshot) -> list[Signal]:
    signals = []
    for rule in context.rules:
        before = await context.store.before(now, rule.baseline)
        if before is not None and (signal := rule.check(now, before)) is not None:
            signals.append(signal)
    return signals


def _job(group: Market) -> Job:
    async def run(context: Context) -> None:
        await refresh(context, await due(context, group))

    return Job(
        name=f"refresh {group.value}",
        every=lambda settings: settings.refresh.of(group).every,
        jitter=lambda settings: settings.refresh.of(group).jitter,
        run=run,
    )


JOBS = tuple(_job(group) for group in Market)
