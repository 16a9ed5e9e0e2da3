"""The list, the details, questions and menus by keyboard alone; the wizard by keyboard is in `test_wizard.py`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.campuses import *  # noqa: F403
from tests.support.databases import *  # noqa: F403
from tests.web.portal.everywhere import House, house

__all__ = ["house"]

pytestmark = pytest.mark.browser

MOST_STOPS = 120


@pytest.fixture
def ada(house: House, chromium: Browser) -> Iterator[Page]:
    size = {"width": 1280, "height": 800}
    context = house.enter(chromium, "Ada", viewport=size, locale="en")
    page = context.new_page()
    page.goto("/portal/registrations")
    yield page
    context.close()


def stop_at(page: Page, name: str) -> None:
    """The Tab key is pressed until what has this name has the focus, and shows it."""
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        found = page.evaluate(
            """name => {
                const at = document.activeElement;
                const label = at.getAttribute("aria-label") || at.innerText || at.title;
                return label.replace(/[\\u2068\\u2069]/g, "").trim() === name;
            }""",
            name,
        )
        if found:
            assert page.evaluate("document.activeElement.matches(':focus-visible')")
            assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
            return
    raise AssertionError(f"the keyboard doesn't reach {name!r}")


def test_the_list_is_searched_and_narrowed(ada: Page) -> None:
    stop_at(ada, "Search name, issuer, client ID")
    ada.keyboard.type("archive")
    ada.keyboard.press("Enter")

    expect(ada.locator(".row-name")).to_have_text(["Archive"])


def test_escape_closes_the_details_and_gives_the_focus_back_to_the_eye(ada: Page) -> None:
    stop_at(ada, "View Moodle")
    ada.keyboard.press("Enter")
    expect(ada.get_by_role("heading", name="Moodle", exact=True)).to_be_focused()
    ada.keyboard.press("Tab")
    expect(ada.get_by_role("link", name="Close the details")).to_be_focused()

    ada.keyboard.press("Escape")

    expect(ada.get_by_role("heading", name="Keys from Moodle")).to_have_count(0)
    expect(ada.get_by_role("link", name="View Moodle", exact=True)).to_be_focused()


@pytest.mark.parametrize("way", ["Enter", "Escape"])
def test_a_question_begins_at_the_harmless_choice_and_gives_the_focus_back(
    ada: Page, way: str
) -> None:
    stop_at(ada, "Delete Archive")
    ada.keyboard.press("Enter")
    dialog = ada.get_by_role("dialog")
    expect(dialog.get_by_role("link", name="Keep it")).to_be_focused()
    ada.keyboard.press("Tab")
    expect(dialog.get_by_role("button", name="Delete")).to_be_focused()
    ada.keyboard.press("Shift+Tab")

    ada.keyboard.press(way)

    expect(dialog).to_have_count(0)
    expect(ada.get_by_role("link", name="Delete Archive")).to_be_focused()


def test_what_was_deleted_is_undone(ada: Page) -> None:
    stop_at(ada, "Delete Spare")
    ada.keyboard.press("Enter")
    expect(ada.get_by_role("dialog").get_by_role("link", name="Keep it")).to_be_focused()
    ada.keyboard.press("Tab")
    ada.keyboard.press("Enter")
    message = ada.get_by_role("status").filter(has_text="“Spare” has been deleted.")
    expect(message).to_be_focused()
    ada.keyboard.press("Tab")
    expect(message.get_by_role("button", name="Undo")).to_be_focused()

    ada.keyboard.press("Enter")

    expect(ada.get_by_text("“Spare” has been restored.")).to_be_visible()


@pytest.mark.parametrize(
    ("button", "item"), [("Help", "Documentation"), ("Profile of Ada", "Sessions")]
)
def test_a_menu_is_opened_walked_and_left(ada: Page, button: str, item: str) -> None:
    opener = ada.get_by_role("button", name=button)
    stop_at(ada, button if button == "Help" else "A\nProfile of Ada")
    ada.keyboard.press("Enter")
    expect(ada.locator(":popover-open")).to_be_visible()
    stop_at(ada, item)
    ada.keyboard.press("Escape")
    expect(ada.locator(":popover-open")).to_have_count(0)
    expect(opener).to_be_focused()

    ada.keyboard.press("Enter")
    stop_at(ada, item)
    ada.keyboard.press("Enter")

    expect(ada.get_by_role("heading", level=1)).to_have_text(
        "Help" if button == "Help" else "Sessions"
    )


def test_the_filters_of_a_phone_are_opened_and_left(ada: Page) -> None:
    ada.set_viewport_size({"width": 360, "height": 800})
    stop_at(ada, "Filters")
    ada.keyboard.press("Enter")
    expect(ada.get_by_label("LMS", exact=True)).to_be_visible()
    ada.keyboard.press("Tab")
    expect(ada.get_by_label("LMS", exact=True)).to_be_focused()

    ada.keyboard.press("Escape")

    expect(ada.get_by_label("LMS", exact=True)).to_be_hidden()
    expect(ada.get_by_role("button", name="Filters")).to_be_focused()
