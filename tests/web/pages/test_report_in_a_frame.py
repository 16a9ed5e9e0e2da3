"""The form for a report stands in the LMS's frame, where the error page stood: small, and of any language."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, Frame, Page

from gatelodge.web.pages.headers import launch_report_headers
from gatelodge.web.pages.languages import LANGUAGES
from gatelodge.web.pages.models import LaunchReportPage
from gatelodge.web.pages.rendering import render_launch_report
from tests.support.axe import faults
from tests.web.pages.serving import Site, serving
from tests.web.pages.test_in_a_browser import OpenPage, in_each_frame

pytestmark = pytest.mark.browser

ASKED = LaunchReportPage(
    token="t" * 200,
    language="en",
    longest=2000,
    typed="",
    trouble="",
    reference="",
    support="mailto:help@northfield.example",
)
TYPED = "Ɯ" * 400 + "\n" * 20
STATES = {
    "asked": ASKED,
    "empty": replace(ASKED, trouble="empty"),
    "long": replace(ASKED, trouble="long", typed=TYPED),
    "many": replace(ASKED, trouble="many", typed=TYPED),
    "sent": replace(ASKED, token="", reference="P-7F3K-4MB9"),
    "too late": replace(ASKED, token="", trouble="dead"),
}


@pytest.fixture
def course(browser: Browser) -> Iterator[Page]:
    """A page of an LMS's. Chromium complains on it of each autofocus in a frame, which does no harm."""
    context = browser.new_context(viewport={"width": 800, "height": 600}, reduced_motion="reduce")
    yield context.new_page()
    context.close()


@pytest.fixture
def lms() -> Iterator[Site]:
    with serving("localhost") as lms:
        yield lms


def framed(page: Page, lms: Site, form: str, size: tuple[int, int]) -> Frame:
    """In a course page, as small as that and as tightly locked in as LMSs do it."""
    width, height = size
    frame = f'<iframe sandbox="allow-forms allow-scripts" src="{form}" width="{width}" height="{height}"></iframe>'
    page.goto(lms.show(frame.encode(), (("Content-Type", "text/html"),)))
    [_, inner] = page.frames
    inner.wait_for_load_state()
    return inner


@in_each_frame
@pytest.mark.parametrize("state", STATES)
def test_nothing_scrolls_sideways_and_the_button_can_be_pressed(
    course: Page, site: Site, lms: Site, size: tuple[int, int], state: str
) -> None:
    outside = {}

    for code, language in LANGUAGES.items():
        body = render_launch_report(replace(STATES[state], language=code), language)
        inner = framed(course, lms, site.show(body, launch_report_headers()), size)
        sideways = inner.evaluate(
            "(root => root.scrollWidth - root.clientWidth)(document.documentElement)"
        )
        if sideways:
            outside[code] = sideways
        if STATES[state].token:
            inner.get_by_role("button").click(trial=True, timeout=3000)

    assert outside == {}


@in_each_frame
def test_the_empty_form_shows_its_button_at_once(
    course: Page, site: Site, lms: Site, size: tuple[int, int]
) -> None:
    form = site.show(render_launch_report(ASKED), launch_report_headers())

    inner = framed(course, lms, form, size)

    bottom = inner.evaluate("document.querySelector('button').getBoundingClientRect().bottom")
    assert bottom <= size[1]


@in_each_frame
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_what_could_not_be_taken(
    open_page: OpenPage, site: Site, size: tuple[int, int], scheme: str
) -> None:
    page = open_page(*size, color_scheme=scheme)

    page.goto(site.show(render_launch_report(STATES["long"]), launch_report_headers()))

    assert faults(page) == []
