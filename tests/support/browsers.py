"""A browser that follows a launch through the gateway: it keeps cookies, and posts what the LMS hands it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2

from gatelodge.web.app import create_app
from tests.support.gateways import BASE, Campus
from tests.support.lms import CLAIM, Lms


@dataclass(frozen=True)
class Login:
    """What the gateway asked of the LMS, and the link that was clicked."""

    request: Mapping[str, str]
    target_link_uri: str

    @property
    def state(self) -> str:
        return self.request["state"]

    @property
    def nonce(self) -> str:
        return self.request["nonce"]


@dataclass
class Browser:
    """``http`` keeps the cookies; ``campus`` is where its links lead."""

    http: httpx2.AsyncClient
    campus: Campus

    def target(self, query: str = "", *, tool: str = "hello", path: str = "") -> str:
        return f"{BASE}/lti/{tool}/{path}launch{query}"

    async def begin(
        self,
        *,
        lms: Lms | None = None,
        tool: str = "hello",
        path: str = "",
        query: str = "",
        method: str = "POST",
        **changes: str | None,
    ) -> httpx2.Response:
        """The login; ``path`` is "" or a registration's id and a slash."""
        lms = lms or self.campus.lms
        parameters = lms.login(self.target(query, tool=tool, path=path), **changes)
        address = f"/lti/{tool}/{path}login"
        if method == "GET":
            return await self.http.get(address, params=parameters)
        return await self.http.post(address, data=parameters)

    async def login(self, **how: Any) -> Login:
        answer = await self.begin(**how)
        assert answer.status_code == 302, answer.text
        request = dict(parse_qsl(urlsplit(answer.headers["location"]).query))
        target = how.get("target_link_uri") or self.target(
            how.get("query", ""), tool=how.get("tool", "hello"), path=how.get("path", "")
        )
        return Login(request, target)

    def token(
        self,
        login: Login,
        *,
        lms: Lms | None = None,
        key: str | None = None,
        header: Mapping[str, object] | None = None,
        **changes: Any,
    ) -> str:
        """What the LMS signs for this login; names of claims of LTI may be given as they are."""
        lms = lms or self.campus.lms
        of_login = {"nonce": login.nonce, CLAIM + "target_link_uri": login.target_link_uri}
        claims = lms.claims(self.campus.clock(), **{**of_login, **changes})
        return lms.sign(claims, key=key, **(header or {}))

    async def post(self, login: Login, token: str, **more: str) -> httpx2.Response:
        """The form that the LMS lets the browser post to the address it was given."""
        form = {"id_token": token, "state": login.state, **more}
        return await self.http.post(urlsplit(login.request["redirect_uri"]).path, data=form)

    async def launch(
        self,
        *,
        lms: Lms | None = None,
        login: Mapping[str, Any] | None = None,
        key: str | None = None,
        **claims: Any,
    ) -> httpx2.Response:
        """A click, from the login to the gateway's answer to the launch."""
        begun = await self.login(lms=lms, **(login or {}))
        return await self.post(begun, self.token(begun, lms=lms, key=key, **claims))

    async def redeem(self, launched: httpx2.Response) -> dict[str, Any]:
        """What the tool's server is given for the code that the browser brought it."""
        answer = await redeem(self.http, self.campus, code_of(launched))
        assert answer.status_code == 200, answer.text
        response: dict[str, Any] = answer.json()
        return response


async def redeem(
    http: httpx2.AsyncClient, campus: Campus, code: str, *, tool: str = "hello", secret: str = ""
) -> httpx2.Response:
    return await http.post(
        "/oauth/token",
        data={"grant_type": "authorization_code", "code": code},
        auth=(campus.tool(tool).client_id, secret or campus.hello_secret),
    )


def code_of(launched: httpx2.Response) -> str:
    assert launched.status_code == 303, launched.text
    return dict(parse_qsl(urlsplit(launched.headers["location"]).query))["code"]


def at_home() -> CookieJar:
    """Cookies as browsers keep them on a person's own machine, where http is as good as https."""
    return CookieJar(DefaultCookiePolicy(secure_protocols=("http", "https")))


@asynccontextmanager
async def browsing(campus: Campus, address: str = "192.0.2.7") -> AsyncIterator[Browser]:
    """A browser without cookies at this network address; the gateway stops with it."""
    app = httpx2.ASGITransport(app=create_app(campus.gateway), client=(address, 50_000))
    async with httpx2.AsyncClient(transport=app, base_url=BASE) as http:
        yield Browser(http, campus)
    await campus.gateway.stop()
