"""The LMS that the load generator plays: its keys, its key set, and launches good and bad.

It shares no code with any of the servers that it measures.
"""

from __future__ import annotations

import json
import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256

ISSUER = "https://lms.example"
AUTHORIZATION_URL = f"{ISSUER}/mod/lti/auth.php"
TOKEN_URL = f"{ISSUER}/mod/lti/token.php"
KEY_ID = "4f6d1c2a9b7e"

_LTI = "https://purl.imsglobal.org/spec/lti/claim/"
_AGS = "https://purl.imsglobal.org/spec/lti-ags/"
_NRPS = "https://purl.imsglobal.org/spec/lti-nrps/"
_ROLE = "http://purl.imsglobal.org/vocab/lis/v2/"

Claims = dict[str, Any]

_KEY = generate_private_key(public_exponent=65537, key_size=2048)
_STRANGER = generate_private_key(public_exponent=65537, key_size=2048)


def client_id(registration: int) -> str:
    return f"client-{registration}"


def deployment_id(registration: int) -> str:
    return f"deployment-{registration}"


def login(target: str, registration: int, person: int) -> dict[str, str]:
    return {
        "iss": ISSUER,
        "login_hint": str(person),
        "target_link_uri": target,
        "lti_message_hint": json.dumps(
            {"cmid": 340 + person % 7, "launchid": f"ltilaunch{person}"}
        ),
        "client_id": client_id(registration),
        "lti_deployment_id": deployment_id(registration),
    }


def claims(target: str, registration: int, person: int, nonce: str) -> Claims:
    """A student opens a quiz: 2.7 KB, as the larger LMSs send them with every service offered."""
    now = int(time.time())
    course = f"{ISSUER}/mod/lti/services.php/2041"
    return {
        "iss": ISSUER,
        "aud": client_id(registration),
        "azp": client_id(registration),
        "sub": f"3c1f0d5e-7a44-4c39-9d11-{person:012d}",
        "nonce": nonce,
        "iat": now,
        "exp": now + 3600,
        "name": "Mia Sofía Lindqvist",
        "given_name": "Mia Sofía",
        "family_name": "Lindqvist",
        "email": f"mia.lindqvist{person}@students.northfield.example",
        "picture": f"{ISSUER}/user/{person}/picture.png",
        "locale": "en-GB",
        _LTI + "version": "1.3.0",
        _LTI + "message_type": "LtiResourceLinkRequest",
        _LTI + "deployment_id": deployment_id(registration),
        _LTI + "target_link_uri": target,
        _LTI + "roles": [
            _ROLE + "membership#Learner",
            _ROLE + "institution/person#Student",
            _ROLE + "system/person#User",
        ],
        _LTI + "context": {
            "id": "2041",
            "label": "BIO101-2026",
            "title": "Biology 101: from the cell to the organism",
            "type": ["http://purl.imsglobal.org/vocab/lis/v2/course#CourseSection"],
        },
        _LTI + "resource_link": {
            "id": str(340 + person % 7),
            "title": "Cell division: a warm-up before the lecture",
        },
        _LTI + "tool_platform": {
            "guid": "b2f7a9f7c1d94a5e8b6d0c4f3a2e1d09",
            "name": "Northfield Learning",
            "url": ISSUER,
            "product_family_code": "moodle",
            "version": "2026042000",
        },
        _LTI + "launch_presentation": {
            "document_target": "iframe",
            "locale": "en",
            "return_url": f"{ISSUER}/mod/lti/return.php?course=2041&instanceid=340",
        },
        _LTI + "lis": {
            "person_sourcedid": f"northfield.example:{person}",
            "course_offering_sourcedid": "northfield.example:BIO101-2026",
        },
        _LTI + "custom": {
            "chapter": "mitosis",
            "attempts": "2",
            "context_memberships_url": f"{course}/bindings/3/memberships",
            "available_from": "2026-11-02T08:00:00Z",
        },
        _AGS + "claim/endpoint": {
            "scope": [
                _AGS + "scope/lineitem",
                _AGS + "scope/lineitem.readonly",
                _AGS + "scope/result.readonly",
                _AGS + "scope/score",
            ],
            "lineitems": f"{course}/lineitems?type_id=3",
            "lineitem": f"{course}/lineitems/77/lineitem?type_id=3",
        },
        _NRPS + "claim/namesroleservice": {
            "context_memberships_url": f"{course}/bindings/3/memberships",
            "service_versions": ["2.0"],
        },
    }


# ---------------------------------------------------------------- signing


def signed(claims: Mapping[str, Any], key: RSAPrivateKey = _KEY, algorithm: str = "RS256") -> str:
    """A compact JWS (RFC 7515 section 7.1); without a signature if the algorithm is "none"."""
    head = {"typ": "JWT", "alg": algorithm, "kid": KEY_ID}
    content = f"{_json(head)}.{_json(claims)}"
    if algorithm == "none":
        return f"{content}."
    return f"{content}.{_encoded(key.sign(content.encode(), PKCS1v15(), SHA256()))}"


def _json(value: Mapping[str, Any]) -> str:
    return _encoded(json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode())


def _encoded(value: bytes) -> str:
    return urlsafe_b64encode(value).rstrip(b"=").decode()


def public_jwk() -> dict[str, str]:
    numbers = _KEY.public_key().public_numbers()
    return {
        "kty": "RSA",
        "kid": KEY_ID,
        "use": "sig",
        "alg": "RS256",
        "n": _encoded(numbers.n.to_bytes(256, "big")),
        "e": _encoded(numbers.e.to_bytes(3, "big")),
    }


@contextmanager
def serving_keys() -> Iterator[int]:
    """The port of this machine on which the LMS publishes its key set."""
    body = json.dumps({"keys": [public_jwk()]}).encode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


# ---------------------------------------------------------------- bad launches


def _tampered(claims: Claims) -> str:
    """Somebody else's name under a signature that was made for this one."""
    head, _, signature = signed(claims).split(".")
    return f"{head}.{_json({**claims, 'sub': 'somebody-else'})}.{signature}"


def _changed(**changes: Any) -> Callable[[Claims], str]:
    return lambda claims: signed({**claims, **changes})


BAD_TOKENS: dict[str, Callable[[Claims], str]] = {
    "tampered": _tampered,
    "forged": lambda claims: signed(claims, key=_STRANGER),
    "unsigned": lambda claims: signed(claims, algorithm="none"),
    "expired": lambda claims: signed(
        {**claims, "iat": claims["iat"] - 7200, "exp": claims["exp"] - 7200}
    ),
    "audience": _changed(aud="client-of-another-tool", azp="client-of-another-tool"),
    "issuer": _changed(iss="https://another-lms.example"),
    "nonce": _changed(nonce="a-nonce-that-nobody-issued"),
    "deployment": _changed(**{_LTI + "deployment_id": "deployment-of-nobody"}),
}
"""Launches that every server must refuse, by what is wrong with their token."""
