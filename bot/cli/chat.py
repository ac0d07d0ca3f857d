"""`gexwire chat`: the terminal chat, whatever tokens are set."""

from __future__ import annotations

import asyncio

from bot.cli.config import ConfigOption
from bot.cli.exits import exits
from bot.cli.market import DemoOption
from bot.cli.run import serve
from bot.cli.settings import Secrets, load


def chat(demo: DemoOption = False, path: ConfigOption = None) -> None:
    """Answer what is typed here (or piped in), refreshing meanwhile; `quit` leaves."""
    with exits():
        asyncio.run(serve(load(path), Secrets(), demo=demo, terminal=True))
