"""`/sign-in/{provider}/ask` and `/portal/requests`: from the stranger's form to the operator's decision."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest

from gatelodge.services.caller import Role
from gatelodge.services.tenant_requests import LIFETIME, PER_ADDRESS
from gatelodge.web.portal.portal import SESSION_COOKIE
from tests.support.asking import ask_to_be_registered
from tests.support.browsers import browsing
from tests.support.campuses import OpenCampus
from tests.support.gateways import BASE, OTTO, Campus
from tests.support.openid import OpenId, serving_provider
from tests.web.portal.operators import at_the_desk
from tests.web.portal.test_provider_sign_in import FORBIDDEN, Door

pytestmark = pytest.mark.asyncio

EVIL = "\"'><svg/onload=alert(1)>{{7*7}}%(name)s{name}</script>"
LENA = {"sub": "lena", "name": "Lena Lake", "email": "lena@lakeside.example", "org": "lakeside.edu"}


@dataclass
class Stranger(Door):
    """Somebody whom the provider calls an administrator of an institution that isn't known."""

    async def arrive(self, **claims: Any) -> str:
        return (await self.sign_in(**LENA | claims)).text

    async def ask(self, page: str, **typed: str) -> httpx2.Response:
        fields = dict(re.findall(r'<input type="hidden" name="(csrf|asker)" value="([^"]*)"', page))
        fields = {name: html.unescape(value) for name, value in fields.items()}
        form = {**fields, "name": "Lakeside", "note": "", **typed}
        return await self.http.post("/sign-in/college/ask", data=form, headers={"origin": BASE})

    def waiting(self) -> list[str]:
        rows, _ = self.campus.gateway.tenant_requests.search(OTTO, "", None, limit=50, offset=0)
        return [each.id for each in rows if each.state == "waiting"]


@asynccontextmanager
async def a_stranger(campus_with: OpenCampus, **settings: Any) -> AsyncIterator[Stranger]:
    with ExitStack() as stack:
        college = stack.enter_context(serving_provider(OpenId("college")))
        other = stack.enter_context(serving_provider(OpenId("other")))
        campus = campus_with(
            oidc=college.settings() + other.settings(),
            outbound_allow=(college.allow, other.allow),
            **settings,
        )
        async with browsing(campus) as browser:
            yield Stranger(browser.http, campus, college, other)


# ----------------------------------------------------------------------- the stranger


async def test_an_administrator_asks_is_approved_and_comes_in(campus_with: OpenCampus) -> None:
    async with a_stranger(campus_with) as lena:
        page = await lena.arrive()
        assert FORBIDDEN in page
        assert 'value="lakeside.edu"' in page
        answer = await lena.ask(page, name="Lakeside College", note="Moodle")
        assert "You have asked to have your institution registered" in answer.text
        assert SESSION_COOKIE not in answer.cookies
        assert "are looking at it" in await lena.arrive()

        [request_id] = lena.waiting()
        lena.campus.gateway.tenant_requests.approve(OTTO, request_id, "Lakeside", "lakeside")
        welcome = await lena.sign_in(**LENA)

        assert welcome.status_code == 303
        visitor = lena.visitor()
        assert (visitor.standing.tenant_name, visitor.standing.role) == ("Lakeside", Role.ADMIN)
        first = await lena.http.get("/portal/registrations")
        assert "” is registered" in first.text
        assert "” is registered" not in (await lena.http.get("/portal/registrations")).text


async def test_colleagues_come_in_with_the_role_that_their_claims_give(
    campus_with: OpenCampus,
) -> None:
    async with a_stranger(campus_with) as lena:
        await lena.ask(await lena.arrive())
        [request_id] = lena.waiting()
        lena.campus.gateway.tenant_requests.join(OTTO, request_id, "southbank")

        answer = await lena.sign_in(**LENA | {"sub": "paul", "roles": ["educator"]})

        assert answer.status_code == 303
        visitor = lena.visitor()
        assert (visitor.standing.tenant_name, visitor.standing.role) == (
            "Southbank",
            Role.EDUCATOR,
        )


