"""Authentication Response Validation (Security Framework 1.0 section 5.1.3, LTI Core 1.3 section 5.3), step by step.

What the certification guide doesn't play but the specifications name, for teacher and student. The numbers in the
names of parameters are those of section 5.1.3.
"""

from __future__ import annotations

import hmac
import json

import pytest
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256, SHA384
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.certification.suite import (
    CLIENT_ID,
    HEADER,
    ISSUER,
    KEY_ID,
    Claims,
    Suite,
    as_jws,
    base64url,
    own_key,
)
from tests.support.browsers import browsing

pytestmark = pytest.mark.asyncio

P = "https://purl.imsglobal.org/spec/lti/claim/"
LONG = "x" * 256


# ----------------------------------------------------------------------- the response and its state


async def test_a_launch_has_to_be_posted(suite: Suite, payload: Claims) -> None:
    begun = await suite.begin()
    token = as_jws(json.dumps(payload | {"nonce": begun.nonce}))

    answer = await suite.http.get(
        "/lti/hello/launch", params={"id_token": token, "state": begun.state}
    )

    assert answer.status_code == 405
    assert suite.campus.rows()["launches"] == 0


@pytest.mark.parametrize(
    ("state", "code"),
    [(None, "launch.state_missing"), ("", "launch.state_missing"), ("x", "launch.state_invalid")],
)
async def test_the_state_has_to_be_the_tools(
    suite: Suite, payload: Claims, state: str | None, code: str
) -> None:
    begun = await suite.begin()
    token = as_jws(json.dumps(payload | {"nonce": begun.nonce}))
    form = {"id_token": token} if state is None else {"id_token": token, "state": state}

    answer = await suite.http.post("/lti/hello/launch", data=form)

    suite.assert_refused(answer, code, status=401, proven=False)


async def test_the_state_has_to_be_this_browsers(suite: Suite, payload: Claims) -> None:
    begun = await suite.begin()
    token = as_jws(json.dumps(payload | {"nonce": begun.nonce}))

    async with browsing(suite.campus) as another:
        form = {"id_token": token, "state": begun.state}
        answer = await another.http.post("/lti/hello/launch", data=form)

    suite.assert_refused(answer, "launch.proof_missing", status=401, proven=False)


async def test_an_error_of_a_stranger_is_not_acted_upon(suite: Suite) -> None:
    answer = await suite.http.post(
        "/lti/hello/launch", data={"error": "login_required", "state": "of a stranger"}
    )

    suite.assert_refused(answer, "launch.state_invalid", status=401, proven=False)


async def test_an_error_of_the_platform_is_told(suite: Suite) -> None:
    begun = await suite.begin()

    answer = await suite.http.post(
        "/lti/hello/launch", data={"error": "login_required", "state": begun.state}
    )

    suite.assert_refused(answer, "launch.platform_session_ended", status=403, proven=False)


# ----------------------------------------------------------------------- header, key and signature


async def test_an_unsigned_token(suite: Suite, payload: Claims) -> None:
    answer = await suite.play(payload, header={**HEADER, "alg": "none"}, sign=lambda _: b"")

    suite.assert_refused(answer, "launch.algorithm_none", status=401, proven=False)


async def test_a_token_signed_with_the_public_key_as_a_secret(
    suite: Suite, payload: Claims
) -> None:
    secret = own_key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    answer = await suite.play(
        payload,
        header={**HEADER, "alg": "HS256"},
        sign=lambda text: hmac.digest(secret, text, "sha256"),
    )

    suite.assert_refused(answer, "launch.algorithm_symmetric", status=401, proven=False)


async def test_an_algorithm_that_was_not_agreed_upon(suite: Suite, payload: Claims) -> None:
    answer = await suite.play(
        payload,
        header={**HEADER, "alg": "RS384"},
        sign=lambda text: own_key().sign(text, padding.PKCS1v15(), SHA384()),
    )

    suite.assert_refused(answer, "launch.algorithm_refused", status=401, proven=False)


