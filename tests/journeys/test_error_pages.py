"""Each error page, reached by its real cause, with its buttons clicked: with script and without."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Response, expect
from sqlalchemy import update

from gatelodge.services.caller import Role
from gatelodge.services.sign_in_limits import PER_EMAIL
from gatelodge.storage import tables
from gatelodge.storage.database import Connection
from tests.journeys.northfield import *  # noqa: F403
from tests.journeys.northfield import GATE, OpenBrowser, Place, at_provider, sign_in
from tests.support.gateways import OTTO
from tests.support.partner_providers import LAKESIDE, NORTHFIELD

pytestmark = [pytest.mark.browser, pytest.mark.node]

AGAIN = "Authentication failed. Try again"
FORBIDDEN = "Your account doesn't have permission to access this page"
WRONG = "Something went wrong. Try again later."
REGISTRATIONS = f"{GATE}/portal/registrations"

SCRIPT = pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])


def title(page: Page) -> str:
    return page.get_by_role("heading", level=1).inner_text()


def sent_by(page: Page, press: Callable[[], None], path: str) -> Response:
    """The answer to a form that is sent to this address."""
    with page.expect_response(
        lambda each: each.url == f"{GATE}{path}" and each.request.method == "POST"
    ) as answer:
        press()
    return answer.value


def clears(page: Page, name: str) -> str | None:
    """What a button that signs out has the browser forget."""
    button = page.get_by_role("button", name=name)
    return sent_by(page, button.click, "/sign-out").header_value("clear-site-data")


def end_everybody_s_session(place: Place) -> None:
    """Nobody did anything for an hour."""

    def make_older(connection: Connection) -> None:
        seen_at = tables.sessions.c.seen_at - 3600
        connection.execute(update(tables.sessions).values(seen_at=seen_at))

    place.gateway.database.write(make_older)


# ----------------------------------------------------------------------- the session has ended


@SCRIPT
def test_a_session_that_ended_is_taken_up_where_it_was(
    place: Place, open_browser: OpenBrowser, *, script: bool
) -> None:
    page = open_browser("ada", script=script)
    end_everybody_s_session(place)

    page.goto("/portal/registrations?q=moodle")
    expect(page).to_have_url(re.compile(f"{GATE}/sign-in"))
    page.context.clear_cookies(domain="127.0.0.1")
    sign_in(page, "ada")

    expect(page).to_have_url(f"{REGISTRATIONS}?q=moodle")


@SCRIPT
def test_what_was_typed_when_the_session_ended_is_sent_afterwards(
    place: Place, open_browser: OpenBrowser, *, script: bool
) -> None:
    page = open_browser("ada", script=script)
    page.goto("/portal/registrations/new")
    page.get_by_role("radio", name="Hello").check()
    page.get_by_role("button", name="Next: name and LMS").click()
    page.get_by_label("Registration name").fill("Typed before")
    page.get_by_role("radio", name="Moodle", exact=True).check()
    end_everybody_s_session(place)

    page.get_by_role("button", name="Next: keys for your LMS").click()
    assert title(page) == AGAIN
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Sign in in another tab").click()
    other_tab = opened.value
    page.context.clear_cookies(domain="127.0.0.1")
    sign_in(other_tab, "ada")
    expect(other_tab).to_have_url(re.compile(f"{GATE}/portal"))
    page.get_by_role("button", name="Send it again").click()
    expect(page.get_by_text("Nothing is lost: send it now")).to_be_visible()
    page.get_by_role("button", name="Send it again").click()

    expect(page.get_by_role("heading", name="Copy these keys into Moodle")).to_be_visible()
    expect(page.get_by_text("Typed before").first).to_be_visible()


# ----------------------------------------------------------------------- somebody who may not come in


@SCRIPT
def test_an_account_of_an_unknown_tenant_is_switched_for_another(
    open_browser: OpenBrowser, *, script: bool
) -> None:
    page = open_browser(script=script)
    page.goto("/portal/registrations")
    sign_in(page, "ada", LAKESIDE)
    assert title(page) == FORBIDDEN
    expect(page.get_by_text("Your institution has to be registered")).to_be_visible()
    expect(page.get_by_text("Ada Okafor")).to_be_visible()

    assert clears(page, "Sign out & switch accounts") == '"storage"'
    page.get_by_role("link", name=LAKESIDE).click()
    page.locator('button[value="yes"]').click()
    assert title(page) == "You're signed out"
    page.get_by_role("link", name="Sign in again").click()
    sign_in(page, "ada")

    expect(page).to_have_url(re.compile(f"{GATE}/portal"))


@SCRIPT
def test_an_account_without_a_role_is_switched_for_another(
    open_browser: OpenBrowser, *, script: bool
) -> None:
    page = open_browser(script=script)
    page.goto("/portal/registrations")
    page.get_by_role("button", name="Northfield University").click()
    at_provider(page, "nobody")
    assert title(page) == FORBIDDEN
    expect(page.get_by_text("neither an administrator nor an educator")).to_be_visible()

    assert clears(page, "Sign out & switch accounts") == '"storage"'
    page.locator('button[value="yes"]').click()
    assert title(page) == "You're signed out"
    page.get_by_role("link", name="Sign in again").click()
    page.get_by_role("button", name="Northfield University").click()
    at_provider(page, "ada")

    expect(page).to_have_url(re.compile(f"{GATE}/portal"))


@SCRIPT
def test_somebody_in_another_role_goes_back_or_switches_accounts(
    open_browser: OpenBrowser, *, script: bool
) -> None:
    page = open_browser("ben", script=script)
    page.goto("/portal/registrations/new")
    assert title(page) == FORBIDDEN
    expect(page.get_by_text("not in a role that this page is for")).to_be_visible()

    page.get_by_role("link", name="Go to registration portal").click()
    expect(page).to_have_url(REGISTRATIONS)
    page.go_back()
    assert clears(page, "Sign out & switch accounts") == '"storage"'
    page.locator('button[value="yes"]').click()

    assert title(page) == "You're signed out"


# ----------------------------------------------------------------------- the sign-in failed


@SCRIPT
def test_a_provider_that_is_down_can_be_gone_around(
    place: Place, open_browser: OpenBrowser, *, script: bool
) -> None:
    email, password = f"ada-{script}@northfield.example", "correct horse battery staple"
    place.gateway.accounts.add_local(
        OTTO, "northfield", Role.ADMIN, name="Ada Okafor", email=email, password=password
    )
    page = open_browser(script=script)
    page.goto("/portal/registrations?q=moodle")

    page.get_by_role("button", name="Northfield's annexe").click()
    assert title(page) == AGAIN
    expect(page.get_by_text("can't be reached just now")).to_be_visible()
    page.get_by_role("link", name="Try again").click()
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()

    expect(page).to_have_url(f"{REGISTRATIONS}?q=moodle")


@SCRIPT
def test_a_forged_state_signs_nobody_in_and_is_cleared_away(
    open_browser: OpenBrowser, *, script: bool
) -> None:
    page = open_browser(script=script)
    page.goto("/portal/registrations")
    answer = page.goto("/sign-in/entra/return?code=stolen&state=forged")
    assert answer is not None
    assert (answer.status, title(page)) == (401, AGAIN)

    assert clears(page, "Clear and sign in again") == '"cookies", "storage"'
    assert title(page) == "Sign in to the registration portal"
    assert [each["name"] for each in page.context.cookies(GATE)] == ["__Host-gatelodge-form"]
    sign_in(page, "ada")

    expect(page).to_have_url(REGISTRATIONS)


@SCRIPT
def test_who_stopped_at_the_provider_tries_again_and_is_where_they_were(
    open_browser: OpenBrowser, *, script: bool
) -> None:
    page = open_browser(script=script)
    page.goto("/portal/registrations?q=moodle")
    page.get_by_role("button", name="Microsoft Entra ID").click()
    page.get_by_role("link", name=NORTHFIELD).click()
    page.get_by_role("link", name="Cancel").click()
    assert title(page) == AGAIN

    page.get_by_role("link", name="Try again").click()
    sign_in(page, "ada")

    expect(page).to_have_url(f"{REGISTRATIONS}?q=moodle")


@SCRIPT
def test_who_tries_too_often_is_told_when_to_come_back(
    open_browser: OpenBrowser, *, script: bool
) -> None:
    page = open_browser(script=script)
    page.goto("/sign-in?to=/portal/registrations")
    page.get_by_label("E-mail").fill(f"eve-{script}@northfield.example")

    for _ in range(PER_EMAIL):
        page.get_by_label("Password").fill("a guess")
        page.get_by_role("button", name="Sign in", exact=True).click()
        expect(page.get_by_role("alert")).to_contain_text("isn't right")
    page.get_by_label("Password").fill("a guess")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Try again in 15 minutes.")

    # Who has an account at a provider isn't kept out.
    sign_in(page, "ada")
    expect(page).to_have_url(REGISTRATIONS)


# ----------------------------------------------------------------------- our own fault, and nobody's


@SCRIPT
def test_an_exception_in_a_service_leaves_ways_out(
    place: Place, open_browser: OpenBrowser, monkeypatch: pytest.MonkeyPatch, *, script: bool
) -> None:
    page = open_browser("ada", script=script)
    with monkeypatch.context() as planted:
        planted.setattr(place.gateway.registration_list, "look", explode)
        answer = page.goto("/portal/registrations")
        assert answer is not None
        assert (answer.status, title(page)) == (500, WRONG)
        expect(page.get_by_text(re.compile(r"Reference \w{4}-\w{4}"))).to_be_visible()
        expect(page.get_by_text("secret of the fault")).to_have_count(0)

        page.get_by_role("link", name="Go to Home page").click()
        expect(page).to_have_url(f"{GATE}/")
        page.get_by_role("link", name="Go to registration portal").click()
        assert title(page) == WRONG

    page.get_by_role("link", name="Go to registration portal").click()
    assert title(page) == "Registrations"


def explode(*_: object, **__: object) -> None:
    raise RuntimeError("secret of the fault")


@SCRIPT
def test_what_isn_t_there_leads_home_and_to_the_portal(
    open_browser: OpenBrowser, *, script: bool
) -> None:
    page = open_browser("ada", script=script)
    page.goto("/portal/registrations/nothing-like-this")
    assert title(page) == "There's nothing at this address"

    page.get_by_role("link", name="Go to Home page").click()
    expect(page).to_have_url(f"{GATE}/")
    page.go_back()
    page.get_by_role("link", name="Go to registration portal").click()

    expect(page).to_have_url(REGISTRATIONS)
