"""A command is an async function; its signature is its syntax on every platform.

    async def gex(call: Call, asset: Asset, expiry: Expiry = ALL) -> Reply

reads `/gex ASSET [EXPIRY]`, becomes Discord's options `asset` and `expiry` with autocomplete,
and Telegram's menu line. Argument kinds are declared here, once.
"""

from __future__ import annotations

import inspect
import shlex
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, get_args, get_type_hints
from zoneinfo import ZoneInfo

from bot.reply import Reply
from engine.domain import Chain, Market, Recipient, Snapshot
from engine.errors import BadInput
from engine.ports import Board, People
from engine.window import Window


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
    stale_after: timedelta
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
        try:
            words = shlex.split(arguments)
        except ValueError:
            words = arguments.replace("'", " ").replace('"', " ").split()
        parameters = self.parameters
        if len(words) > len(parameters):
            extra = " ".join(words[len(parameters) :])
            raise BadInput(f"I don't know what to do with {extra!r}. Usage: {self.usage}")
        missing = [each.name for each in parameters[len(words) :] if each.required]
        if missing:
            raise BadInput(f"Missing {missing[0]}. Usage: {self.usage}, for example {self.example}")
        return {
            parameter.name: parameter.kind.read(call, word)
            for parameter, word in zip(parameters, words, strict=False)
        }


def _kind(command: str, name: str, hint: Any) -> Kind:
    for each in get_args(hint):
        if isinstance(each, Kind):
            return each
    raise TypeError(f"/{command}: argument {name!r} is not one of the kinds of bot.command")