@pytest.mark.parametrize("smuggled", [False, True])
async def test_a_key_that_is_not_the_platforms(
    suite: Suite, payload: Claims, *, smuggled: bool
) -> None:
    """By itself, or brought along in the header, which nobody may look at."""
    foreign = rsa.generate_private_key(65537, 2048)
    size = foreign.public_key().public_numbers().n.to_bytes(256, "big")
    jwk = {"kty": "RSA", "kid": KEY_ID, "e": "AQAB", "n": base64url(size)}

    answer = await suite.play(
        payload,
        header={**HEADER, "jwk": jwk} if smuggled else HEADER,
        sign=lambda text: foreign.sign(text, padding.PKCS1v15(), SHA256()),
    )

    suite.assert_refused(answer, "launch.signature_invalid", status=401, proven=False)


async def test_a_payload_that_was_changed_on_the_way(
    suite: Suite, student: Claims, teacher: Claims
) -> None:
    begun = await suite.begin()
    sent = as_jws(json.dumps(student | {"nonce": begun.nonce}))
    header, _, signature = sent.split(".")
    promoted = student | {"nonce": begun.nonce, P + "roles": teacher[P + "roles"]}

    answer = await suite.post(
        begun, f"{header}.{base64url(json.dumps(promoted).encode())}.{signature}"
    )

    suite.assert_refused(answer, "launch.signature_invalid", status=401, proven=False)


# ----------------------------------------------------------------------- claims of the token


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"iss": ISSUER + "/"}, "launch.issuer_mismatch"),
        ({"iss": ISSUER.upper()}, "launch.issuer_mismatch"),
        ({"iss": [ISSUER]}, "launch.issuer_mismatch"),
        ({"aud": "another-tool"}, "launch.audience_mismatch"),
        ({"aud": []}, "launch.audience_mismatch"),
        ({"aud": CLIENT_ID.upper()}, "launch.audience_mismatch"),
        ({"aud": [CLIENT_ID, "another-tool"], "azp": CLIENT_ID}, "launch.audience_untrusted"),
        ({"azp": "another-tool"}, "launch.authorized_party_mismatch"),
        ({"nonce": "of-another-login"}, "launch.nonce_mismatch"),
        ({"nonce": 7}, "launch.nonce_missing"),
    ],
    ids=[
        "2 issuer with a slash",
        "2 issuer in capitals",
        "2 issuer in a list",
        "3 another audience",
        "3 no audience",
        "3 audience in capitals",
        "3 an audience too many",
        "5 another authorized party",
        "9 nonce of another login",
        "9 nonce that is no text",
    ],
)
async def test_claims_of_the_token(
    suite: Suite, payload: Claims, changes: Claims, code: str
) -> None:
    answer = await suite.play(payload | changes)

    suite.assert_refused(answer, code, status=401)


async def test_several_audiences_without_an_authorized_party(suite: Suite, student: Claims) -> None:
    answer = await suite.play(student | {"aud": [CLIENT_ID, "another-tool"]})

    suite.assert_refused(answer, "launch.authorized_party_missing", status=401)


async def test_a_launch_can_be_used_once(suite: Suite, payload: Claims) -> None:
    begun = await suite.begin()
    token = as_jws(json.dumps(payload | {"nonce": begun.nonce}))

    first, second = await suite.post(begun, token), await suite.post(begun, token)

    assert (first.status_code, second.status_code) == (303, 401)
    assert "launch.nonce_spent" in second.text
    assert suite.campus.rows()["launches"] == 1


@pytest.mark.parametrize("seconds", [-59, 0, 59])
async def test_clocks_may_differ_by_a_minute(suite: Suite, payload: Claims, seconds: int) -> None:
    launch = await suite.launched(
        payload | {"iat": 1800000000 + seconds, "exp": 1800000001 + seconds}
    )

    assert launch["person"]["id"]


# ----------------------------------------------------------------------- claims of the message


