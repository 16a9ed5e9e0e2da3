"""An administrator of an unknown institution asks for it at a real provider, in a real browser; the operator decides."""

from __future__ import annotations

import time
from collections.abc import Generator
from dataclasses import dataclass

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page, expect

from gatelodge.services.caller import Role
from tests.journeys.northfield import at_provider
from tests.journeys.test_inviting import at_provider_again, invite
from tests.support import processes
from tests.support.campuses import *  # noqa: F403
from tests.support.campuses import OpenCampus
from tests.support.clock import Clock
from tests.support.databases import *  # noqa: F403
from tests.support.gateways import OTTO
from tests.support.mail_servers import Mailbox, mail_server
from tests.support.partner_providers import LAKESIDE, entra_settings, node_provider

pytestmark = [pytest.mark.browser, pytest.mark.node]

PASSWORD = "correct horse battery staple"
FORBIDDEN = "Your account doesn't have permission to access this page"


@dataclass
class Place:
    address: str
    mailbox: Mailbox


@pytest.fixture
def place(campus_with: OpenCampus) -> Generator[Place]:
    with processes.reserved_port() as port, mail_server() as mailbox:
        address = f"http://localhost:{port}"
        with node_provider(address) as provider:
            campus = campus_with(clock=Clock(time.time()), base_url=address)
            campus.gateway.accounts.add_local(
                OTTO, None, Role.OPERATOR, name="Otto", email="otto@x.example", password=PASSWORD
            )
            settings = processes.environment(campus) | {
                "GATELODGE_BASE_URL": address,
                "GATELODGE_OIDC": entra_settings(provider),
                "GATELODGE_OUTBOUND_ALLOW": provider.removeprefix("http://"),
                "GATELODGE_SMTP_URL": f"smtp+plain://127.0.0.1:{mailbox.port}",
                "GATELODGE_MAIL_FROM": "gate@lti.example",
            }
            with processes.serving(settings, campus.directory / "log", port=port):
                yield Place(address, mailbox)


