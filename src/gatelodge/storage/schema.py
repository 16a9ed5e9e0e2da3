"""Which schema a database has, and how it gets the newest one.

All steps run in one transaction, behind a lock: of two processes that upgrade at once the second
finds nothing to do. A SQLite file is copied first.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Literal

from sqlalchemy import Connection, create_engine, event, inspect, text
from sqlalchemy.pool import NullPool

from gatelodge.storage.broken import in_our_words
from gatelodge.storage.database import Database
from gatelodge.storage.engine import Engines, begin_with
from gatelodge.storage.errors import NewerSchema, OlderSchema, StorageUnavailable

State = Literal["empty", "current", "older", "newer"]

REVISIONS = ("0001",)
"""Oldest first. They are written down here, too, so that a database that needs nothing is opened
without Alembic, which takes a tenth of a second and 8 MB."""

SCRIPTS = "gatelodge.storage:migrations"

_LOCK_SECONDS = 60
# Any number that nobody else takes in the same database: "gatelodg" in ASCII.
_ADVISORY_LOCK = int.from_bytes(b"gatelodg")


def state(database: Database) -> State:
    return database.read(_state)


def require_current(database: Database) -> None:
    """Raises `OlderSchema` or `NewerSchema`, in a sentence, when the tables are not ours."""
    match state(database):
        case "empty":
            raise OlderSchema("The database has no tables yet.")
        case "older":
            raise OlderSchema("The database has the tables of an earlier version of Gatelodge.")
        case "newer":
            raise NewerSchema("The database has the tables of a later version of Gatelodge.")


def upgrade(database: Database) -> State:
    """Brings the database to the newest schema; returns the state that it was found in."""
    engines = database.engines
    behind_lock = _sqlite_locked if engines.kind == "sqlite" else _postgresql_locked
    with in_our_words(), behind_lock(engines) as connection:
        before = _state(connection)
        if before == "newer":
            raise NewerSchema("The database has the tables of a later version of Gatelodge.")
        if before == "older" and engines.kind == "sqlite":
            _keep_copy(Path(str(engines.url.database)))
        if before != "current":
            _run_steps(connection)
    return before


def newest() -> str:
    return REVISIONS[-1]


def _state(connection: Connection) -> State:
    if not inspect(connection).has_table("alembic_version"):
        return "empty"
    revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if revision is None:
        return "empty"
    if revision == newest():
        return "current"
    return "older" if revision in REVISIONS else "newer"


def _run_steps(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", SCRIPTS)
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


# ---------------------------------------------------------------- one at a time


@contextmanager
def _sqlite_locked(engines: Engines) -> Iterator[Connection]:
    """Foreign keys are looked at when all is done: steps may have to rebuild tables."""
    arguments = {"isolation_level": None, "timeout": _LOCK_SECONDS}
    engine = create_engine(engines.url, connect_args=arguments, poolclass=NullPool)
    event.listen(engine, "begin", begin_with("BEGIN IMMEDIATE"))
    with engine.begin() as connection:
        yield connection
        if connection.exec_driver_sql("PRAGMA foreign_key_check").first():
            raise StorageUnavailable("The database refers to rows that are not there.")


@contextmanager
def _postgresql_locked(engines: Engines) -> Iterator[Connection]:
    with engines.writers.begin() as connection:
        connection.execute(text(f"SET LOCAL lock_timeout = '{_LOCK_SECONDS}s'"))
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
        yield connection


def _keep_copy(path: Path) -> None:
    """Whole or not at all, and as private as the file itself."""
    copy = path.with_name(f"{path.name}.before-{newest()}")
    unfinished = copy.with_name(f"{copy.name}.part")
    try:
        unfinished.unlink(missing_ok=True)
        os.close(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        with closing(sqlite3.connect(path)) as now, closing(sqlite3.connect(unfinished)) as then:
            now.backup(then)
        unfinished.replace(copy)
    except (OSError, sqlite3.Error) as error:
        raise StorageUnavailable(
            f"Nothing was upgraded, because the copy {copy.name!r} cannot be made: {error}."
        ) from error
