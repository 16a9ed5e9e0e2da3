"""The whole wizard by keyboard alone, and none of its steps with a fault of accessibility.

What becomes of the registrations that it adds, for each LMS, is in `test_every_lms`.
"""

from __future__ import annotations

from collections.abc import Generator

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, BrowserContext, Page, expect

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


def faults(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{each['id']}: {node['html']}" for each in found for node in each["nodes"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_axe_finds_nothing_on_any_step(
    place: Place, scripted: BrowserContext, scheme: str, width: int
) -> None:
    page = scripted.new_page()
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.set_viewport_size({"width": width, "height": 900})
    draft = place.gateway.drafts.begin(place.ada, {"tool": "hello", "name": "x" * 90})
    draft = place.gateway.drafts.save(
        place.ada,
        draft.id,
        {"platform": "moodle", "issuer": "http://moodle.example/", "client_id": "y" * 200},
        step=5,
        version=draft.version,
    )
    address = f"/portal/drafts/{draft.id}"
    found = []

    for path in ("/portal/registrations/new", *(f"{address}/{step}" for step in range(1, 6))):
        page.goto(path)
        found += [f"{path}: {each}" for each in faults(page)]
        sideways = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        if sideways:
            found.append(f"{path}: scrolls sideways by {sideways}")
    page.goto(f"{address}/4")
    page.get_by_role("button", name="Review and add").last.click()
    expect(page.get_by_role("alert")).to_be_visible()
    found += faults(page)
    place.gateway.drafts.delete(place.ada, draft.id)

    assert found == []
