"""Bring the database to the tables of this version, whoever else is starting just now."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.pool import NullPool

from engine.errors import BadConfiguration
from jobs.store.database import is_sqlite, make_engine, why

PATIENCE = 30.0
"""How long another process may hold the database while it starts. [s]"""
PAUSE = 0.05
LOCK = 0x67657877697265
"""PostgreSQL advisory lock: "gexwire"."""


def upgrade(url: URL) -> None:
    """Create or migrate; one transaction, one process at a time.

    Raises:
        BadConfiguration: the database cannot be opened, or a newer version has written it.
    """
    if is_sqlite(url):
        _make_folder(Path(str(url.database)))
    engine = make_engine(url, poolclass=NullPool).execution_options(writing=True)
    if is_sqlite(url):
        event.listen(engine, "connect", _prepare_file)
    try:
        _patiently(engine)
    except DBAPIError as error:
        reason = why(error)
        if reason is None:
            raise
        raise BadConfiguration(
            f"jobs.store.url: expected a database that can be used, but {reason}"
        ) from error
    finally:
        engine.dispose()


def _patiently(engine: Engine) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            with engine.connect() as connection:
                return _upgrade(connection)
        except OperationalError as error:
            if "locked" not in str(error.orig) or time.monotonic() > deadline:
                raise
        time.sleep(PAUSE)


def _upgrade(connection: Connection) -> None:
    sqlite = connection.dialect.name == "sqlite"
    with connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
        _migrate(connection)
        if sqlite and connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
            raise BadConfiguration("jobs.store.url: the database has rows whose owners are gone")


def _prepare_file(connection: Any, _: Any) -> None:
    """What a file keeps for good; and no foreign keys while tables are rebuilt."""
    for pragma in ("auto_vacuum = INCREMENTAL", "journal_mode = WAL", "foreign_keys = OFF"):
        connection.execute(f"PRAGMA {pragma}")


def _migrate(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", "jobs.store:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    script = ScriptDirectory.from_config(config)
    known = {each.revision for each in script.walk_revisions()}
    found = set(MigrationContext.configure(connection).get_current_heads())
    if found - known:
        raise BadConfiguration(
            "jobs.store.url: expected a database of this gexwire or an older one"
            f" (schema {script.get_current_head()}), found one of a newer gexwire"
            f" (schema {', '.join(sorted(found - known))}): update gexwire"
            " or name another database"
        )
    command.upgrade(config, "head")


def _make_folder(file: Path) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadConfiguration(
            "jobs.store.url: expected a folder that can be made for the database,"
            f" but {error.strerror or 'it cannot'}"
        ) from error
