"""What the tests of the rules hand in: a platform, a tool, a login and claims that fit together."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256, HashAlgorithm
from joserfc import jws
from joserfc.jwk import ECKey, RSAKey
from msgspec.structs import replace

from gatelodge.lti import vocabulary as v
from gatelodge.lti.errors import Heading, Refusal
from gatelodge.lti.launch import Expectation, Launch, read_launch
from gatelodge.lti.login import LoginInitiation, read_login_initiation
from gatelodge.lti.registration import PERSONAL_CLAIMS, PlatformClient, Tool
from gatelodge.lti.state import LoginState, digest
from gatelodge.lti.tokens import SignedClaims, are_storable
from gatelodge.lti.trace import Trace

NOW = 1_800_000_000
ISSUER = "https://lms.northfield.example"
CLIENT_ID = "10000000000042"
DEPLOYMENT_ID = "7:4f2cae94"
LAUNCH_URL = "https://gate.example/lti/hello/launch"
TARGET_LINK = LAUNCH_URL + "?chapter=3"
NONCE = "0hXmQ2vJ8nTq4bYzLr6W1A"
KEY_ID = "2026-autumn"
PROOF = "a-proof-that-only-this-browser-holds"

INSTRUCTOR = v.CONTEXT_ROLE + "Instructor"
LEARNER = v.CONTEXT_ROLE + "Learner"
MENTOR = v.CONTEXT_ROLE + "Mentor"

Json = dict[str, Any]

MISSING = object()
"""Stands for a claim or a parameter that is left out."""


# ----------------------------------------------------------------------- what is known before


def a_trace() -> Trace:
    return Trace(lambda: 0)


def a_client(**changes: Any) -> PlatformClient:
    client = PlatformClient(
        id="client-1",
        issuer=ISSUER,
        client_id=CLIENT_ID,
        authorization_url=ISSUER + "/auth",
        token_url=ISSUER + "/token",
        key_set_url=ISSUER + "/keys",
        token_audience=None,
        platform="other",
        tenant_id="northfield",
    )
    return replace(client, **changes)


def a_tool(**changes: Any) -> Tool:
    tool = Tool(
        id="tool-1",
        key="hello",
        name="Hello",
        launch_url="https://hello.example/launch",
        client_id="hello-client",
        claims=PERSONAL_CLAIMS,
        message_types=frozenset(v.MESSAGE_TYPES),
        anonymous=False,
        id_token_algorithm="RS256",
        hand_off="redirect",
    )
    return replace(tool, **changes)


def a_login(**changes: Any) -> LoginState:
    login = LoginState(
        tool_id="tool-1",
        platform_client_id="client-1",
        registration_id=None,
        nonce=NONCE,
        issued_at=NOW,
        proof_digest=digest(PROOF),
        target_link_digest=digest(TARGET_LINK),
        deployment_digest=None,
    )
    return replace(login, **changes)


# ----------------------------------------------------------------------- what a platform sends


def login_parameters(**changes: Any) -> list[tuple[str, str]]:
    parameters = {
        "iss": ISSUER,
        "login_hint": "3",
        "target_link_uri": TARGET_LINK,
        "client_id": CLIENT_ID,
        "lti_deployment_id": DEPLOYMENT_ID,
        "lti_message_hint": '{"cmid":6,"launchid":"ltilaunch4_1896813958"}',
    } | changes
    return [(name, value) for name, value in parameters.items() if value is not MISSING]


def initiation(**changes: Any) -> LoginInitiation:
    return read_login_initiation(login_parameters(**changes), a_trace())


def claims(changes: Mapping[str, Any] | None = None) -> Json:
    """The claims of a learner's launch; `MISSING` leaves one out."""
    all_claims = {
        "iss": ISSUER,
        "aud": CLIENT_ID,
        "sub": "3",
        "exp": NOW + 60,
        "iat": NOW,
        "nonce": NONCE,
        "name": "Mia Learner",
        "given_name": "Mia",
        "family_name": "Learner",
        "email": "mia@northfield.example",
        v.VERSION: "1.3.0",
        v.MESSAGE_TYPE: "LtiResourceLinkRequest",
        v.DEPLOYMENT_ID: DEPLOYMENT_ID,
        v.TARGET_LINK_URI: TARGET_LINK,
        v.ROLES: [LEARNER],
        v.RESOURCE_LINK: {"id": "link-4", "title": "Chapter 3"},
        v.CONTEXT: {"id": "course-2", "label": "BIO101", "title": "Biology 101"},
    } | dict(changes or {})
    return {name: value for name, value in all_claims.items() if value is not MISSING}


