"""From a database's address to SQLAlchemy engines, set up so that nothing waits for ever.

SQLite: one connection that writes (BEGIN IMMEDIATE), a few that only read. PostgreSQL: a pool that
looks whether a connection still lives before it hands it out, and a small one without that look
for groups of launches, whose writer reconnects by itself.
"""

import os
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy import exc as sqlalchemy_errors
from sqlalchemy.pool import NullPool

from gatelodge.storage.errors import StorageUnavailable

if TYPE_CHECKING:
    import psycopg

Kind = Literal["sqlite", "postgresql"]
Synchronous = Literal["NORMAL", "FULL"]

# An error of a statement would tell the values in it, and an error that nobody foresaw is logged.
_DISCREET: dict[str, Any] = {"hide_parameters": True}

# What is deleted is overwritten, not just forgotten: 2 us more for each row of a purge. Not where
# launches are written: they delete nothing, and would pay for each page of an index that is divided.
_OVERWRITING = "secure_delete = ON"

# A page that many launches change is copied from the journal into the file once for all of them:
# with a hundred thousand registrations, each launch changes another page of an index. 64 MB, and
# half as much in files of older releases, whose pages are smaller.
_ROOM_TO_WRITE = "wal_autocheckpoint = 8000"

# Bytes. Three launches fill such a page; of SQLite's usual 4096 each would take one for itself, and
# leave a third of it empty. A file keeps the pages that it was made with.
_PAGE = "page_size = 8192"

READERS = 8

# Given to PostgreSQL's client library where the address does not say otherwise: how long to wait
# for a connection, and when one is dead whose other end has gone without a word.
_CLIENT_LIMITS = {
    "connect_timeout": "5",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "15000",
    "application_name": "gatelodge",
}
_SERVER_LIMITS = (
    "SET lock_timeout = {patience};"
    "SET statement_timeout = '30s';"
    "SET idle_in_transaction_session_timeout = '60s'"
)


@dataclass(frozen=True)
class Engines:
    kind: Kind
    url: URL
    readers: Engine
    writers: Engine
    launch_writers: Engine

    def dispose(self) -> None:
        for each in (self.readers, self.writers, self.launch_writers):
            each.dispose()


def open_engines(address: str, *, synchronous: Synchronous, patience: float) -> Engines:
    url = read_address(address)
    if url.get_backend_name() == "sqlite":
        return _open_sqlite(url, synchronous, patience)
    return _open_postgresql(url, patience)


def read_address(address: str) -> URL:
    try:
        url = make_url(address)
    except sqlalchemy_errors.ArgumentError:
        raise _unknown_kind() from None
    match url.drivername:
        case "sqlite" if url.database and url.database != ":memory:":
            return url
        case "postgresql" | "postgres" | "postgresql+psycopg":
            return url.set(drivername="postgresql+psycopg")
    raise _unknown_kind()


def _unknown_kind() -> StorageUnavailable:
    # The address itself may hold a password, and is not shown.
    error = StorageUnavailable("The database's address is neither of SQLite nor of PostgreSQL.")
    error.hint = "Write sqlite:///file.db, sqlite:////folder/file.db or postgresql://..."
    return error


# ---------------------------------------------------------------- SQLite


def _open_sqlite(url: URL, synchronous: Synchronous, patience: float) -> Engines:
    path = Path(str(url.database))
    _make_private(path)
    arguments = {"isolation_level": None, "check_same_thread": False, "timeout": patience}
    shared: dict[str, Any] = _DISCREET | {"max_overflow": 0, "pool_timeout": patience}
    readers = create_engine(url, connect_args=arguments, pool_size=READERS, **shared)
    writer = create_engine(url, connect_args=arguments, pool_size=1, **shared)
    launches = create_engine(url, connect_args=arguments, poolclass=NullPool, **_DISCREET)
    event.listen(readers, "connect", _sqlite_settings("query_only = ON"))
    durable = (f"synchronous = {synchronous}", _ROOM_TO_WRITE)
    event.listen(writer, "connect", _sqlite_settings(*durable, _OVERWRITING))
    event.listen(launches, "connect", _sqlite_settings(*durable))
    event.listen(readers, "begin", begin_with("BEGIN"))
    event.listen(writer, "begin", begin_with("BEGIN IMMEDIATE"))
    return Engines("sqlite", url, readers, writer, launches)


def _make_private(path: Path) -> None:
    """Makes the file where there is none, readable by nobody else; SQLite's others take its mode.

    It appears with its journal settled: two processes that settle it at once would meet a lock
    that SQLite does not wait for.
    """
    if path.exists():
        return
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        os.close(os.open(draft, os.O_CREAT | os.O_RDWR, 0o600))
        with closing(sqlite3.connect(draft)) as connection:
            connection.execute(f"PRAGMA {_PAGE}")
            connection.execute("PRAGMA journal_mode = WAL")
        with suppress(FileExistsError):
            os.link(draft, path)
    except OSError as error:
        raise StorageUnavailable(
            f"The database file {str(path)!r} cannot be made: {error.strerror}."
        ) from error
    finally:
        draft.unlink(missing_ok=True)


def _sqlite_settings(*own: str) -> Callable[[sqlite3.Connection, object], None]:
    def configure(connection: sqlite3.Connection, _record: object) -> None:
        for each in ("journal_mode = WAL", "foreign_keys = ON", "trusted_schema = OFF", *own):
            connection.execute(f"PRAGMA {each}")

    return configure


def empty_journal(writer: Engine) -> None:
    """As far as nobody reads an older state; else the next time does it."""
    # Outside any transaction: SQLAlchemy would begin one.
    with closing(writer.raw_connection()) as connection, closing(connection.cursor()) as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def vacuum(engine: Engine, tables: Iterable[str]) -> None:
    """Let PostgreSQL give up rows that are dead; ``engine`` commits by itself.

    It takes as long as it takes, in no hurry, and passes over a table that somebody has locked.
    """
    with engine.connect() as connection:
        for each in ("statement_timeout = 0", "vacuum_cost_delay = '2ms'"):
            connection.exec_driver_sql(f"SET {each}")
        for table in tables:
            connection.exec_driver_sql(f"VACUUM (SKIP_LOCKED) {table}")


def begin_with(statement: str) -> Callable[[Connection], Any]:
    return lambda connection: connection.exec_driver_sql(statement)


# ---------------------------------------------------------------- PostgreSQL


def _open_postgresql(url: URL, patience: float) -> Engines:
    url = url.update_query_dict({**_CLIENT_LIMITS, **url.query})
    shared: dict[str, Any] = _DISCREET | {"max_overflow": 0, "pool_timeout": patience}
    engine = create_engine(
        url, isolation_level="READ COMMITTED", pool_pre_ping=True, pool_size=READERS, **shared
    )
    launches = create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool, **_DISCREET)
    limits = _SERVER_LIMITS.format(patience=int(patience * 1000))
    for each in (engine, launches):
        event.listen(each, "connect", _postgresql_settings(limits))
    readers = engine.execution_options(postgresql_readonly=True)
    return Engines("postgresql", url, readers, engine, launches)


def _postgresql_settings(limits: str) -> Callable[["psycopg.Connection[Any]", object], None]:
    def configure(connection: "psycopg.Connection[Any]", _record: object) -> None:
        # Outside any transaction, or a rollback would take the settings back.
        before = connection.autocommit
        connection.autocommit = True
        connection.execute(limits)
        connection.autocommit = before

    return configure
