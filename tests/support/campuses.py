"""Fixtures: a settled campus on SQLite, and one on each of the databases.

A room of tests takes them into its conftest.py by importing them, with those of `tests.support.databases`:
`from tests.support.campuses import *`.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest

from tests.support.clock import Clock
from tests.support.gateways import Campus, open_campus, settled_file
from tests.support.lms import Lms, serving

__all__ = [
    "campus",
    "campus_on_both",
    "campus_today",
    "campus_with",
    "lmss",
    "served_lmss",
    "settled",
]


class OpenCampus(Protocol):
    """Opens a settled campus on SQLite with settings of the test's own."""

    def __call__(self, **settings: Any) -> Campus: ...


@pytest.fixture(scope="session")
def served_lmss() -> Iterator[tuple[Lms, Lms]]:
    """Northfield's and Southbank's; both number their people and courses from one on."""
    southbank = Lms(issuer="https://lms.southbank.example", client_id="client-2", keys=["second"])
    with serving(Lms()) as north, serving(southbank) as south:
        yield north, south


@pytest.fixture
def lmss(served_lmss: tuple[Lms, Lms]) -> tuple[Lms, Lms]:
    for each, key in zip(served_lmss, ("first", "second"), strict=True):
        each.renew(key)
    return served_lmss


@pytest.fixture(scope="session")
def settled(
    served_lmss: tuple[Lms, Lms], sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, str]:
    return settled_file(sqlite_template, tmp_path_factory.mktemp("settled"), *served_lmss)


@pytest.fixture
def campus_with(
    settled: tuple[Path, str], lmss: tuple[Lms, Lms], tmp_path: Path
) -> Iterator[OpenCampus]:
    path, secret = settled
    opened: list[Campus] = []

    def open_one(**settings: Any) -> Campus:
        directory = tmp_path / f"campus-{len(opened)}"
        directory.mkdir()
        shutil.copyfile(path, directory / "gatelodge.db")
        address = f"sqlite:///{directory}/gatelodge.db"
        campus = open_campus(address, directory, *lmss, **settings)
        campus.hello_secret = secret
        opened.append(campus)
        return campus

    yield open_one
    for each in opened:
        each.gateway.close()


@pytest.fixture
def campus(campus_with: OpenCampus) -> Campus:
    """On SQLite."""
    return campus_with()


@pytest.fixture
def campus_on_both(address: str, lmss: tuple[Lms, Lms], tmp_path: Path) -> Iterator[Campus]:
    """Once on SQLite and once on PostgreSQL."""
    campus = open_campus(address, tmp_path, *lmss).settle()
    yield campus
    campus.gateway.close()


@pytest.fixture
def campus_today(address: str, lmss: tuple[Lms, Lms], tmp_path: Path) -> Iterator[Campus]:
    """For processes, which have the machine's clock; once on SQLite and once on PostgreSQL."""
    campus = open_campus(address, tmp_path, *lmss, clock=Clock(time.time())).settle()
    yield campus
    campus.gateway.close()
