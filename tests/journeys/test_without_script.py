"""Everything that an administrator and the operator do, in a browser that runs no script.

The wizard without script is in `test_wizard.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.campuses import *  # noqa: F403
from tests.support.databases import *  # noqa: F403
from tests.support.pictures import png
from tests.web.portal.everywhere import House, house

__all__ = ["house"]

pytestmark = pytest.mark.browser


def scriptless(house: House, chromium: Browser, who: str, width: int = 1280) -> Page:
    size = {"width": width, "height": 800}
    context = house.enter(chromium, who, java_script_enabled=False, viewport=size, locale="en")
    page = context.new_page()
    page.set_default_timeout(10_000)
    page.goto("/portal")
    return page


@pytest.fixture
def ada(house: House, chromium: Browser) -> Iterator[Page]:
    page = scriptless(house, chromium, "Ada")
    yield page
    page.context.close()


@pytest.fixture
def otto(house: House, chromium: Browser) -> Iterator[Page]:
    page = scriptless(house, chromium, "Otto")
    yield page
    page.context.close()


def names(page: Page) -> list[str]:
    return [each.strip() for each in page.locator(".row-name").all_inner_texts()]


def expect_names(page: Page, *wanted: str) -> None:
    """These rows and no others, once the page that was asked for is there."""
    expect(page.locator(".row-name")).to_have_text([*wanted])


# ---------------------------------------------------------------- the administrator


def test_registrations_are_searched_filtered_and_sorted(ada: Page) -> None:
    ada.get_by_role("searchbox").fill("archive")
    ada.get_by_role("button", name="Search").click()
    expect_names(ada, "Archive")
    ada.get_by_role("searchbox").fill("")
    ada.get_by_label("LMS", exact=True).select_option("Canvas")
    ada.get_by_role("button", name="Search").click()
    expect(ada.get_by_text("No registration is like that.")).to_be_visible()
    ada.get_by_role("link", name="Show all").click()
    ada.get_by_role("link", name="Disabled").click()
    expect_names(ada, "Archive")

    ada.get_by_role("link", name="All").first.click()
    ada.get_by_role("link", name="Registration", exact=True).click()

    registered = [each for each in names(ada) if each in {"Archive", "Moodle", "Spare"}]
    assert registered == ["Archive", "Moodle", "Spare"]


def test_on_a_phone_the_filters_open_too(house: House, chromium: Browser) -> None:
    page = scriptless(house, chromium, "Ada", width=360)
    expect(page.get_by_label("LMS", exact=True)).to_be_hidden()

    page.get_by_role("button", name="Filters").click()
    page.get_by_label("LMS", exact=True).select_option("Canvas")
    page.get_by_role("button", name="Search").click()

    expect(page.get_by_text("No registration is like that.")).to_be_visible()
    expect(page.get_by_role("button", name="Filters 1")).to_be_visible()
    page.context.close()


def test_a_registration_is_opened_switched_off_and_on_and_its_deployments_decided(
    ada: Page,
) -> None:
    ada.get_by_role("link", name="View Spare").click()
    expect(ada.get_by_role("heading", name="Keys from Moodle")).to_be_visible()
    ada.get_by_role("button", name="Switch off").click()
    expect(ada.get_by_text("“Spare” is switched off.")).to_be_visible()
    ada.get_by_role("button", name="Switch on").click()
    expect(ada.get_by_text("“Spare” is switched on.")).to_be_visible()

    ada.get_by_role("button", name="Block deployment 1").click()
    expect(ada.get_by_role("button", name="Approve deployment 1")).to_be_visible()
    ada.get_by_role("link", name="Deployments").click()
    ada.get_by_role("link", name="Blocked").click()
    ada.get_by_role("button", name="Approve deployment 1").click()

    expect(ada.get_by_role("status").first).to_be_visible()
    ada.get_by_role("link", name="Approved").click()
    expect(ada.get_by_role("row").filter(has_text="Spare")).to_be_visible()


def test_a_registration_is_edited(ada: Page) -> None:
    ada.get_by_role("link", name="Edit Archive").click()
    ada.get_by_label("Registration name").fill("Archive of the library")
    ada.get_by_role("button", name="Save and exit").click()

    expect(ada.get_by_text("“Archive of the library” has been saved.")).to_be_visible()
    ada.get_by_role("link", name="Close the details").click()
    ada.get_by_role("link", name="Edit Archive of the library").click()
    ada.get_by_label("Registration name").fill("Archive")
    ada.get_by_role("button", name="Save and exit").click()
    expect(ada.get_by_role("heading", name="Archive", exact=True)).to_be_visible()


def test_a_registration_is_deleted_undone_deleted_and_restored_from_the_bin(ada: Page) -> None:
    ada.get_by_role("link", name="Delete Spare").click()
    ada.get_by_role("link", name="Keep it").click()
    ada.get_by_role("link", name="Delete Spare").click()
    ada.get_by_role("button", name="Delete").click()
    ada.get_by_role("button", name="Undo").click()
    expect(ada.get_by_text("“Spare” has been restored.")).to_be_visible()

    ada.get_by_role("link", name="Delete Spare").click()
    ada.get_by_role("button", name="Delete").click()
    ada.get_by_role("link", name="Bin (2)").click()
    ada.get_by_role("button", name="Restore Spare").click()

    expect(ada.get_by_text("“Spare” has been restored.")).to_be_visible()
    ada.get_by_role("link", name="Close this message").click()
    expect(ada.get_by_text("“Spare” has been restored.")).to_have_count(0)


def test_a_draft_is_resumed_left_and_deleted(house: House, ada: Page) -> None:
    house.campus.gateway.drafts.begin(house.ada, {"tool": "hello", "name": "Begun"})
    ada.goto("/portal/registrations?show=drafts")
    ada.get_by_role("link", name="Go on with Begun").click()
    ada.get_by_role("button", name="Save draft and leave").click()

    ada.get_by_role("link", name="Delete the draft Begun").click()
    ada.get_by_role("button", name="Delete").click()

    expect(ada.get_by_role("link", name="Go on with Begun")).to_have_count(0)


def test_a_launch_is_found_by_its_reference(ada: Page) -> None:
    ada.get_by_role("link", name="Launches").click()
    ada.get_by_role("searchbox").fill("7f3k 4mb2")
    ada.get_by_role("searchbox").press("Enter")

    expect(ada.get_by_role("heading", level=1)).to_have_text("Target link isn't ours")


def test_the_language_is_changed_and_another_session_ended(house: House, ada: Page) -> None:
    house.campus.gateway.sessions.begin(house.account("Ada"))
    ada.get_by_role("button", name="Profile of Ada").click()
    ada.get_by_role("button", name="العربية").click()
    expect(ada.locator("html")).to_have_attribute("dir", "rtl")
    ada.get_by_role("button", name="Ada").click()
    ada.get_by_role("button", name="English").click()
    expect(ada.locator("html")).to_have_attribute("dir", "ltr")

    ada.get_by_role("button", name="Profile of Ada").click()
    ada.get_by_role("link", name="Sessions").click()
    ada.get_by_role("button", name="End the session").first.click()

    expect(ada.get_by_role("button", name="End the session")).to_have_count(0)
    expect(ada.get_by_text("This one")).to_be_visible()


# ---------------------------------------------------------------- the operator


def test_a_tenant_is_added_renamed_suspended_and_resumed(otto: Page) -> None:
    otto.get_by_role("link", name="Add tenant").click()
    otto.get_by_label("Name", exact=True).fill("Westhill")
    otto.get_by_role("button", name="Add tenant").click()
    otto.get_by_label("Name", exact=True).fill("Westhill College")
    otto.get_by_role("button", name="Rename").click()
    expect(otto.get_by_role("heading", name="Westhill College")).to_be_visible()

    otto.get_by_role("link", name="Suspend…").click()
    otto.get_by_role("link", name="Leave it active").click()
    otto.get_by_role("link", name="Suspend…").click()
    otto.get_by_role("button", name="Suspend", exact=True).click()
    expect(otto.get_by_text("This institution is suspended.")).to_be_visible()
    otto.get_by_role("button", name="Resume it").first.click()

    expect(otto.get_by_text("This institution is suspended.")).to_have_count(0)


def test_a_tool_is_added_edited_pictured_given_a_secret_and_deleted(
    otto: Page, tmp_path: Path
) -> None:
    (tmp_path / "picture").write_bytes(png(48, 48))
    otto.get_by_role("link", name="Tools", exact=True).click()
    otto.get_by_role("link", name="Add tool").click()
    otto.get_by_label("Key", exact=True).fill("quiz")
    otto.get_by_label("Name", exact=True).fill("Quiz")
    otto.get_by_label("Launch address").fill("https://quiz.example/launch")
    otto.get_by_role("button", name="Add tool").click()
    expect(otto.get_by_text("The secret is shown this once.")).to_be_visible()
    otto.get_by_role("link", name="I have copied it").click()

    otto.get_by_role("link", name="Edit").click()
    otto.get_by_label("Name", exact=True).fill("Quizzes")
    otto.get_by_role("button", name="Save and exit").click()
    expect(otto.get_by_role("heading", name="Quizzes", exact=True)).to_be_visible()
    otto.get_by_label("A new picture").set_input_files(tmp_path / "picture")
    otto.get_by_role("button", name="Use this picture").click()
    expect(otto.get_by_role("img", name="The picture of Quizzes")).to_be_visible()
    otto.get_by_role("button", name="Remove the picture").click()
    expect(otto.get_by_role("img", name="The picture of Quizzes")).to_have_count(0)
    otto.get_by_role("link", name="New secret…").click()
    otto.get_by_role("button", name="Make a new secret").click()
    otto.get_by_role("link", name="I have copied it").click()

    otto.get_by_role("link", name="Delete…").click()
    otto.get_by_role("button", name="Delete").click()
    otto.get_by_role("searchbox").fill("quiz")
    otto.get_by_role("button", name="Search").click()
    expect(otto.get_by_role("link", name="View Quizzes")).to_have_count(0)


def test_deployments_of_a_shared_client_are_assigned_and_it_is_edited(otto: Page) -> None:
    otto.get_by_role("link", name="Shared clients").click()
    otto.get_by_role("link", name="Review deployments").click()
    otto.get_by_role("link", name="Decide on waits").click()
    otto.get_by_label("Northfield: On a shared client").check()
    otto.get_by_role("button", name="Assign it").click()
    expect(otto.get_by_text("Its links work from the next click on.")).to_be_visible()
    otto.get_by_role("button", name="asked-for is Northfield's").click()
    expect(otto.get_by_text("Nobody asks.")).to_be_visible()

    otto.get_by_role("link", name="Edit").click()
    otto.get_by_label("Clock leeway, in seconds").fill("30")
    otto.get_by_role("button", name="Save and exit").click()
    if otto.get_by_role("heading", name="Edit a shared client").count():
        # Its addresses were tried, and one didn't answer; it is saved all the same.
        otto.get_by_role("button", name="Save and exit").click()

    expect(otto.get_by_text("“shared” has been changed.")).to_be_visible()
    otto.get_by_role("link", name="Delete…").click()
    expect(otto.get_by_text("“shared” can't be deleted")).to_be_visible()