@pytest.mark.parametrize(
    ("changes", "code", "status"),
    [
        ({P + "message_type": "LtiStartProctoring"}, "launch.message_type_unknown", 400),
        ({P + "message_type": ["LtiResourceLinkRequest"]}, "launch.message_type_missing", 400),
        ({P + "deployment_id": "deployment-B"}, "launch.deployment_mismatch", 401),
        ({P + "deployment_id": LONG}, "launch.deployment_missing", 400),
        ({P + "deployment_id": "déploiement"}, "launch.deployment_missing", 400),
        ({P + "deployment_id": 1}, "launch.deployment_missing", 400),
        (
            {P + "target_link_uri": "https://lti.example/lti/hello/launch?page=2"},
            "launch.target_link_mismatch",
            400,
        ),
        (
            {P + "target_link_uri": "https://elsewhere.example/launch"},
            "launch.target_link_foreign",
            400,
        ),
        ({P + "roles": "Instructor"}, "launch.roles_missing", 400),
        ({P + "roles": {"0": "Instructor"}}, "launch.roles_missing", 400),
        ({P + "resource_link": ["link-31"]}, "launch.resource_link_missing", 400),
        ({P + "resource_link": {"id": LONG}}, "launch.resource_link_missing", 400),
        ({P + "resource_link": {"id": 31}}, "launch.resource_link_missing", 400),
        ({"sub": LONG}, "launch.subject_malformed", 400),
        ({"sub": 5}, "launch.subject_malformed", 400),
        ({P + "context": {"title": "Biology"}}, "launch.context_malformed", 400),
        ({P + "context": {"id": LONG}}, "launch.context_malformed", 400),
        ({P + "tool_platform": {"name": "Nameless"}}, "launch.tool_platform_malformed", 400),
    ],
)
async def test_claims_of_the_message(
    suite: Suite, payload: Claims, changes: Claims, code: str, status: int
) -> None:
    answer = await suite.play(payload | changes)

    suite.assert_refused(answer, code, status=status)


async def test_a_deployment_that_nobody_has_approved(suite: Suite, payload: Claims) -> None:
    answer = await suite.play(
        payload | {P + "deployment_id": "deployment-B"}, login={"lti_deployment_id": "deployment-B"}
    )

    suite.assert_refused(answer, "launch.deployment_waiting", status=403)


@pytest.mark.parametrize(
    "settings",
    [
        None,
        {},
        {"accept_types": ["link"], "accept_presentation_document_targets": ["iframe"]},
        {"deep_link_return_url": f"{ISSUER}/choose", "accept_types": ["link"]},
        {"deep_link_return_url": f"{ISSUER}/choose", "accept_presentation_document_targets": []},
    ],
)
async def test_settings_that_a_deep_linking_request_requires(
    suite: Suite, deep_linking: Claims, settings: Claims | None
) -> None:
    claim = "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"

    answer = await suite.play(deep_linking | {claim: settings})

    suite.assert_refused(answer, "launch.deep_linking_settings_missing", status=400)


async def test_chosen_content_is_returned_over_tls_alone(
    suite: Suite, deep_linking: Claims
) -> None:
    claim = "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"
    insecure = deep_linking[claim] | {"deep_link_return_url": "http://insecure.example/choose"}

    answer = await suite.play(deep_linking | {claim: insecure})

    suite.assert_refused(answer, "launch.deep_linking_return_url", status=400)


# ----------------------------------------------------------------------- what must not be refused


@pytest.mark.parametrize(
    "changes",
    [
        {"https://elsewhere.example/claim": {"deep": [{"er": None}]}},
        {"aud": [CLIENT_ID]},
        {"aud": CLIENT_ID, "azp": CLIENT_ID},
        {P + "custom": None},
        {P + "custom": {"number": 7, "flag": True, "list": [1]}},
        {P + "launch_presentation": {"return_url": "http://insecure.example/"}},
        {P + "launch_presentation": {"return_url": "javascript:alert(1)"}},
        {P + "role_scope_mentor": ["a person that nobody mentors"]},
        {P + "context": {"id": "course-7c", "type": ["Unheard"]}},
        {P + "lis": "none"},
        {"email": "not an address", "picture": "javascript:alert(1)"},
    ],
)
async def test_what_a_tool_must_live_with(suite: Suite, payload: Claims, changes: Claims) -> None:
    launch = await suite.launched(payload | changes)

    assert launch["platform"]["person_id"] == payload["sub"]
    assert "javascript:" not in json.dumps(launch)
    assert "insecure.example" not in json.dumps(launch)
    assert launch["mentored"] == []
