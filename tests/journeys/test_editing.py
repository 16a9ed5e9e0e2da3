"""An administrator edits a registration: what is wrong is shown before it is saved, and it launches on."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from gatelodge.services.registrations import NewRegistration
from tests.journeys.campus import Place, opened
from tests.support.axe import faults
from tests.support.gateways import HELLO, OTTO
from tests.support.mortal import mortal
from tests.support.processes import reserved_port, wait_for

pytestmark = pytest.mark.browser

NOWHERE = "https://lms.nowhere.example/keys"


CLIENT_ID = "entered-in-the-lms"


@dataclass
class Lms:
    """A simulated LMS that runs, in which somebody has entered the tool."""

    port: int

    @property
    def address(self) -> str:
        return f"http://localhost:{self.port}"

    @contextmanager
    def running(self, place: Place, folder: Path) -> Iterator[None]:
        tool = {
            "label": "Hello",
            "login_url": f"{place.address}/lti/hello/login",
            "target_link_uri": f"{place.address}/lti/hello/launch",
            "redirect_uris": [f"{place.address}/lti/hello/launch"],
            "client_id": CLIENT_ID,
            "deployment_id": "1",
        }
        file = folder / "lms.json"
        file.write_text(json.dumps({"base_url": self.address, "tools": [tool]}), encoding="utf-8")
        command = (sys.executable, "-m", "gatelodge.simulator", "--config", str(file))
        process = subprocess.Popen(mortal(*command, "--port", str(self.port)))
        try:
            wait_for(f"{self.address}/jwks")
            yield
        finally:
            process.terminate()
            process.wait(20)

    def register(self, place: Place, client_id: str) -> str:
        new = NewRegistration(
            tenant="northfield",
            tool="hello",
            name=f"The registration {client_id}",
            issuer=self.address,
            client_id=client_id,
            authorization_url=f"{self.address}/authorize",
            token_url=f"{self.address}/token",
            key_set_url=f"{self.address}/jwks",
            deployment_ids=("1",),
        )
        return place.gateway.registrations.add(OTTO, new).id


@pytest.fixture(scope="module")
def lms() -> Generator[Lms]:
    with reserved_port() as port:
        yield Lms(port)


@pytest.fixture(scope="module")
def place(lms: Lms, tmp_path_factory: pytest.TempPathFactory) -> Generator[Place]:
    folder = tmp_path_factory.mktemp("campus")
    with opened(folder, allow=f"localhost:{lms.port}") as place, lms.running(place, folder):
        yield place


@pytest.fixture(params=["script", "none"])
def scripts(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def ada(scripts: str, chromium: Browser, place: Place) -> Generator[Page]:
    context = chromium.new_context(
        base_url=place.address, reduced_motion="reduce", java_script_enabled=scripts == "script"
    )
    context.route(HELLO + "**", lambda route: route.fulfill(body="The tool is open"))
    place.sign_in(context)
    yield context.new_page()
    context.close()


@pytest.fixture
def scripted(chromium: Browser, place: Place) -> Generator[BrowserContext]:
    context = chromium.new_context(base_url=place.address, reduced_motion="reduce")
    place.sign_in(context)
    yield context
    context.close()


def launch(page: Page, lms: Lms) -> None:
    """Somebody clicks the link in a course of this LMS."""
    page.goto(f"{lms.address}/people")
    page.get_by_role("button", name="Be Mia Learner").click()
    page.get_by_role("link", name="Biology 101").click()
    address = page.get_by_role("link", name="New window").first.get_attribute("href")
    page.goto(f"{lms.address}{address}")
    arrived, go_on = page.get_by_text("The tool is open"), page.get_by_role("button", name="Go on")
    # Without script each form on the way is sent on by hand.
    for _ in range(3):
        expect(arrived.or_(go_on)).to_be_visible()
        if go_on.count():
            go_on.click()
    expect(arrived).to_be_visible()


def save(page: Page) -> None:
    page.get_by_role("button", name="Save and exit").last.click()


@pytest.fixture(scope="module")
def registration(place: Place, lms: Lms) -> str:
    return lms.register(place, CLIENT_ID)


def test_an_address_with_a_slip_is_shown_before_it_is_saved_and_the_right_one_launches(
    place: Place, lms: Lms, registration: str, ada: Page, scripts: str
) -> None:
    # Both are addresses of this LMS's key set; each browser changes it to another one.
    right = f"{lms.address}/{'mod/lti/certs.php' if scripts == 'script' else 'jwks?again'}"
    ada.goto(f"/portal/registrations/{registration}/edit")

    ada.get_by_label("Registration name").fill(f"Chemistry, {scripts}")
    ada.get_by_label("Keyset URL").fill(f" {lms.address}/nothing ")
    save(ada)
    expect(ada.get_by_text("Nothing was saved yet")).to_be_visible()
    expect(ada.get_by_text("It answers with status")).to_be_visible()
    expect(ada.get_by_label("Registration name")).to_have_value(f"Chemistry, {scripts}")

    ada.get_by_label("Keyset URL").fill(right)
    save(ada)
    expect(ada.get_by_text(f"“Chemistry, {scripts}” has been saved.")).to_be_visible()
    details = place.gateway.registration_edits.show(place.ada, registration).details
    assert details.key_set_url == right
    launch(ada, lms)


def test_another_client_id_is_asked_about_first(
    place: Place, lms: Lms, ada: Page, scripts: str
) -> None:
    registration = lms.register(place, f"cut-{scripts}")
    ada.goto(f"/portal/registrations/{registration}/edit")

    ada.get_by_label("Client ID").fill(f"another-{scripts}")
    save(ada)
    expect(ada.get_by_text("Launches that work now will be refused")).to_be_visible()
    ada.get_by_label("I know, and have changed it in the LMS").check()
    save(ada)

    expect(ada.get_by_text("has been saved.")).to_be_visible()


def test_two_people_at_once_see_what_the_other_has_saved(
    place: Place, lms: Lms, ada: Page, scripts: str
) -> None:
    registration = lms.register(place, f"both-{scripts}")
    address = f"/portal/registrations/{registration}/edit"
    ada.goto(address)
    other = ada.context.new_page()
    other.goto(address)
    other.get_by_label("Registration name").fill("Theirs")
    save(other)
    expect(other.get_by_text("“Theirs” has been saved.")).to_be_visible()

    ada.get_by_label("Registration name").fill("Mine")
    save(ada)
    expect(ada.get_by_text("Somebody else saved this registration meanwhile")).to_be_visible()
    expect(ada.get_by_text("Somebody else has saved this meanwhile: Theirs")).to_be_visible()
    expect(ada.get_by_label("Registration name")).to_have_value("Mine")
    save(ada)

    expect(ada.get_by_text("“Mine” has been saved.")).to_be_visible()


def nothing(page: Page) -> None:
    """As it is opened."""


def wrong(page: Page) -> None:
    page.get_by_label("Registration name").fill("")
    page.get_by_label("Access token URL").fill("no address")
    for each in page.get_by_role("checkbox").all():
        each.uncheck()
    save(page)
    expect(page.get_by_role("alert")).to_be_visible()


def stopped(page: Page) -> None:
    page.get_by_label("Keyset URL").fill(NOWHERE)
    save(page)
    expect(page.get_by_text("Nothing was saved yet")).to_be_visible()


def cutting(page: Page) -> None:
    page.get_by_label("Client ID").fill("cut-off")
    save(page)
    expect(page.get_by_role("alert")).to_be_visible()


def late(page: Page) -> None:
    page.locator("[name=version]").evaluate("field => { field.value = 'older' }")
    page.get_by_label("Registration name").fill("x" * 90)
    save(page)
    expect(page.get_by_text("Somebody else saved this registration")).to_be_visible()


@pytest.mark.parametrize("reach", [nothing, wrong, stopped, cutting, late])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_any_state(
    place: Place,
    registration: str,
    scripted: BrowserContext,
    scheme: str,
    reach: Callable[[Page], None],
) -> None:
    page = scripted.new_page()
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.goto(f"/portal/registrations/{registration}/edit")

    reach(page)
    found = []
    for width in (320, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        found += [f"{width}: {each}" for each in faults(page)]
        sideways = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        found += [f"{width}: scrolls sideways by {sideways}"] if sideways else []

    assert found == []
