"""What the accessibility statement promises and axe can't find out."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Page

from gatelodge import __version__
from gatelodge.web.portal.accessibility import TESTED
from tests.support.axe import ONLY_LAYOUT, faults
from tests.web.pages.conftest import browser
from tests.web.portal.everywhere import House, house

__all__ = ["browser", "house"]

ADDRESSES = (
    *("/portal/registrations", "/portal/registrations/{registration}", "/portal/launches"),
    *("/portal/launches/{launch}", "/portal/deployments", "/portal/audit", "/portal/sessions"),
    *("/portal/drafts/{draft}/4", "/portal/registrations/{registration}/edit", "/help"),
    "/accessibility",
)

FROM_THE_START = "document.body.tabIndex = -1; document.body.focus()"
"""As for who comes to a page on which nothing asks for the focus."""

FOCUS = """() => {
    const found = document.activeElement, style = getComputedStyle(found);
    const box = found.getBoundingClientRect();
    return {
        seen: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0,
        place: [...document.querySelectorAll("*")].indexOf(found),
        inside: box.bottom > 0 && box.top < innerHeight,
        name: found.outerHTML.slice(0, 100),
    };
}"""


@pytest.fixture(scope="module")
def desk(house: House, browser: Browser) -> Page:
    return house.enter(browser, "Ada").new_page()


def opened(desk: Page, house: House, address: str, width: int = 1280, height: int = 900) -> Page:
    desk.set_viewport_size({"width": width, "height": height})
    desk.emulate_media(forced_colors="none", reduced_motion="reduce", color_scheme="light")
    desk.goto(address.format_map(house.values))
    return desk


def test_the_statement_is_about_this_version() -> None:
    version, checked = TESTED

    assert version == __version__
    assert checked <= datetime.now(UTC)


@pytest.mark.browser
@pytest.mark.parametrize("address", ADDRESSES)
def test_the_first_link_skips_the_header(desk: Page, house: House, address: str) -> None:
    page = opened(desk, house, address)
    page.evaluate(FROM_THE_START)

    page.keyboard.press("Tab")
    first = page.evaluate("document.activeElement.getAttribute('href')")
    page.keyboard.press("Enter")

    assert first == "#main"
    assert page.evaluate("document.activeElement.id") == "main"


@pytest.mark.browser
@pytest.mark.parametrize("address", ADDRESSES)
def test_the_focus_goes_in_the_order_of_the_page_and_is_seen(
    desk: Page, house: House, address: str
) -> None:
    page = opened(desk, house, address)
    page.evaluate(FROM_THE_START)

    stops = []
    for _ in range(25):
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUS)
        if stop["name"].startswith("<body") or stop["place"] in [e["place"] for e in stops[:1]]:
            break  # around again
        stops.append(stop)

    places = [each["place"] for each in stops]
    assert places == sorted(places)
    assert [each["name"] for each in stops if not (each["seen"] and each["inside"])] == []


@pytest.mark.browser
@pytest.mark.parametrize("address", ADDRESSES)
def test_at_400_percent_nothing_is_scrolled_sideways(
    desk: Page, house: House, address: str
) -> None:
    """1280 by 1024 pixels at 400 % are 320 by 256 of CSS (WCAG 2.2, 1.4.10)."""
    page = opened(desk, house, address, 320, 256)

    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    header = page.evaluate("document.querySelector('header.top').getBoundingClientRect().height")

    assert wide <= 0
    assert header < 256 / 3


@pytest.mark.browser
@pytest.mark.parametrize("address", ADDRESSES)
def test_forced_colours_leave_borders_and_focus(desk: Page, house: House, address: str) -> None:
    page = opened(desk, house, address)
    page.emulate_media(forced_colors="active")

    bare = page.evaluate(
        """() => [...document.querySelectorAll("main .button, main input, main select")]
            .filter(each => each.checkVisibility() && each.type !== "hidden")
            .filter(each => getComputedStyle(each).borderTopStyle === "none"
                && !["checkbox", "radio"].includes(each.type))
            .map(each => each.outerHTML.slice(0, 100))"""
    )
    page.keyboard.press("Tab")
    focus = page.evaluate(FOCUS)

    assert bare == []
    assert focus["seen"]
    assert faults(page, ONLY_LAYOUT) == []


@pytest.mark.browser
@pytest.mark.parametrize("address", ADDRESSES)
def test_nothing_moves_for_who_asks_for_that(desk: Page, house: House, address: str) -> None:
    page = opened(desk, house, address)

    moving = page.evaluate(
        """() => [...document.querySelectorAll("*")].filter(each => {
            const style = getComputedStyle(each);
            return style.animationName !== "none"
                || (style.transitionProperty !== "none" && parseFloat(style.transitionDuration) > 0);
        }).map(each => each.outerHTML.slice(0, 100))"""
    )

    assert moving == []


@pytest.mark.browser
@pytest.mark.parametrize("address", ADDRESSES)
def test_what_changes_without_a_new_page_can_be_said(
    desk: Page, house: House, address: str
) -> None:
    page = opened(desk, house, address)

    live = page.locator("[data-live]")

    assert live.count() == 1
    assert live.get_attribute("role") == "status"
    assert live.text_content() == ""
