from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from gatelodge.outbound.client import OutboundClient
from tests.outbound.certificates import Authority


@pytest_asyncio.fixture
async def client() -> AsyncIterator[OutboundClient]:
    """May call this machine in plain http."""
    client = OutboundClient(allow=["127.0.0.1"], development=True, max_bytes=10_000)
    yield client
    await client.aclose()


@pytest.fixture(scope="session")
def authority() -> Authority:
    return Authority.make()
