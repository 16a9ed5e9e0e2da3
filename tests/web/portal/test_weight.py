"""How much a page weighs with all that it asks for on a browser's first visit."""

from __future__ import annotations

import re

import pytest

from tests.support.browsers import browsing
from tests.support.gateways import Campus
from tests.support.people import sign_in

ROWS = 50
MOST = 100 * 1024


@pytest.mark.asyncio
async def test_a_full_list_of_registrations_weighs_less_than_100_kb(campus: Campus) -> None:
    for number in range(ROWS):
        campus.register(
            name=f"Moodle, School of Medicine {number}",
            issuer=f"https://moodle-{number}.northfield.example",
            client_id=f"8d0f4c1e-52a7-4b9e-9c31-{number:012}",
            deployment_ids=(),
        )

    async with browsing(campus) as browser:
        browser.http.cookies.update(sign_in(campus, "Ada"))
        page = await browser.http.get("/portal/registrations")
        files = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text))
        weights = [(await browser.http.get(each)).num_bytes_downloaded for each in files]

    assert page.text.count("<tr") == ROWS + 1
    assert len(files) == 4
    assert len(page.content) + sum(weights) < MOST
