"""What a script adds to the steps with the keys: addresses while somebody types, and all keys copied."""

from __future__ import annotations

from collections.abc import Generator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.campus import Place, opened

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Generator[Place]:
    with opened(tmp_path_factory.mktemp("campus")) as place:
        yield place


@pytest.fixture
def ada(chromium: Browser, place: Place) -> Generator[Page]:
    context = chromium.new_context(
        base_url=place.address,
        reduced_motion="reduce",
        permissions=["clipboard-read", "clipboard-write"],
    )
    place.sign_in(context)
    yield context.new_page()
    context.close()


def step(place: Place, page: Page, number: int, platform: str) -> None:
    draft = place.gateway.drafts.begin(place.ada, {"tool": "hello", "name": "Typed"})
    values = {"platform": platform, "way": "own"}
    place.gateway.drafts.save(place.ada, draft.id, values, step=4, version=draft.version)
    page.goto(f"/portal/drafts/{draft.id}/{number}")


def test_the_addresses_appear_while_the_issuer_is_typed(place: Place, ada: Page) -> None:
    step(place, ada, 4, "moodle")
    ada.get_by_label("Public keyset URL").fill("https://elsewhere.example/keys")

    ada.get_by_label("Platform ID").fill(" https://moodle.campus.example/lms/ ")
    ada.get_by_label("Platform ID").blur()

    site = "https://moodle.campus.example/lms"
    expect(ada.get_by_label("Access token URL")).to_have_value(f"{site}/mod/lti/token.php")
    expect(ada.get_by_label("Authentication request URL")).to_have_value(f"{site}/mod/lti/auth.php")
    # What was typed is never changed.
    expect(ada.get_by_label("Public keyset URL")).to_have_value("https://elsewhere.example/keys")


def test_half_an_address_fills_nothing_in(place: Place, ada: Page) -> None:
    step(place, ada, 4, "moodle")

    ada.get_by_label("Platform ID").fill("moodle")
    ada.get_by_label("Platform ID").blur()

    expect(ada.get_by_label("Access token URL")).to_have_value("")


def test_all_keys_are_copied_by_one_button(place: Place, ada: Page) -> None:
    step(place, ada, 3, "canvas")

    ada.get_by_role("button", name="Copy all as text").click()
    expect(ada.get_by_role("button", name="Copy all as text")).to_have_text("Copied")
    copied = ada.evaluate("navigator.clipboard.readText()")

    assert copied.startswith("Keys for Canvas: Hello")
    assert f"Target Link URI: {place.address}/lti/hello/launch" in copied
