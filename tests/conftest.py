"""What every test can use."""

from __future__ import annotations

import pytest

from tests.support.counts import CountsAtTheEnd
from tests.support.hangs import NothingHangs
from tests.support.requirements import MissingRequirements


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(MissingRequirements(), "missing-requirements")
    config.pluginmanager.register(CountsAtTheEnd(), "counts")
    config.pluginmanager.register(NothingHangs(), "nothing-hangs")
