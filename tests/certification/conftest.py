from __future__ import annotations

import json
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.certification.payloads import DEEP_LINKING, STUDENT, TEACHER
from tests.certification.suite import AUTHORIZATION, CLIENT_ID, ISSUER, Claims, Suite, key_set
from tests.support.browsers import browsing
from tests.support.campuses import *  # noqa: F403
from tests.support.databases import *  # noqa: F403
from tests.support.gateways import Campus, open_campus
from tests.support.lms import Lms


@pytest.fixture(scope="session")
def certified(
    settled: tuple[Path, str],
    served_lmss: tuple[Lms, Lms],
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """A database to which the platform of the suite has been added."""
    directory = tmp_path_factory.mktemp("certified")
    path = directory / "gatelodge.db"
    shutil.copyfile(settled[0], path)
    campus = open_campus(f"sqlite:///{path}", directory, *served_lmss)
    campus.register(
        name="Certification",
        platform="other",
        issuer=ISSUER,
        client_id=CLIENT_ID,
        authorization_url=AUTHORIZATION,
        token_url=f"{ISSUER}/oauth/token",
        deployment_ids=("deployment-A",),
    )
    campus.gateway.close()
    return path


@pytest.fixture
def campus(
    certified: Path, settled: tuple[Path, str], lmss: tuple[Lms, Lms], tmp_path: Path
) -> Iterator[Campus]:
    shutil.copyfile(certified, tmp_path / "gatelodge.db")
    # Its server is only where the suite's own key set is fetched from.
    lmss[0].body = key_set()
    campus = open_campus(f"sqlite:///{tmp_path}/gatelodge.db", tmp_path, *lmss)
    campus.hello_secret = settled[1]
    yield campus
    campus.gateway.close()


@pytest_asyncio.fixture
async def suite(campus: Campus) -> AsyncIterator[Suite]:
    async with browsing(campus) as browser:
        yield Suite(campus, browser.http)


@pytest.fixture
def teacher() -> Claims:
    return read(TEACHER)


@pytest.fixture
def student() -> Claims:
    return read(STUDENT)


@pytest.fixture
def deep_linking() -> Claims:
    return read(DEEP_LINKING)


@pytest.fixture(params=[TEACHER, STUDENT], ids=["teacher", "student"])
def payload(request: pytest.FixtureRequest) -> Claims:
    """Each in turn."""
    return read(request.param)


def read(payload: str) -> Claims:
    claims: Claims = json.loads(payload)
    return claims
