"""The way from the error page of a launch to a report, by people who have no account."""

from __future__ import annotations

import html
import re

import httpx2
import pytest

from gatelodge.services.caller import Caller
from gatelodge.services.problem_pages import LIFETIME, PER_ADDRESS
from tests.support.browsers import browsing
from tests.support.gateways import OTTO, Campus
from tests.support.people import add_person

pytestmark = pytest.mark.asyncio

ADDRESS = "/problems/launch"


def way_on(page: httpx2.Response) -> str:
    """Where the page of a refusal says that it can be reported."""
    [found] = re.findall(r'<a class="way" href="([^"]*)"', page.text)
    return html.unescape(found)


def token_of(page: httpx2.Response) -> str:
    [found] = re.findall(r'name="page" value="([^"]*)"', page.text)
    return html.unescape(found)


def reference_of(page: httpx2.Response) -> str:
    [found] = re.findall(r'class="reference">(P-[^<]*)<', page.text)
    return found


def ada(campus: Campus) -> Caller:
    return Caller.admin("ada", campus.tenant())


async def test_a_refused_student_reports_it_and_the_admin_finds_launch_and_words(
    campus: Campus,
) -> None:
    async with browsing(campus) as student:
        refused = await student.launch(aud="somebody else")
        form = await student.http.get(way_on(refused))
        sent = await student.http.post(
            ADDRESS, data={"page": token_of(form), "text": "It said <b>no</b>"}
        )

    reference = reference_of(sent)
    seen = campus.gateway.problems.show(ada(campus), reference)
    found = campus.gateway.launch_records.show(ada(campus), seen.launch or "")
    assert (refused.status_code, form.status_code, sent.status_code) == (401, 200, 200)
    assert seen.text == "It said <b>no</b>"
    assert found.record.code == "launch.audience_mismatch"
    assert "somebody else" not in form.text + sent.text
    assert "trace" not in sent.text


async def test_the_form_is_framed_by_every_lms_and_sends_to_us_alone(campus: Campus) -> None:
    async with browsing(campus) as student:
        refused = await student.launch(aud="somebody else")
        form = await student.http.get(way_on(refused))

    policy = form.headers["content-security-policy"]
    assert "frame-ancestors" not in policy
    assert "x-frame-options" not in form.headers
    assert "form-action 'self'" in policy
    assert form.headers["referrer-policy"] == "no-referrer"
    assert form.headers["cache-control"] == "no-store"
    assert "set-cookie" not in form.headers


async def test_the_form_speaks_the_language_of_the_launch(campus: Campus) -> None:
    async with browsing(campus) as student:
        begun = await student.login()
        presentation = "https://purl.imsglobal.org/spec/lti/claim/launch_presentation"
        token = student.token(begun, **{presentation: {"locale": "ar"}, "nonce": "another"})
        refused = await student.post(begun, token)
        form = await student.http.get(way_on(refused), headers={"accept-language": "en"})

    assert 'dir="rtl"' in form.text


async def test_a_page_is_reported_once_however_often_it_is_sent(campus: Campus) -> None:
    async with browsing(campus) as student:
        way = way_on(await student.launch(aud="somebody else"))
        token = token_of(await student.http.get(way))
        first = await student.http.post(ADDRESS, data={"page": token, "text": "one"})
        second = await student.http.post(ADDRESS, data={"page": token, "text": "two"})
        again = await student.http.get(way)

    assert reference_of(first) == reference_of(second) == reference_of(again)
    assert "<form" not in again.text
    assert len(campus.gateway.problems.inbox(ada(campus)).lines) == 1


