"""Ada and Ben at the list of registrations in a real browser, in front of a gateway that runs beside it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from gatelodge.storage import refusals
from gatelodge.storage.refusals import RefusalRow
from tests.storage.cast import a_refusal
from tests.support import processes
from tests.support.campuses import OpenCampus
from tests.support.gateways import OTTO, Campus
from tests.support.people import sign_in
from tests.web.pages.conftest import *  # noqa: F403
from tests.web.pages.conftest import OpenPage

pytestmark = pytest.mark.browser


@dataclass
class Desk:
    """A gateway with registrations in every state, and somebody's cookies."""

    address: str
    campus: Campus
    cookies: dict[str, str]

    def enter(self, page: Page, path: str = "/portal/registrations") -> Page:
        # To a browser localhost is as safe as https, but cookies with a prefix are set for https.
        home = self.address.replace("http:", "https:")
        page.context.add_cookies(
            [
                {"name": name, "value": value, "url": home, "secure": True}
                for name, value in self.cookies.items()
            ]
        )
        page.goto(self.address + path)
        return page


def add_refusal(campus: Campus, row: RefusalRow) -> None:
    campus.database.write(lambda connection: refusals.add_proven(connection, row))


def furnish(campus: Campus) -> None:
    """A failing registration, one that is switched off, and one in the bin."""
    failing = campus.register(name="Failing", client_id="failing", deployment_ids=())
    off = campus.register(name="Archive", client_id="archive", deployment_ids=())
    campus.gateway.registrations.disable(OTTO, off.id)
    binned = campus.register(name="Old", client_id="old", deployment_ids=())
    campus.gateway.registrations.delete(OTTO, binned.id)
    now = int(campus.clock())
    row = a_refusal(
        id=campus.gateway.ids.new(),
        occurred_at=now,
        last_at=now,
        count=9,
        tenant_id=campus.tenant(),
        registration_id=failing.id,
    )
    add_refusal(campus, row)


@pytest.fixture
def opened(campus_with: OpenCampus) -> Iterator[tuple[str, Campus]]:
    with processes.reserved_port() as port:
        address = f"http://localhost:{port}"
        campus = campus_with(base_url=address)
        settings = processes.environment(campus) | {"GATELODGE_BASE_URL": address}
        with processes.serving(settings, campus.directory / "log", port=port):
            yield address, campus


@pytest.fixture
def desk(opened: tuple[str, Campus]) -> Desk:
    """Ada's."""
    address, campus = opened
    furnish(campus)
    return Desk(address, campus, sign_in(campus, "Ada"))


def test_from_the_list_to_the_details_to_the_bin_and_back(desk: Desk, open_page: OpenPage) -> None:
    page = desk.enter(open_page(1280, 900))

    # The eye opens the details beside the list, which has an address of its own.
    page.get_by_role("link", name="View Moodle", exact=True).click()
    expect(page.get_by_role("heading", name="Moodle", exact=True)).to_be_focused()
    expect(page.get_by_role("link", name="Delete Archive")).to_be_visible()
    address = page.url
    page.reload()
    expect(page.get_by_role("heading", name="Keys from Moodle")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="Keys from Moodle")).to_have_count(0)
    expect(page.get_by_role("link", name="View Moodle", exact=True)).to_be_focused()
    page.go_back()
    expect(page).to_have_url(address)

    # The trash can asks over the page, with the focus on what does no harm.
    page.get_by_role("link", name="Delete Moodle", exact=True).click()
    expect(page.get_by_role("dialog")).to_contain_text("Delete “Moodle”?")
    expect(page.get_by_role("link", name="Keep it")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("link", name="Delete Moodle", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()

    # It can be undone at once, and later from the bin.
    message = page.get_by_role("status").filter(has_text="“Moodle” has been deleted.")
    expect(message).to_be_focused()
    message.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("“Moodle” has been restored.")).to_be_visible()
    expect(page.get_by_role("link", name="View Moodle", exact=True)).to_be_visible()


def test_a_choice_of_the_filters_is_taken_at_once(desk: Desk, open_page: OpenPage) -> None:
    page = desk.enter(open_page(1280, 900))

    page.get_by_label("LMS", exact=True).select_option("Canvas")

    expect(page.get_by_text("No registration is like that.")).to_be_visible()
    page.get_by_role("link", name="Show all").click()
    page.get_by_role("link", name="Needs attention 1").click()
    expect(page.get_by_role("row")).to_have_count(2)
