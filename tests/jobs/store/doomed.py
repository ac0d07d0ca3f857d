"""A service that is killed again and again: run by test_kill as its own process.

The parent forks; the child saves, claims and sends as fast as it can until SIGKILL comes.
What a platform would have accepted is appended to a file before the store is told.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
import time
from collections.abc import Sequence
from itertools import count
from pathlib import Path

from engine.service import Delivery, Recipient
from jobs.store import Simulated, Store
from jobs.store.database import address
from jobs.store.outbox import LEASE
from jobs.store.upgrade import upgrade
from tests.jobs.store.makers import MINUTE, make_signal
from tests.samples import NOON, make_chain, make_snapshot

RECIPIENTS = tuple(Recipient("telegram", str(n)) for n in range(5))
LIVES = 18


async def live(url: str, life: int, accepted: Path, born: int) -> None:
    """Never returns; `now` jumps two leases per life, so that what was left behind is found."""
    store = Store(url, simulated=Simulated.never())
    await store.upgrade()
    now = NOON + life * 2 * LEASE
    for step in count():
        asof = NOON + (life * 10_000 + step) * MINUTE
        snapshot, chain = make_snapshot(asof=asof), make_chain(asof=asof)
        for _ in range(2):
            await store.save(snapshot, chain, [make_signal(snapshot)])
        os.write(born, b".")
        for recipient in RECIPIENTS:
            await store.follow(recipient, "BTC", now)
        await send(store, await store.claim(["telegram"], 7, now), accepted)


async def send(store: Store, claimed: Sequence[Delivery], accepted: Path) -> None:
    for delivery in claimed:
        with accepted.open("a") as platform:
            platform.write(f"{delivery.id} {delivery.again}\n")
        await store.sent(delivery, "receipt", NOON)


def main(url: str, accepted: Path, seed: int) -> None:
    """Most lives end at some moment after their first save, every sixth one before it."""
    upgrade(address(url))
    chance = random.Random(seed)
    for life in range(LIVES):
        born, told = os.pipe()
        child = os.fork()
        if child == 0:
            asyncio.run(live(url, life, accepted, told))
        os.close(told)
        if life % 6:
            os.read(born, 1)
        time.sleep(chance.uniform(0, 0.15))
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        if os.WTERMSIG(status) != signal.SIGKILL:
            sys.exit(f"life {life} ended by itself")
        os.close(born)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
