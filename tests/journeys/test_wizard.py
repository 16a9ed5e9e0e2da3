"""An administrator adds a registration while a second tab plays the LMS; then a launch succeeds.

The simulated LMS is given exactly the values that the wizard showed, and nothing else.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.journeys.campus import Place, opened

pytestmark = pytest.mark.browser

CLIENT_ID, DEPLOYMENT = "Wm4Rk8sVt2BqX6d", "23"
CANVAS_CLIENT = "10000000000001"
CANVAS_DEPLOYMENT = "12345:8865aa05b4b79b64a91a86042e43af5ea8ae79eb"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Generator[Place]:
    with opened(tmp_path_factory.mktemp("campus")) as place:
        yield place


@pytest.fixture(params=[True, False], ids=["script", "no script"])
def ada(request: pytest.FixtureRequest, chromium: Browser, place: Place) -> Generator[Page]:
    """Ada's browser, with script and without."""
    context = chromium.new_context(
        base_url=place.address, reduced_motion="reduce", java_script_enabled=request.param
    )
    place.sign_in(context)
    yield context.new_page()
    context.close()


@pytest.fixture
def scripted(chromium: Browser, place: Place) -> Generator[BrowserContext]:
    context = chromium.new_context(base_url=place.address, reduced_motion="reduce")
    place.sign_in(context)
    yield context
    context.close()


def choose_tool(page: Page) -> None:
    page.goto("/portal/registrations/new")
    page.get_by_role("radio", name="Hello").check()
    page.get_by_role("button", name="Next: name and LMS").click()


def name_it(page: Page, name: str, lms: str) -> None:
    page.get_by_label("Registration name").fill(name)
    page.get_by_role("radio", name=lms, exact=lms != "Other LMS").check()


def shown(page: Page, label: str) -> str:
    """A value of ours, as step 3 shows it under the LMS's name."""
    row = page.locator("li.key-row", has=page.get_by_text(label, exact=True)).first
    return row.locator("bdi.key-value").inner_text()


def entered(page: Page, *, login: str, target: str, redirect: str, **ids: str) -> dict[str, Any]:
    """The tool as it is entered in the LMS: with what the page shows under these labels."""
    return {
        "label": "Hello",
        "login_url": shown(page, login),
        "target_link_uri": shown(page, target),
        "redirect_uris": [shown(page, redirect)],
        **ids,
    }


def launch(page: Page, lms: str) -> None:
    """Somebody clicks the link in a course of this LMS."""
    page.goto(f"{lms}/people")
    page.get_by_role("button", name="Be Mia Learner").click()
    page.get_by_role("link", name="Biology 101").click()
    address = page.get_by_role("link", name="New window").first.get_attribute("href")
    page.goto(f"{lms}{address}")
    # Without script each form on the way is sent on by hand.
    for _ in range(3):
        if page.get_by_role("button", name="Go on").count():
            page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading")).to_have_text("The tool is open")


def save(page: Page, name: str) -> None:
    expect(page.get_by_role("heading", name="Review and add")).to_be_visible()
    page.get_by_role("button", name="Save and exit").last.click()
    expect(page.get_by_text(f"“{name}” has been added.")).to_be_visible()


def test_moodle_is_added_by_pasting_its_page_of_keys(place: Place, ada: Page) -> None:
    choose_tool(ada)
    name_it(ada, "Moodle", "Moodle")
    ada.get_by_role("button", name="Next: keys for your LMS").click()
    tool = entered(
        ada,
        login="Initiate login URL",
        target="Tool URL",
        redirect="Redirection URI(s)",
        client_id=CLIENT_ID,
        deployment_id=DEPLOYMENT,
    )
    lms = place.begin_lms(tool)
    ada.get_by_role("button", name="Next: keys from Moodle").click()
    page_of_keys = "\n".join(
        (
            f"Platform ID: {lms}",
            f"Client ID: {CLIENT_ID}\u200b",
            f"Deployment ID: {DEPLOYMENT}",
            f"Public keyset URL: {lms}/mod/lti/certs.php",
            f"Access token URL: {lms}/mod/lti/token.php",
            f"Authentication request URL: {lms}/mod/lti/auth.php",
        )
    )
    ada.get_by_label("Paste the whole page").fill(page_of_keys)
    ada.get_by_role("button", name="Sort the keys").click()
    expect(ada.get_by_text("All 6 keys found")).to_be_visible()
    expect(ada.get_by_text("Answers with")).to_be_visible()
    ada.get_by_role("button", name="Review and add").last.click()
    save(ada, "Moodle")

    launch(ada, lms)


