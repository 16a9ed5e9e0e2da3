from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.endurance.scale import FULL
from tests.support.campuses import *  # noqa: F403
from tests.support.clock import Clock
from tests.support.counts import COUNTS
from tests.support.databases import *  # noqa: F403
from tests.support.gateways import Campus, open_campus
from tests.support.lms import Lms
from tests.support.postgres import upgrade
from tests.support.postgres_server import Server, own_server

HERE = Path(__file__).parent
A_FULL_TEST = pytest.mark.wall_limit(1200)
"""Each takes minutes, and more on a busy machine."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for each in items:
        if FULL and each.path.is_relative_to(HERE):
            each.add_marker(A_FULL_TEST)


@pytest.fixture
def report(request: pytest.FixtureRequest) -> Callable[[object], None]:
    """Counts that are printed at the end of the run."""

    def add(counts: object) -> None:
        request.node.user_properties.append((COUNTS, f"{request.node.name}: {counts}"))

    return add


@pytest.fixture
def server() -> Iterator[Server]:
    """A PostgreSQL that may be killed, and whose disk may be full.

    A killed process takes nothing along that it has handed to the system, so that fsync would prove nothing. Files of
    the write-ahead log are small, and nobody tidies up.
    """
    off = dict.fromkeys(("fsync", "full_page_writes", "autovacuum"), "off")
    with own_server("--wal-segsize=1", **off) as server:
        yield server


@pytest.fixture
def campus_on_server(server: Server, lmss: tuple[Lms, Lms], tmp_path: Path) -> Iterator[Campus]:
    upgrade(server.address)
    clock = Clock(time.time())
    campus = open_campus(server.address, tmp_path, *lmss, clock=clock).settle()
    yield campus
    campus.gateway.close()
