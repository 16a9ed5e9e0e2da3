"""An LMS: holds keys, serves its key set from a server on this machine, and signs what it is told to.

It is written from the specification and shares no code with the gateway: keys and signatures are those of the
cryptography library, put into RFC 7515's and RFC 7517's words by hand.
"""

from __future__ import annotations

import json
import threading
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256

CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
CONTEXT_ROLE = "http://purl.imsglobal.org/vocab/lis/v2/membership#"

Claims = dict[str, Any]


@cache
def rsa_key(name: str) -> RSAPrivateKey:
    """One key for each name in a run of tests, since making them takes long."""
    assert name
    return generate_private_key(public_exponent=65537, key_size=2048)


def encoded(value: bytes) -> str:
    return urlsafe_b64encode(value).rstrip(b"=").decode()


def public_jwk(name: str) -> dict[str, str]:
    numbers = rsa_key(name).public_key().public_numbers()
    return {
        "kty": "RSA",
        "kid": name,
        "use": "sig",
        "alg": "RS256",
        "n": encoded(numbers.n.to_bytes(256, "big")),
        "e": encoded(numbers.e.to_bytes(3, "big")),
    }


def signed(claims: Mapping[str, Any], key: str, **header: object) -> str:
    """A compact JWS (RFC 7515 section 7.1)."""
    head = json.dumps({"alg": "RS256", "typ": "JWT", "kid": key, **header}).encode()
    content = f"{encoded(head)}.{encoded(json.dumps(claims).encode())}"
    return f"{content}.{encoded(rsa_key(key).sign(content.encode(), PKCS1v15(), SHA256()))}"


@dataclass
class Lms:
    """``keys`` are published; the first of them signs. ``body``, if set, is served in their place."""

    issuer: str = "https://lms.example"
    client_id: str = "client-1"
    deployment_id: str = "1"
    keys: list[str] = field(default_factory=lambda: ["first"])
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    fetches: int = 0
    port: int = 0

    def renew(self, key: str) -> None:
        """As before any test; the server, and so its port, stays."""
        self.keys, self.status, self.headers = [key], 200, {}
        self.body, self.fetches = None, 0

    @property
    def key_set_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/keys"

    @property
    def allow(self) -> str:
        """What the operator lists, so that the gateway may call it."""
        return f"127.0.0.1:{self.port}"

    @property
    def authorization_url(self) -> str:
        return f"{self.issuer}/auth"

    @property
    def addresses(self) -> dict[str, str]:
        """As a registration names them."""
        return {
            "issuer": self.issuer,
            "client_id": self.client_id,
            "authorization_url": self.authorization_url,
            "token_url": f"{self.issuer}/token",
            "key_set_url": self.key_set_url,
        }

    def login(self, target: str, **changes: str | None) -> dict[str, str]:
        """The login initiation of a click; a parameter that is None is left out."""
        parameters = {
            "iss": self.issuer,
            "login_hint": "7",
            "target_link_uri": target,
            "client_id": self.client_id,
            "lti_deployment_id": self.deployment_id,
            "lti_message_hint": "link 12",
            **changes,
        }
        return {name: value for name, value in parameters.items() if value is not None}

    def claims(self, now: float, **changes: Any) -> Claims:
        """Mia, a student, opens a link in Biology 101; a claim that is None is left out.

        The nonce and the target link are those of a login, and have to be said.
        """
        claims = {
            "iss": self.issuer,
            "aud": self.client_id,
            "sub": "3",
            "iat": int(now),
            "exp": int(now) + 300,
            "name": "Mia Learner",
            "given_name": "Mia",
            "family_name": "Learner",
            "email": "mia.learner@northfield.example",
            "picture": "https://lms.example/mia.png",
            "locale": "en",
            CLAIM + "version": "1.3.0",
            CLAIM + "message_type": "LtiResourceLinkRequest",
            CLAIM + "deployment_id": self.deployment_id,
            CLAIM + "roles": [CONTEXT_ROLE + "Learner"],
            CLAIM + "context": {
                "id": "c-7",
                "label": "BIO101",
                "title": "Biology 101",
                "type": ["http://purl.imsglobal.org/vocab/lis/v2/course#CourseOffering"],
            },
            CLAIM + "resource_link": {"id": "l-12", "title": "Cell division warm-up"},
            CLAIM + "lis": {"person_sourcedid": "school:3"},
            CLAIM + "custom": {"chapter": "mitosis"},
            **changes,
        }
        return {name: value for name, value in claims.items() if value is not None}

    def sign(self, claims: Mapping[str, Any], *, key: str | None = None, **header: object) -> str:
        return signed(claims, key or self.keys[0], **header)

    def key_set(self) -> bytes:
        return json.dumps({"keys": [public_jwk(each) for each in self.keys]}).encode()


@contextmanager
def serving(lms: Lms) -> Iterator[Lms]:
    """The LMS with its key set on a free port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            lms.fetches += 1
            body = lms.key_set() if lms.body is None else lms.body
            self.send_response(lms.status)
            for name, value in {"Content-Type": "application/json", **lms.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", lms.port), Handler) as server:
        lms.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield lms
        finally:
            server.shutdown()
            thread.join()