def test_a_canvas_of_ones_own_is_asked_for_little(place: Place, ada: Page) -> None:
    choose_tool(ada)
    name_it(ada, "Canvas", "Canvas")
    ada.get_by_label("Where this Canvas runs").select_option(label="Self-hosted")
    ada.get_by_role("button", name="Next: keys for your LMS").click()
    issuer = f"https://canvas-{place.ports[-1]}.example"
    tool = entered(
        ada,
        login="OpenID Connect Initiation Url",
        target="Target Link URI",
        redirect="Redirect URIs",
        client_id=CANVAS_CLIENT,
        deployment_id=CANVAS_DEPLOYMENT,
    )
    lms = place.begin_lms(tool, issuer=issuer)
    ada.get_by_role("button", name="Next: keys from Canvas").click()
    ada.get_by_label("Address of your LMS's site").fill(f"{lms}/")
    ada.get_by_label("Details").fill(f" {CANVAS_CLIENT} ")
    ada.get_by_label("Deployment Id").fill(CANVAS_DEPLOYMENT)
    ada.get_by_label("Issuer ID URL").fill(issuer)
    ada.get_by_role("button", name="Review and add").last.click()
    save(ada, "Canvas")

    launch(ada, lms)


def test_brightspace_is_filled_in_by_the_address_of_its_site(place: Place, ada: Page) -> None:
    client, deployment = (
        "7aaa046f-50d4-4dc3-aac5-ac22e6d4339e",
        "78cd1b1c-ccbd-4318-9f90-22241f63b1f5",
    )
    choose_tool(ada)
    name_it(ada, "Brightspace", "Brightspace")
    ada.get_by_role("button", name="Next: keys for your LMS").click()
    tool = entered(
        ada,
        login="OpenID Connect Login URL",
        target="Target Link URI",
        redirect="Redirect URLs",
        client_id=client,
        deployment_id=deployment,
    )
    lms = place.begin_lms(tool)
    ada.get_by_role("button", name="Next: keys from Brightspace").click()
    ada.get_by_label("Address of your LMS's site").fill(lms)
    ada.get_by_role("button", name="Fill in").click()
    expect(ada.get_by_label("Brightspace OAuth2 Audience")).to_have_value(
        "https://api.brightspace.com/auth/token"
    )
    ada.get_by_label("Client Id", exact=True).fill(client)
    ada.get_by_label("Deployment Id", exact=True).fill(deployment)
    ada.get_by_role("button", name="Review and add").last.click()
    save(ada, "Brightspace")

    launch(ada, lms)


def test_any_other_lms_is_added_by_typing(place: Place, ada: Page) -> None:
    choose_tool(ada)
    name_it(ada, "Ours", "Other LMS")
    ada.get_by_role("button", name="Next: keys for your LMS").click()
    tool = entered(
        ada,
        login="OpenID connection URL",
        target="Target link URL",
        redirect="Redirect URL",
        client_id="any",
        deployment_id="1",
    )
    lms = place.begin_lms(tool)
    ada.get_by_role("button", name="Next: keys from your LMS").click()
    for field, value in {
        "issuer": lms,
        "client_id": "any",
        "deployment_id": "1",
        "key_set_url": f"{lms}/jwks",
        "token_url": f"{lms}/token",
        "authorization_url": f"{lms}/authorize",
    }.items():
        ada.locator(f"#{field}").fill(value)
    ada.get_by_role("button", name="Review and add").last.click()
    save(ada, "Ours")

    launch(ada, lms)


# ----------------------------------------------------------------------- by keyboard, and for everybody


def test_the_whole_wizard_works_by_keyboard_alone(place: Place, scripted: BrowserContext) -> None:
    page = scripted.new_page()
    page.goto("/portal/registrations/new")

    def tab_to(selector: str) -> None:
        for _ in range(120):
            if page.evaluate("selector => document.activeElement?.matches(selector)", selector):
                return
            page.keyboard.press("Tab")
        raise AssertionError(f"the keyboard doesn't reach {selector}")

    tab_to("input[name=tool]")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Name it")).to_be_visible()
    tab_to("#name")
    page.keyboard.type("By keyboard")
    tab_to("input[name=platform]")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Copy these keys into Canvas")).to_be_visible()
    tab_to("button.primary")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="LMS provided registration keys")).to_be_visible()
    tab_to("#client_id")
    page.keyboard.type("10000000000042")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Review and add")).to_be_visible()
    tab_to("button.primary")
    page.keyboard.press("Enter")

    expect(page.get_by_text("“By keyboard” has been added.")).to_be_visible()


def faults(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{each['id']}: {node['html']}" for each in found for node in each["nodes"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_axe_finds_nothing_on_any_step(
    place: Place, scripted: BrowserContext, scheme: str, width: int
) -> None:
    page = scripted.new_page()
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.set_viewport_size({"width": width, "height": 900})
    draft = place.gateway.drafts.begin(place.ada, {"tool": "hello", "name": "x" * 90})
    draft = place.gateway.drafts.save(
        place.ada,
        draft.id,
        {"platform": "moodle", "issuer": "http://moodle.example/", "client_id": "y" * 200},
        step=5,
        version=draft.version,
    )
    address = f"/portal/drafts/{draft.id}"
    found = []

    for path in ("/portal/registrations/new", *(f"{address}/{step}" for step in range(1, 6))):
        page.goto(path)
        found += [f"{path}: {each}" for each in faults(page)]
        sideways = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        if sideways:
            found.append(f"{path}: scrolls sideways by {sideways}")
    page.goto(f"{address}/4")
    page.get_by_role("button", name="Review and add").last.click()
    expect(page.get_by_role("alert")).to_be_visible()
    found += faults(page)
    place.gateway.drafts.delete(place.ada, draft.id)

    assert found == []
