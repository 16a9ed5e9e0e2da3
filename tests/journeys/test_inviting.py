"""An administrator invites a colleague, who comes in by a real provider, and later takes the role again."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.northfield import at_provider
from tests.journeys.test_signing_in import Place, place
from tests.support.campuses import *  # noqa: F403
from tests.support.databases import *  # noqa: F403

__all__ = ["place"]

pytestmark = [pytest.mark.browser, pytest.mark.node]

FORBIDDEN = "Your account doesn't have permission to access this page"


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_colleague_is_invited_works_and_is_shown_the_door(
    chromium: Browser, place: Place, *, script: bool
) -> None:
    def person() -> Page:
        context = chromium.new_context(
            base_url=place.address, reduced_motion="reduce", java_script_enabled=script
        )
        return context.new_page()

    ada, nobody = person(), person()
    sign_in(ada, "ada")
    sign_in(nobody, "nobody")
    expect(nobody.get_by_role("heading", level=1)).to_have_text(FORBIDDEN)

    link = invite(ada)
    nobody.goto(link)
    expect(nobody.get_by_role("heading", level=1)).to_have_text("You're invited to Northfield")
    expect(nobody.get_by_text("Ada Okafor")).to_be_visible()
    nobody.get_by_role("button", name="Northfield University").click()
    at_provider_again(nobody)

    expect(nobody).to_have_url(f"{place.address}/portal/registrations")
    menu = nobody.get_by_role("navigation", name="Main")
    expect(menu.get_by_role("link")).to_have_text(["Registrations", "Launches"])
    for page in ("/portal/people", "/portal/registrations/new", "/portal/tenants"):
        nobody.goto(page)
        expect(nobody.get_by_role("heading", level=1)).to_have_text(FORBIDDEN)

    ada.goto("/portal/invitations")
    expect(ada.get_by_role("row").filter(has_text="for a colleague")).to_contain_text("Accepted")
    ada.get_by_role("link", name="All people").click()
    ada.get_by_role("link", name="View Nobody").click()
    ada.get_by_role("checkbox", name="Educator").uncheck()
    ada.get_by_role("button", name="Save roles").click()
    expect(ada.get_by_text("holds no role here any more")).to_be_visible()

    nobody.goto("/portal/registrations")
    expect(nobody.get_by_role("heading", level=1)).to_have_text(
        "Sign in to the registration portal"
    )
    nobody.goto(link)
    expect(nobody.get_by_role("heading", level=1)).to_have_text("This invitation can't be used")


def sign_in(page: Page, who: str) -> None:
    page.goto("/portal")
    page.get_by_role("button", name="Northfield University").click()
    at_provider(page, who)


def at_provider_again(page: Page) -> None:
    """The provider knows who it is, and may ask whether the gateway may know it, too."""
    page.wait_for_url(lambda address: "/sign-in/campus" not in address)
    if page.locator('button[type="submit"]').count() and "/portal" not in page.url:
        page.locator('button[type="submit"]').first.click()


def invite(page: Page) -> str:
    """The link, as the page shows it."""
    page.get_by_role("navigation", name="Main").get_by_role("link", name="People").click()
    page.get_by_role("link", name="Invite somebody").click()
    page.get_by_label("Educator").check()
    page.get_by_label("For whom").fill("for a colleague")
    page.get_by_role("button", name="Make the link").click()
    return page.locator(".values .whole").inner_text()
