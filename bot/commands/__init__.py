"""One command per file; the list stands here and nowhere else."""

from __future__ import annotations

from bot.command import Command
from bot.commands import expiries, follow, gex, help, levels, start, status, unfollow  # noqa: A004

COMMANDS: tuple[Command, ...] = (
    gex.COMMAND,
    levels.COMMAND,
    expiries.COMMAND,
    follow.COMMAND,
    unfollow.COMMAND,
    status.COMMAND,
    start.COMMAND,
    help.COMMAND,
)
