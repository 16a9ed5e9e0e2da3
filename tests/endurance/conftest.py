from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.endurance.scale import FULL
from tests.support.campuses import *  # noqa: F403
from tests.support.counts import COUNTS
from tests.support.databases import *  # noqa: F403

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
