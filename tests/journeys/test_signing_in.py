"""People sign in at a real provider in a real browser, land where they were going, switch, and sign out."""

from __future__ import annotations

import time
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page, expect

from gatelodge.services.caller import Role
from tests.journeys.northfield import at_provider
from tests.support import processes
from tests.support.campuses import *  # noqa: F403
from tests.support.campuses import OpenCampus
from tests.support.clock import Clock
from tests.support.databases import *  # noqa: F403
from tests.support.gateways import OTTO, Campus
from tests.support.partner_providers import (
    SOUTHBANK,
    campus_settings,
    entra_settings,
    node_provider,
)

pytestmark = [pytest.mark.browser, pytest.mark.node]

PASSWORD = "correct horse battery staple"


@dataclass
class Place:
    """A gateway that serves at ``address``, and its provider."""

    address: str
    campus: Campus
    provider: str


@pytest.fixture
def place(campus_with: OpenCampus) -> Generator[Place]:
    with processes.reserved_port() as port:
        address = f"http://localhost:{port}"
        with node_provider(address) as provider:
            campus = campus_with(clock=Clock(time.time()), base_url=address)
            settings = processes.environment(campus) | {
                "GATELODGE_BASE_URL": address,
                "GATELODGE_OIDC": entra_settings(provider) + campus_settings(f"{provider}/campus"),
                "GATELODGE_OUTBOUND_ALLOW": provider.removeprefix("http://"),
            }
            with processes.serving(settings, campus.directory / "log", port=port):
                yield Place(address, campus, provider)


@pytest.fixture(params=[True, False], ids=["script", "no script"])
def page(request: pytest.FixtureRequest, chromium: Browser, place: Place) -> Generator[Page]:
    context = chromium.new_context(
        base_url=place.address, reduced_motion="reduce", java_script_enabled=request.param
    )
    yield context.new_page()
    context.close()


def faults(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{each['id']}: {node['html']}" for each in found for node in each["nodes"]]


def test_cleo_signs_in_switches_and_signs_out(page: Page, place: Place) -> None:
    page.goto("/portal/sessions")
    expect(page).to_have_url(f"{place.address}/sign-in?to=%2Fportal%2Fsessions")

    page.get_by_role("button", name="Microsoft Entra ID").click()
    page.get_by_role("link", name=SOUTHBANK).click()
    at_provider(page, "cleo")

    expect(page).to_have_url(f"{place.address}/portal/sessions")
    row = page.get_by_role("row").filter(has_text="This one")
    expect(row).to_contain_text("Southbank · Administrator")
    expect(row).to_contain_text("Microsoft Entra ID")

    page.get_by_role("button", name="Profile of Cleo Marsh").click()
    page.get_by_role("button", name="Southbank · Educator").click()
    page.goto("/portal/sessions")
    expect(row).to_contain_text("Southbank · Educator")

    row.get_by_role("button", name="Sign out").click()
    page.wait_for_url(f"{place.provider}/**")
    page.locator('button[value="yes"]').click()

    expect(page).to_have_url(f"{place.address}/sign-out")
    expect(page.get_by_role("heading")).to_have_text("You're signed out")
    page.goto("/portal/sessions")
    expect(page.get_by_role("heading")).to_have_text("Sign in to the registration portal")
    assert [each["name"] for each in page.context.cookies(place.address)] == [
        "__Host-gatelodge-form"
    ]


def test_stopping_at_the_provider_can_be_tried_again(page: Page, place: Place) -> None:
    page.goto("/portal/sessions")
    page.get_by_role("button", name="Northfield University").click()
    page.get_by_role("link", name="Cancel").click()
    expect(page.get_by_role("heading")).to_have_text("Authentication failed. Try again")

    page.get_by_role("button", name="Clear and sign in again").click()

    expect(page).to_have_url(f"{place.address}/sign-in?to=%2Fportal%2Fsessions")
    page.get_by_role("button", name="Northfield University").click()
    at_provider(page, "ada")
    expect(page).to_have_url(f"{place.address}/portal/sessions")


def test_the_first_operator_comes_in_by_the_link_and_then_by_password(
    page: Page, place: Place
) -> None:
    page.goto(place.campus.gateway.setup_links.make(OTTO))
    page.get_by_label("Institution").fill("Lakeside College")
    page.get_by_label("Your name").fill("Otto Brandt")
    page.get_by_label("E-mail").fill("otto@lti.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Set up and sign in").click()
    page.goto("/portal/sessions")
    expect(page.get_by_role("row").filter(has_text="This one")).to_contain_text("Operator")

    page.get_by_role("row").get_by_role("button", name="Sign out").click()
    page.get_by_role("link", name="Sign in again").click()
    page.get_by_label("E-mail").fill("otto@lti.example")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("isn't right")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()

    page.goto("/portal/sessions")
    expect(page.get_by_role("row").filter(has_text="This one")).to_contain_text("Local account")


def test_axe_finds_nothing(chromium: Browser, place: Place) -> None:
    place.campus.gateway.accounts.add_local(
        OTTO, "northfield", Role.ADMIN, name="Ada", email="ada@x.example", password=PASSWORD
    )
    link = place.campus.gateway.setup_links.make(OTTO)
    pages = ("/sign-in", "/sign-out", link, f"{link}x", "/sign-in/entra/return?state=x")

    found = [
        fault
        for scheme in ("light", "dark")
        for width in (320, 1280)
        for fault in faults_of_all(chromium, place, pages, scheme, width)
    ]

    assert found == []


def faults_of_all(
    chromium: Browser, place: Place, pages: tuple[str, ...], scheme: Any, width: int
) -> list[str]:
    """Of these pages, of a refused password, and of the list of sessions."""
    context = chromium.new_context(
        base_url=place.address,
        reduced_motion="reduce",
        color_scheme=scheme,
        viewport={"width": width, "height": 800},
    )
    page, found = context.new_page(), []
    for address in pages:
        page.goto(address)
        found += faults(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width

    page.goto("/sign-in?to=/portal/sessions")
    page.get_by_label("E-mail").fill("ada@x.example")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in", exact=True).click()
    found += faults(page)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="Sessions")).to_be_visible()
    found += faults(page)
    context.close()
    return found
