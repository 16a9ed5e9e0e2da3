"""People sign in at OpenID providers that we didn't write.

`oidc-provider` (npm, certified) requires PKCE and stands for a host of many directories, as Microsoft's is, and for
a campus of its own; `oidc-provider-mock` (PyPI) is the second opinion, and the only one where there is no npm.
"""

from __future__ import annotations

import html
import re
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2
import pytest
import pytest_asyncio

from gatelodge.services.caller import Role
from gatelodge.services.sessions import Visitor
from gatelodge.web.portal.portal import SESSION_COOKIE
from tests.support.browsers import browsing
from tests.support.campuses import *  # noqa: F403
from tests.support.campuses import OpenCampus
from tests.support.clock import Clock
from tests.support.databases import *  # noqa: F403
from tests.support.gateways import BASE, Campus
from tests.support.partner_providers import (
    LAKESIDE,
    NORTHFIELD,
    SOUTHBANK,
    campus_settings,
    entra_settings,
    mock_provider,
    node_provider,
    walk,
)

pytestmark = pytest.mark.asyncio

FORBIDDEN = "Your account doesn't have permission to access this page"


@dataclass
class Door:
    """A browser in front of a gateway, and its provider."""

    http: httpx2.AsyncClient
    campus: Campus
    provider: str

    async def leave(self, key: str, to: str = "") -> str:
        """The provider's address to which the button leads."""
        page = (await self.http.get("/sign-in")).text
        csrf = re.findall(r'name="csrf" value="([0-9a-f]+)"', page)[0]
        answer = await self.http.post(
            f"/sign-in/{key}", data={"csrf": csrf, "to": to}, headers={"origin": BASE}
        )
        [address] = re.findall(r'http-equiv="refresh" content="0; url=([^"]+)"', answer.text)
        return html.unescape(address)

    async def sign_in(self, key: str, person: str, to: str = "", **how: Any) -> httpx2.Response:
        with httpx2.Client() as there:
            until = f"{BASE}/sign-in/{key}/return"
            back = walk(there, await self.leave(key, to), until=until, person=person, **how)
        return await self.http.get(back)

    def visitor(self) -> Visitor:
        visitor = self.campus.gateway.sessions.find(self.http.cookies[SESSION_COOKIE])
        assert visitor is not None
        return visitor


@pytest.fixture(scope="module")
def node() -> Iterator[str]:
    with node_provider(BASE) as address:
        yield address


@pytest_asyncio.fixture
async def door(node: str, campus_with: OpenCampus) -> AsyncIterator[Door]:
    campus = campus_with(
        clock=Clock(time.time()),
        oidc=entra_settings(node)
        + campus_settings(f"{node}/campus")
        + campus_settings(f"{node}/staff", "staff"),
        outbound_allow=(node.removeprefix("http://"),),
    )
    async with browsing(campus) as browser:
        yield Door(browser.http, campus, node)


WHO = [
    ("ada", NORTHFIELD, [(Role.ADMIN, "Northfield")]),
    ("ada", SOUTHBANK, [(Role.ADMIN, "Southbank")]),
    ("ben", NORTHFIELD, [(Role.EDUCATOR, "Northfield")]),
    ("cleo", SOUTHBANK, [(Role.ADMIN, "Southbank"), (Role.EDUCATOR, "Southbank")]),
    ("otto", NORTHFIELD, [(Role.OPERATOR, None)]),
]


@pytest.mark.node
@pytest.mark.parametrize(("person", "directory", "standings"), WHO)
async def test_directory_and_claims_make_tenant_and_roles(
    door: Door, person: str, directory: str, standings: list[tuple[Role, str | None]]
) -> None:
    answer = await door.sign_in("entra", person, "/portal/sessions", directory=directory)

    assert (answer.status_code, answer.headers.get("location")) == (303, "/portal/sessions")
    held = [(each.role, each.tenant_name) for each in door.visitor().standings]
    assert held == standings


REFUSED = [
    ("ada", LAKESIDE, 403, "has to be registered with this gateway first"),
    ("nobody", NORTHFIELD, 403, "neither an administrator nor an educator"),
    ("eve", NORTHFIELD, 403, "neither an administrator nor an educator"),
    ("otto", SOUTHBANK, 403, "neither an administrator nor an educator"),
    ("many", NORTHFIELD, 401, "is in more groups than"),
]


@pytest.mark.node
@pytest.mark.parametrize(("person", "directory", "status", "sentence"), REFUSED)
async def test_who_may_not_come_in_reads_why(
    door: Door, person: str, directory: str, status: int, sentence: str
) -> None:
    answer = await door.sign_in("entra", person, directory=directory)

    assert answer.status_code == status
    assert sentence in answer.text
    assert SESSION_COOKIE not in answer.cookies


