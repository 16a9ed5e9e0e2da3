"""Otto at work in a real browser, in front of a gateway that runs beside it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.support import processes
from tests.support.asking import lead_to_northfield
from tests.support.campuses import OpenCampus
from tests.support.gateways import OTTO, Campus
from tests.support.people import sign_in
from tests.support.pictures import jpeg, png
from tests.web.pages.conftest import *  # noqa: F403
from tests.web.pages.conftest import OpenPage
from tests.web.portal.operators import share_client

pytestmark = pytest.mark.browser


@dataclass
class Gatehouse:
    """Where Otto's gateway is, his cookies, and what there is to look at."""

    address: str
    campus: Campus
    cookies: dict[str, str]
    shared: dict[str, str]

    def enter(self, page: Page) -> Page:
        # To a browser localhost is as safe as https, but cookies with a prefix are set for https.
        home = self.address.replace("http:", "https:")
        page.context.add_cookies(
            [
                {"name": name, "value": value, "url": home, "secure": True}
                for name, value in self.cookies.items()
            ]
        )
        page.goto(f"{self.address}/portal")
        return page


@pytest.fixture
def gatehouse(campus_with: OpenCampus) -> Iterator[Gatehouse]:
    with processes.reserved_port() as port:
        address = f"http://localhost:{port}"
        campus = campus_with(base_url=address)
        settings = processes.environment(campus) | {"GATELODGE_BASE_URL": address}
        shared, cookies = share_client(campus), sign_in(campus, "Otto")
        with processes.serving(settings, campus.directory / "log", port=port):
            yield Gatehouse(address, campus, cookies, shared)


def test_a_day_of_the_operators(gatehouse: Gatehouse, open_page: OpenPage) -> None:
    page = gatehouse.enter(open_page(1280, 800))

    # An institution is added, suspended, and resumed by way of the message.
    page.get_by_role("link", name="Add tenant").click()
    page.get_by_label("Name", exact=True).fill("Eastvale College")
    page.get_by_role("button", name="Add tenant").click()
    expect(page.get_by_role("heading", name="Eastvale College")).to_be_visible()
    page.get_by_role("link", name="Suspend…").click()
    page.get_by_role("button", name="Suspend", exact=True).click()
    expect(page.get_by_text("This institution is suspended.")).to_be_visible()
    page.get_by_role("status").get_by_role("button", name="Resume it").click()
    expect(page.get_by_text("its links work again")).to_be_visible()

    # A tool is added for it alone; its secret is shown once.
    page.get_by_role("link", name="Tools", exact=True).click()
    page.get_by_role("link", name="Add tool").click()
    page.get_by_label("Key", exact=True).fill("quiz")
    page.get_by_label("Name", exact=True).fill("Quiz")
    page.get_by_label("Launch address").fill("https://quiz.example/launch")
    page.get_by_label("Only these").check()
    page.get_by_label("Eastvale College").check()
    page.get_by_role("button", name="Add tool").click()
    expect(page.get_by_text("The secret is shown this once.")).to_be_visible()
    page.get_by_role("link", name="I have copied it").click()
    expect(page.get_by_role("link", name="Eastvale College")).to_be_visible()
    expect(page.get_by_text("Client secret")).to_have_count(0)

    # A deployment of a shared client is assigned.
    page.get_by_role("link", name="Shared clients").click()
    page.get_by_role("link", name="Review deployments").click()
    page.get_by_role("link", name="Decide on waits").click()
    page.get_by_label("Northfield: On a shared client").check()
    page.get_by_role("button", name="Assign it").click()
    expect(page.get_by_text("Its links work from the next click on.")).to_be_visible()
    page.get_by_role("button", name="asked-for is Northfield's").click()
    expect(page.get_by_text("Nobody asks.")).to_be_visible()


@pytest.mark.parametrize("picture", [png(48, 48), jpeg(48, 48)], ids=["png", "jpeg"])
def test_what_is_made_of_a_picture_is_one_to_a_browser(
    gatehouse: Gatehouse, open_page: OpenPage, tmp_path: Path, picture: bytes
) -> None:
    page = gatehouse.enter(open_page(1280, 800))
    file = tmp_path / "picture"
    file.write_bytes(picture)

    page.goto(f"{gatehouse.address}/portal/tools/hello")
    page.get_by_label("A new picture").set_input_files(file)
    page.get_by_role("button", name="Use this picture").click()

    shown = page.get_by_role("img", name="The picture of Hello")
    assert shown.evaluate("each => each.decode().then(() => each.naturalWidth)") == 48


def test_an_institution_is_chosen_while_its_name_is_typed(
    gatehouse: Gatehouse, open_page: OpenPage
) -> None:
    for number in range(30):
        gatehouse.campus.gateway.tenants.add(OTTO, f"College {number} of the River", f"c-{number}")
    page = gatehouse.enter(open_page(1280, 800))
    page.goto(f"{gatehouse.address}/portal/invitations/new")
    offered = page.locator("#tenant-options option")
    expect(offered).to_have_count(0)

    page.get_by_label("Institution").press_sequentially("of the river")
    expect(offered).to_have_count(10)
    page.get_by_label("Institution").fill("")
    page.get_by_label("Institution").press_sequentially("college 17 ")
    expect(offered).to_have_count(1)
    expect(offered).to_have_attribute("value", "c-17")
    expect(offered).to_have_text("College 17 of the River")

    page.get_by_label("Institution").fill("c-17")
    page.get_by_role("button", name="Make the link").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("link")


def test_what_leads_to_an_institution_is_removed_after_a_question(
    gatehouse: Gatehouse, open_page: OpenPage
) -> None:
    lead_to_northfield(gatehouse.campus)
    page = gatehouse.enter(open_page(1280, 800))
    page.goto(f"{gatehouse.address}/portal/tenants/{gatehouse.campus.tenant()}")

    page.get_by_role("link", name="Remove").click()
    question = page.get_by_role("dialog")
    expect(question).to_contain_text("end at once")
    expect(question.get_by_role("link", name="Keep it")).to_be_focused()
    question.get_by_role("button", name="Remove").click()

    expect(page.get_by_role("status").filter(has_text="leads here no more")).to_be_focused()
    expect(page.get_by_role("link", name="Remove")).to_have_count(0)
