"""An institution answers for its data: it is exported and deleted, one person is erased, and Activity tells of it."""

from __future__ import annotations

import csv
import json
import time
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Download, Page, expect

from gatelodge.services.caller import Caller
from gatelodge.services.problems import NewReport
from tests.services import data
from tests.services.data import EMAIL, MIA, NAMES
from tests.services.opened import places_of
from tests.support import processes
from tests.support.campuses import *  # noqa: F403
from tests.support.campuses import OpenCampus
from tests.support.clock import Clock
from tests.support.databases import *  # noqa: F403
from tests.support.gateways import OTTO, Campus
from tests.support.people import SESSION_COOKIE, add_person

pytestmark = pytest.mark.browser

DAY = 24 * 3600


@dataclass
class House:
    """A gateway that serves at ``address``, and people who are signed in there."""

    address: str
    campus: Campus
    accounts: dict[str, str]
    chromium: Browser
    script: bool

    def enter(self, name: str) -> BrowserContext:
        context = self.chromium.new_context(
            base_url=self.address, reduced_motion="reduce", java_script_enabled=self.script
        )
        token = self.campus.gateway.sessions.begin(self.accounts[name])
        home = self.address.replace("http:", "https:")
        context.add_cookies([{"name": SESSION_COOKIE, "value": token, "url": home, "secure": True}])
        return context

    def open(self, name: str, page: str) -> Page:
        opened = self.enter(name).new_page()
        opened.goto(page)
        return opened


@pytest.fixture(params=[True, False], ids=["script", "no script"])
def house(
    request: pytest.FixtureRequest, chromium: Browser, campus_with: OpenCampus
) -> Iterator[House]:
    with processes.reserved_port() as port:
        address = f"http://localhost:{port}"
        campus = campus_with(clock=Clock(time.time()), base_url=address)
        accounts = {name: add_person(campus, name) for name in ("Ada", "Otto")}
        settings = processes.environment(campus) | {"GATELODGE_BASE_URL": address}
        with processes.serving(settings, campus.directory / "log", port=port):
            yield House(address, campus, accounts, chromium, request.param)
        for context in chromium.contexts:
            context.close()


def launch(campus: Campus, **claims: Any) -> None:
    """Under the LMS's usual address of us, in a thread: Playwright's event loop runs in this one."""
    with campus.beside() as gateway, ThreadPoolExecutor(1) as thread:
        thread.submit(data.launch, gateway, **claims).result()


def report(house: House, text: str) -> str:
    ada = Caller.admin(house.accounts["Ada"], house.campus.tenant())
    return house.campus.gateway.problems.report(ada, NewReport(text, text=text))


def downloaded(page: Page, link: str) -> Path:
    with page.expect_download() as waiting:
        page.get_by_role("link", name=link).first.click()
    download: Download = waiting.value
    return Path(download.path())


def load_until_made(page: Page) -> None:
    """As the page says to do for as long as an export is being made."""
    for _ in range(100):
        if not page.get_by_text("Being made").count():
            return
        page.wait_for_timeout(200)
        page.reload()
    raise TimeoutError("The export is not made.")


def lines(archive: zipfile.ZipFile, part: str) -> list[dict[str, Any]]:
    return [json.loads(each) for each in archive.read(f"{part}.jsonl").splitlines()]


def heading(page: Page) -> Any:
    return expect(page.get_by_role("heading", level=1))


# ----------------------------------------------------------------------- the export


def test_an_administrator_takes_everything_along(house: House) -> None:
    launch(house.campus)
    report(house, "It says no.")
    ada = house.open("Ada", "/portal")
    ada.get_by_role("button", name="Help", exact=True).click()
    ada.get_by_role("region", name="Help").get_by_role("link", name="Data").click()

    ada.get_by_role("button", name="Export everything").dblclick()
    expect(ada.get_by_text("It can be fetched here")).to_be_visible()
    load_until_made(ada)
    archive = downloaded(ada, "Download")

    with zipfile.ZipFile(archive) as opened:
        assert opened.testzip() is None
        for part in ("registrations", "tools", "people", "launches", "reports", "audit"):
            assert lines(opened, part), part
        [registration] = lines(opened, "registrations")
        assert registration["name"] == "Moodle"
        assert [each["name"] for each in lines(opened, "people")] == ["Ada"]
        assert "It says no." in opened.read("reports.jsonl").decode()
        assert "export.asked" in opened.read("audit.jsonl").decode()
        everything = b"".join(opened.read(each) for each in opened.namelist())
    assert not any(each.encode() in everything for each in NAMES)
    ada.go_back()
    ada.goto("/portal/audit")
    expect(ada.get_by_text("Ada downloaded an export of everything").first).to_be_visible()