async def test_who_was_declined_reads_the_word_and_may_ask_again(campus_with: OpenCampus) -> None:
    async with a_stranger(campus_with) as lena:
        await lena.ask(await lena.arrive())
        [request_id] = lena.waiting()
        lena.campus.gateway.tenant_requests.decline(OTTO, request_id, f"Write to us. {EVIL}")

        page = await lena.arrive()

        assert "Write to us." in page
        assert "<svg/onload" not in page
        assert "%(name)s{name}" in page
        await lena.ask(page)
        assert len(lena.waiting()) == 1


@pytest.mark.parametrize(
    "claims", [{"roles": ["educator"]}, {"roles": []}, {"org": None}, {"org": "x" * 300}]
)
async def test_nobody_else_is_offered_a_form(
    campus_with: OpenCampus, claims: dict[str, Any]
) -> None:
    async with a_stranger(campus_with) as lena:
        page = await lena.arrive(**claims)

        assert FORBIDDEN in page
        assert "/ask" not in page
        assert "ask the people who run this gateway" in page


async def test_a_settings_mapping_comes_first(campus_with: OpenCampus) -> None:
    async with a_stranger(campus_with) as lena:
        await lena.ask(await lena.arrive())
        [request_id] = lena.waiting()
        lena.campus.gateway.tenant_requests.join(OTTO, request_id, "southbank")
        provider = lena.campus.gateway.provider_sign_in.providers["college"]
        by_settings = type(provider)(
            **{name: getattr(provider, name) for name in provider.__struct_fields__}
            | {"tenants": {"lakeside.edu": "northfield"}}
        )
        lena.campus.gateway.provider_sign_in.providers["college"] = by_settings

        await lena.sign_in(**LENA)

        assert lena.visitor().standing.tenant_name == "Northfield"


async def test_another_browser_can_not_use_the_form(campus_with: OpenCampus) -> None:
    async with a_stranger(campus_with) as lena:
        page = await lena.arrive()
        lena.http.cookies.clear()
        lena.http.cookies.set("__Host-gatelodge-form", "another")

        answer = await lena.ask(page)

        assert answer.status_code == 403
        assert lena.waiting() == []


async def test_nor_can_another_site_or_somebody_late(campus_with: OpenCampus) -> None:
    async with a_stranger(campus_with) as lena:
        page = await lena.arrive()
        fields = dict(re.findall(r'name="(csrf|asker)" value="([^"]*)"', page))
        for origin in ("https://evil.example", "null"):
            forged = await lena.http.post(
                "/sign-in/college/ask",
                data={**fields, "name": "Evil", "note": "words of theirs"},
                headers={"origin": origin},
            )
            assert forged.status_code == 403
            assert "words of theirs" not in forged.text
        lena.campus.clock.pass_seconds(LIFETIME + 1)

        late = await lena.ask(page, note=EVIL)

        assert late.status_code == 403
        assert "Authentication failed. Try again" in late.text
        # What was typed is there to be copied.
        assert (
            html.escape(EVIL, quote=False).replace('"', "&#34;").replace("'", "&#39;") in late.text
        )
        assert "<svg/onload" not in late.text
        assert lena.waiting() == []


async def test_what_was_typed_is_offered_again(campus_with: OpenCampus) -> None:
    async with a_stranger(campus_with) as lena:
        answer = await lena.ask(await lena.arrive(), name=EVIL * 3, note=EVIL)

        assert answer.status_code == 422
        assert "at most 100 characters" in answer.text
        assert "<svg/onload" not in answer.text
        mended = await lena.ask(answer.text, name="Lakeside")
        assert mended.status_code == 200
        assert len(lena.waiting()) == 1


async def test_sent_twice_it_is_one_request(campus_with: OpenCampus) -> None:
    async with a_stranger(campus_with) as lena:
        page = await lena.arrive()

        answers = [await lena.ask(page), await lena.ask(page)]

        assert [each.status_code for each in answers] == [200, 200]
        assert len(lena.waiting()) == 1


