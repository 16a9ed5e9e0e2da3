"""No page in any state has a fault that a machine can find: light and dark, small and wide, mirrored, enlarged."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page

from tests.support.axe import ONLY_COLOURS, ONLY_LAYOUT, faults
from tests.web.pages.conftest import browser
from tests.web.portal.everywhere import STATES, House, State, house
from tests.web.test_standing_cast import EACH_GETS, EVERYBODY_GETS

__all__ = ["browser", "house"]

pytestmark = pytest.mark.browser

NARROW, WIDE = {"width": 320, "height": 800}, {"width": 1440, "height": 900}

# Addresses for machines: what they answer is no page. A refusal in an LMS's frame has tests of its own.
NO_PAGES = (
    "/static/",
    "/tools/",
    "/healthz",
    "/readyz",
    "/metrics",
    "/.well-known/",
    "/lti/",
    "/oauth/",
    "/portal/audit/export.",
    "/portal/data/exports/",
    "/portal/tenants/options",
    "/portal/data/people/{person}/receipt",
    "/portal/problems/{report}/files/",
)


class Desks:
    """A page of each of the cast in each language, which the next state takes over from the last."""

    def __init__(self, house: House, browser: Browser) -> None:
        self._house, self._browser = house, browser
        self._pages: dict[tuple[str, str], Page] = {}

    def page(self, who: str, locale: str) -> Page:
        if (who, locale) not in self._pages:
            context = self._house.enter(self._browser, who, locale=locale, viewport=WIDE)
            self._pages[who, locale] = context.new_page()
        page = self._pages[who, locale]
        page.set_viewport_size(WIDE)  # type: ignore[arg-type]
        page.emulate_media(color_scheme="light")
        return page


@pytest.fixture(scope="module")
def desks(house: House, browser: Browser) -> Desks:
    return Desks(house, browser)


def sideways(page: Page) -> list[str]:
    by = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return [f"scrolls sideways by {by}"] if by else []


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.id)
def test_nobody_is_shut_out(house: House, desks: Desks, state: State) -> None:
    page = desks.page(state.who, "en")

    state.open(page, house)

    found = {"wide": faults(page)}
    page.emulate_media(color_scheme="dark")
    found["dark"] = faults(page, ONLY_COLOURS)
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    found["narrow and dark"] = faults(page, ONLY_COLOURS)
    page.emulate_media(color_scheme="light")
    found["narrow"] = faults(page) + sideways(page)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    found["enlarged"] = faults(page, ONLY_LAYOUT) + sideways(page)
    assert {where: each for where, each in found.items() if each} == {}


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.id)
def test_nor_in_arabic(house: House, desks: Desks, state: State) -> None:
    page = desks.page(state.who, "ar")

    state.open(page, house)

    assert page.evaluate("document.dir") == "rtl"
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    assert faults(page) + sideways(page) == []


def test_every_page_is_looked_at() -> None:
    pages = {
        address
        for address, method, _ in (*EVERYBODY_GETS, *EACH_GETS)
        if method == "GET" and not address.startswith(NO_PAGES)
    }

    assert pages - {state.route for state in STATES} == set()
