"""The door of the portal: who comes in, by which page, and what they see when they may not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
import pytest_asyncio
from fastapi import FastAPI
from starlette.responses import PlainTextResponse, Response

from gatelodge.services.errors import NotAllowed, RegistrationNotFound
from gatelodge.services.sessions import Visitor
from gatelodge.storage.errors import StorageUnavailable
from gatelodge.web.portal.messages import COOKIE, Action, Message
from gatelodge.web.portal.pages import ADMINS, EVERYBODY, NotHere, Page, Visit
from gatelodge.web.portal.portal import SESSION_COOKIE, Portal
from tests.support.gateways import BASE, Campus
from tests.support.people import add_person

pytestmark = pytest.mark.asyncio

DONE = Message("ok", "{name} was taken.", {"name": "<b>Moodle</b>"}, Action("Undo", "/portal/undo"))


def tell(visit: Visit) -> Response:
    return PlainTextResponse(f"{visit.caller.role} {visit.query.get('q', '')}")


def take(visit: Visit) -> Response:
    return visit.go("/portal/show", DONE)


def show(visit: Visit) -> Response:
    return visit.page("again.html", fields=[], left_out=[])


def fail(visit: Visit) -> Response:
    raise {
        "hidden": NotHere(),
        "missing": RegistrationNotFound("r-1"),
        "forbidden": NotAllowed("Not you."),
        "away": StorageUnavailable("The database is away."),
        "broken": RuntimeError("what nobody may read"),
    }[visit.path["how"]]


PAGES = (
    Page("/portal/tell", {"GET": tell, "POST": take}, EVERYBODY),
    Page("/portal/show", {"GET": show}, EVERYBODY),
    Page("/portal/admins", {"GET": tell}, ADMINS),
    Page("/portal/fail/{how}", {"GET": fail}, EVERYBODY),
)


@dataclass
class House:
    """A browser of Ada's, in front of four pages."""

    campus: Campus
    http: httpx2.AsyncClient

    def sign_in(self, name: str = "Ada") -> Visitor:
        return self.sign_in_again(add_person(self.campus, name))

    def sign_in_again(self, account_id: str) -> Visitor:
        token = self.campus.gateway.sessions.begin(account_id)
        self.http.cookies.set(SESSION_COOKIE, token)
        visitor = self.campus.gateway.sessions.find(token)
        assert visitor is not None
        return visitor

    async def post(self, csrf: str, **headers: str) -> httpx2.Response:
        data = {"csrf": csrf, "name": "<Moodle>"}
        return await self.http.post("/portal/tell", data=data, headers=headers)


@pytest_asyncio.fixture
async def house(campus: Campus) -> AsyncIterator[House]:
    async with _opened(campus) as house:
        yield house


@asynccontextmanager
async def _opened(campus: Campus) -> AsyncIterator[House]:
    app = FastAPI()
    Portal(campus.gateway).add_to(app, PAGES)
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=app, raise_app_exceptions=False),
        base_url=BASE,
        headers={"origin": BASE},
    ) as http:
        yield House(campus, http)


async def test_nobody_is_led_to_the_sign_in_and_back_to_where_they_were_going(house: House) -> None:
    answer = await house.http.get("/portal/tell?q=a%26b")

    at = urlsplit(answer.headers["location"])
    assert answer.status_code == 303
    assert (at.path, parse_qs(at.query)) == ("/sign-in", {"to": ["/portal/tell?q=a%26b"]})


async def test_a_visitor_is_let_in_to_a_page_of_their_role(house: House) -> None:
    house.sign_in()

    answer = await house.http.get("/portal/admins?q=hello")

    assert (answer.status_code, answer.text) == (200, "admin hello")


async def test_another_role_is_told_that_it_may_not(house: House) -> None:
    house.sign_in("Ben")

    answer = await house.http.get("/portal/admins")

    assert answer.status_code == 403
    assert "have permission to access this page" in answer.text


async def test_an_ended_session_is_nobody(house: House) -> None:
    house.sign_in()
    house.campus.gateway.sessions.end(house.http.cookies[SESSION_COOKIE])

    answer = await house.http.get("/portal/tell")

    assert answer.headers["location"].startswith("/sign-in")


async def test_a_form_is_taken_and_the_next_page_says_so_once(house: House) -> None:
    visitor = house.sign_in()

    taken = await house.post(visitor.csrf)
    next_page = await house.http.get("/portal/show")
    the_one_after = await house.http.get("/portal/show")

    assert (taken.status_code, taken.headers["location"]) == (303, "/portal/show")
    assert "was taken" in next_page.text
    assert "&lt;b&gt;Moodle&lt;/b&gt;" in next_page.text
    assert 'action="/portal/undo"' in next_page.text
    assert "was taken" not in the_one_after.text


async def test_nobody_else_can_put_words_onto_a_page(house: House) -> None:
    other = house.sign_in()
    said = (await house.post(other.csrf)).cookies[COOKIE]
    house.sign_in()

    forged = []
    for value in (said, "ab" * 32 + said[64:], "zz", ""):
        house.http.cookies.set(COOKIE, value)
        forged.append((await house.http.get("/portal/show")).text)

    assert not [each for each in forged if "was taken" in each]


@pytest.mark.parametrize(
    "headers",
    [{"origin": "https://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}],
)
async def test_a_form_of_another_site_is_refused_whatever_it_proves(
    house: House, headers: dict[str, str]
) -> None:
    visitor = house.sign_in()

    answer = await house.post(visitor.csrf, **headers)

    assert answer.status_code == 403
    assert "Moodle" not in answer.text


async def test_a_form_of_a_session_that_has_ended_waits_to_be_sent_again(house: House) -> None:
    visitor = house.sign_in()
    house.http.cookies.clear()

    answer = await house.post(visitor.csrf)

    assert answer.status_code == 403
    assert "Authentication failed. Try again" in answer.text
    assert 'name="name" value="&lt;Moodle&gt;"' in answer.text
    assert visitor.csrf not in answer.text


async def test_after_signing_in_again_the_same_form_can_be_sent(house: House) -> None:
    before = house.sign_in()
    after = house.sign_in_again(before.account_id)

    asked = await house.post(before.csrf)
    taken = await house.post(after.csrf)

    assert asked.status_code == 403
    assert f'name="csrf" value="{after.csrf}"' in asked.text
    assert taken.status_code == 303


@pytest.mark.parametrize(
    ("how", "status"),
    [("hidden", 404), ("missing", 404), ("forbidden", 403), ("away", 503), ("broken", 500)],
)
async def test_what_goes_wrong_in_a_page_has_a_page(house: House, how: str, status: int) -> None:
    house.sign_in()

    answer = await house.http.get(f"/portal/fail/{how}")

    assert answer.status_code == status
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "what nobody may read" not in answer.text
    assert "Traceback" not in answer.text


async def test_a_page_is_never_kept_and_never_framed(house: House) -> None:
    house.sign_in()

    headers = (await house.http.get("/portal/show")).headers

    assert headers["cache-control"] == "no-store"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "'unsafe-inline'" not in headers["content-security-policy"]


async def test_who_asks_for_the_head_alone_gets_no_more(house: House) -> None:
    house.sign_in()

    answer = await house.http.head("/portal/tell")

    assert answer.status_code == 200
