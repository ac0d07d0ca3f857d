"""The simulated market, while the store has nothing real and no venue answers.

It begins only after every enabled venue has failed once, is stored under its own venue, and
ends with the first real snapshot: from then on the last good one is shown, with its age.
"""

from __future__ import annotations

from jobs.context import Context
from jobs.tasks.base import Job
from jobs.tasks.refresh import refresh_one

FIRST_CONTACT = 5.0
"""How long a venue may take for its very first answer before the market is stood in for. [s]"""


async def stand_in(context: Context) -> None:
    if await needed(context):
        for asset in context.settings.assets:
            await demo(context, asset)


async def needed(context: Context, within: float = FIRST_CONTACT) -> bool:
    """Whether the simulated market should stand in now; waits for the first contact. [s]"""
    if context.demo is None or await context.store.has_real():
        return False
    return not await context.contact.first(context.venues, within)


async def demo(context: Context, asset: str) -> None:
    """Store one simulated snapshot of the asset."""
    if context.demo is not None:
        context.contact.stood_in()
        await refresh_one(context, context.demo, asset)


JOB = Job(
    name="stand in",
    every=lambda settings: settings.refresh.crypto.every,
    jitter=lambda settings: settings.refresh.crypto.jitter,
    run=stand_in,
)
