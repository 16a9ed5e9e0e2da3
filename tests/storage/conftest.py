from __future__ import annotations

import pytest

from gatelodge.storage.database import Database
from tests.storage.cast import Cast
from tests.support.databases import *  # noqa: F403


@pytest.fixture
def cast(database: Database) -> Cast:
    """Northfield and Southbank, each with a tool, a platform client, a registration, a deployment."""
    return Cast(database)
