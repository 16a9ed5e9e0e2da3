"""Otto at his pages: a browser that is signed in as the operator and sends forms as they are drawn."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx2

from gatelodge.lti.registration import Deployment, DeploymentState
from gatelodge.services.registrations import GivenOut, NewOnShared
from gatelodge.services.shared_clients import details_of
from gatelodge.storage import deployments
from gatelodge.storage.database import Connection
from tests.support.browsers import browsing
from tests.support.gateways import BASE, OTTO, Campus
from tests.support.people import csrf_of, sign_in


def share_client(campus: Campus) -> dict[str, str]:
    """A shared client with a deployment that waits, and one that Northfield asks for."""
    gateway = campus.gateway
    private = gateway.registrations.show(OTTO, campus.registration()).overview.client
    shared = gateway.shared_clients.add(OTTO, private.issuer, "shared", details_of(private)).client
    new = NewOnShared(
        tenant="northfield",
        tool="hello",
        name="On a shared client",
        platform_client=shared.id,
        deployment_ids=("asked-for",),
    )
    given_out = GivenOut(gateway.ids.new(), gateway.ids.new())
    waiting = Deployment(
        id=gateway.ids.new(),
        platform_client_id=shared.id,
        deployment_id="waits",
        registration_id=None,
        state=DeploymentState.WAITING,
    )

    def write(connection: Connection) -> None:
        gateway.registrations.write_on_shared(OTTO, connection, new, given_out)
        deployments.add(connection, waiting, first_seen_at=campus.clock())

    campus.database.write(write)
    [request] = gateway.shared_clients.show(OTTO, shared.id).requests
    return {"client": shared.id, "deployment": waiting.id, "request": request.id}


@dataclass
class Desk:
    campus: Campus
    http: httpx2.AsyncClient
    csrf: str

    async def get(self, address: str, **query: str) -> httpx2.Response:
        return await self.http.get(address, params=query)

    async def send(
        self,
        address: str,
        files: Mapping[str, tuple[str, bytes, str]] | None = None,
        /,
        **fields: str | list[str],
    ) -> httpx2.Response:
        """The form of this page, with the session's token."""
        return await self.http.post(
            address,
            data={"csrf": self.csrf, **fields},
            files=files,
            headers={"origin": BASE},
            follow_redirects=False,
        )

    async def done(self, address: str, **fields: str | list[str]) -> str:
        """A form that must be taken: the page that it leads to."""
        answer = await self.send(address, **fields)
        assert answer.status_code == 303, answer.text
        page = await self.get(answer.headers["location"])
        assert page.status_code == 200
        return page.text


@asynccontextmanager
async def at_the_desk(campus: Campus, who: str = "Otto") -> AsyncIterator[Desk]:
    cookies = sign_in(campus, who)
    async with browsing(campus) as browser:
        browser.http.cookies.update(cookies)
        yield Desk(campus, browser.http, csrf_of(campus, cookies))