@pytest.fixture(params=[True, False], ids=["script", "no script"])
def script(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def ada(script: bool, chromium: Browser, place: Place) -> Generator[Page]:  # noqa: FBT001
    yield from a_browser(chromium, place, script=script)


@pytest.fixture
def otto(script: bool, chromium: Browser, place: Place) -> Generator[Page]:  # noqa: FBT001
    yield from a_browser(chromium, place, script=script)


@pytest.fixture
def nobody(script: bool, chromium: Browser, place: Place) -> Generator[Page]:  # noqa: FBT001
    yield from a_browser(chromium, place, script=script)


def a_browser(chromium: Browser, place: Place, *, script: bool) -> Generator[Page]:
    context = chromium.new_context(
        base_url=place.address, reduced_motion="reduce", java_script_enabled=script
    )
    yield context.new_page()
    context.close()


def arrive(page: Page, who: str = "ada") -> None:
    """From a directory that no tenant is of; at the provider they are signed in, or aren't yet."""
    page.goto("/sign-in")
    page.get_by_role("button", name="Microsoft Entra ID").click()
    page.get_by_role("link", name=LAKESIDE).click()
    at_provider(page, who)


def ask(page: Page) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(FORBIDDEN)
    page.get_by_label("Institution").fill("Lakeside College")
    page.get_by_label("Note to the people who run the gateway").fill("We use Moodle.")
    page.get_by_role("button", name="Ask for it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "You have asked to have your institution registered"
    )


def open_request(page: Page) -> None:
    page.goto("/sign-in")
    page.get_by_label("E-mail").fill("otto@x.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("link", name="Requests 1").click()
    page.get_by_role("link", name="Decide on Lakeside College").click()
    expect(page.get_by_text("We use Moodle.")).to_be_visible()


def come_again(page: Page, place: Place) -> None:
    """She has waited, and signs in as somebody who never did before."""
    page.context.clear_cookies()
    page.goto(f"{place.address}/portal")
    arrive(page)


def assert_accessible(page: Page, *, script: bool) -> None:
    """Axe is a script itself."""
    assert not script or not Axe().run(page).response["violations"]


def subjects(mailbox: Mailbox, count: int) -> list[str]:
    until = time.monotonic() + 30
    while len(mailbox.mails) < count and time.monotonic() < until:
        time.sleep(0.2)
    return mailbox.subjects


def test_ada_asks_otto_approves_and_she_is_in(
    ada: Page,
    otto: Page,
    place: Place,
    script: bool,  # noqa: FBT001
) -> None:
    arrive(ada)
    assert_accessible(ada, script=script)
    ask(ada)
    assert subjects(place.mailbox, 1) == ["An institution asks to be registered"]
    come_again(ada, place)
    expect(ada.get_by_text("are looking at it")).to_be_visible()

    open_request(otto)
    assert_accessible(otto, script=script)
    otto.get_by_role("button", name="Approve it").click()
    expect(otto.get_by_role("status").filter(has_text="is registered")).to_be_visible()
    expect(otto.get_by_role("link", name="View the tenant")).to_be_visible()
    assert subjects(place.mailbox, 2)[1:] == ["Your institution is registered"]

    come_again(ada, place)
    expect(ada).to_have_url(f"{place.address}/portal/registrations")
    expect(ada.get_by_text("is registered, and you administer it")).to_be_visible()
    expect(ada.get_by_role("banner")).to_contain_text("Lakeside College")


def test_who_was_approved_invites_an_educator_and_takes_the_role_again(
    ada: Page, otto: Page, nobody: Page, place: Place
) -> None:
    arrive(ada)
    ask(ada)
    open_request(otto)
    otto.get_by_role("button", name="Approve it").click()
    come_again(ada, place)
    arrive(nobody, "nobody")
    expect(nobody.get_by_role("heading", level=1)).to_have_text(FORBIDDEN)

    nobody.goto(invite(ada))
    expect(nobody.get_by_role("heading", level=1)).to_have_text(
        "You're invited to Lakeside College"
    )
    nobody.get_by_role("button", name="Microsoft Entra ID").click()
    nobody.get_by_role("link", name=LAKESIDE).click()
    at_provider_again(nobody)
    expect(nobody).to_have_url(f"{place.address}/portal/registrations")
    menu = nobody.get_by_role("navigation", name="Main")
    expect(menu.get_by_role("link")).to_have_text(["Registrations", "Launches"])
    nobody.goto("/portal/people")
    expect(nobody.get_by_role("heading", level=1)).to_have_text(FORBIDDEN)

    ada.goto("/portal/people")
    ada.get_by_role("link", name="View Nobody").click()
    ada.get_by_role("checkbox", name="Educator").uncheck()
    ada.get_by_role("button", name="Save roles").click()
    expect(ada.get_by_text("holds no role here any more")).to_be_visible()
    nobody.goto("/portal/registrations")
    expect(nobody.get_by_role("heading", level=1)).to_have_text(
        "Sign in to the registration portal"
    )


def test_ada_asks_otto_declines_and_she_reads_why(
    ada: Page,
    otto: Page,
    place: Place,
    script: bool,  # noqa: FBT001
) -> None:
    arrive(ada)
    ask(ada)

    open_request(otto)
    otto.get_by_label("Your word to who asked").fill("Write to us first.\nThank you.")
    otto.get_by_role("button", name="Decline it").click()
    expect(otto.get_by_text("This request was declined.")).to_be_visible()
    assert subjects(place.mailbox, 2)[1:] == ["Your institution wasn't registered"]

    come_again(ada, place)
    expect(ada.get_by_role("heading", level=1)).to_have_text(FORBIDDEN)
    expect(ada.get_by_role("blockquote")).to_contain_text("Write to us first.")
    assert_accessible(ada, script=script)
    ask(ada)
    otto.goto("/portal/requests")
    expect(otto.get_by_role("row")).to_have_count(3)
