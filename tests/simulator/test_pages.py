"""What people see of the simulated LMS, before any tool opens."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gatelodge.simulator.scenarios import SCENARIOS
from tests.simulator.lms import Browser


@pytest.fixture
def visitor(lms: Browser) -> Iterator[Browser]:
    lms.web.cookies.clear()
    yield lms
    lms.web.cookies.clear()


def test_a_visitor_is_mia_until_they_choose(visitor: Browser) -> None:
    assert "You are Mia Learner" in visitor.web.get("/").text

    visitor.become("2")

    assert "You are Theo Marlowe" in visitor.web.get("/").text


def test_the_session_comes_back_from_another_site(visitor: Browser) -> None:
    cookie = visitor.web.get("/").headers["Set-Cookie"]

    assert {"Secure", "HttpOnly", "SameSite=None"} <= set(cookie.split("; "))


def test_two_lms_on_one_host_keep_their_cookies_apart() -> None:
    names = [
        Browser(base_url=f"http://localhost:{port}", tools=())
        .web.get("/")
        .headers["Set-Cookie"]
        .partition("=")[0]
        for port in (8001, 9001)
    ]

    assert len(set(names)) == 2


def test_a_course_shows_its_links_in_the_page_and_in_a_window(visitor: Browser) -> None:
    page = visitor.web.get("/courses/biology-101").text

    assert 'href="/courses/biology-101/links/11"' in page
    assert "/open?link=11&amp;scenario=plain&amp;target=window" in page


def test_a_link_opens_its_tool_in_a_frame_with_a_name(visitor: Browser) -> None:
    page = visitor.web.get("/courses/biology-101/links/11").text

    assert 'title="Cell division warm-up" src="/open?link=11' in page


def test_only_teachers_choose_content_and_review_work(visitor: Browser) -> None:
    assert "Choose content" not in visitor.web.get("/courses/biology-101").text

    visitor.become("2")

    page = visitor.web.get("/courses/biology-101").text
    assert "Choose content" in page
    assert "Review Mia Learner's work" in page


def test_the_menu_says_what_must_come_of_each_scenario(visitor: Browser) -> None:
    page = visitor.web.get("/scenarios").text

    for scenario in SCENARIOS:
        assert f'href="/scenarios/{scenario.slug}"' in page
        assert scenario.expected in page or scenario.is_accepted


@pytest.mark.parametrize("slug", [scenario.slug for scenario in SCENARIOS])
def test_every_scenario_has_its_page(visitor: Browser, slug: str) -> None:
    page = visitor.web.get(f"/scenarios/{slug}").text

    assert f"scenario={slug}" in page
    assert "<iframe" in page


def test_blocked_cookies_are_a_matter_of_frames(visitor: Browser) -> None:
    page = visitor.web.get("/scenarios/cookies-blocked").text

    assert " credentialless" in page
    assert "Open in a new window" not in page


def test_what_a_tool_says_on_the_way_back_is_text(visitor: Browser) -> None:
    page = visitor.web.get("/return", params={"lti_errormsg": "<b>No</b> quiz"}).text

    assert "&lt;b&gt;No&lt;/b&gt; quiz" in page


@pytest.mark.parametrize(
    "path",
    [
        "/nowhere",
        "/courses/alchemy",
        "/courses/biology-101/links/99",
        "/courses/biology-101/links/11/work/2",
        "/scenarios/made-up",
        "/scenarios/made-up/again",
        "/open?link=99",
        "/open?link=11&scenario=made-up",
    ],
)
def test_what_does_not_exist_is_not_found(visitor: Browser, path: str) -> None:
    answer = visitor.web.get(path)

    assert answer.status_code == 404
    assert "There is no such page here" in answer.text


@pytest.mark.parametrize("body", ["", "person=99", "person=%00", "x" * 1000])
def test_nobody_becomes_somebody_who_is_not_there(visitor: Browser, body: str) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}

    assert visitor.web.post("/people", content=body, headers=headers).status_code == 404


@pytest.mark.parametrize("path", ["/", "/people", "/scenarios", "/open?link=11", "/nowhere"])
def test_every_page_brings_its_own_policy(visitor: Browser, path: str) -> None:
    headers = visitor.web.get(path).headers

    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"


def test_pages_have_no_script_or_style_of_their_own(visitor: Browser) -> None:
    for path in ("/", "/people", "/courses/biology-101", "/scenarios", "/open?link=11"):
        page = visitor.web.get(path).text
        assert "style=" not in page
        assert "<script>" not in page
        assert "onclick" not in page


def test_no_page_asks_another_site_for_anything(visitor: Browser) -> None:
    for path in ("/", "/people", "/courses/biology-101", "/scenarios"):
        page = visitor.web.get(path).text
        assert "https://" not in page
        assert "http://" not in page.replace("http://www.w3.org/2000/svg", "")