# ----------------------------------------------------------------------- the end


def test_a_deletion_is_asked_for_taken_back_and_done(house: House) -> None:
    campus = house.campus
    launch(campus)
    ada, otto = house.open("Ada", "/portal/data"), house.open("Otto", "/portal/data")
    expect(otto.get_by_text("None.")).to_be_visible()

    ask(ada, "Southbank", "Ask the operator")
    expect(ada.get_by_role("alert")).to_contain_text("This is not the name of the institution.")
    beside = ada.context.new_page()
    beside.goto("/portal/data/delete")
    ask_here(ada, "northfield", "Ask the operator")
    expect(ada.get_by_text("The operator of this gateway decides.")).to_be_visible()
    ask_here(beside, "Northfield", "Ask the operator")
    expect(beside.get_by_text("The operator of this gateway decides.")).to_be_visible()
    launch(campus)

    ada.get_by_role("button", name="Take it back").click()
    expect(ada.get_by_text("“Northfield” will not be deleted.")).to_be_visible()
    ada.go_back()
    ada.reload()
    expect(ada.get_by_role("button", name="Take it back")).to_have_count(0)
    ada.goto("/portal/data")
    ask(ada, "Northfield", "Ask the operator")
    expect(ada.get_by_text("The operator of this gateway decides.")).to_be_visible()

    otto.reload()
    expect(otto.get_by_text("Waiting for you")).to_be_visible()
    otto.get_by_role("link", name="Northfield").click()
    ask(otto, "Northfield", "Delete it")
    expect(otto.get_by_text("This institution will be deleted.")).to_be_visible()
    ada.reload()
    heading(ada).not_to_have_text("Data")

    otto.get_by_role("button", name="Take it back").first.click()
    expect(otto.get_by_text("It is still suspended.")).to_be_visible()
    otto.get_by_role("button", name="Resume it").click()
    otto.goto("/portal/data?tenant=northfield")
    ask(otto, "Northfield", "Delete it")
    expect(otto.get_by_text("This institution will be deleted.")).to_be_visible()

    campus.clock.now += 29 * DAY
    campus.gateway.worker.run_due()
    assert "Northfield" in [each.name for each in campus.gateway.tenants.list(OTTO)]
    campus.clock.now += 2 * DAY
    campus.gateway.worker.run_due()

    # A month later nobody's session is good any more; the process that serves has the machine's time.
    campus.clock.now = time.time()
    otto = house.open("Otto", "/portal/data")
    expect(otto.get_by_text("None.")).to_be_visible()
    assert places_of(campus, "Northfield", *NAMES) == set()
    ada.goto("/portal/data")
    heading(ada).to_have_text("Sign in to the registration portal")


def ask(page: Page, typed: str, button: str) -> None:
    page.get_by_role("link", name="Delete the institution…").click()
    ask_here(page, typed, button)


def ask_here(page: Page, typed: str, button: str) -> None:
    """By keyboard: the name, and on to the button."""
    field = page.get_by_label("Name of the institution")
    field.focus()
    field.fill("")
    page.keyboard.type(typed)
    for _ in range(2):
        page.keyboard.press("Tab")
    expect(page.get_by_role("button", name=button)).to_be_focused()
    page.keyboard.press("Enter")


# ----------------------------------------------------------------------- one person


