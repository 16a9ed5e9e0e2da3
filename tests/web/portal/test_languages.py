"""Which language somebody sees: the one they chose, or their browser's, or English."""

from __future__ import annotations

import httpx2
import pytest

from tests.support.browsers import Browser, browsing
from tests.support.gateways import BASE, Campus
from tests.support.lms import CLAIM
from tests.support.people import csrf_of, sign_in

pytestmark = pytest.mark.asyncio

HTML = {"accept": "text/html"}
ARABIC_BROWSER = {**HTML, "accept-language": "ar-EG,ar;q=0.9,en;q=0.5"}
ENGLISH = '<html lang="en" dir="ltr">'
ARABIC = '<html lang="ar" dir="rtl">'


async def choose(campus: Campus, browser: Browser, who: str, **fields: str) -> httpx2.Response:
    cookies = sign_in(campus, who)
    browser.http.cookies.update(cookies)
    return await browser.http.post(
        "/portal/language",
        data={"csrf": csrf_of(campus, cookies), **fields},
        headers={"origin": BASE},
        follow_redirects=False,
    )


async def test_nobody_has_the_language_of_their_browser(campus: Campus) -> None:
    async with browsing(campus) as browser:
        arabic = await browser.http.get("/", headers=ARABIC_BROWSER)
        other = await browser.http.get("/", headers={"accept-language": "cy, eo;q=0.1"})

    assert ARABIC in arabic.text
    assert ENGLISH in other.text
    assert arabic.headers["vary"] == "Accept-Language"


async def test_who_chose_a_language_has_it_whatever_the_browser_says(campus: Campus) -> None:
    async with browsing(campus) as browser:
        answer = await choose(campus, browser, "Ben", language="en", to="/help")
        chosen = await browser.http.get("/help", headers=ARABIC_BROWSER)

    assert (answer.status_code, answer.headers["location"]) == (303, "/help")
    assert ENGLISH in chosen.text


async def test_a_language_that_there_is_not_gives_the_choice_back_to_the_browser(
    campus: Campus,
) -> None:
    async with browsing(campus) as browser:
        await choose(campus, browser, "Ben", language="xx")
        page = await browser.http.get("/help", headers=ARABIC_BROWSER)

    assert ARABIC in page.text


@pytest.mark.parametrize(
    "to",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "/portal/..\\\\evil.example",
        "/portal/\n/evil.example",
        "/portal.evil.example",
        "",
    ],
)
async def test_the_choice_leads_to_no_address_but_ours(campus: Campus, to: str) -> None:
    async with browsing(campus) as browser:
        answer = await choose(campus, browser, "Ada", language="ar", to=to)

    assert answer.headers["location"] == "/portal"


async def test_a_launch_that_is_refused_is_told_in_the_language_of_the_launch(
    campus: Campus,
) -> None:
    async with browsing(campus) as browser:
        login = await browser.login()
        token = browser.token(
            login,
            **{CLAIM + "launch_presentation": {"locale": "ar"}, CLAIM + "version": "1.1"},
        )
        answer = await browser.post(login, token)

    assert answer.status_code == 400
    assert ARABIC in answer.text


async def test_a_login_that_is_refused_is_told_in_the_language_of_the_browser(
    campus: Campus,
) -> None:
    async with browsing(campus) as browser:
        answer = await browser.http.get("/lti/hello/login", headers=ARABIC_BROWSER)

    assert ARABIC in answer.text


async def test_an_address_that_is_not_there_is_told_in_the_language_of_the_browser(
    campus: Campus,
) -> None:
    async with browsing(campus) as browser:
        answer = await browser.http.get("/nothing", headers=ARABIC_BROWSER)

    assert answer.status_code == 404
    assert ARABIC in answer.text
