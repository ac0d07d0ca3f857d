"""The dispatcher every platform shares: a command line in, a Reply out, whatever happens."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from bot.cards.simulated import made_up
from bot.command import Call, Command, Person, split
from bot.gate import Gate
from bot.render.limits import BUTTON_BYTES
from bot.reply import Block, Choices, Reply, Text
from engine.errors import BadInput, GexError, UnknownAsset
from engine.service import Recipient

log = logging.getLogger(__name__)

Options = tuple[tuple[str, str], ...]
"""Of a Choices block."""

CHOICES = 5
"""Most buttons under one answer."""

SUGGESTIONS = 25
"""Most suggestions while an argument is typed; Discord's limit."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Answers commands. `call` makes the dependencies of one invocation, anew each time."""

    commands: Mapping[str, Command]
    gate: Gate
    call: Callable[[Person, Recipient], Call]

    async def line(self, who: Person, where: Recipient, text: str) -> Reply:
        """Answer "/gex BTC 7d", "gex@botname BTC" or a button's command line."""
        name, *arguments = text.split(maxsplit=1) or [""]
        return await self.answer(who, where, name.lstrip("/").partition("@")[0], *arguments)

    async def answer(self, who: Person, where: Recipient, name: str, arguments: str = "") -> Reply:
        """Never raises: expected errors become their sentence, bugs an apology with a reference."""
        try:
            self.gate.enter(who, where)
        except GexError as error:
            return _failure(Text(str(error)))
        try:
            return await self._answer(who, where, name.lower(), arguments)
        except GexError as error:
            sentence = str(error)
        except Exception:
            reference = secrets.token_hex(3)
            log.exception(
                "command failed ref=%s name=%r arguments=%.200r", reference, name, arguments
            )
            sentence = f"Something broke on our side. It is logged as {reference}."
        return await self._failed(who, where, sentence)

    def mutes(self, who: Person) -> bool:
        """Whether this person was told already that it is too soon for another answer."""
        return self.gate.mutes(who)

    async def offer(
        self,
        who: Person,
        where: Recipient,
        command: str,
        parameter: str,
        *,
        given: Mapping[str, str],
        typed: str,
    ) -> list[str]:
        """Suggestions for an argument being typed, best first; empty when there is none to give.

        Args:
            given: The other arguments typed so far, by name.
            typed: The beginning of this one.
        """
        try:
            if command not in self.commands or not self.gate.allows(who, where):
                return []
            kinds = {each.name: each.kind for each in self.commands[command].parameters}
            offered = await kinds[parameter].offer(self.call(who, where), given, typed)
        except Exception:
            log.exception("offer failed command=%s parameter=%s", command, parameter)
            return []
        return offered[:SUGGESTIONS]

    async def _answer(self, who: Person, where: Recipient, name: str, arguments: str) -> Reply:
        command = self.commands.get(name)
        if command is None:
            said, options = _unknown(name, arguments, tuple(self.commands))
            return await self._failed(who, where, said, options)
        call = self.call(who, where)
        try:
            values = command.parse(call, arguments)
            return await command.run(call, **values)
        except UnknownAsset as error:
            options = _corrected(name, arguments, error)
            return await self._failed(who, where, str(error), options)
        except BadInput as error:
            options = await _openings(call, command, arguments)
            return await self._failed(who, where, str(error), options)

    async def _failed(
        self, who: Person, where: Recipient, sentence: str, options: Options = ()
    ) -> Reply:
        """What went wrong, marked as every message of a simulated market is."""
        try:
            market = await made_up(self.call(who, where))
        except Exception as error:  # noqa: BLE001  its cause has been said or logged
            log.warning("unknown whether the market is simulated reason=%s", type(error).__name__)
            market = ()
        return _failure(*market, Text(sentence), *([Choices(options)] if options else []))


def _failure(*blocks: Block) -> Reply:
    return Reply(blocks, error=True)


def _unknown(name: str, arguments: str, known: tuple[str, ...]) -> tuple[str, Options]:
    close = get_close_matches(name, known, n=1, cutoff=0.5)
    said = f"I don't know /{name[:32]}." if name else "That was not a command."
    if not close:
        return f"{said} /help lists what I can do.", (("Help", "help"),)
    meant = f"{close[0]} {arguments}".strip()
    return f"{said} Did you mean /{meant[:60]}?", _fitting((f"/{meant}", meant))


def _corrected(name: str, arguments: str, error: UnknownAsset) -> Options:
    if error.meant is None:
        return ()
    words = [error.meant if word == error.asset else word for word in split(arguments)]
    line = " ".join([name, *words])
    return _fitting((f"/{line}", line))


async def _openings(call: Call, command: Command, arguments: str) -> Options:
    """Buttons for the argument that was missing (menus send bare commands) or not understood."""
    words = split(arguments)
    parameters = command.parameters
    if not parameters:
        return ()
    at = min(max(len(words) - 1, 0), len(parameters) - 1)
    given = {each.name: word for each, word in zip(parameters[:at], words, strict=False)}
    offered = await parameters[at].kind.offer(call, given, "")
    lines = ((each, " ".join([command.name, *given.values(), each])) for each in offered[:CHOICES])
    return _fitting(*lines)


def _fitting(*options: tuple[str, str]) -> Options:
    """Only lines that fit into a button on every platform."""
    return tuple(each for each in options if len(each[1].encode(errors="replace")) <= BUTTON_BYTES)
