from __future__ import annotations

import asyncio
import sqlite3
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

from engine.errors import BadConfiguration, StoreFailed
from jobs.store import Simulated, Store
from jobs.store.database import address, make_engine
from jobs.store.tables import Row
from tests.jobs.store.makers import save

pytestmark = pytest.mark.anyio


def made(url: str) -> Store:
    return Store(url, simulated=Simulated.never())


async def test_the_migrations_make_exactly_the_tables_of_the_models(store: Store, url: str) -> None:
    engine = make_engine(address(url))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Row.metadata) == []
    engine.dispose()


async def test_upgrading_again_keeps_what_is_there(store: Store) -> None:
    snapshot = await save(store)
    await store.upgrade()
    assert (await store.latest("BTC")).asof == snapshot.asof


async def test_processes_that_start_at_once_make_one_database(url: str, tmp_path: Path) -> None:
    start = (
        "import asyncio, sys; from jobs.store import *;"
        "asyncio.run(Store(sys.argv[1], simulated=Simulated.never()).upgrade())"
    )
    command = (sys.executable, "-W", "error", "-c", start, url)
    processes = [
        await asyncio.create_subprocess_exec(*command, cwd=tmp_path, stderr=asyncio.subprocess.PIPE)
        for _ in range(2)
    ]
    for process in processes:
        _, errors = await process.communicate()
        assert process.returncode == 0, errors.decode()
    store = made(url)
    await save(store)
    await store.close()


async def test_a_database_of_a_newer_version_is_refused_and_left_alone(
    store: Store, url: str
) -> None:
    engine = make_engine(address(url)).execution_options(writing=True)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(BadConfiguration) as refused:
        await store.upgrade()
    assert str(refused.value) == (
        "jobs.store.url: expected a database of this gexwire or an older one (schema 0001),"
        " found one of a newer gexwire (schema 9999): update gexwire or name another database"
    )
    with engine.begin() as connection:
        assert (
            connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == "9999"
        )
    engine.dispose()


async def test_a_file_that_is_no_database_is_refused_in_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "notes.db"
    file.write_bytes(b"my notes, not a database\n" * 400)
    with pytest.raises(BadConfiguration) as refused:
        await made(f"sqlite:///{file}").upgrade()
    assert str(refused.value) == (
        "jobs.store.url: expected a database that can be used, but its file is not a database"
    )
    assert file.read_bytes().startswith(b"my notes")


async def test_a_folder_that_cannot_be_made_is_refused_without_naming_it(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(BadConfiguration) as refused:
        await made(f"sqlite:///{tmp_path}/taken/data/gexwire.db").upgrade()
    assert str(tmp_path) not in str(refused.value)
    assert "expected a folder that can be made for the database" in str(refused.value)


async def test_a_server_that_is_not_there_is_told_without_its_password() -> None:
    with pytest.raises(BadConfiguration) as refused:
        await made("postgresql://bot:hunter2@127.0.0.1:1/gexwire").upgrade()
    assert str(refused.value) == (
        "jobs.store.url: expected a database that can be used, but its server cannot be reached"
    )


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("sqlite://", "expected a file, as in sqlite:///data/gexwire.db, found a database in"),
        ("sqlite:///:memory:", "found a database in memory"),
        ("data/gexwire.db", "expected a URL like sqlite:///data/gexwire.db"),
        ("mongodb://localhost/gexwire", "expected sqlite or postgresql, found mongodb"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused(url: str, sentence: str) -> None:
    with pytest.raises(BadConfiguration, match=r"^jobs\.store\.url: ") as refused:
        made(url)
    assert sentence in str(refused.value)


def test_postgresql_is_reached_by_psycopg_and_no_wait_is_without_end() -> None:
    for scheme in ("postgresql", "postgres", "postgresql+psycopg"):
        url = address(f"{scheme}://bot@db/gexwire")
        assert (url.drivername, url.query) == ("postgresql+psycopg", {"connect_timeout": "10"})
    assert address("postgresql://db/x?connect_timeout=3").query["connect_timeout"] == "3"
    assert address("sqlite:///x.db").query == {"timeout": "10"}
    assert address("mysql+pymysql://db/x").query == {}


async def test_an_sqlite_file_is_set_up_for_readers_beside_a_writer(tmp_path: Path) -> None:
    file = tmp_path / "a" / "b" / "gexwire.db"
    store = made(f"sqlite:///{file}")
    await store.upgrade()
    asked = ("journal_mode", "auto_vacuum", "foreign_keys", "synchronous", "busy_timeout")
    with store._database.engine.connect() as connection:
        found = [connection.exec_driver_sql(f"PRAGMA {each}").scalar() for each in asked]
    assert found == ["wal", 2, 1, 1, 10_000]
    await store.close()


async def test_a_database_that_fails_later_is_told_as_such(tmp_path: Path) -> None:
    file = tmp_path / "gexwire.db"
    store = made(f"sqlite:///{file}")
    await store.upgrade()
    await save(store)
    await store.close()
    file.write_bytes(b"not any more")
    with pytest.raises(StoreFailed, match=r"^The database is not answering \(its file is not a d"):
        await store.latest("BTC")
    await store.close()


async def test_a_writer_waits_for_another_program_and_then_says_so(
    tmp_path: Path,
) -> None:
    store = made(f"sqlite:///{tmp_path}/gexwire.db?timeout=0.2")
    await store.upgrade()
    other = sqlite3.connect(tmp_path / "gexwire.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreFailed, match="another program holds its lock"):
        await save(store)
    assert (await store.status()).snapshots == 0
    other.execute("ROLLBACK")
    await save(store)
    other.close()
    await store.close()


async def test_it_waits_for_a_program_that_holds_the_lock(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'gexwire.db'}?timeout=0.05"
    store = made(url)
    await store.upgrade()
    other = sqlite3.connect(tmp_path / "gexwire.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    starting = asyncio.create_task(store.upgrade())
    await asyncio.sleep(0.4)
    assert not starting.done()
    other.close()
    await starting
    await store.close()