def deep_linking_claims(
    settings: Mapping[str, Any] | None = None, changes: Mapping[str, Any] | None = None
) -> Json:
    """The claims of a teacher who is to choose content."""
    all_settings = {
        "deep_link_return_url": ISSUER + "/return?id=5",
        "accept_types": ["ltiResourceLink", "link"],
        "accept_presentation_document_targets": ["iframe", "window"],
    } | dict(settings or {})
    kept = {name: value for name, value in all_settings.items() if value is not MISSING}
    return claims(
        {
            v.MESSAGE_TYPE: "LtiDeepLinkingRequest",
            v.RESOURCE_LINK: MISSING,
            v.ROLES: [INSTRUCTOR],
            v.DEEP_LINKING_SETTINGS: kept,
        }
        | dict(changes or {})
    )


def review_claims(changes: Mapping[str, Any] | None = None) -> Json:
    """The claims of a teacher who is to look at one learner's work."""
    return claims(
        {
            v.MESSAGE_TYPE: "LtiSubmissionReviewRequest",
            v.RESOURCE_LINK: MISSING,
            v.ROLES: [INSTRUCTOR],
            v.FOR_USER: {"user_id": "8", "name": "Mia Learner"},
        }
        | dict(changes or {})
    )


# ----------------------------------------------------------------------- judging


def read(
    sent: Json,
    *,
    client: PlatformClient | None = None,
    tool: Tool | None = None,
    login: LoginState | None = None,
    now: float = NOW,
    http_allowed: bool = False,
    trace: Trace | None = None,
) -> Launch:
    """Judge claims whose signature was good."""
    expected = Expectation(
        client=client or a_client(),
        tool=tool or a_tool(),
        login=login or a_login(),
        launch_urls=(LAUNCH_URL,),
        now=now,
        http_allowed=http_allowed,
    )
    signed_claims = SignedClaims(sent, KEY_ID, storable=are_storable(sent, as_json(sent)))
    return read_launch(signed_claims, expected, trace or a_trace())


def refusal_of(act: Callable[[], object]) -> Refusal:
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value


def outcome_of(act: Callable[[], object]) -> object:
    """The value, or the refusal, which has to be fit to be shown. No other exception may come."""
    try:
        return act()
    except Refusal as refusal:
        said = str(refusal)
        if not said.isprintable():
            raise AssertionError(said) from refusal
        return refusal


def assert_refused(refusal: Refusal, code: str, heading: Heading = Heading.DETAILS) -> None:
    assert (refusal.code, refusal.heading) == (code, heading)


# ----------------------------------------------------------------------- signing


def encoded(value: bytes) -> str:
    return urlsafe_b64encode(value).rstrip(b"=").decode()


def as_json(value: object) -> bytes:
    return json.dumps(value).encode()


def signed(sent: Json, key: RSAKey | ECKey, algorithm: str = "RS256") -> str:
    header = {"alg": algorithm, "kid": KEY_ID, "typ": "JWT"}
    return jws.serialize_compact(header, as_json(sent), key, algorithms=[algorithm])


def rsa_signed(
    header: Json | bytes, payload: bytes, key: RSAKey, digest_by: HashAlgorithm | None = None
) -> str:
    """A good RSA signature over any header and any payload, as no library would make it."""
    private = key.private_key
    assert private is not None
    return compact(
        header, payload, lambda text: private.sign(text, PKCS1v15(), digest_by or SHA256())
    )


def compact(header: Json | bytes, payload: bytes, sign: Callable[[bytes], bytes]) -> str:
    first = header if isinstance(header, bytes) else as_json(header)
    text = f"{encoded(first)}.{encoded(payload)}"
    return f"{text}.{encoded(sign(text.encode()))}"


def key_set(*members: object) -> bytes:
    return as_json({"keys": list(members)})


def public(key: RSAKey | ECKey, **changes: Any) -> Json:
    """The public half of a key as a platform publishes it; `MISSING` leaves a member out."""
    member = {**key.as_dict(private=False), "kid": KEY_ID, "use": "sig"} | changes
    return {name: value for name, value in member.items() if value is not MISSING}
