"""One database: SQLite by default, any SQLAlchemy URL by configuration.

Work is a plain function of a session, run in a thread as one transaction. On SQLite writers
take the lock before they read (BEGIN IMMEDIATE), so that they wait for each other and what
they read cannot change under them; readers never wait (WAL).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

import orjson
import structlog
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DatabaseError,
    DBAPIError,
    IntegrityError,
    OperationalError,
)
from sqlmodel import Session

from engine.errors import BadConfiguration, StoreFailed
from jobs.store.simulated import Simulated

T = TypeVar("T")

BUSY = 10
"""How long a writer of an SQLite file waits for another one; `?timeout=` in the URL. [s]"""
CONNECT = 10
"""How long a server may take to answer; `?connect_timeout=` in the URL. [s]"""

_REASONS = {
    "locked": "another program holds its lock",
    "disk is full": "the disk is full",
    "disk I/O": "the disk fails",
    "readonly": "it cannot be written",
    "unable to open": "its file cannot be opened",
    "malformed": "its file is damaged",
    "not a database": "its file is not a database",
    "authentication": "its server refuses the user or the password",
    "does not exist": "its server has no such database or user",
    "no schema": "its user has no schema to create tables in",
    "permission denied": "its user may not do that",
    "connect": "its server cannot be reached",
    "closed": "its server closed the connection",
}
"""Parts of SQLite's and PostgreSQL's messages, the telling ones first."""

log = structlog.get_logger(__name__)


class Database:
    """Makes sessions; nothing is opened before the first one is used.

    Raises:
        BadConfiguration: the URL cannot be read, or names a database that would be forgotten.
    """

    def __init__(self, url: str, simulated: Simulated) -> None:
        self.url = address(url)
        self.simulated = simulated
        self.engine = make_engine(self.url)
        self._writing = self.engine.execution_options(writing=True)

    def read(self, work: Callable[[Session], T]) -> T:
        return self._run(self.engine, work)

    def write(self, work: Callable[[Session], T]) -> T:
        """One transaction; done again once when another writer put the same row in between."""
        try:
            return self._run(self._writing, work)
        except IntegrityError:
            return self._run(self._writing, work)

    def close(self) -> None:
        self.engine.dispose()

    def _run(self, engine: Engine, work: Callable[[Session], T]) -> T:
        try:
            with Session(engine, expire_on_commit=False) as session, session.begin():
                return work(session)
        except IntegrityError:
            raise
        except DBAPIError as error:
            if not is_outage(error):
                raise
            log.exception("database failed", error=str(error.orig))
            raise StoreFailed(why(error) or "see the log") from error


class Part:
    """What every port of the store is made with; a call is one transaction in a thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def close(self) -> None:
        await asyncio.to_thread(self._database.close)

    async def _read(self, work: Callable[[Session], T]) -> T:
        return await asyncio.to_thread(self._database.read, work)

    async def _write(self, work: Callable[[Session], T]) -> T:
        return await asyncio.to_thread(self._database.write, work)


def address(text: str) -> URL:
    """The URL with psycopg as PostgreSQL's driver, and with a limit to every wait."""
    try:
        url = make_url(text)
    except ArgumentError as error:
        raise BadConfiguration(
            "jobs.store.url: expected a URL like sqlite:///data/gexwire.db"
            " or postgresql://user@host/name, found something else"
        ) from error
    if url.drivername in ("postgresql", "postgres", "postgresql+psycopg"):
        query = {"connect_timeout": str(CONNECT), **url.query}
        return url.set(drivername="postgresql+psycopg", query=query)
    if is_sqlite(url) and (url.database or ":memory:") == ":memory:":
        raise BadConfiguration(
            "jobs.store.url: expected a file, as in sqlite:///data/gexwire.db,"
            " found a database in memory"
        )
    return url.set(query={"timeout": str(BUSY), **url.query}) if is_sqlite(url) else url


def is_sqlite(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"


def make_engine(url: URL, **options: Any) -> Engine:
    try:
        engine = create_engine(
            url,
            json_serializer=_json,
            pool_pre_ping=not is_sqlite(url),
            **options,
        )
    except (ArgumentError, ImportError) as error:
        raise BadConfiguration(
            f"jobs.store.url: expected sqlite or postgresql, found {url.drivername}"
        ) from error
    if is_sqlite(url):
        event.listen(engine, "connect", _prepare)
        event.listen(engine, "begin", _begin)
    return engine


def is_outage(error: DBAPIError) -> bool:
    """Whether the database is to blame: a fault of ours stays a crash, with its trace."""
    broken = isinstance(error, OperationalError) or type(error) is DatabaseError
    return broken or error.connection_invalidated


def why(error: DBAPIError) -> str | None:
    """A reason that holds no path, address or statement; None when it is not a known one."""
    text = str(error.orig)
    return next((reason for part, reason in _REASONS.items() if part in text), None)


def _json(value: Any) -> str:
    """Numbers that are not finite become null: unknown."""
    return orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY).decode()


def _prepare(connection: Any, _: Any) -> None:
    """Per connection; the driver's own transaction handling is switched off for `_begin`."""
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = NORMAL")


def _begin(connection: Connection) -> None:
    writing = connection.get_execution_options().get("writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
