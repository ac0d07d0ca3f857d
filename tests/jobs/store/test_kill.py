from __future__ import annotations

import asyncio
import random
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from jobs.store import Simulated, Store
from jobs.store.database import address, make_engine
from tests.jobs.store.doomed import LIVES, RECIPIENTS, send
from tests.samples import NOON

pytestmark = pytest.mark.anyio
ROOT = Path(__file__).parents[3]

ORPHANS = {
    "signals without their snapshot": """
        SELECT count(*) FROM signal WHERE snapshot_id NOT IN (SELECT id FROM snapshot)""",
    "snapshots without their chain": """
        SELECT count(*) FROM snapshot WHERE id NOT IN (SELECT snapshot_id FROM chain)""",
    "snapshots without their signal": """
        SELECT count(*) FROM snapshot WHERE id NOT IN (SELECT snapshot_id FROM signal)""",
    "signals with some of their deliveries": """
        SELECT count(*) FROM (
            SELECT signal.id FROM signal LEFT JOIN delivery ON signal_id = signal.id
            GROUP BY signal.id HAVING count(delivery.id) NOT IN (0, 5)) AS partial""",
    "deliveries doubled": """
        SELECT count(*) FROM (
            SELECT 1 FROM delivery JOIN signal ON signal.id = signal_id
            GROUP BY rule, asset, venue, asof, platform, chat, thread
            HAVING count(*) > 1) AS doubled""",
    "deliveries not sent": "SELECT count(*) FROM delivery WHERE state <> 'sent'",
}


async def test_a_service_killed_at_any_moment_loses_and_doubles_nothing(
    url: str, tmp_path: Path
) -> None:
    accepted = tmp_path / "accepted"
    accepted.touch()
    seed = random.randrange(1_000_000)
    store = Store(url, simulated=Simulated.never())
    await store.upgrade()
    for recipient in RECIPIENTS:
        await store.follow(recipient, "BTC", NOON)
    await store.close()
    command = [sys.executable, "-m", "tests.jobs.store.doomed", url, str(accepted), str(seed)]
    ended = await asyncio.to_thread(
        subprocess.run, command, cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert ended.returncode == 0, f"seed {seed}: {ended.stderr}"

    end = NOON + timedelta(days=1)
    while claimed := await store.claim(["telegram"], 500, end):
        await send(store, claimed, accepted)
    status = await store.status()
    await store.close()
    assert status.snapshots >= LIVES * 5 // 6
    assert status.alerts_pending == status.alerts_failed == 0

    assert await asyncio.to_thread(faults, url) == {}, f"seed {seed}"
    sent = [line.split() for line in accepted.read_text().splitlines()]
    repeats = Counter(number for number, again in sent if again == "False")
    assert set(repeats.values()) == {1}, f"seed {seed}: repeated without saying so"
    assert len({number for number, _ in sent}) == 5 * status.snapshots, f"seed {seed}: lost"


def faults(url: str) -> dict[str, int]:
    engine = make_engine(address(url))
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            assert connection.execute(text("PRAGMA integrity_check")).scalar() == "ok"
            assert connection.execute(text("PRAGMA foreign_key_check")).first() is None
        counted = {name: int(connection.scalar(text(query))) for name, query in ORPHANS.items()}
    engine.dispose()
    return {name: number for name, number in counted.items() if number}
