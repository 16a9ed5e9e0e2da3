"""The parts of the portal as people meet them: small, large, dark, mirrored, by keyboard, without script."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from gatelodge.web.pages.headers import portal_headers
from gatelodge.web.pages.languages import ARABIC, ENGLISH, LANGUAGES, Language
from tests.support.axe import faults
from tests.web.pages.conftest import OpenPage
from tests.web.pages.serving import Answer, Site
from tests.web.pages.test_in_a_browser import room
from tests.web.portal.drawn import ADA, OTTO, drawn

pytestmark = pytest.mark.browser

WIDTHS = [320, 640, 1280]

at_each_width = pytest.mark.parametrize("width", WIDTHS)
in_each_language = pytest.mark.parametrize(
    "language", LANGUAGES.values(), ids=lambda each: each.code
)


def problem(status: int, language: Language = ENGLISH) -> bytes:
    who = ADA if status == 403 else None
    return drawn("error.html", who, language, problem=status, trace_id="A1-6QX2-PT", error=None)


# ----------------------------------------------------------------------- sizes


@at_each_width
@in_each_language
def test_text_of_twice_the_size_never_scrolls_sideways(
    open_page: OpenPage, site: Site, language: Language, width: int
) -> None:
    page = open_page(width, 800)
    rooms = {}

    for name, body in {
        "patterns": drawn("patterns.html", OTTO, language),
        "help": drawn("help.html", ADA, language),
        "no permission": problem(403, language),
    }.items():
        page.goto(site.show(body, portal_headers()))
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        rooms[name] = room(page)[0]

    assert rooms == {"patterns": 0, "help": 0, "no permission": 0}


def test_in_forced_colours_buttons_and_chips_have_borders(open_page: OpenPage, site: Site) -> None:
    page = open_page(1280, 800, forced_colors="active")

    page.goto(site.show(drawn("patterns.html", OTTO), portal_headers()))

    expect(page.locator(".chip").first).to_have_css("border-top-style", "solid")
    expect(page.locator(".button.primary").first).to_have_css("border-top-style", "solid")
    assert faults(page) == []


def test_a_page_with_all_it_asks_for_weighs_less_than_100_kb(
    open_page: OpenPage, site: Site
) -> None:
    weights: list[int] = []
    page = open_page(1280, 800)
    page.on("response", lambda answer: weights.append(len(answer.body())))

    page.goto(site.show(drawn("patterns.html", OTTO), portal_headers()), wait_until="networkidle")

    assert len(weights) >= 4
    assert sum(weights) < 100 * 1024


# ----------------------------------------------------------------------- keyboard and script


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.innerText.trim()"))


def test_the_first_stop_of_the_keyboard_skips_the_header(open_page: OpenPage, site: Site) -> None:
    page = open_page(1280, 800)
    page.goto(site.show(drawn("help.html", ADA), portal_headers()))

    page.keyboard.press("Tab")
    assert focused(page) == "Skip to the page"
    page.keyboard.press("Enter")

    assert page.evaluate("document.activeElement.id") == "main"


def test_a_menu_opens_and_closes_by_keyboard(open_page: OpenPage, site: Site) -> None:
    page = open_page(1280, 800)
    page.goto(site.show(drawn("help.html", ADA), portal_headers()))
    profile = page.get_by_role("button", name="Profile of Ada Whitlock")

    profile.press("Enter")
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    page.keyboard.press("Escape")

    expect(page.get_by_role("button", name="Sign out")).to_be_hidden()
    expect(profile).to_be_focused()


@pytest.mark.parametrize("way", ["Keep it", "Escape"])
def test_the_question_before_deleting_opens_over_the_page_on_the_harmless_choice(
    open_page: OpenPage, site: Site, way: str
) -> None:
    page = open_page(1280, 800)
    body = drawn("patterns.html", OTTO)
    site.answers["/portal/patterns"] = Answer(body, portal_headers())
    page.goto(site.show(body, portal_headers()))
    trash = page.get_by_role("link", name="Delete Canvas").first

    trash.press("Enter")
    dialog = page.get_by_role("dialog", name="Delete “Moodle")
    expect(dialog.get_by_role("link", name="Keep it")).to_be_focused()
    assert faults(page) == []
    page.keyboard.press("Enter" if way == "Keep it" else "Escape")

    expect(dialog).to_have_count(0)
    expect(trash).to_be_focused()


def test_without_script_the_question_is_a_page_of_its_own(open_page: OpenPage, site: Site) -> None:
    page = open_page(1280, 800, java_script_enabled=False)
    site.answers["/portal/patterns"] = Answer(b"<title>Asked</title>", portal_headers())
    page.goto(site.show(drawn("patterns.html", OTTO), portal_headers()))

    page.get_by_role("link", name="Delete Canvas").first.click()

    expect(page).to_have_title("Asked")


def test_without_script_menus_open_and_nothing_offers_to_copy(
    open_page: OpenPage, site: Site
) -> None:
    page = open_page(1280, 800, java_script_enabled=False)
    page.goto(site.show(drawn("patterns.html", OTTO), portal_headers()))

    page.get_by_role("button", name="Profile of Otto Lind").click()

    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    expect(page.get_by_role("button", name="Copy Client ID")).to_have_count(0)


def test_a_value_is_copied_as_it_is_and_said_to_be(open_page: OpenPage, site: Site) -> None:
    page = open_page(1280, 800, permissions=["clipboard-read", "clipboard-write"])
    page.goto(site.show(drawn("patterns.html", OTTO), portal_headers()))

    page.get_by_role("button", name="Copy Tool URL").click()

    expect(page.locator("[data-live]")).to_have_text("Copied")
    expect(page.locator(".key-row.ticked")).to_have_count(1)
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == "https://gate.northfield.example/lti/quillmark/launch"


def test_a_form_that_is_sent_twice_is_sent_once(open_page: OpenPage, site: Site) -> None:
    page = open_page(1280, 800)
    page.goto(site.show(drawn("patterns.html", OTTO), portal_headers()))
    page.evaluate("window.sent = 0")
    page.evaluate(
        "document.addEventListener('submit', each => {"
        " if (!each.defaultPrevented) window.sent += 1; each.preventDefault(); })"
    )
    button = page.get_by_role("button", name="Next: keys for your LMS")

    button.click()
    expect(page.get_by_role("button", name="Saving…").last).to_have_attribute(
        "aria-disabled", "true"
    )
    page.get_by_role("button", name="Saving…").last.click(force=True)

    assert page.evaluate("window.sent") == 1


def test_closing_a_message_leaves_the_rest_of_the_page(open_page: OpenPage, site: Site) -> None:
    page = open_page(1280, 800)
    page.goto(site.show(drawn("patterns.html", OTTO), portal_headers()))

    page.get_by_role("link", name="Close this message").click()

    expect(page.get_by_text("has been deleted.")).to_have_count(0)
    expect(page.get_by_role("heading", level=1)).to_have_text("Patterns and states")


def test_arrows_and_bars_are_mirrored_in_arabic_and_addresses_are_not(
    open_page: OpenPage, site: Site
) -> None:
    page = open_page(1280, 800)

    page.goto(site.show(drawn("patterns.html", OTTO, ARABIC), portal_headers()))

    mirrored = "matrix(-1, 0, 0, 1, 0, 0)"
    expect(page.locator(".failures .bars").first).to_have_css("transform", mirrored)
    expect(page.locator(".trail .icon").first).to_have_css("transform", mirrored)
    expect(page.locator(".value .whole").first).to_have_css("direction", "ltr")
