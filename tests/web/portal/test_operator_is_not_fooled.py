"""What people and LMSs call things is shown to the operator as text, whatever it is made of."""

from __future__ import annotations

import re

import pytest

from gatelodge.lti.registration import Deployment, DeploymentState
from gatelodge.services.registrations import GivenOut, NewOnShared
from gatelodge.services.shared_clients import details_of
from gatelodge.storage import deployments
from gatelodge.storage.database import Connection
from tests.support.gateways import BASE, OTTO, Campus
from tests.web.portal.operators import Desk, at_the_desk

pytestmark = pytest.mark.asyncio

EVIL = "\"'><svg/onload=alert(1)>{{7*7}}%(name)s{name}</script>"
LONG = "x" * 255


def settle(campus: Campus, evil: str) -> list[str]:
    """Everything that can be called something is called so; the addresses of the pages."""
    gateway = campus.gateway
    tenant = gateway.tenants.add(OTTO, evil[:100], "evil")
    gateway.tenants.suspend(OTTO, gateway.tenants.add(OTTO, f"2{evil}"[:100], "evil-2").id)
    address = f"https://evil.example/?{evil}"
    gateway.tools.add(OTTO, "evil", evil[:100], address, tenants=["evil"])
    honest = gateway.registrations.show(OTTO, campus.registration()).overview.client
    client = gateway.shared_clients.add(OTTO, f"https://{evil}", evil, details_of(honest)).client
    new = NewOnShared(
        tenant="evil",
        tool="evil",
        name=evil[:100],
        platform_client=client.id,
        deployment_ids=(evil,),
    )
    given_out = GivenOut(gateway.ids.new(), gateway.ids.new())
    waiting = Deployment(gateway.ids.new(), client.id, evil, None, DeploymentState.WAITING)

    def write(connection: Connection) -> None:
        gateway.registrations.write_on_shared(OTTO, connection, new, given_out)
        deployments.add(connection, waiting, first_seen_at=campus.clock())

    campus.database.write(write)
    return [
        "/portal/tenants",
        f"/portal/tenants/{tenant.id}",
        f"/portal/tenants/{tenant.id}/suspend",
        "/portal/tools",
        "/portal/tools/new",
        "/portal/tools/evil",
        "/portal/tools/evil/edit",
        "/portal/tools/evil/secret",
        "/portal/tools/evil/delete",
        "/portal/clients",
        "/portal/clients/waiting",
        f"/portal/clients/{client.id}",
        f"/portal/clients/{client.id}/edit",
        f"/portal/clients/{client.id}/delete",
        f"/portal/clients/{client.id}/deployments/{waiting.id}",
    ]


@pytest.mark.parametrize("evil", [EVIL, LONG], ids=["markup", "long"])
async def test_names_of_all_kinds_are_text_on_every_page(campus: Campus, evil: str) -> None:
    addresses = settle(campus, evil)

    async with at_the_desk(campus) as otto:
        pages = {address: await otto.get(address) for address in addresses}

    for address, page in pages.items():
        assert page.status_code == 200, address
        assert EVIL not in page.text, address
        assert "<svg/onload" not in page.text, address
        assert "%(name)s" in page.text or evil == LONG or address.endswith("/new"), address
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert not re.search(r"<[^>]*\son\w+=", page.text), address


FORMS = [
    ("/portal/tenants/new", ["name", "slug"]),
    ("/portal/tools/new", ["key", "name", "launch_url", "tenants", "claims", "hand_off"]),
    (
        "/portal/clients/new",
        ["issuer", "client_id", "authorization_url", "token_audience", "service_origins", "leeway"],
    ),
]


@pytest.mark.parametrize("typed", [EVIL, "\u202egpj.exe", "\u200b", "x" * 10_000, "\ud7ff\x01"])
@pytest.mark.parametrize(("address", "fields"), FORMS, ids=["tenant", "tool", "client"])
async def test_what_was_typed_comes_back_as_text(
    campus: Campus, address: str, fields: list[str], typed: str
) -> None:
    async with at_the_desk(campus) as otto:
        answer = await otto.send(address, **dict.fromkeys(fields, typed))

    assert answer.status_code == 422
    assert EVIL not in answer.text
    assert "<svg/onload" not in answer.text


@pytest.mark.parametrize("address", ["/portal/tenants", "/portal/tools", "/portal/clients"])
@pytest.mark.parametrize("asked", [EVIL, "\u202e", "\0", "x" * 10_000, "%", "\\"])
async def test_what_is_searched_comes_back_as_text(
    campus: Campus, address: str, asked: str
) -> None:
    async with at_the_desk(campus) as otto:
        answer = await otto.get(address, q=asked, page="1")

    assert answer.status_code == 200
    assert "<svg/onload" not in answer.text


async def test_a_form_of_another_site_changes_nothing(campus: Campus) -> None:
    async with at_the_desk(campus) as otto:
        answers = [
            await posted(otto, {"csrf": otto.csrf}, {"origin": "https://evil.example"}),
            await posted(otto, {"csrf": otto.csrf}, {"origin": "null"}),
            await posted(
                otto, {"csrf": otto.csrf}, {"origin": BASE, "sec-fetch-site": "cross-site"}
            ),
            await posted(otto, {"csrf": "guessed"}, {"origin": BASE}),
            await posted(otto, {}, {"origin": BASE}),
        ]

    assert answers == [403] * 5
    assert not campus.gateway.tenants.find(OTTO, "northfield").is_suspended


async def posted(otto: Desk, fields: dict[str, str], headers: dict[str, str]) -> int:
    address = f"/portal/tenants/{otto.campus.tenant()}/suspend"
    return (await otto.http.post(address, data=fields, headers=headers)).status_code
