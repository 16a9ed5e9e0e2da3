"""An OpenID provider that says what a test tells it to, true or not, and remembers what it was asked.

The honest ones, which we didn't write, are in `tests/partners/`. This one shares no code with the gateway.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

from tests.support.lms import public_jwk, signed


@dataclass
class OpenId:
    """``claims`` are added to each id_token, and those of None left out of it."""

    name: str
    address: str = ""
    key: str = "campus"
    published: tuple[str, ...] = ("campus",)
    claims: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    document: dict[str, Any] = field(default_factory=dict)
    left_out: set[str] = field(default_factory=set)
    """Members of the document."""
    userinfo: dict[str, Any] | None = None
    """What it tells there, if it has such an address."""
    userinfo_status: int = 200
    is_down: bool = False
    token_status: int = 200
    now: float = 0.0
    nonce: str = ""
    asked: list[dict[str, str]] = field(default_factory=list)
    """The forms posted to its token endpoint."""
    credentials: list[str] = field(default_factory=list)
    """The Authorization headers that came with them, and to the userinfo address."""

    @property
    def issuer(self) -> str:
        return self.address

    @property
    def allow(self) -> str:
        return self.address.removeprefix("http://")

    def settings(self, **fields: str) -> str:
        """A table of GATELODGE_OIDC, with a rule for each role."""
        told = {
            "name": self.name.title(),
            "issuer": self.issuer,
            "client_id": "gatelodge",
            "client_secret": "s3cret:&",
            "tenant_claim": "org",
            **fields,
        }
        lines = [f"[{self.name}]", *(f"{key} = {json.dumps(value)}" for key, value in told.items())]
        for role in ("admin", "educator"):
            lines += [f"[[{self.name}.roles]]", f'role = "{role}"']
            lines += ['claim = "roles"', f'value = "{role}"']
        lines += [f"[[{self.name}.roles]]", 'role = "educator"', 'claim = "groups"', 'value = "t"']
        return "\n".join(lines) + "\n"

    def discovery(self) -> dict[str, Any]:
        whole = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.address}/authorize",
            "token_endpoint": f"{self.address}/token",
            "jwks_uri": f"{self.address}/keys",
            "end_session_endpoint": f"{self.address}/end",
            **({} if self.userinfo is None else {"userinfo_endpoint": f"{self.address}/userinfo"}),
            **self.document,
        }
        return {name: value for name, value in whole.items() if name not in self.left_out}

    def id_token(self) -> str:
        claims = {
            "iss": self.issuer,
            "sub": "ada-1",
            "aud": "gatelodge",
            "iat": int(self.now),
            "exp": int(self.now) + 300,
            "nonce": self.nonce,
            "name": "Ada Okafor",
            "email": "ada@northfield.example",
            "org": "northfield",
            "roles": ["admin"],
            **self.claims,
        }
        present = {name: value for name, value in claims.items() if value is not None}
        return signed(present, self.key, **self.header)

    def answer(self, path: str) -> tuple[int, Mapping[str, Any]]:
        if path == "/.well-known/openid-configuration":
            return 200, self.discovery()
        if path == "/keys":
            return 200, {"keys": [public_jwk(name) for name in self.published]}
        if path == "/userinfo":
            return self.userinfo_status, self.userinfo or {}
        return 404, {}


@contextmanager
def serving_provider(provider: OpenId) -> Iterator[OpenId]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if "authorization" in self.headers:
                provider.credentials.append(self.headers["authorization"])
            self._send(*(provider.answer(self.path) if not provider.is_down else (503, {})))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            provider.asked.append(dict(parse_qsl(body)))
            provider.credentials.append(self.headers.get("authorization", ""))
            if provider.token_status != 200:
                self._send(provider.token_status, {"error": "invalid_grant"})
            else:
                self._send(
                    200,
                    {
                        "access_token": "a-1",
                        "token_type": "bearer",
                        "id_token": provider.id_token(),
                    },
                )

        def _send(self, status: int, document: Mapping[str, Any]) -> None:
            body = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.address = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
