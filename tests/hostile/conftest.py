from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.hostile.processes import Running, running
from tests.support.browsers import Browser, browsing
from tests.support.campuses import *  # noqa: F403
from tests.support.databases import *  # noqa: F403
from tests.support.gateways import Campus
from tests.support.lms import Lms

ENOUGH = 250.0
"""Megabytes; a process takes half of it before anybody has come."""


@pytest.fixture(scope="module")
def process(
    sqlite_template: Path,
    served_lmss: tuple[Lms, Lms],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Running]:
    """One `gatelodge serve` for all tests of a file: what one does to it must not hurt the next."""
    directory = tmp_path_factory.mktemp("hostile")
    path = shutil.copyfile(sqlite_template, directory / "gatelodge.db")
    with running(f"sqlite:///{path}", directory, served_lmss) as process:
        yield process
        assert process.failures() == []
        assert process.megabytes() < ENOUGH


@pytest_asyncio.fixture
async def browser(campus: Campus) -> AsyncIterator[Browser]:
    """Mia's, without cookies."""
    async with browsing(campus) as browser:
        yield browser
