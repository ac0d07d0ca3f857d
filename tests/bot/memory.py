"""What the bot's tests stand on: storage in memory, a desk over it, and an outbox that leases."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.command import About, Call, Command, Person
from bot.commands import COMMANDS
from bot.config import AllowSettings, BotSettings, CooldownSettings
from bot.desk import Desk
from bot.gate import Gate
from engine.domain import Chain, Market, Signal, Snapshot
from engine.errors import NoData
from engine.service import Feed, JobState, Recipient, Status
from engine.window import Window, within
from tests.samples import NOON, make_chain, make_snapshot

ALICE = Person("telegram", "11", "Alice")
CHAT = Recipient("telegram", "11")
SOON = NOON + timedelta(seconds=42)
ASSETS: Mapping[str, Market] = {
    "BTC": Market.CRYPTO,
    "ETH": Market.CRYPTO,
    "SPX": Market.US,
    "IBIT": Market.US,
}
OPEN = BotSettings(allow=AllowSettings(open=True))


def make_status(**changes: object) -> Status:
    feed = Feed(
        venue="deribit", asset="BTC", last_ok=NOON, last_failure=None, failures=0, reason=None
    )
    job = JobState(
        name="refresh crypto",
        started=NOON,
        finished=NOON,
        outcome="ok",
        detail=None,
        runs=10,
        failures=0,
        overruns=0,
    )
    whole = Status(
        feeds=(feed,),
        jobs=(job,),
        snapshots=10,
        newest=NOON,
        alerts_pending=0,
        alerts_failed=0,
    )
    return replace(whole, **changes)  # type: ignore[arg-type]  # keyword names are the test's


@dataclass
class MemoryBoard:
    """Stored snapshots, newest last; a chain for each of them."""

    snapshots: list[Snapshot] = field(default_factory=lambda: [make_snapshot()])
    chains: list[Chain] = field(default_factory=lambda: [make_chain()])
    state: Status = field(default_factory=make_status)

    async def latest(self, asset: str) -> Snapshot:
        for each in reversed(self.snapshots):
            if each.asset == asset:
                return each
        raise NoData(f"No {asset} data is stored yet.")

    async def chain(self, snapshot: Snapshot) -> Chain:
        for each in self.chains:
            if each.asset == snapshot.asset:
                return each
        raise NoData(f"The {snapshot.asset} chain is not stored any more.")

    async def status(self) -> Status:
        return self.state


@dataclass
class MemoryPeople:
    followed: dict[Recipient, list[str]] = field(default_factory=dict)

    async def follow(self, recipient: Recipient, asset: str, now: datetime) -> bool:
        assets = self.followed.setdefault(recipient, [])
        if asset in assets:
            return False
        assets.append(asset)
        return True

    async def unfollow(self, recipient: Recipient, asset: str | None = None) -> int:
        before = self.followed.get(recipient, [])
        after = [each for each in before if asset is not None and each != asset]
        self.followed[recipient] = after
        return len(before) - len(after)

    async def follows(self, recipient: Recipient) -> tuple[str, ...]:
        return tuple(self.followed.get(recipient, ()))

    async def moved(self, old: Recipient, new: Recipient) -> None:
        self.followed[new] = self.followed.pop(old, [])


def windowed(chain: Chain, window: Window) -> Snapshot:
    """Stands for the engine's pipeline: the sample snapshot of that window's contracts."""
    left = within(chain, window)
    whole = make_snapshot(asset=chain.asset, venues=(chain.venue,))
    settle = {datetime.fromtimestamp(int(each), UTC) for each in left.settlement}
    rows = tuple(row for row in whole.by_expiry if row.settlement in settle)
    return replace(whole, window=window.label, by_expiry=rows)


def make_call(
    board: MemoryBoard | None = None,
    people: MemoryPeople | None = None,
    *,
    now: datetime = SOON,
    who: Person = ALICE,
    where: Recipient = CHAT,
    assets: Mapping[str, Market] = ASSETS,
    zone: str = "UTC",
) -> Call:
    return Call(
        now=now,
        who=who,
        where=where,
        board=board or MemoryBoard(),
        people=people or MemoryPeople(),
        analyse=windowed,
        assets=assets,
        zone=ZoneInfo(zone),
        stale_after=lambda _: timedelta(minutes=20),
        about=About(version="1.2.3", started=NOON - timedelta(hours=5), convention="naive"),
        commands=known(COMMANDS),
    )


def known(commands: Sequence[Command]) -> dict[str, Command]:
    return {each.name: each for each in commands}


def make_desk(
    board: MemoryBoard | None = None,
    people: MemoryPeople | None = None,
    *,
    now: datetime = SOON,
    settings: BotSettings = OPEN,
    clock: Callable[[], float] = lambda: 0.0,
    commands: Sequence[Command] = COMMANDS,
    zone: str = "UTC",
) -> Desk:
    board, people = board or MemoryBoard(), people or MemoryPeople()

    def call(who: Person, where: Recipient) -> Call:
        return make_call(board, people, now=now, who=who, where=where, zone=zone)

    generous = replace_cooldown(settings) if settings is OPEN else settings
    return Desk(known(commands), Gate(generous, clock), call)


def replace_cooldown(settings: BotSettings) -> BotSettings:
    """Tests of answers ask more often than people."""
    return settings.model_copy(update={"cooldown": CooldownSettings(burst=10_000)})


def make_signal(**changes: object) -> Signal:
    fields: dict[str, object] = {
        "rule": "gamma_flip",
        "asset": "BTC",
        "venue": "deribit",
        "asof": NOON,
        "evidence": {
            "regime": "NEGATIVE",
            "regime_before": "POSITIVE",
            "before_asof": (NOON - timedelta(minutes=1)).isoformat(),
            "net_gex": -3.402e8,
            "net_gex_before": 1.25e9,
            "gross_gex": 4.0e9,
            "spot": 100_000.0,
            "currency": "USD",
            "gamma_flip": 101_000.0,
            "gamma_flip_direction": "pos_to_neg",
            "call_wall": 104_000.0,
            "put_wall": None,
            "put_wall_unavailable": "no put open interest",
            "coverage": 0.949,
            "convention": "naive",
        },
    }
    return Signal(**{**fields, **changes})  # type: ignore[arg-type]  # names are the test's
