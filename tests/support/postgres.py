"""A real PostgreSQL for tests: the one named in GATELODGE_TEST_POSTGRES_URL, or one of this process alone."""

from __future__ import annotations

import atexit
import hashlib
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from uuid import uuid4

import psycopg
from sqlalchemy import make_url

from gatelodge.storage import migrations, schema
from gatelodge.storage.database import Database
from gatelodge.storage.tables import metadata
from tests.support.postgres_server import own_server
from tests.support.requirements import POSTGRES

# Tests may lose what was written last when the power fails.
_IN_A_HURRY = ("fsync", "synchronous_commit", "full_page_writes")
_VERSION = "catalogue_version"
_SEND_OTHERS_AWAY = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
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


@cache
def postgres_of_this_process() -> Postgres:
    if named := os.environ.get(POSTGRES):
        url = make_url(named).set(drivername="postgresql")
        return Postgres(url.render_as_string(hide_password=False))
    running = ExitStack()
    server = running.enter_context(own_server(**dict.fromkeys(_IN_A_HURRY, "off")))
    atexit.register(running.close)
    return Postgres(server.address)
