"""Posted forms: read within bounds, and only from our own pages."""

from __future__ import annotations

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gatelodge.web.portal.forms import NOTHING_SENT, USUAL, has_token, is_from_us, read_form

BASE = "https://lti.example"


async def tell(request: Request) -> Response:
    form = await read_form(request)
    icon = form.file("icon")
    return JSONResponse(
        {
            "name": form.text("name"),
            "all": form.texts("name"),
            "icon": None if icon is None else len(icon),
            "typed": list(form.fields()),
            "ours": is_from_us(request, BASE),
            "proven": has_token(form, "the token"),
        }
    )


def browser() -> httpx2.AsyncClient:
    app = Starlette(routes=[Route("/", tell, methods=["POST"])])
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=BASE)


@pytest.mark.asyncio
async def test_a_field_is_read_without_the_blanks_around_it() -> None:
    async with browser() as at:
        told = (await at.post("/", data={"name": " Moodle \n"})).json()

    assert told["name"] == "Moodle"


@pytest.mark.asyncio
async def test_of_a_name_that_stands_twice_the_last_is_taken_and_all_are_there() -> None:
    async with browser() as at:
        told = (await at.post("/", data={"name": ["a", "b"]})).json()

    assert (told["name"], told["all"]) == ("b", ["a", "b"])


@pytest.mark.asyncio
async def test_what_was_typed_can_be_offered_again_without_the_token() -> None:
    async with browser() as at:
        told = (await at.post("/", data={"name": "a", "csrf": "the token"})).json()

    assert told["typed"] == [["name", "a"]]
    assert told["proven"]


@pytest.mark.asyncio
async def test_a_file_is_read_and_no_file_is_none() -> None:
    async with browser() as at:
        sent = (await at.post("/", files={"icon": ("i.png", b"12345")})).json()
        none = (await at.post("/", files={"icon": ("", b"")})).json()

    assert (sent["icon"], none["icon"]) == (5, None)


@pytest.mark.parametrize("as_file", [True, False])
@pytest.mark.asyncio
async def test_a_form_that_is_too_large_is_refused(*, as_file: bool) -> None:
    much = b"a" * (USUAL.bytes + 1)

    async with browser() as at:
        answer = await (
            at.post("/", files={"icon": ("i.png", much)})
            if as_file
            else at.post("/", data={"name": much.decode()})
        )

    assert answer.status_code == 413


@pytest.mark.parametrize(
    ("headers", "ours"),
    [
        ({"origin": BASE}, True),
        ({"origin": "https://evil.example"}, False),
        ({"origin": "null"}, False),
        ({"origin": f"{BASE}.evil.example"}, False),
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "none"}, True),
        ({"sec-fetch-site": "same-site"}, False),
        ({"sec-fetch-site": "cross-site"}, False),
        ({"origin": BASE, "sec-fetch-site": "cross-site"}, False),
        ({}, True),
    ],
)
@pytest.mark.asyncio
async def test_a_form_of_another_site_is_known_by_the_browsers_word(
    headers: dict[str, str], *, ours: bool
) -> None:
    async with browser() as at:
        told = (await at.post("/", data={"name": "a"}, headers=headers)).json()

    assert told["ours"] is ours


@pytest.mark.parametrize("sent", ["", "another token", "the token "[:-2], "the tokeñ"])
@pytest.mark.asyncio
async def test_without_the_pages_token_a_form_proves_nothing(sent: str) -> None:
    async with browser() as at:
        told = (await at.post("/", data={"csrf": sent})).json()

    assert not told["proven"]


def test_a_name_that_was_not_sent_reads_as_nothing() -> None:
    form = NOTHING_SENT

    assert (form.text("name"), form.texts("name"), form.file("icon")) == ("", [], None)
