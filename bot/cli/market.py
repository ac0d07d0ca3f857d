"""`--demo`, and whether the simulated market is shown."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from bot.cli.settings import Secrets
from jobs import clock
from jobs.store import Simulated

_TICK = timedelta(minutes=1)
"""The simulated market moves by the minute, so its present state may be that much older."""

DemoOption = Annotated[
    bool, typer.Option("--demo", help="Use the simulated market only; no venue is asked")
]


def simulated(*, demo: bool, secrets: Secrets) -> Simulated:
    """Only when asked for; as a stand-in only where no chat platform could take it for real."""
    if demo:
        return Simulated.only()
    if secrets.telegram_token.get_secret_value() or secrets.discord_token.get_secret_value():
        return Simulated.never()
    return Simulated.stand_in(clock.now() - _TICK)
