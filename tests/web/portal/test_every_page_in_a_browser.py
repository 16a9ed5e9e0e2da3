"""No page in any state shuts anybody out: by what a machine can find, by keyboard, large, narrow, in other colours."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page

from tests.support.axe import ONLY_COLOURS, ONLY_LAYOUT, faults
from tests.support.keyboard import ask_first_question, open_menus, walk
from tests.support.looks import cut, cut_when_spaced, lost_in_forced_colours, moving
from tests.web.pages.conftest import browser
from tests.web.portal.everywhere import STATES, House, State, house
from tests.web.test_standing_cast import EACH_GETS, EVERYBODY_GETS

__all__ = ["browser", "house"]

pytestmark = pytest.mark.browser

WIDE = (1440, 900)
DESK = (1280, 900)
NARROW = (320, 800)
ZOOMED = (320, 256)
"""1280 by 1024 pixels at 400 % (WCAG 2.2, 1.4.10)."""
FRAMES = ((640, 400), (320, 460))
"""Of an LMS's course."""

LANGUAGES = ("ar", "de")
"""Beside English: the one that goes from right to left, and the one with the longest words."""

# Addresses for machines: what they answer is no page.
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

Faults = dict[str, list[str]]


class Desks:
    """A page of each of the cast in each language, which the next state takes over from the last."""

    def __init__(self, house: House, browser: Browser) -> None:
        self._house, self._browser = house, browser
        self._pages: dict[tuple[str, str], Page] = {}

    def page(self, who: str, locale: str) -> Page:
        if (who, locale) not in self._pages:
            context = self._house.enter(self._browser, who, locale=locale)
            self._pages[who, locale] = context.new_page()
        page = self._pages[who, locale]
        resize(page, WIDE)
        page.emulate_media(color_scheme="light", forced_colors="none")
        return page


@pytest.fixture(scope="module")
def desks(house: House, browser: Browser) -> Desks:
    return Desks(house, browser)


def resize(page: Page, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.id)
def test_nobody_is_shut_out(house: House, desks: Desks, state: State) -> None:
    page = desks.page(state.who, "en")

    state.open(page, house)

    found = (
        {"wide": faults(page) + moving(page) + speechless(page)}
        | on_a_desk(page)
        | in_other_colours(page)
    )
    found |= narrow(page) | zoomed(page) | in_a_frame(page) | enlarged(page)
    assert {where: each for where, each in found.items() if each} == {}


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("state", STATES, ids=lambda state: state.id)
def test_nor_in_another_language(house: House, desks: Desks, state: State, code: str) -> None:
    page = desks.page(state.who, code)

    state.open(page, house)

    assert page.evaluate("document.documentElement.lang") == code
    # Words are longer or run the other way; what else is looked at depends on neither.
    found = narrow(page)
    resize(page, DESK)
    found["by keyboard"] = walk(page)
    assert {where: each for where, each in found.items() if each} == {}


def speechless(page: Page) -> list[str]:
    """What script changes in a page of the portal is said in one place, which is there from the start."""
    places = page.locator("[data-live][role=status]").count()
    is_portal = page.locator("header.top").count()
    return [] if places == is_portal else [f"{places} places for what is said"]


def on_a_desk(page: Page) -> Faults:
    resize(page, DESK)
    return {
        "by keyboard": walk(page) + open_menus(page) + ask_first_question(page),
        "spaced": cut_when_spaced(page),
    }


def in_other_colours(page: Page) -> Faults:
    found = {"in forced colours": lost_in_forced_colours(page)}
    page.emulate_media(color_scheme="dark")
    found["in forced dark colours"] = lost_in_forced_colours(page)
    found["dark"] = faults(page, ONLY_COLOURS)
    resize(page, NARROW)
    found["narrow and dark"] = faults(page, ONLY_COLOURS)
    page.emulate_media(color_scheme="light")
    return found


def narrow(page: Page) -> Faults:
    resize(page, NARROW)
    return {"narrow": faults(page) + cut(page), "narrow and spaced": cut_when_spaced(page)}


def zoomed(page: Page) -> Faults:
    resize(page, ZOOMED)
    header = page.locator("header.top")
    height = header.bounding_box()["height"] if header.count() else 0  # type: ignore[index]
    room = [] if height < ZOOMED[1] / 3 else ["the header leaves no room"]
    return {"zoomed, by keyboard": walk(page) + room}


def in_a_frame(page: Page) -> Faults:
    """A page of the portal can't be framed."""
    found: Faults = {}
    if not page.locator("header.top").count():
        for size in FRAMES:
            resize(page, size)
            found[f"in a frame of {size}"] = faults(page) + cut(page) + walk(page)
    return found


def enlarged(page: Page) -> Faults:
    resize(page, DESK)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    return {"enlarged": faults(page, ONLY_LAYOUT) + cut(page)}


def test_every_page_is_looked_at() -> None:
    pages = {
        address
        for address, method, _ in (*EVERYBODY_GETS, *EACH_GETS)
        if method == "GET" and not address.startswith(NO_PAGES)
    }

    assert pages - {state.route for state in STATES} == set()
