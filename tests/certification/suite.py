"""The platform of the certification suite, and its browser: signs a payload, and plays the whole flow over HTTP.

Written from the specifications and RFC 7515 alone. It uses no reader, no signer and no vocabulary of ours, so that
what we misread isn't misread twice.
"""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from tests.support.gateways import Campus

ISSUER = "https://platform.certification.example"
CLIENT_ID = "the-tool-at-this-platform"
AUTHORIZATION = f"{ISSUER}/oidc/authorize"
KEY_ID = "certification-key"

Claims = dict[str, Any]
Header = Mapping[str, object]

HEADER: Header = {"alg": "RS256", "typ": "JWT", "kid": KEY_ID}


@cache
def own_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def key_set() -> bytes:
    numbers = own_key().public_key().public_numbers()
    size = numbers.n.to_bytes(256, "big")
    key = {"kty": "RSA", "alg": "RS256", "use": "sig", "kid": KEY_ID, "e": "AQAB"}
    return json.dumps({"keys": [{**key, "n": base64url(size)}]}).encode()


def base64url(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def rs256(text: bytes) -> bytes:
    return own_key().sign(text, padding.PKCS1v15(), SHA256())


def as_jws(payload: str, header: Header = HEADER, sign: Callable[[bytes], bytes] = rs256) -> str:
    """A compact JWS (RFC 7515 section 7.1)."""
    text = f"{base64url(json.dumps(header).encode())}.{base64url(payload.encode())}"
    return f"{text}.{base64url(sign(text.encode()))}"


@dataclass(frozen=True)
class Begun:
    """What the tool asked for in its authentication request."""

    nonce: str
    state: str
    redirect_uri: str


@dataclass
class Suite:
    campus: Campus
    http: httpx2.AsyncClient

    async def begin(self, **changes: str) -> Begun:
        """Steps 1 and 2 (Security Framework 1.0 sections 5.1.1.1 and 5.1.1.2), as the suite takes them."""
        initiation = {
            "iss": ISSUER,
            "login_hint": "hint of the suite",
            "target_link_uri": "https://lti.example/lti/hello/launch",
            "lti_message_hint": "message hint of the suite",
            "lti_deployment_id": "deployment-A",
            "client_id": CLIENT_ID,
            **changes,
        }
        answer = await self.http.post("/lti/hello/login", data=initiation)
        assert answer.status_code == 302, answer.text
        address, _, query = answer.headers["location"].partition("?")
        request = parse_qs(query, strict_parsing=True)
        assert address == AUTHORIZATION
        assert request["scope"] == ["openid"]
        assert request["response_type"] == ["id_token"]
        assert request["response_mode"] == ["form_post"]
        assert request["prompt"] == ["none"]
        assert request["client_id"] == [CLIENT_ID]
        assert request["redirect_uri"] == ["https://lti.example/lti/hello/launch"]
        assert request["login_hint"] == [initiation["login_hint"]]
        assert request["lti_message_hint"] == [initiation["lti_message_hint"]]
        [nonce], [state], [redirect] = request["nonce"], request["state"], request["redirect_uri"]
        return Begun(nonce, state, redirect)

    async def post(self, begun: Begun, id_token: str) -> httpx2.Response:
        """Step 3 (section 5.1.1.3)."""
        form = {"id_token": id_token, "state": begun.state}
        return await self.http.post(urlsplit(begun.redirect_uri).path, data=form)

    async def play(
        self,
        claims: Claims,
        *,
        header: Header = HEADER,
        sign: Callable[[bytes], bytes] = rs256,
        login: Mapping[str, str] | None = None,
    ) -> httpx2.Response:
        """The whole flow with this payload; a nonce that is there becomes the login's."""
        begun = await self.begin(**(login or {}))
        if claims.get("nonce") == "":
            claims = claims | {"nonce": begun.nonce}
        return await self.post(begun, as_jws(json.dumps(claims), header, sign))

    async def launched(self, claims: Claims) -> Claims:
        """What the tool's server receives for a launch that has to work."""
        answer = await self.play(claims)
        assert answer.status_code == 303, answer.text
        query = parse_qs(urlsplit(answer.headers["location"]).query)
        redeemed = await self.http.post(
            "/oauth/token",
            data={"grant_type": "authorization_code", "code": query["code"][0]},
            auth=(self.campus.hello.client_id, self.campus.hello_secret),
        )
        assert redeemed.status_code == 200, redeemed.text
        launch: Claims = redeemed.json()["launch"]
        return launch

    def assert_refused(
        self, answer: httpx2.Response, code: str, *, status: int, proven: bool = True
    ) -> None:
        """Visibly (CERT 6.1.1): on the page and in the book, which both name the check that failed."""
        page = html.unescape(answer.text)
        assert (answer.status_code, "location" in answer.headers) == (status, False)
        assert code in page
        assert re.search(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b", page)
        assert any(each in page for each in HEADINGS)
        [booked] = self.campus.refusals(proven=proven)
        assert booked.code == code
        assert booked.trace.splitlines()[-1].startswith(f"!{code} ")
        assert self.campus.rows()["launches"] == 0


HEADINGS = (
    "Cookies can't be found",
    "Registration details not found",
    "Some details from LMS aren't valid",
    "Problem with the LMS public keyset URL",
    "This launch can't be used again",
)
