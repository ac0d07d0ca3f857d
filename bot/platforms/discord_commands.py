"""The Desk's commands as Discord's slash commands, and back."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from typing import Any

from discord.app_commands import Choice

from bot.command import Command

_SLASH = 1
_STRING = 3
_DESCRIPTION = 100
_CHOICE = 100
_CHOICES = 25


def definitions(commands: Iterable[Command]) -> list[dict[str, Any]]:
    """What is registered: options carry the arguments' names and are completed while typed."""
    return [
        {
            "type": _SLASH,
            "name": each.name,
            "description": each.description[:_DESCRIPTION],
            "options": [
                {
                    "type": _STRING,
                    "name": parameter.name,
                    "description": parameter.kind.description[:_DESCRIPTION],
                    "required": parameter.required,
                    "autocomplete": True,
                }
                for parameter in each.parameters
            ],
        }
        for each in commands
    ]


def same(wanted: Iterable[Mapping[str, Any]], registered: Iterable[Mapping[str, Any]]) -> bool:
    """Whether Discord has them already; it adds fields of its own and leaves out what is false."""
    return sorted(map(_essence, wanted)) == sorted(map(_essence, registered))


def _essence(command: Mapping[str, Any]) -> tuple[Any, ...]:
    options = tuple(
        (
            each["type"],
            each["name"],
            each["description"],
            bool(each.get("required")),
            bool(each.get("autocomplete")),
        )
        for each in command.get("options") or ()
    )
    return (command["name"], command.get("type", _SLASH), command["description"], options)


def given(data: Mapping[str, Any]) -> dict[str, str]:
    """The options a person filled in, by name."""
    return {each["name"]: str(each["value"]) for each in data.get("options") or ()}


def focused(data: Mapping[str, Any]) -> str | None:
    """The option being typed."""
    names = (each["name"] for each in data.get("options") or () if each.get("focused"))
    return next(names, None)


def arguments(command: Command, options: Mapping[str, str]) -> str | None:
    """The words after the command; None when an option was left out before one that was given.

    A command line has places, not names: a later option's words would be read as the earlier one.
    """
    names = [each.name for each in command.parameters]
    filled = [name for name in names if options.get(name)]
    if filled != names[: len(filled)]:
        return None
    return shlex.join(options[name] for name in filled)


def choices(offered: Iterable[str]) -> list[Choice[str]]:
    """Suggestions as Discord takes them; what is too long for it is left out, it cannot be sent."""
    fitting = [each for each in offered if 0 < len(each) <= _CHOICE]
    return [Choice(name=each, value=each) for each in fitting[:_CHOICES]]
