from __future__ import annotations

import pytest

from gatelodge.storage.database import Database
from tests.services.house import House
from tests.support.databases import *  # noqa: F403


@pytest.fixture
def empty_house(database: Database) -> House:
    return House(database)


@pytest.fixture
def house(empty_house: House) -> House:
    return empty_house.settle()
