"""Which assets of a group are worth asking for now: by the exchange's calendar."""

from __future__ import annotations

from datetime import datetime, timedelta

from engine.domain import DEMO, Market
from engine.errors import NoData
from engine.expiry import hours, last_session, zone
from jobs.config import RefreshSettings
from jobs.context import Context

_DAY = timedelta(days=1)


async def due(context: Context, group: Market) -> list[str]:
    """The group's assets while its market is active; else those not seen since the last close."""
    now = context.now()
    assets = [name for name, asset in context.settings.assets.items() if asset.group is group]
    if active(group, now, context.settings.refresh.of(group)):
        return assets
    _, closed = last_session(group, now)
    newest = {name: await newest_real(context, name) for name in assets}
    return [name for name, asof in newest.items() if asof is None or asof < closed]


async def newest_real(context: Context, asset: str) -> datetime | None:
    """As-of time of the newest stored snapshot; one that only stands in does not count."""
    try:
        snapshot = await context.store.latest(asset)
    except NoData:
        return None
    return None if snapshot.simulated and DEMO not in context.venues else snapshot.asof


def active(market: Market, now: datetime, refresh: RefreshSettings) -> bool:
    """Is `now` inside a session, or within the settings' margins around one?"""
    if market is Market.CRYPTO:
        return True
    before, after = timedelta(seconds=refresh.before_open), timedelta(seconds=refresh.after_close)
    today = now.astimezone(zone(market)).date()
    sessions = (hours(market, today + days * _DAY) for days in (-1, 0, 1))
    return any(each and each[0] - before <= now < each[1] + after for each in sessions)
