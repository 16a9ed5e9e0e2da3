"""A whole demo, as `make demo` starts it, and a Chromium to click through it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.support.mortal import mortal
from tests.support.requirements import find_chromium

# Every process of a journey may share one processor with other journeys.
expect.set_options(timeout=20_000)

# Each of pytest's workers has a demo of its own; the demo passes over ports that are taken.
_FIRST_PORT = 8100 + 20 * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))


@pytest.fixture(scope="session")
def lms(tmp_path_factory: pytest.TempPathFactory) -> Generator[str]:
    """The address of the simulated LMS: the first line that the demo prints."""
    with running_demo(tmp_path_factory.mktemp("demo")) as demo:
        assert demo.stdout is not None
        yield demo.stdout.readline().strip()
        demo.terminate()
        demo.wait(20)


def running_demo(folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        mortal(
            *(sys.executable, "-c", "from gatelodge.cli import main; main()"),
            *("demo", "--port", str(_FIRST_PORT)),
        ),
        cwd=folder,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.fixture(scope="module")
def chromium() -> Generator[Browser]:
    """For one module, since no test of another one can run an event loop while Playwright runs its own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def context(chromium: Browser, lms: str) -> Generator[BrowserContext]:
    """A browser that has never been here: no cookies, nobody signed in."""
    context = chromium.new_context(base_url=lms, reduced_motion="reduce")
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()
