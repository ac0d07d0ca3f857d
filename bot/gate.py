"""Who may use the bot, and how often."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from bot.command import Person
from bot.config import BotSettings, CooldownSettings
from engine.errors import NotAllowed, TooFast
from engine.service import Recipient

CONSOLE = "console"
_REMEMBERED = 10_000


class Gate:
    """Allow-list and cooldown. `clock` counts seconds and never goes back. [s]"""

    def __init__(self, settings: BotSettings, clock: Callable[[], float]) -> None:
        self._settings = settings
        self._cooldown = _Cooldown(settings.cooldown, clock)

    def enter(self, who: Person, where: Recipient) -> None:
        """One command. Raises TooFast, NotAllowed.

        The cooldown comes first, so that it holds for strangers as well; see `mutes`.
        """
        if self.admin(who):
            return
        self._cooldown.spend((who.platform, who.id))
        if not self.allows(who, where):
            raise NotAllowed(_refusal(who, where))

    def mutes(self, who: Person) -> bool:
        """Whether `enter` would say TooFast again, with nothing earned since it said so last.

        To be looked up before answering: otherwise everybody could make the bot talk endlessly.
        """
        return not self.admin(who) and self._cooldown.told((who.platform, who.id))

    def allows(self, who: Person, where: Recipient) -> bool:
        """Whether this person may ask from here; costs nothing."""
        allow = self._settings.allow
        return (
            allow.open
            or self.admin(who)
            or who.id in allow.users
            or where.chat in allow.chats
            or (where.thread != "" and where.thread in allow.chats)
            or (who.guild != "" and who.guild in allow.guilds)
        )

    def admin(self, who: Person) -> bool:
        """The terminal of this machine is an admin's."""
        return who.platform == CONSOLE or who.id in self._settings.admins


def _refusal(who: Person, where: Recipient) -> str:
    ways = [f"your user id {who.id} to bot.allow.users"]
    if where.chat != who.id:
        ways.append(f"this chat's id {where.chat} to bot.allow.chats")
    if who.guild:
        ways.append(f"this server's id {who.guild} to bot.allow.guilds")
    return f"You are not on this bot's list. Its owner can add {' or '.join(ways)} in config.yaml."


@dataclass(frozen=True, slots=True)
class _Bucket:
    """`told`: it was empty, and its person knows."""

    tokens: float
    since: float
    told: bool = False


class _Cooldown:
    """A token bucket per person; a bucket nobody remembers is a full one."""

    def __init__(self, settings: CooldownSettings, clock: Callable[[], float]) -> None:
        self._settings = settings
        self._clock = clock
        self._spent: OrderedDict[tuple[str, str], _Bucket] = OrderedDict()

    def spend(self, person: tuple[str, str]) -> None:
        now = self._clock()
        tokens = self._tokens(person, now)
        paid = tokens >= 1
        self._spent[person] = _Bucket(tokens - 1 if paid else tokens, now, told=not paid)
        self._spent.move_to_end(person)
        if len(self._spent) > _REMEMBERED:
            self._spent.popitem(last=False)
        if not paid:
            raise TooFast((1 - tokens) * self._settings.every)

    def told(self, person: tuple[str, str]) -> bool:
        bucket = self._spent.get(person)
        return bucket is not None and bucket.told and self._tokens(person, self._clock()) < 1

    def _tokens(self, person: tuple[str, str], now: float) -> float:
        bucket = self._spent.get(person)
        if bucket is None:
            return self._settings.burst
        earned = (now - bucket.since) / self._settings.every
        return min(self._settings.burst, bucket.tokens + earned)
