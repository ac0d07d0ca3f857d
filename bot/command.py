"""A command is an async function; its signature is its syntax on every platform.

    async def gex(call: Call, asset: Asset, expiry: Expiry = ALL) -> Reply

reads `/gex ASSET [EXPIRY]`, becomes Discord's options `asset` and `expiry` with autocomplete,
and Telegram's menu line. Argument kinds are declared here, once.
"""

from __future__ import annotations

import inspect
import shlex
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from typing import Annotated, Any, get_args, get_type_hints
from zoneinfo import ZoneInfo

from bot.reply import Reply
from engine.domain import Chain, Market, Snapshot
from engine.errors import BadInput, NoData, UnknownAsset
from engine.expiry import zone
from engine.ports import Board, People
from engine.service import Recipient
from engine.window import Window, parse_window


@dataclass(frozen=True, slots=True)
class Person:
    """Who is asking, as the platform names them."""

    platform: str
    id: str
    name: str = ""
    guild: str = ""
    """Discord: the server asked from; empty in direct messages and elsewhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What the service says of itself."""

    version: str
    started: datetime
    convention: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Everything one invocation may use; built by the composition root, made anew per call."""

    now: datetime
    who: Person
    where: Recipient
    board: Board
    people: People
    analyse: Callable[[Chain, Window], Snapshot]
    """The engine's pipeline with this service's settings; CPU-bound, so call it in a thread."""
    assets: Mapping[str, Market]
    zone: ZoneInfo
    stale_after: Callable[[Market], timedelta]
    about: About
    commands: Mapping[str, Command] = field(default_factory=dict)


Run = Callable[..., Awaitable[Reply]]


@dataclass(frozen=True, slots=True)
class Kind:
    """One type of argument: how it is read, and what to offer while it is typed."""

    name: str
    description: str
    read: Callable[[Call, str], Any]
    """Text to value; raises BadInput with the sentence the person sees."""
    offer: Callable[[Call, Mapping[str, str], str], Awaitable[list[str]]]
    """(call, the other arguments given so far, text typed so far) to suggestions, best first."""
    words: int = 1
    """How many words it may take when it comes last."""


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    kind: Kind
    required: bool


@dataclass(frozen=True, slots=True)
class Command:
    """Name, one-line description, an example line, and the function."""

    name: str
    description: str
    example: str
    run: Run

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        hints = get_type_hints(self.run, include_extras=True)
        return tuple(
            Parameter(name, _kind(self.name, name, hints[name]), each.default is each.empty)
            for name, each in list(inspect.signature(self.run).parameters.items())[1:]
        )

    @property
    def usage(self) -> str:
        parts = [
            each.name.upper() if each.required else f"[{each.name.upper()}]"
            for each in self.parameters
        ]
        return " ".join([f"/{self.name}", *parts])

    def parse(self, call: Call, arguments: str) -> dict[str, Any]:
        """Words to keyword arguments. Raises BadInput: too few, too many, or one it cannot read."""
        parameters = self.parameters
        words = _joined(split(arguments), parameters)
        if len(words) > len(parameters):
            extra = " ".join(words[len(parameters) :])[:_ECHO]
            raise BadInput(f"I don't know what to do with {extra!r}. Usage: {self.usage}")
        missing = [each.name for each in parameters[len(words) :] if each.required]
        if missing:
            raise BadInput(f"Missing {missing[0]}. Usage: {self.usage}, for example {self.example}")
        return {
            parameter.name: parameter.kind.read(call, word)
            for parameter, word in zip(parameters, words, strict=False)
        }


def split(arguments: str) -> list[str]:
    """Words, as a shell quotes them; an unbalanced quote means nothing."""
    try:
        return shlex.split(arguments)
    except ValueError:
        return arguments.replace("'", " ").replace('"', " ").split()


def _joined(words: list[str], parameters: tuple[Parameter, ...]) -> list[str]:
    """An expiry typed as "18 Dec 2026" is one argument."""
    last = len(parameters) - 1
    room = parameters[last].kind.words if parameters else 0
    if last + 1 < len(words) <= last + room:
        return [*words[:last], " ".join(words[last:])]
    return words


def _kind(command: str, name: str, hint: Any) -> Kind:
    """The Kind inside Annotated[...], which may be optional."""
    for each in get_args(hint):
        if isinstance(each, Kind):
            return each
        if any(isinstance(inner, Kind) for inner in get_args(each)):
            return _kind(command, name, each)
    raise TypeError(f"/{command}: argument {name!r} is not one of the kinds of bot.command")


_ECHO = 32
"""Longest piece of somebody's text that is repeated back."""


def _read_asset(call: Call, text: str) -> str:
    wanted = text.strip().removeprefix("$").casefold()
    for asset in call.assets:
        if asset.casefold() == wanted:
            return asset
    close = get_close_matches(wanted.upper(), list(call.assets), n=1, cutoff=0.5)
    raise UnknownAsset(text[:_ECHO], tuple(call.assets), close[0] if close else None)


async def _offer_asset(call: Call, _: Mapping[str, str], typed: str) -> list[str]:
    return matching(call.assets, typed.removeprefix("$"))


def _read_expiry(call: Call, text: str) -> Window:
    return parse_window(text[:_ECHO], call.now.astimezone(UTC).date())


async def _offer_expiry(call: Call, given: Mapping[str, str], typed: str) -> list[str]:
    """The windows, then what the asset lists, as far as it is known which asset that is."""
    dates: list[str] = []
    try:
        asset = _read_asset(call, given.get("asset", ""))
        rows = (await call.board.latest(asset)).by_expiry
        here = zone(call.assets[asset])
        live = [each.settlement for each in rows if each.settlement > call.now]
        dates = [f"{each.astimezone(here):%Y-%m-%d}" for each in live]
    except (UnknownAsset, NoData):
        pass
    return matching(dict.fromkeys((*WINDOWS, *dates)), typed)


def _read_command(call: Call, text: str) -> str:
    name = text.strip().removeprefix("/").casefold()
    if name in call.commands:
        return name
    close = get_close_matches(name, list(call.commands), n=1, cutoff=0.5)
    hint = f" Did you mean /{close[0]}?" if close else ""
    raise BadInput(f"There is no command {text[:_ECHO]!r}.{hint}")


async def _offer_command(call: Call, _: Mapping[str, str], typed: str) -> list[str]:
    return matching(call.commands, typed.removeprefix("/"))


def matching(known: Iterable[str], typed: str) -> list[str]:
    """Those that begin with what was typed, then those that contain it; order kept."""
    wanted = typed.strip().casefold()
    found = [each for each in known if wanted in each.casefold()]
    return sorted(found, key=lambda each: not each.casefold().startswith(wanted))


WINDOWS = ("0dte", "7d", "30d", "all")

Asset = Annotated[
    str, Kind("asset", "What is asked about, for example BTC", _read_asset, _offer_asset)
]
Expiry = Annotated[
    Window,
    Kind(
        "expiry",
        "0dte, 7d, 30d, a date like 2026-12-18, or all",
        _read_expiry,
        _offer_expiry,
        words=3,
    ),
]
CommandName = Annotated[
    str, Kind("command", "A command's name, for example gex", _read_command, _offer_command)
]
