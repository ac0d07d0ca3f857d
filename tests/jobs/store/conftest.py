"""The same tests run on SQLite and, where a server is named, on PostgreSQL."""

from __future__ import annotations

import os
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from jobs.store import Simulated, Store

SERVER = "GEXWIRE_TEST_POSTGRES"

Opener = Callable[[Simulated], Awaitable[Store]]


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database that is this test's own."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/data/gexwire.db"
    else:
        yield from _schema()


def _schema() -> Iterator[str]:
    server = os.environ.get(SERVER)
    if not server:
        pytest.skip(f"no PostgreSQL server is named by {SERVER}")
    import psycopg

    schema = f"gexwire_{uuid.uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {schema}".encode())
    try:
        yield f"{server}{'&' if '?' in server else '?'}options={quote(f'-csearch_path={schema}')}"
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"DROP SCHEMA {schema} CASCADE".encode())


@pytest.fixture
async def opened(url: str) -> AsyncIterator[Opener]:
    """Opens the test's database under a policy; every store is closed at the end."""
    stores: list[Store] = []

    async def opener(simulated: Simulated) -> Store:
        store = Store(url, simulated=simulated)
        stores.append(store)
        await store.upgrade()
        return store

    yield opener
    for store in stores:
        await store.close()


@pytest.fixture
async def store(opened: Opener) -> Store:
    return await opened(Simulated.never())
