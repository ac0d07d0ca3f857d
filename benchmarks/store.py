"""What storing and reading costs, beside one row a contract, in the same run on the same disk.

Writing: 150 chains of 300 contracts, one transaction each. "Ours" also stores the snapshot, its
levels and its sums by strike; blobs alone and rows store just the contracts.
Reading: the newest snapshot, and the raw chain, of an asset with 20,000 contracts.
"""

from __future__ import annotations

import asyncio
import json
import platform
import sqlite3
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from sqlalchemy import Engine, insert
from sqlmodel import Field, Session, SQLModel, create_engine, select

from benchmarks.payload import ASOF, cboe
from engine.analyse import analyse
from engine.domain import COLUMNS, Chain, Snapshot
from engine.settings import EngineSettings
from jobs.providers.cboe import Cboe
from jobs.store import Simulated, Store
from jobs.store.archive import pack_chain

ASSETS, CONTRACTS, LARGE = 150, 300, 20_000
ROUNDS = 7
RESULTS = Path(__file__).parent / "results" / "store.json"


class ContractRow(SQLModel, table=True):
    """The plain way: every contract of every chain is a row."""

    id: int | None = Field(default=None, primary_key=True)
    asset: str = Field(index=True)
    root: str
    settlement: int
    strike: float
    is_call: bool
    oi: float | None
    volume: float | None
    bid: float | None
    ask: float | None
    iv: float | None
    multiplier: float
    forward: float | None


class BlobRow(SQLModel, table=True):
    """Our way without the snapshot: a chain is one packed value."""

    id: int | None = Field(default=None, primary_key=True)
    asset: str = Field(index=True)
    content: bytes


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        found = measure(Path(folder))
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(found, indent=2) + "\n")
    for name, value in found.items():
        print(f"{name:48} {value}")


def measure(folder: Path) -> dict[str, Any]:
    settings = EngineSettings()
    small = Cboe.recorded([("small.json", cboe(CONTRACTS, expiries=6))], "SPX", ASOF)
    large = Cboe.recorded([("large.json", cboe(LARGE))], "SPX", ASOF)
    chains = [replace(small, asset=f"A{n:03}") for n in range(ASSETS)]
    snapshot, big = analyse(small, settings), analyse(large, settings)
    pairs = [(replace(snapshot, asset=each.asset), each) for each in chains]

    store = Store(f"sqlite:///{folder}/ours.db", simulated=Simulated.never())
    wrote, ours = asyncio.run(with_blobs(store, pairs, big, large))
    blob = with_plain(folder / "blob.db", chains, insert_blob)
    orm = with_plain(folder / "orm.db", [large, *chains], add_rows)
    core = with_plain(folder / "core.db", chains, insert_rows)
    orm_read, orm_size = read_rows(folder / "orm.db")
    contracts = sum(map(len, chains))
    return {
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "contracts written": contracts,
        "write, ours [s]": round(wrote, 3),
        "write, blobs alone [s]": round(blob, 3),
        "write, ORM rows [s]": round(orm, 3),
        "write, Core rows [s]": round(core, 3),
        "write, ORM rows / ours": round(orm / wrote, 1),
        "write, Core rows / ours": round(core / wrote, 1),
        "write, ORM rows / blobs alone": round(orm / blob, 1),
        "write, Core rows / blobs alone": round(core / blob, 1),
        "chain on disk, ours, 300 [bytes/contract]": round(_bytes_each(small), 2),
        "chain on disk, ours, 20,000 [bytes/contract]": round(_bytes_each(large), 2),
        "chain on disk, rows [bytes/contract]": round(orm_size / (contracts + len(large)), 1),
        "read newest snapshot of 20,000, ours [ms]": round(1e3 * ours["latest"], 2),
        "read chain of 20,000, ours [ms]": round(1e3 * ours["chain"], 2),
        "read chain of 20,000, ORM rows [ms]": round(1e3 * orm_read, 1),
        "read, ORM rows / newest snapshot": round(orm_read / ours["latest"], 1),
        "read, ORM rows / chain": round(orm_read / ours["chain"], 1),
    }


def _bytes_each(chain: Chain) -> float:
    return len(pack_chain(chain)) / len(chain)


async def with_blobs(
    store: Store, pairs: list[tuple[Snapshot, Chain]], big: Snapshot, large: Chain
) -> tuple[float, dict[str, float]]:
    await store.upgrade()
    await store.save(big, large, ())
    started = perf_counter()
    for snapshot, chain in pairs:
        await store.save(snapshot, chain, ())
    wrote = perf_counter() - started
    took = {
        "latest": await _typical(lambda: store.latest("SPX")),
        "chain": await _typical(lambda: store.chain(big)),
    }
    await store.close()
    return wrote, took


async def _typical(work: Callable[[], Awaitable[Any]]) -> float:
    took = []
    for _ in range(ROUNDS):
        started = perf_counter()
        await work()
        took.append(perf_counter() - started)
    return median(took)


def with_plain(file: Path, chains: list[Chain], add: Callable[[Session, Chain], None]) -> float:
    """Seconds to write the last 150 of the chains."""
    engine = create_engine(f"sqlite:///{file}")
    with engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA journal_mode = WAL")
        connection.exec_driver_sql("PRAGMA synchronous = NORMAL")
        for name in ("contractrow", "blobrow"):
            SQLModel.metadata.tables[name].create(connection)
    for chain in chains[:-ASSETS]:
        _transaction(engine, chain, add)
    started = perf_counter()
    for chain in chains[-ASSETS:]:
        _transaction(engine, chain, add)
    took = perf_counter() - started
    engine.dispose()
    return took


def read_rows(file: Path) -> tuple[float, int]:
    """Seconds to read the large chain, bytes of the file."""
    engine = create_engine(f"sqlite:///{file}")
    read = median(_read(engine) for _ in range(ROUNDS))
    engine.dispose()
    return read, file.stat().st_size


def _transaction(engine: Engine, chain: Chain, add: Callable[[Session, Chain], None]) -> None:
    with Session(engine) as session, session.begin():
        add(session, chain)


def add_rows(session: Session, chain: Chain) -> None:
    session.add_all(ContractRow(**row) for row in _rows(chain))


def insert_rows(session: Session, chain: Chain) -> None:
    session.execute(insert(ContractRow), list(_rows(chain)))


def insert_blob(session: Session, chain: Chain) -> None:
    session.execute(insert(BlobRow), {"asset": chain.asset, "content": pack_chain(chain)})


def _rows(chain: Chain) -> Iterator[dict[str, Any]]:
    columns = [getattr(chain, name).tolist() for name in COLUMNS]
    for values in zip(*columns, strict=True):
        known = (None if value != value else value for value in values)  # noqa: PLR0124
        yield {"asset": chain.asset, **dict(zip(COLUMNS, known, strict=True))}


def _read(engine: Engine) -> float:
    started = perf_counter()
    with Session(engine) as session:
        rows = session.exec(select(ContractRow).where(ContractRow.asset == "SPX")).all()
        assert len(rows) > LARGE * 0.9
    return perf_counter() - started


if __name__ == "__main__":
    main()
