"""/status: is everything running, and if not, what is not and why."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from bot.command import Call, Command
from bot.format import SIMULATED, age, count, dealer_sign
from bot.reply import Block, Choices, Facts, Reply, Table, Text, Title
from engine.domain import DEMO
from engine.service import Feed, JobState, Status

_TROUBLE = ("failed", "overran")


async def status(call: Call) -> Reply:
    now = await call.board.status()
    return Reply(
        (
            Title(_headline(now)),
            _facts(call, now),
            *_feeds(now.feeds, call.now),
            *_jobs(now.jobs, call.now),
            Choices((("Refresh", "status"),)),
        )
    )


def _headline(now: Status) -> str:
    feeds = sum(1 for each in now.feeds if each.failures)
    jobs = sum(1 for each in now.jobs if each.outcome in _TROUBLE)
    sick = [_counted(number, name) for number, name in ((feeds, "feed"), (jobs, "job")) if number]
    health = f"in trouble: {', '.join(sick)}" if sick else "all well"
    return f"{f'{SIMULATED} · ' if now.simulated else ''}gexwire status · {health}"


def _counted(number: int, thing: str) -> str:
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def _facts(call: Call, now: Status) -> Facts:
    newest = f", newest {age(now.newest, call.now)} old" if now.newest else ""
    return Facts(
        (
            ("Version", call.about.version),
            ("Up for", age(call.about.started, call.now)),
            ("Dealer sign", dealer_sign(call.about.convention)),
            ("Snapshots stored", f"{count(now.snapshots)}{newest}"),
            ("Alerts", f"{count(now.alerts_pending)} waiting, {count(now.alerts_failed)} given up"),
        )
    )


def _feeds(feeds: tuple[Feed, ...], now: datetime) -> tuple[Block, ...]:
    """When each feed last gave a good chain; then, once per reason, who fails and how often."""
    if not feeds:
        return (Text("No venue has been asked yet."),)
    rows = tuple(
        (
            _venue(each.venue),
            each.asset,
            _ago(each.last_ok, now),
            "failing" if each.failures else "ok",
        )
        for each in feeds
    )
    return (Table(("Feed", "Asset", "Last good", "State"), rows), *_failures(feeds))


def _failures(feeds: tuple[Feed, ...]) -> tuple[Block, ...]:
    alike: defaultdict[tuple[str, str], list[Feed]] = defaultdict(list)
    for each in feeds:
        if each.failures:
            alike[each.venue, each.reason or "no reason given"].append(each)
    return tuple(
        Text(
            f"{_venue(venue)} {', '.join(each.asset for each in group)}: {reason.rstrip('.')},"
            f" {max(each.failures for each in group):,} times in a row."
        )
        for (venue, reason), group in alike.items()
    )


def _jobs(jobs: tuple[JobState, ...], now: datetime) -> tuple[Block, ...]:
    if not jobs:
        return ()
    rows = tuple(
        (
            each.name,
            _ago(each.started, now),
            each.outcome,
            f"{each.failures:,}",
            f"{each.overruns:,}",
        )
        for each in jobs
    )
    details = tuple(
        Text(f"{each.name}: {each.detail}")
        for each in jobs
        if each.outcome in _TROUBLE and each.detail
    )
    return (Table(("Job", "Last run", "Outcome", "Failed", "Overran"), rows), *details)


def _venue(name: str) -> str:
    return f"{name} {SIMULATED}" if name == DEMO else name


def _ago(instant: datetime | None, now: datetime) -> str:
    return age(instant, now) if instant is None else f"{age(instant, now)} ago"


COMMAND = Command("status", "Is everything running", "/status", status)
