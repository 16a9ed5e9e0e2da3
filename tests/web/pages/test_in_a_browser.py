"""The pages as people meet them: in a small frame, in the dark, with large text, without script."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Page, expect

from gatelodge.lti.errors import Heading, Refusal
from gatelodge.web.pages.headers import hand_off_headers, landing_headers, refusal_headers
from gatelodge.web.pages.models import HandOffForm, LandingPage, status_page
from gatelodge.web.pages.rendering import (
    render_hand_off,
    render_landing,
    render_plain,
    render_refusal,
)
from tests.support.axe import faults
from tests.web.pages.cases import (
    LONG_NAME,
    NOW,
    REFERENCE,
    REFUSALS,
    UNBROKEN_NAME,
    longest_of,
    page_of,
)
from tests.web.pages.serving import Answer, Site, serving

pytestmark = pytest.mark.browser

OpenPage = Callable[..., Page]

SIZES = [(640, 400), (320, 460)]
SCHEMES = ["light", "dark"]
LANDING = render_landing(LandingPage("lti.northfield.example", "0.1.0", "help@northfield.example"))

in_each_frame = pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
under_each_heading = pytest.mark.parametrize("heading", Heading, ids=lambda each: each.name.lower())


def room(page: Page) -> tuple[int, int]:
    """How far the page can be scrolled, sideways and down."""
    sideways, down = page.evaluate(
        "(root => [root.scrollWidth - root.clientWidth, root.scrollHeight - root.clientHeight])"
        "(document.documentElement)"
    )
    return sideways, down


def one_of_each_text() -> list[type[Refusal]]:
    """The refusal with the longest code of each text that there is."""
    by_text = {kind.person: kind for kind in sorted(REFUSALS, key=lambda each: len(each.code))}
    return list(by_text.values())


# ----------------------------------------------------------------------- refusals


@in_each_frame
@pytest.mark.parametrize("scheme", SCHEMES)
@under_each_heading
def test_axe_finds_nothing(
    open_page: OpenPage, site: Site, heading: Heading, scheme: str, size: tuple[int, int]
) -> None:
    page = open_page(*size, color_scheme=scheme)

    page.goto(site.show(render_refusal(page_of(longest_of(heading))), refusal_headers()))

    assert faults(page) == []


@in_each_frame
def test_every_refusal_fits_its_frame(
    open_page: OpenPage, site: Site, size: tuple[int, int]
) -> None:
    page = open_page(*size)
    rooms = {}

    for kind in one_of_each_text():
        page.goto(site.show(render_refusal(page_of(kind)), refusal_headers()))
        rooms[kind.code] = room(page)

    assert {code: each for code, each in rooms.items() if each != (0, 0)} == {}


@in_each_frame
@pytest.mark.parametrize("name", [LONG_NAME, UNBROKEN_NAME], ids=["words", "one word"])
def test_a_long_name_is_cut_after_two_lines(
    open_page: OpenPage, site: Site, name: str, size: tuple[int, int]
) -> None:
    page = open_page(*size)

    shown = page_of(longest_of(Heading.REGISTRATION), tool=name, platform=name)
    page.goto(site.show(render_refusal(shown), refusal_headers()))

    tool = page.locator(".tool")
    lines = tool.evaluate("it => it.clientHeight / parseFloat(getComputedStyle(it).lineHeight)")
    assert lines <= 2.1
    assert room(page)[0] == 0


@in_each_frame
@under_each_heading
@pytest.mark.parametrize("direction", ["ltr", "rtl"])
def test_text_of_twice_the_size_never_scrolls_sideways(
    open_page: OpenPage, site: Site, heading: Heading, size: tuple[int, int], direction: str
) -> None:
    page = open_page(*size)
    page.goto(site.show(render_refusal(page_of(longest_of(heading))), refusal_headers()))

    page.evaluate("document.documentElement.style.fontSize = '200%'")
    page.evaluate("direction => { document.dir = direction }", direction)

    assert room(page)[0] == 0


def test_the_page_needs_no_script(open_page: OpenPage, site: Site) -> None:
    page = open_page(640, 400, java_script_enabled=False)

    page.goto(site.show(render_refusal(page_of(REFUSALS[0])), refusal_headers()))

    expect(page.get_by_role("heading", level=1)).to_have_text(REFUSALS[0].heading)
    expect(page.get_by_text("Your IT administrator can.")).to_be_visible()


def test_the_page_stays_readable_when_its_style_is_missing(open_page: OpenPage, site: Site) -> None:
    page = open_page(320, 460)
    page.route("**/*.css", lambda route: route.fulfill(status=200, body=""))

    page.goto(site.show(render_refusal(page_of(REFUSALS[0])), refusal_headers()))

    icon = page.locator("svg").bounding_box()
    assert icon is not None
    assert icon["width"] == 20
    assert room(page)[0] == 0
    assert faults(page) == []


def test_one_click_takes_the_whole_reference(open_page: OpenPage, site: Site) -> None:
    page = open_page(640, 400)
    page.goto(site.show(render_refusal(page_of(REFUSALS[0])), refusal_headers()))

    page.get_by_text(REFERENCE).click()

    assert page.evaluate("getSelection().toString()") == REFERENCE


@pytest.mark.parametrize("sandbox", ["", 'sandbox=""', 'sandbox="allow-scripts allow-forms"'])
def test_an_lms_on_another_site_may_frame_it(open_page: OpenPage, site: Site, sandbox: str) -> None:
    refusal = site.show(render_refusal(page_of(REFUSALS[0])), refusal_headers())
    page = open_page(800, 600)

    with serving("localhost") as lms:
        course = f'<iframe {sandbox} src="{refusal}" width="640" height="400"></iframe>'
        page.goto(lms.show(course.encode(), (("Content-Type", "text/html"),)))
        heading = page.frame_locator("iframe").get_by_role("heading", level=1)

        expect(heading).to_have_text(REFUSALS[0].heading)
        expect(heading).to_have_css("font-size", "22px")


def test_in_forced_colours_the_parts_are_still_apart(open_page: OpenPage, site: Site) -> None:
    page = open_page(640, 400, forced_colors="active")

    page.goto(site.show(render_refusal(page_of(REFUSALS[0])), refusal_headers()))

    expect(page.locator("footer")).to_have_css("border-top-style", "solid")
    assert faults(page) == []


# ----------------------------------------------------------------------- landing and statuses


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", [1280, 320])
@pytest.mark.parametrize("status", [None, 404, 500])
def test_axe_finds_nothing_on_pages_of_their_own(
    open_page: OpenPage, site: Site, status: int | None, width: int, scheme: str
) -> None:
    page = open_page(width, 800, color_scheme=scheme)
    if status is None:
        page.goto(site.show(LANDING, landing_headers()))
    else:
        body = render_plain(status_page(status, trace_id=REFERENCE, now=NOW))
        page.goto(site.show(body, refusal_headers()))

    assert faults(page) == []
    assert room(page)[0] == 0


def test_the_landing_page_is_one_screen(open_page: OpenPage, site: Site) -> None:
    page = open_page(1280, 800)

    page.goto(site.show(LANDING, landing_headers()))

    assert room(page) == (0, 0)


@pytest.mark.parametrize("width", [1280, 320])
@pytest.mark.parametrize("direction", ["ltr", "rtl"])
def test_large_text_on_the_landing_page_never_scrolls_sideways(
    open_page: OpenPage, site: Site, width: int, direction: str
) -> None:
    page = open_page(width, 800)
    page.goto(site.show(LANDING, landing_headers()))

    page.evaluate("document.documentElement.style.fontSize = '200%'")
    page.evaluate("direction => { document.dir = direction }", direction)

    assert room(page)[0] == 0


# ----------------------------------------------------------------------- hand-off


def form_for(tool: Site) -> HandOffForm:
    return HandOffForm(
        action=tool.address + "/launch?course=1",
        tool="Quillmark peer review",
        code="c-1",
        iss="https://lti.northfield.example",
    )


def test_the_form_posts_itself_and_tells_the_tool_its_origin(
    open_page: OpenPage, site: Site
) -> None:
    page = open_page(640, 400)

    with serving("localhost") as tool:
        tool.answers["/launch"] = Answer(b"<title>In the tool</title>")
        form = form_for(tool)
        page.goto(site.show(render_hand_off(form), hand_off_headers(form.action)))
        expect(page).to_have_title("In the tool")

        [received] = tool.received
        assert received.path == "/launch?course=1"
        assert parse_qs(received.body) == {"code": ["c-1"], "iss": [form.iss]}
        assert received.origin == site.address
        assert received.referrer == site.address + "/"


def test_the_tool_may_redirect_the_code_out_of_its_address_to_another_host(
    open_page: OpenPage, site: Site
) -> None:
    page = open_page(640, 400)

    with serving("localhost") as tool, serving() as elsewhere:
        landed = elsewhere.show(b"<title>In the tool</title>", (("Content-Type", "text/html"),))
        tool.answers["/launch"] = Answer(b"", (("Location", landed),), status=303)
        form = form_for(tool)
        page.goto(site.show(render_hand_off(form), hand_off_headers(form.action)))

        expect(page).to_have_url(landed)


def test_without_script_a_button_takes_the_launch_on(open_page: OpenPage, site: Site) -> None:
    page = open_page(320, 460, java_script_enabled=False)

    with serving("localhost") as tool:
        tool.answers["/launch"] = Answer(b"<title>In the tool</title>")
        form = form_for(tool)
        page.goto(site.show(render_hand_off(form), hand_off_headers(form.action)))
        page.get_by_role("button", name="Continue to Quillmark peer review").click()

        expect(page).to_have_title("In the tool")
        assert len(tool.received) == 1


@in_each_frame
@pytest.mark.parametrize("scheme", SCHEMES)
def test_axe_finds_nothing_on_the_way_to_the_tool(
    open_page: OpenPage, site: Site, scheme: str, size: tuple[int, int]
) -> None:
    page = open_page(*size, color_scheme=scheme)
    page.route("**/*.js", lambda route: route.fulfill(status=200, body=""))

    form = form_for(site)
    page.goto(site.show(render_hand_off(form), hand_off_headers(form.action)))

    assert faults(page) == []
    assert room(page) == (0, 0)