async def test_one_address_asks_only_so_often(campus_with: OpenCampus) -> None:
    async with a_stranger(campus_with) as lena:
        for number in range(PER_ADDRESS):
            await lena.ask(await lena.arrive(org=f"college-{number}.edu"))

        answer = await lena.ask(await lena.arrive(org="one-more.edu"))

        assert answer.status_code == 429
        assert int(answer.headers["retry-after"]) > 0
        assert "Wait an hour" in answer.text
        assert len(lena.waiting()) == PER_ADDRESS


async def test_at_once_they_sign_in_again_and_are_in(campus_with: OpenCampus) -> None:
    async with a_stranger(campus_with, tenant_requests="at_once") as lena:
        answer = await lena.ask(await lena.arrive(), name="Lakeside College")

        assert "Your institution is registered" in answer.text
        await lena.sign_in(**LENA)
        assert lena.visitor().standing.tenant_name == "Lakeside College"


async def test_switched_off_nobody_asks(campus_with: OpenCampus) -> None:
    async with a_stranger(campus_with, tenant_requests="off") as lena:
        page = await lena.arrive()

        assert "/ask" not in page
        assert (await lena.ask(page, asker="x")).status_code == 404


# ----------------------------------------------------------------------- the operator


async def test_the_header_counts_what_waits(campus: Campus) -> None:
    async with at_the_desk(campus) as otto:
        before = (await otto.get("/portal/tenants")).text
        ask_to_be_registered(campus)

        after = (await otto.get("/portal/tenants")).text

    assert "/portal/requests" not in before
    assert re.search(r'<a href="/portal/requests">Requests <span class="chip warn">1</span>', after)


async def test_otto_approves_by_the_form(campus: Campus) -> None:
    request_id = ask_to_be_registered(campus, "Lakeside College")
    async with at_the_desk(campus) as otto:
        page = (await otto.get(f"/portal/requests/{request_id}")).text
        assert 'value="lakeside-college"' in page

        answer = await otto.send(
            f"/portal/requests/{request_id}/approve", name="Lakeside", slug="lakeside"
        )
        late = await otto.send(f"/portal/requests/{request_id}/decline", word="No.")

    assert (answer.status_code, late.status_code) == (303, 303)
    view = campus.gateway.tenant_requests.show(OTTO, request_id)
    assert view.row.state == "approved"
    assert view.row.tenant_id == campus.tenant("lakeside")


@pytest.mark.parametrize(
    ("decision", "typed", "told"),
    [
        ("approve", {"name": "", "slug": "x"}, "Give a name"),
        ("approve", {"name": "N", "slug": "northfield"}, "Another institution has this short name"),
        ("join", {"tenant": "nowhere"}, "There is no tenant with this short name"),
        ("decline", {"word": ""}, "Tell them why"),
    ],
)
async def test_what_is_wrong_is_said_beside_the_field(
    campus: Campus, decision: str, typed: dict[str, str], told: str
) -> None:
    request_id = ask_to_be_registered(campus)
    async with at_the_desk(campus) as otto:
        answer = await otto.send(f"/portal/requests/{request_id}/{decision}", **typed)

    assert answer.status_code == 422
    assert told in answer.text
    assert campus.gateway.tenant_requests.count_waiting(OTTO) == 1


async def test_names_and_notes_of_all_kinds_are_text(campus: Campus) -> None:
    request_id = ask_to_be_registered(campus, EVIL, "evil.example", note=EVIL)
    async with at_the_desk(campus) as otto:
        pages = [
            (await otto.get(address)).text
            for address in ("/portal/requests", f"/portal/requests/{request_id}")
        ]

    for page in pages:
        assert "<svg/onload" not in page
        assert "%(name)s" in page


async def test_of_a_hundred_requests_a_page_shows_fifty(campus: Campus) -> None:
    for number in range(60):
        campus.clock.pass_seconds(3600)
        ask_to_be_registered(campus, f"College {number}", f"college-{number}.edu")
    async with at_the_desk(campus) as otto:
        first = (await otto.get("/portal/requests")).text
        second = (await otto.get("/portal/requests", page="2")).text

    assert first.count('<tr role="row">') == 51
    assert second.count('<tr role="row">') == 11
