"""/help: the command list, or one command in full; made from the commands themselves."""

from __future__ import annotations

from bot.cards.simulated import made_up
from bot.command import Call, Command, CommandName
from bot.reply import Choices, Facts, Reply, Text, Title


async def help_(call: Call, command: CommandName | None = None) -> Reply:
    if command is not None:
        return _one(call.commands[command], *await made_up(call))
    return Reply(
        (
            Title("Commands"),
            *await made_up(call),
            Facts(tuple((each.usage, each.description) for each in call.commands.values())),
            Text("/help COMMAND explains one of them. [Brackets] mark what may be left out."),
        )
    )


def _one(command: Command, *before: Text) -> Reply:
    meanings = tuple(
        (each.name.upper(), each.kind.description + ("" if each.required else " (optional)"))
        for each in command.parameters
    )
    line = command.example.removeprefix("/")
    return Reply(
        (
            Title(command.usage),
            *before,
            Text(command.description + "."),
            Facts((*meanings, ("Example", command.example))),
            Choices(((command.example, line),)),
        )
    )


COMMAND = Command("help", "All commands, or one explained", "/help gex", help_)