async def test_an_old_page_and_a_forged_one_are_told_apart_by_nobody(campus: Campus) -> None:
    async with browsing(campus) as student:
        way = way_on(await student.launch(aud="somebody else"))
        token = token_of(await student.http.get(way))
        forged = await student.http.get(ADDRESS, params={"page": token[:-1] + "g"})
        campus.clock.now += LIFETIME + 1
        old = await student.http.get(way)
        sent = await student.http.post(ADDRESS, data={"page": token, "text": "late"})

    assert {each.status_code for each in (forged, old, sent)} == {410}
    assert re.sub(r'lang="\w+"', "", forged.text) == re.sub(r'lang="\w+"', "", old.text)
    assert campus.gateway.problems.inbox(ada(campus)).lines == ()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Tell us what happened"),
        ("   ", "Tell us what happened"),
        ("</textarea><script>" + "x" * 2000, "longer than 2,000"),
    ],
)
async def test_what_cannot_be_taken_is_said_and_kept(
    campus: Campus, text: str, sentence: str
) -> None:
    async with browsing(campus) as student:
        way = way_on(await student.launch(aud="somebody else"))
        token = token_of(await student.http.get(way))
        answer = await student.http.post(ADDRESS, data={"page": token, "text": text})

    assert answer.status_code == 422
    assert sentence in answer.text
    assert html.escape(text.strip(), quote=False) in answer.text
    assert "<script>" not in answer.text


async def test_who_sends_many_is_asked_to_wait(campus: Campus) -> None:
    async with browsing(campus) as student:
        for _ in range(PER_ADDRESS + 1):
            way = way_on(await student.launch(aud="somebody else"))
            token = token_of(await student.http.get(way))
            answer = await student.http.post(ADDRESS, data={"page": token, "text": "no"})

    assert answer.status_code == 429
    assert "no</textarea>" in answer.text
    assert len(campus.gateway.problems.inbox(ada(campus)).lines) == PER_ADDRESS


async def test_what_is_no_small_form_is_not_read(campus: Campus) -> None:
    async with browsing(campus) as student:
        large = await student.http.post(ADDRESS, data={"page": "x", "text": "x" * 40_000})
        files = await student.http.post(
            ADDRESS, data={"page": "x"}, files={"text": ("x.png", b"x", "image/png")}
        )

    assert (large.status_code, files.status_code) == (413, 400)


async def test_a_login_that_proves_nothing_is_reported_to_whom_it_concerns(
    campus: Campus,
) -> None:
    add_person(campus, "Ada")
    async with browsing(campus) as student:
        nobodys = await student.http.get("/lti/hello/login")
        await student.http.post(
            ADDRESS,
            data={"page": token_of(await student.http.get(way_on(nobodys))), "text": "nobody's"},
        )
        begun = await student.login()
        student.http.cookies.clear()
        without_cookie = await student.post(begun, student.token(begun))
        await student.http.post(
            ADDRESS,
            data={"page": token_of(await student.http.get(way_on(without_cookie))), "text": "ours"},
        )

    problems = campus.gateway.problems
    assert [each.summary for each in problems.inbox(OTTO).lines] == ["nobody's"]
    assert [each.summary for each in problems.inbox(ada(campus)).lines] == ["ours"]


async def test_every_error_page_leads_to_the_operator(campus: Campus) -> None:
    async with browsing(campus) as somebody:
        html_wanted = {"accept": "text/html"}
        pages = [
            await somebody.http.get("/nothing-here", headers=html_wanted),
            await somebody.http.get("/sign-in/nobody/return", headers=html_wanted),
            await somebody.http.put("/lti/hello/login", headers=html_wanted),
        ]
        ways = [re.findall(r'href="(/problems/launch[^"]*)"', each.text) for each in pages]
        for [way] in ways:
            form = await somebody.http.get(html.unescape(way))
            await somebody.http.post(ADDRESS, data={"page": token_of(form), "text": "lost"})

    lines = campus.gateway.problems.inbox(OTTO).lines
    assert [each.kind for each in lines] == ["portal"] * len(pages)


async def test_an_operator_who_wants_no_reports_names_where_to_turn(campus: Campus) -> None:
    quiet = campus.beside(problem_reports=False, support_contact="help@northfield.example")
    with quiet as beside:
        async with browsing(beside) as student:
            refused = await student.http.get("/lti/hello/login")
            form = await student.http.get(ADDRESS)
    with campus.beside(problem_reports=False) as silent:
        async with browsing(silent) as student:
            nowhere = await student.http.get("/lti/hello/login")

    assert way_on(refused) == "mailto:help@northfield.example"
    assert form.status_code == 404
    assert 'class="way"' not in nowhere.text
