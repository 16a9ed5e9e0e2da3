from __future__ import annotations

from collections.abc import Callable, Generator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.support.requirements import find_chromium
from tests.web.pages.serving import Site, serving

OpenPage = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Generator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=find_chromium(), args=["--no-sandbox"]
        )
        yield chromium
        chromium.close()


@pytest.fixture
def site() -> Generator[Site]:
    with serving() as site:
        yield site


@pytest.fixture
def open_page(browser: Browser) -> Generator[OpenPage]:
    """Opens an empty page of a given size; at the end nothing must have been blocked or missing."""
    complaints: list[str] = []
    contexts = []

    def open_page(width: int, height: int, **options: object) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            reduced_motion="reduce",
            **options,  # type: ignore[arg-type]
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []
