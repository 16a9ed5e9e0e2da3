from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.campuses import *  # noqa: F403
from tests.support.counts import COUNTS
from tests.support.databases import *  # noqa: F403


@pytest.fixture
def report(request: pytest.FixtureRequest) -> Callable[[object], None]:
    """Counts that are printed at the end of the run."""

    def add(counts: object) -> None:
        request.node.user_properties.append((COUNTS, f"{request.node.name}: {counts}"))

    return add
