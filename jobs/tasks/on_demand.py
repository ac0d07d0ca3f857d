"""Fetch what has never been stored, for one question asked from the command line."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from engine.domain import DEMO
from engine.errors import NoData
from jobs.context import Context
from jobs.tasks.refresh import refresh, refresh_one
from jobs.tasks.stand_in import FIRST_CONTACT, demo, needed

_MINUTE = timedelta(minutes=1)
_HEAD_START = 2.0
"""The asked venues get this long before the others are tried as well. [s]"""


async def fetch_missing(context: Context, assets: Sequence[str]) -> list[str]:
    """Fetch the assets of which nothing is stored; returns those still missing.

    When no venue answers and the simulated market may stand in, it does: that takes one failure
    of every enabled venue, so those not asked for are tried with one asset each.
    """
    if not (missing := await _missing(context, assets)):
        return []
    asked = asyncio.create_task(refresh(context, missing))
    await asyncio.wait({asked}, timeout=_HEAD_START)
    if context.demo is not None and not context.contact.answered(context.venues):
        await _stand_in(context, missing, asked)
    else:
        await asked
    return await _missing(context, assets)


async def _stand_in(context: Context, missing: Sequence[str], asked: asyncio.Task[None]) -> None:
    others = asyncio.create_task(_knock(context, missing))
    if await needed(context, FIRST_CONTACT - _HEAD_START):
        asked.cancel()
        for asset in missing:
            await demo(context, asset)
    else:
        await asked
    others.cancel()
    await asyncio.gather(asked, others, return_exceptions=True)


async def _knock(context: Context, tried: Sequence[str]) -> None:
    """One asset of every venue that none of the tried assets is read from."""
    async with asyncio.TaskGroup() as group:
        for name, venue in context.venues.items():
            read = [each for each, asset in context.settings.assets.items() if name in asset.venues]
            if read and not set(read) & set(tried):
                group.create_task(refresh_one(context, venue, read[-1]))


async def _missing(context: Context, assets: Sequence[str]) -> list[str]:
    return [asset for asset in assets if not await _stored(context, asset)]


async def _stored(context: Context, asset: str) -> bool:
    """The simulated market is at hand: what it showed earlier does not count."""
    try:
        snapshot = await context.store.latest(asset)
    except NoData:
        return False
    return DEMO not in context.venues or context.now() - snapshot.asof < _MINUTE
