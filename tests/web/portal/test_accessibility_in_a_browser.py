"""What changes without a new page is said, and does nothing that nobody meant.

The pages themselves are looked at in `test_every_page_in_a_browser`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Page, expect

from gatelodge import __version__
from gatelodge.web.portal.accessibility import TESTED
from tests.web.pages.conftest import browser
from tests.web.portal.everywhere import House, house

__all__ = ["browser", "house"]


def test_the_statement_is_about_this_version() -> None:
    version, checked = TESTED

    assert version == __version__
    assert checked <= datetime.now(UTC)


@pytest.fixture
def desk(house: House, browser: Browser) -> Iterator[Page]:
    size = {"width": 1280, "height": 900}
    clipboard = ["clipboard-read", "clipboard-write"]
    context = house.enter(browser, "Ada", viewport=size, locale="en", permissions=clipboard)
    yield context.new_page()
    context.close()


# ----------------------------------------------------------------------- said


@pytest.mark.browser
def test_what_was_copied_is_said_each_time(desk: Page, house: House) -> None:
    desk.goto(f"/portal/registrations/{house.values['registration']}")
    desk.evaluate(
        """() => {
            window.said = [];
            const live = document.querySelector("[data-live]");
            new MutationObserver(() => { if (live.textContent) said.push(live.textContent); })
                .observe(live, { childList: true });
        }"""
    )

    for button in desk.locator("[data-copy]:visible").all()[:2]:
        button.press("Enter")
        desk.wait_for_timeout(100)

    assert desk.evaluate("said") == ["Copied", "Copied"]


@pytest.mark.browser
def test_that_a_form_is_on_its_way_is_said(desk: Page, house: House) -> None:
    desk.goto(f"/portal/registrations/{house.values['registration']}/edit")
    desk.evaluate("document.addEventListener('submit', each => each.preventDefault())")

    desk.get_by_role("button", name="Save and exit").press("Enter")

    expect(desk.locator("[data-live]")).to_have_text("Saving…")


@pytest.mark.browser
def test_that_other_fields_were_filled_in_is_said_if_any_were(desk: Page, house: House) -> None:
    drafts = house.campus.gateway.drafts
    draft = drafts.begin(house.ada, {"tool": "hello", "name": "Moodle"})
    draft = drafts.save(house.ada, draft.id, {"platform": "moodle"}, step=4, version=draft.version)
    desk.goto(f"/portal/drafts/{draft.id}/4")
    site = desk.locator("#site")

    site.fill("https://moodle.example")
    site.press("Tab")

    expect(desk.locator("#key_set_url")).to_have_value("https://moodle.example/mod/lti/certs.php")
    live = desk.locator("[data-live]")
    expect(live).to_have_text("Empty fields were filled in.")

    live.evaluate("each => { each.textContent = '' }")
    site.fill("https://another.example")
    site.press("Tab")
    desk.wait_for_timeout(200)

    expect(desk.locator("#key_set_url")).to_have_value("https://moodle.example/mod/lti/certs.php")
    expect(live).to_have_text("")


# ----------------------------------------------------------------------- what nobody meant


@pytest.mark.browser
def test_a_menu_closes_when_the_focus_goes_on_behind_it(desk: Page) -> None:
    desk.goto("/portal/registrations")
    desk.get_by_role("button", name="Help").press("Enter")
    last = desk.get_by_role("link", name="Privacy")
    expect(last).to_be_visible()
    last.focus()

    desk.keyboard.press("Tab")

    expect(last).to_be_hidden()
    expect(desk.get_by_role("button", name="Profile of Ada")).to_be_focused()


@pytest.mark.browser
def test_a_menu_is_closed_by_its_own_button(desk: Page) -> None:
    desk.goto("/portal/registrations")
    opener, item = desk.get_by_role("button", name="Help"), desk.get_by_role("link", name="Privacy")

    opener.click()
    expect(item).to_be_visible()
    opener.click()

    expect(item).to_be_hidden()


@pytest.mark.browser
@pytest.mark.parametrize("address", ["/portal/registrations", "/portal/launches", "/portal/audit"])
def test_arrows_pass_through_the_choices_of_a_list_until_its_button_is_pressed(
    desk: Page, address: str
) -> None:
    """A page that changes under who walks through a choice is a trap (WCAG 3.2.2)."""
    desk.goto(address)
    choice = desk.locator("select[data-submits]").first
    choice.focus()

    desk.keyboard.press("ArrowDown")
    desk.wait_for_timeout(300)
    expect(choice).to_be_focused()
    wanted = choice.input_value()
    button = desk.locator(".filters button:not([popovertarget])").last
    expect(button).to_be_visible()
    button.press("Enter")

    desk.wait_for_url(f"**{address}?*{choice.get_attribute('name')}={wanted}*")


@pytest.mark.browser
def test_what_is_picked_from_a_choice_is_shown_at_once(desk: Page) -> None:
    desk.goto("/portal/registrations")

    desk.get_by_label("LMS", exact=True).select_option("canvas")

    desk.wait_for_url("**/portal/registrations?*lms=canvas*")
