from __future__ import annotations

import asyncio

import pytest

from gatelodge.services.images import read_picture
from tests.support.browsers import Browser
from tests.support.gateways import OTTO, Campus
from tests.support.pictures import png

pytestmark = pytest.mark.asyncio


async def test_an_icon_is_a_picture_and_can_be_nothing_else(
    campus: Campus, browser: Browser
) -> None:
    await asyncio.to_thread(campus.gateway.tool_icons.put, OTTO, "hello", png(behind=b"<script>"))

    answer = await browser.http.get("/tools/hello/icon")

    assert answer.status_code == 200
    assert answer.content == read_picture("icon", png()).content
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"


async def test_an_icon_that_is_known_is_not_sent_again(campus: Campus, browser: Browser) -> None:
    await asyncio.to_thread(campus.gateway.tool_icons.put, OTTO, "hello", png())
    etag = (await browser.http.get("/tools/hello/icon")).headers["etag"]

    again = await browser.http.get("/tools/hello/icon", headers={"if-none-match": etag})
    await asyncio.to_thread(campus.gateway.tool_icons.put, OTTO, "hello", png(64, 64))
    changed = await browser.http.get("/tools/hello/icon", headers={"if-none-match": etag})

    assert (again.status_code, again.content) == (304, b"")
    assert changed.status_code == 200


@pytest.mark.parametrize("tool", ["hello", "quiz", "..%2f.."])
async def test_no_icon_is_not_found(browser: Browser, tool: str) -> None:
    answer = await browser.http.get(f"/tools/{tool}/icon")

    assert answer.status_code == 404


@pytest.mark.parametrize("tool", ["%00", "a" * 2000])
async def test_what_cannot_be_a_tool_is_a_bad_request(browser: Browser, tool: str) -> None:
    answer = await browser.http.get(f"/tools/{tool}/icon")

    assert answer.status_code == 400
