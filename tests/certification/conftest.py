from __future__ import annotations

import json
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from gatelodge.storage import key_sets
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
    """A database to which the platform of the suite has been added, with its keys fetched already."""
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
    now, url = campus.clock(), campus.lms.key_set_url
    campus.database.write(
        lambda connection: key_sets.put(
            connection, url, key_set().decode(), fetched_at=now, fresh_until=now + 3600
        )
    )
    campus.gateway.close()
    return path


@pytest.fixture
def campus(
    certified: Path, settled: tuple[Path, str], lmss: tuple[Lms, Lms], tmp_path: Path
) -> Iterator[Campus]:
    """A gateway as in production: nothing is fetched or believed that isn't https."""
    shutil.copyfile(certified, tmp_path / "gatelodge.db")
    address = f"sqlite:///{tmp_path}/gatelodge.db"
    campus = open_campus(address, tmp_path, *lmss, development=False)
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
