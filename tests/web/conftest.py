from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.support.browsers import Browser, browsing
from tests.support.campuses import *  # noqa: F403
from tests.support.databases import *  # noqa: F403
from tests.support.gateways import Campus


@pytest_asyncio.fixture
async def browser(campus: Campus) -> AsyncIterator[Browser]:
    """Mia's, without cookies."""
    async with browsing(campus) as browser:
        yield browser
