"""The whole wizard by keyboard alone.

What becomes of the registrations that it adds, for each LMS, is in `test_every_lms`.
"""

from __future__ import annotations

from collections.abc import Generator

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tests.journeys.campus import Place, opened

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Generator[Place]:
    with opened(tmp_path_factory.mktemp("campus")) as place:
        yield place


@pytest.fixture
def scripted(chromium: Browser, place: Place) -> Generator[BrowserContext]:
    context = chromium.new_context(base_url=place.address, reduced_motion="reduce")
    place.sign_in(context)
    yield context
    context.close()


def test_the_whole_wizard_works_by_keyboard_alone(place: Place, scripted: BrowserContext) -> None:
    page = scripted.new_page()
    page.goto("/portal/registrations/new")

    def tab_to(selector: str) -> None:
        for _ in range(120):
            if page.evaluate("selector => document.activeElement?.matches(selector)", selector):
                return
            page.keyboard.press("Tab")
        raise AssertionError(f"the keyboard doesn't reach {selector}")

    tab_to("input[name=tool]")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Name it")).to_be_visible()
    tab_to("#name")
    page.keyboard.type("By keyboard")
    tab_to("input[name=platform]")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Copy these keys into Canvas")).to_be_visible()
    tab_to("button.primary")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="LMS provided registration keys")).to_be_visible()
    tab_to("#client_id")
    page.keyboard.type("10000000000042")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Review and add")).to_be_visible()
    tab_to("button.primary")
    page.keyboard.press("Enter")

    expect(page.get_by_text("“By keyboard” has been added.")).to_be_visible()
