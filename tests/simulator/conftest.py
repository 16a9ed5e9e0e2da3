"""One simulated LMS is enough for a module: its keys take a while to make."""

from __future__ import annotations

import pytest

from tests.simulator.lms import Browser


@pytest.fixture(scope="module")
def lms() -> Browser:
    return Browser()


@pytest.fixture
def mia(lms: Browser) -> Browser:
    lms.web.cookies.clear()
    lms.become("3")
    return lms
