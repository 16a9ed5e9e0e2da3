from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gatelodge.storage import schema
from gatelodge.storage.database import Database
from tests.services.house import House


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database.open(f"sqlite:///{tmp_path}/gatelodge.db")
    schema.upgrade(database)
    yield database
    database.close()


@pytest.fixture
def empty_house(database: Database) -> House:
    return House(database)


@pytest.fixture
def house(empty_house: House) -> House:
    return empty_house.settle()
