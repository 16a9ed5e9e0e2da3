from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.campuses import *  # noqa: F403
from tests.support.clock import Clock
from tests.support.databases import *  # noqa: F403
from tests.support.gateways import Campus, open_campus
from tests.support.lms import Lms


@pytest.fixture
def campus_today(address: str, lmss: tuple[Lms, Lms], tmp_path: Path) -> Iterator[Campus]:
    """For processes, which have the machine's clock; once on SQLite and once on PostgreSQL."""
    campus = open_campus(address, tmp_path, *lmss, clock=Clock(time.time())).settle()
    yield campus
    campus.gateway.close()