@pytest.mark.parametrize(("who", "wanted"), [("Ada", MIA), ("Otto", EMAIL)])
def test_one_person_is_found_and_erased(house: House, who: str, wanted: str) -> None:
    campus = house.campus
    launch(campus)
    launch(campus, sub="somebody-else", name="Ole", email="ole@northfield.example")
    report(house, f"{EMAIL} says that it doesn't open.")
    page = house.open(who, "/portal/data")

    page.get_by_label("Who").focus()
    page.keyboard.type(wanted)
    page.keyboard.press("Enter")
    heading(page).to_have_text("What is kept of this person")
    expect(page.get_by_text(MIA).first).to_be_visible()
    expect(page.get_by_text("1 report, answer, file or note names this person.")).to_be_visible()
    beside = page.context.new_page()
    beside.goto(page.url)

    page.get_by_role("button", name="Back").or_(page.get_by_role("link", name="Back")).focus()
    choose(page)
    page.get_by_role("button", name="Erase what is chosen").dblclick()
    heading(page).to_have_text("Receipt of an erasure")
    receipt = downloaded(page, "Download").read_text()

    assert "Launches without a person now: 1\n" in receipt
    assert "Reports, answers and notes that named the person: 1\n" in receipt
    assert not any(each in receipt for each in NAMES)
    assert places_of(campus, *NAMES) == set()
    page.go_back()
    heading(page).to_have_text("Receipt of an erasure")
    choose(beside)
    beside.get_by_role("button", name="Erase what is chosen").click()
    expect(beside.get_by_text("Receipt of an erasure")).to_have_count(0)
    expect(beside.get_by_text(EMAIL)).to_have_count(0)
    page.goto("/portal/data")
    expect(page.get_by_role("link", name="Receipt")).to_have_count(1)


def choose(page: Page) -> None:
    """By keyboard: who it is, and that it is meant."""
    for box in page.get_by_role("checkbox").all():
        box.focus()
        page.keyboard.press("Space")
        expect(box).to_be_checked()


# ----------------------------------------------------------------------- activity


def test_activity_is_narrowed_and_taken_along(house: House) -> None:
    gateway, ada_id = house.campus.gateway, house.accounts["Ada"]
    ada = Caller.admin(ada_id, house.campus.tenant())
    registration = house.campus.registration()
    gateway.registrations.disable(ada, registration)
    gateway.registrations.enable(OTTO, registration)
    page = house.open("Ada", "/portal/audit")
    switched_off, on = "Ada switched off Moodle", "switched on Moodle"
    report(house, "It says no.")
    page.reload()
    expect(page.get_by_text("Ada reported a problem")).to_be_visible()

    narrow(page, house, kind="Registrations")
    expect(page.get_by_text("Ada reported a problem")).to_have_count(0)
    expect(page.get_by_text(switched_off)).to_be_visible()
    expect(page.get_by_text(on)).to_be_visible()

    page.get_by_role("cell", name=switched_off).get_by_role("link", name="Moodle").click()
    expect(page.get_by_text("Only what is about Moodle.")).to_be_visible()
    narrow(page, house, person="Ada")
    expect(page.get_by_text(on)).to_have_count(0)
    expect(page.get_by_text(switched_off)).to_be_visible()

    records = list(csv.DictReader(text_of(page, "Save as CSV").splitlines()))
    assert [(each["event"], each["thing"]) for each in records] == [
        ("registration.disabled", "Moodle")
    ]
    [told] = [json.loads(each) for each in text_of(page, "Save as JSON lines").splitlines()]
    assert (told["said"], told["who_id"]) == (switched_off, ada_id)

    today = time.strftime("%Y-%m-%d", time.gmtime())
    page.goto(f"/portal/audit?from={today}&to={today}")
    expect(page.get_by_text(switched_off)).to_be_visible()
    page.goto("/portal/audit?to=2020-01-01")
    expect(page.get_by_text("Nothing was done that is like that.")).to_be_visible()
    assert text_of(page, "Save as JSON lines") == ""
    page.get_by_role("link", name="Show all").click()
    expect(page.get_by_text(switched_off)).to_be_visible()
    page.go_back()
    expect(page.get_by_text("Nothing was done that is like that.")).to_be_visible()


def narrow(page: Page, house: House, **chosen: str) -> None:
    for label, option in chosen.items():
        page.get_by_label(label.capitalize(), exact=True).select_option(option)
    if not house.script:
        page.get_by_role("button", name="Show", exact=True).click()


def text_of(page: Page, link: str) -> str:
    return downloaded(page, link).read_text(encoding="utf-8-sig")
