"""How much a page weighs with all that it asks for on a browser's first visit."""

from __future__ import annotations

import re

import pytest

from gatelodge.storage import catalogue, refusals
from gatelodge.storage.launch_groups import GroupWriter
from tests.storage.cast import a_launch, a_refusal
from tests.support.browsers import browsing
from tests.support.gateways import Campus
from tests.support.people import sign_in

ROWS = FAILING = 50
HOURS = 24
MOST = 100 * 1024


def fill(campus: Campus) -> list[str]:
    """As many registrations as a page has, all of them launched, some refused hour after hour."""
    made = []
    for number in range(ROWS):
        view = campus.register(
            name=f"Moodle, School of Medicine and Dentistry {number}",
            issuer=f"https://moodle-{number}.northfield.example",
            client_id=f"8d0f4c1e-52a7-4b9e-9c31-{number:012}",
            deployment_ids=(f"place-{number}",),
        )
        made.append(view.id)
    rows = [
        a_refusal(
            id=campus.gateway.ids.first_at(campus.clock() - hour * 3600) + f"{number:020x}",
            trace_id=f"7F3K-{number:04}",
            occurred_at=campus.clock() - hour * 3600,
            tenant_id=campus.tenant(),
            registration_id=each,
            trace="!launch.audience_mismatch 1500",
            count=1 + (number + hour) % 9,
        )
        for number, each in enumerate(made[:FAILING])
        for hour in range(HOURS)
    ]
    campus.database.write(lambda connection: [refusals.add_proven(connection, row) for row in rows])
    version = campus.database.read(catalogue.version)
    writer = GroupWriter(campus.database)
    writer.write(
        [
            a_launch(
                id=f"{number:044x}",
                tenant_id=campus.tenant(),
                registration_id=each,
                launched_at=int(campus.clock()) - number * 4000,
                seen_version=version,
            )
            for number, each in enumerate(made)
        ]
    )
    return made


async def weigh(campus: Campus, address: str) -> tuple[str, int]:
    """The page, and what comes over the line with all its files."""
    async with browsing(campus) as browser:
        browser.http.cookies.update(sign_in(campus, "Ada"))
        # As after signing in at a provider, or by a link in a mail.
        page = await browser.http.get(address, headers={"Sec-Fetch-Site": "cross-site"})
        assert page.status_code == 200
        files = sorted(
            set(
                re.findall(
                    r'(?:href|src)="(/[^"]+\.(?:css|js|svg|png)|/tools/[^"]+/icon)"', page.text
                )
            )
        )
        answers = [await browser.http.get(each) for each in files]
    assert len(files) == 4
    return page.text, sum(each.num_bytes_downloaded for each in (page, *answers))


@pytest.mark.asyncio
async def test_a_full_list_of_registrations_weighs_less_than_100_kb(campus: Campus) -> None:
    fill(campus)

    page, over_the_line = await weigh(campus, "/portal/registrations")

    assert page.count("<tr") == ROWS + 1
    assert page.count('class="bars"') == FAILING
    assert page.count("<time") >= ROWS - 1
    assert over_the_line < MOST


@pytest.mark.asyncio
async def test_the_details_and_a_launch_weigh_less_too(campus: Campus) -> None:
    first = fill(campus)[0]

    for address in (
        f"/portal/registrations/{first}",
        "/portal/launches",
        "/portal/launches/7F3K-0001",
    ):
        _, over_the_line = await weigh(campus, address)
        assert over_the_line < MOST


@pytest.mark.asyncio
@pytest.mark.parametrize("asked_by", ["cross-site", "same-site", None])
@pytest.mark.parametrize("address", ["/portal/registrations?q=guess", "/portal/tools/guess"])
async def test_what_others_make_a_browser_ask_for_with_their_words_isn_t_packed(
    campus: Campus, asked_by: str | None, address: str
) -> None:
    async with browsing(campus) as browser:
        browser.http.cookies.update(sign_in(campus, "Ada"))
        headers = {"Sec-Fetch-Site": asked_by} if asked_by else {}
        page = await browser.http.get(address, headers=headers)

    assert "content-encoding" not in page.headers