@pytest.mark.node
async def test_the_same_name_in_two_directories_is_two_accounts(door: Door) -> None:
    await door.sign_in("entra", "ada", directory=NORTHFIELD)
    first = door.visitor().account_id
    door.http.cookies.clear()

    await door.sign_in("entra", "ada", directory=SOUTHBANK)

    assert door.visitor().account_id != first


@pytest.mark.node
async def test_the_provider_insists_on_pkce_and_we_bring_it(door: Door) -> None:
    address = await door.leave("campus")
    without = re.sub(r"&code_challenge(_method)?=[^&]*", "", address)

    with httpx2.Client() as there:
        refused = there.get(without)

    assert dict(parse_qsl(urlsplit(refused.headers["location"]).query))["error"] == (
        "invalid_request"
    )
    assert (await door.sign_in("campus", "ada")).headers["location"] == "/portal"


@pytest.mark.node
async def test_a_return_names_its_issuer_and_another_one_is_refused(door: Door) -> None:
    with httpx2.Client() as there:
        until = f"{BASE}/sign-in/campus/return"
        back = walk(there, await door.leave("campus"), until=until, person="ada")
    answered = dict(parse_qsl(urlsplit(back).query))
    assert answered["iss"] == f"{door.provider}/campus"

    answered["iss"] = f"{door.provider}/{NORTHFIELD}/v2.0"
    answer = await door.http.get("/sign-in/campus/return", params=answered)

    assert answer.status_code == 401
    assert SESSION_COOKIE not in answer.cookies


@pytest.mark.node
async def test_a_provider_that_tells_roles_at_userinfo_alone_is_asked_there(door: Door) -> None:
    answer = await door.sign_in("staff", "ada", "/portal/sessions")

    assert answer.headers.get("location") == "/portal/sessions", answer.text
    visitor = door.visitor()
    assert (visitor.name, visitor.email) == ("Ada Okafor", "ada@northfield.example")
    assert [each.role for each in visitor.standings] == [Role.ADMIN]


@pytest.mark.node
async def test_who_has_no_role_at_userinfo_either_is_told_so(door: Door) -> None:
    answer = await door.sign_in("staff", "nobody")

    assert answer.status_code == 403
    assert "neither an administrator nor an educator" in answer.text


@pytest.mark.node
async def test_signing_out_signs_out_at_the_provider_too(door: Door) -> None:
    await door.sign_in("campus", "ada")

    answer = await door.http.post("/sign-out", headers={"origin": BASE})
    [address] = re.findall(r'http-equiv="refresh" content="0; url=([^"]+)"', answer.text)
    with httpx2.Client() as there:
        back = walk(there, html.unescape(address), until=f"{BASE}/sign-out")

    assert "You're signed out" in (await door.http.get(back)).text


@pytest.mark.node
@pytest.mark.parametrize("key", ["campus", "entra"])
async def test_who_was_not_let_in_can_sign_out_at_the_provider_without_a_hint(
    door: Door, key: str
) -> None:
    """There is no session of ours, so no id_token either: the provider knows who it is by its own cookies."""
    with httpx2.Client() as there:
        until = f"{BASE}/sign-in/{key}/return"
        first = {"person": "nobody", "directory": NORTHFIELD if key == "entra" else ""}
        await door.http.get(walk(there, await door.leave(key), until=until, **first))
        form = {"provider": key}
        left = await door.http.post("/sign-out", data=form, headers={"origin": BASE})
        [address] = re.findall(r'http-equiv="refresh" content="0; url=([^"]+)"', left.text)
        assert "id_token_hint" not in address

        back = walk(
            there, html.unescape(address), until=f"{BASE}/sign-out", directory=first["directory"]
        )
        signed_out = await door.http.get(back)
        again = {**first, "person": "ada"}
        answer = await door.http.get(walk(there, await door.leave(key), until=until, **again))

    assert "You're signed out" in signed_out.text
    assert answer.headers.get("location") == "/portal", answer.text


async def test_another_provider_signs_people_in(campus_with: OpenCampus) -> None:
    with mock_provider() as address:
        campus = campus_with(
            clock=Clock(time.time()),
            oidc=campus_settings(address),
            outbound_allow=(address.removeprefix("http://"),),
        )
        async with browsing(campus) as browser:
            door = Door(browser.http, campus, address)

            answer = await door.sign_in("campus", "ada", "/portal/sessions", field="sub")

            assert answer.headers.get("location") == "/portal/sessions", answer.text
            assert door.visitor().name == "Ada Okafor"
            assert [each.role for each in door.visitor().standings] == [Role.ADMIN]
