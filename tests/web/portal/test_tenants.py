from __future__ import annotations

import asyncio
import html
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.support.asking import lead_to_northfield
from tests.support.gateways import OTTO, Campus
from tests.support.people import sign_in
from tests.web.portal.operators import Desk, at_the_desk

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def otto(campus: Campus) -> AsyncIterator[Desk]:
    async with at_the_desk(campus) as desk:
        yield desk


async def test_all_institutions_are_listed_with_what_they_have(otto: Desk) -> None:
    page = (await otto.get("/portal/tenants")).text

    assert page.index("Northfield") < page.index("Southbank")
    assert "2 of 2" in page


async def test_the_list_is_searched_and_filtered(otto: Desk) -> None:
    otto.campus.gateway.tenants.suspend(OTTO, "southbank")

    found = (await otto.get("/portal/tenants", q="NORTH")).text
    suspended = (await otto.get("/portal/tenants", state="suspended")).text
    nothing = (await otto.get("/portal/tenants", q="<b>%", state="active")).text

    assert ("Southbank" in found, "Northfield" in found) == (False, True)
    assert ("Southbank" in suspended, "Northfield" in suspended) == (True, False)
    assert "No tenant matches." in nothing
    assert "<b>%" not in nothing


@pytest.mark.parametrize("page", ["0", "-1", "2", "99999", "999999999", "x", "²", ""])
async def test_a_page_that_there_is_not_is_no_trouble(otto: Desk, page: str) -> None:
    assert (await otto.get("/portal/tenants", page=page)).status_code == 200


async def test_many_come_a_page_at_a_time(otto: Desk) -> None:
    for number in range(60):
        otto.campus.gateway.tenants.add(OTTO, f"School {number:02}")

    first = (await otto.get("/portal/tenants", q="school")).text
    second = (await otto.get("/portal/tenants", q="school", page="2")).text

    assert "50 of 60" in first
    assert "/portal/tenants?q=school&amp;page=2" in first
    assert "60 of 60" in second
    assert "School 59" in second


async def test_its_registrations_are_a_click_away_and_so_is_the_way_back(otto: Desk) -> None:
    campus = otto.campus
    page = (await otto.get(f"/portal/tenants/{campus.tenant()}")).text
    only = (await otto.get("/portal/registrations", tenant="northfield")).text

    assert 'href="/portal/registrations?tenant=northfield"' in page
    assert "Only those of <bdi>northfield</bdi>." in only
    assert '<a href="/portal/registrations">Show all</a>' in only
    assert campus.registration() in only
    assert campus.registration("southbank") not in only


async def test_an_institution_is_added(otto: Desk) -> None:
    page = await otto.done("/portal/tenants/new", name=" Eastvale College ", slug="")

    assert "has been added." in page
    assert "eastvale-college" in page


@pytest.mark.parametrize(
    ("name", "slug", "sentence"),
    [
        ("", "", "Give a name of at most 100 characters"),
        ("大学", "", "Use a to z, 0 to 9, and hyphens"),
        ("Eastvale", "East Vale", "Use a to z, 0 to 9, and hyphens"),
        ("Northfield", "", "Another institution has this short name"),
    ],
)
async def test_what_cannot_be_added_is_said_beside_its_field(
    otto: Desk, name: str, slug: str, sentence: str
) -> None:
    answer = await otto.send("/portal/tenants/new", name=name, slug=slug)

    assert answer.status_code == 422
    assert answer.text.count(sentence) == 2
    assert 'aria-invalid="true"' in answer.text
    assert f'value="{name}"' in answer.text


async def test_an_institution_is_renamed(otto: Desk) -> None:
    address = f"/portal/tenants/{otto.campus.tenant()}"

    page = await otto.done(address, name="Northfield High")
    refused = await otto.send(address, name=" ")

    assert "The institution is called" in page
    assert otto.campus.gateway.tenants.find(OTTO, "northfield").name == "Northfield High"
    assert refused.status_code == 422


async def test_suspending_asks_first_and_can_be_undone_at_once(otto: Desk) -> None:
    address = f"/portal/tenants/{otto.campus.tenant()}"

    question = (await otto.get(f"{address}/suspend")).text
    suspended = await otto.done(f"{address}/suspend")
    resumed = await otto.done(f"{address}/resume")

    assert "1 registration stops working" in question
    assert f'action="{address}/resume"' in suspended
    assert "its links work again" in resumed


async def test_what_is_so_already_is_shown_as_it_is(otto: Desk) -> None:
    address = f"/portal/tenants/{otto.campus.tenant()}"
    await otto.send(f"{address}/suspend")

    again = await otto.send(f"{address}/suspend")
    asked = await otto.get(f"{address}/suspend")
    await otto.send(f"{address}/resume")
    resumed_again = await otto.send(f"{address}/resume")

    assert (again.status_code, again.headers["location"]) == (303, address)
    assert asked.status_code == 303
    assert resumed_again.headers["location"] == address


async def test_a_suspension_ends_the_sessions_of_its_people(otto: Desk) -> None:
    campus = otto.campus
    adas, cleos = sign_in(campus, "Ada"), sign_in(campus, "Cleo")

    await otto.send(f"/portal/tenants/{campus.tenant()}/suspend")

    find = campus.gateway.sessions.find
    assert await asyncio.to_thread(find, *adas.values()) is None
    assert await asyncio.to_thread(find, *cleos.values()) is not None


async def test_what_a_provider_says_leads_here_until_it_is_removed(otto: Desk) -> None:
    campus, evil = otto.campus, "<b>lakeside</b>.example"
    home = f"/portal/tenants/{campus.tenant()}"
    address = f"{home}/identities/{lead_to_northfield(campus, evil)}/remove"

    page = (await otto.get(home)).text
    question = (await otto.get(address)).text
    removed = await otto.done(address)

    assert f'href="{address}"' in page
    assert html.escape(evil) in page
    assert "end at once" in question
    assert evil not in page + question + removed
    assert "leads here no more" in removed
    assert address not in removed
    assert [(await otto.get(address)).status_code, (await otto.send(address)).status_code] == [
        404
    ] * 2


async def test_what_leads_to_one_tenant_is_not_found_at_another(otto: Desk) -> None:
    campus = otto.campus
    identity = lead_to_northfield(campus)
    address = f"/portal/tenants/{campus.tenant('southbank')}/identities/{identity}/remove"

    assert [(await otto.get(address)).status_code, (await otto.send(address)).status_code] == [
        404
    ] * 2
    assert len(campus.gateway.tenant_identities.list(OTTO, campus.tenant())) == 1


async def test_a_few_are_offered_while_a_name_is_typed(otto: Desk) -> None:
    for number in range(60):
        otto.campus.gateway.tenants.add(OTTO, f"School <{number:02}>")

    schools = (await otto.get("/portal/tenants/options", q="SCHOOL <")).text
    one = (await otto.get("/portal/tenants/options", q="school-07")).text
    none = (await otto.get("/portal/tenants/options", q="%")).text

    assert schools.count("<option") == 10
    assert '<option value="school-07">School &lt;07&gt;</option>' in one
    assert "<option" not in none


async def test_a_tenant_that_is_not_there_is_not_found(otto: Desk) -> None:
    for address in ("", "/suspend"):
        assert (await otto.get(f"/portal/tenants/nowhere{address}")).status_code == 404
    assert (await otto.send("/portal/tenants/nowhere/resume")).status_code == 404
