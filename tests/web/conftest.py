from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.support.browsers import Browser, browsing
from tests.support.campuses import (
    campus,
    campus_on_both,
    campus_with,
    lmss,
    served_lmss,
    settled,
)
from tests.support.databases import (
    address,
    kind,
    postgres,
    postgres_template,
    sqlite_template,
)
from tests.support.gateways import Campus

__all__ = [
    "address",
    "campus",
    "campus_on_both",
    "campus_with",
    "kind",
    "lmss",
    "postgres",
    "postgres_template",
    "served_lmss",
    "settled",
    "sqlite_template",
]


@pytest_asyncio.fixture
async def browser(campus: Campus) -> AsyncIterator[Browser]:
    """Mia's, without cookies."""
    async with browsing(campus) as browser:
        yield browser
