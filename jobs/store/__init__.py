"""Storage: the only package that speaks SQL. It takes and gives values of `engine.domain`."""

from __future__ import annotations

import asyncio

from jobs.store.board import Board
from jobs.store.database import Database
from jobs.store.journal import Journal
from jobs.store.outbox import Outbox
from jobs.store.people import People
from jobs.store.retention import Retention
from jobs.store.simulated import Simulated
from jobs.store.snapshots import Snapshots
from jobs.store.upgrade import upgrade

__all__ = ["Simulated", "Store"]


class Store(Board, People, Outbox, Snapshots, Journal, Retention):
    """One database behind every port; each is written in its own file.

    Args:
        url: An SQLAlchemy URL; the folder of an SQLite file is made when it is missing.
        simulated: Whether rows of the simulated market are shown.

    Raises:
        BadConfiguration: the URL cannot be read. Nothing is opened before `upgrade`.
    """

    def __init__(self, url: str, *, simulated: Simulated) -> None:
        super().__init__(Database(url, simulated))

    async def upgrade(self) -> None:
        """Create or migrate the tables; to be awaited before anything else.

        Raises:
            BadConfiguration: the database cannot be opened, or a newer version has written it.
        """
        await asyncio.to_thread(upgrade, self._database.url)
