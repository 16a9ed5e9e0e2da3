"""Fixtures: a database with the newest schema, once as a SQLite file and once on PostgreSQL.

A room of tests takes them into its conftest.py by importing them: `from tests.support.databases import *`.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gatelodge.storage.database import Database
from tests.support.postgres import Postgres, emptied, postgres_of_this_process, upgrade

__all__ = [
    "address",
    "database",
    "empty_address",
    "kind",
    "postgres",
    "postgres_address",
    "postgres_template",
    "sqlite_template",
]

if TYPE_CHECKING:
    from _pytest.fixtures import SubRequest

BOTH = (
    pytest.param("sqlite", id="sqlite"),
    pytest.param("postgresql", id="postgresql", marks=pytest.mark.postgresql),
)


@pytest.fixture(scope="session")
def postgres() -> Postgres:
    """Every room has this fixture for itself; the server is the same."""
    return postgres_of_this_process()


@pytest.fixture(scope="session")
def postgres_template(postgres: Postgres) -> str:
    return postgres.upgraded_template()


@pytest.fixture(scope="session")
def postgres_address(postgres: Postgres, postgres_template: str) -> Iterator[str]:
    """One database for all tests of a process: emptying it is quicker than making another."""
    with postgres.new_database(template=postgres_template) as address:
        yield address


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "gatelodge.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(params=BOTH)
def kind(request: SubRequest) -> str:
    return str(request.param)


@pytest.fixture
def empty_address(kind: str, request: SubRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without tables."""
    if kind == "sqlite":
        yield f"sqlite:///{tmp_path}/gatelodge.db"
        return
    with request.getfixturevalue("postgres").new_database() as address:
        yield address


@pytest.fixture
def address(kind: str, request: SubRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database with the newest schema and nothing in it."""
    if kind == "sqlite":
        shutil.copyfile(request.getfixturevalue("sqlite_template"), tmp_path / "gatelodge.db")
        yield f"sqlite:///{tmp_path}/gatelodge.db"
        return
    own = request.getfixturevalue("postgres_address")
    yield own
    emptied(own)


@pytest.fixture
def database(address: str) -> Iterator[Database]:
    database = Database.open(address)
    yield database
    database.close()
