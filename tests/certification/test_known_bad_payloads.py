"""Known "Bad" Payloads (certification guide, section 6.1.1): each is refused, visibly, for teacher and student.

Every test's name begins with the one that the guide gives it.
"""

from __future__ import annotations

import json

import pytest

from tests.certification.suite import HEADER, Claims, Suite, as_jws

pytestmark = pytest.mark.asyncio

P = "https://purl.imsglobal.org/spec/lti/claim/"


def without(payload: Claims, claim: str) -> Claims:
    assert claim in payload
    return {name: value for name, value in payload.items() if name != claim}


async def test_no_kid_sent_in_jwt_header(suite: Suite, payload: Claims) -> None:
    answer = await suite.play(payload, header={"alg": "RS256", "typ": "JWT"})

    suite.assert_refused(answer, "launch.key_id_missing", status=401, proven=False)


async def test_incorrect_kid_in_jwt_header(suite: Suite, payload: Claims) -> None:
    answer = await suite.play(payload, header={**HEADER, "kid": "incorrect"})

    suite.assert_refused(answer, "launch.key_unknown", status=401, proven=False)


@pytest.mark.parametrize("version", ["1.2.0", "LTI-1p0", "1.3", "1.3.1", "2.0", "", 1.3, ["1.3.0"]])
async def test_wrong_lti_version(suite: Suite, payload: Claims, version: object) -> None:
    answer = await suite.play(payload | {P + "version": version})

    suite.assert_refused(answer, "launch.version_wrong", status=400)


async def test_no_lti_version(suite: Suite, payload: Claims) -> None:
    answer = await suite.play(without(payload, P + "version"))

    suite.assert_refused(answer, "launch.version_wrong", status=400)


@pytest.mark.parametrize("message", ['{"bad": "launch"}', "{}"])
async def test_invalid_lti_message(suite: Suite, message: str) -> None:
    """JSON that is no launch, though the platform signed it."""
    answer = await suite.post(await suite.begin(), as_jws(message))

    suite.assert_refused(answer, "launch.issuer_mismatch", status=401)


@pytest.mark.parametrize("message", ["[]", '"launch"', "null", "7", "launch=1", ""])
async def test_invalid_lti_message_that_is_no_object(suite: Suite, message: str) -> None:
    answer = await suite.post(await suite.begin(), as_jws(message))

    suite.assert_refused(answer, "launch.token_malformed", status=401, proven=False)


async def test_invalid_lti_message_that_is_no_jwt(suite: Suite, payload: Claims) -> None:
    answer = await suite.post(await suite.begin(), json.dumps(payload))

    suite.assert_refused(answer, "launch.token_malformed", status=401, proven=False)


@pytest.mark.parametrize(
    ("claim", "code", "status"),
    [
        ("iss", "launch.issuer_mismatch", 401),
        ("aud", "launch.audience_mismatch", 401),
        ("exp", "launch.expiry_missing", 401),
        ("iat", "launch.issued_at_missing", 401),
        ("nonce", "launch.nonce_missing", 401),
        (P + "message_type", "launch.message_type_missing", 400),
        (P + "version", "launch.version_wrong", 400),
        (P + "deployment_id", "launch.deployment_missing", 400),
        (P + "target_link_uri", "launch.target_link_missing", 400),
        (P + "resource_link", "launch.resource_link_missing", 400),
        (P + "roles", "launch.roles_missing", 400),
        ("sub", "launch.subject_missing", 400),
    ],
)
async def test_missing_lti_claims(
    suite: Suite, payload: Claims, claim: str, code: str, status: int
) -> None:
    """Each claim that sections 5.3 of LTI Core and 5.1.2 of the Security Framework require, by itself."""
    answer = await suite.play(without(payload, claim))

    suite.assert_refused(answer, code, status=status)


async def test_missing_lti_claims_all_of_them(suite: Suite, payload: Claims) -> None:
    """A good OpenID Connect token that is no launch."""
    of_openid = {name: value for name, value in payload.items() if not name.startswith(P)}

    answer = await suite.play(of_openid)

    suite.assert_refused(answer, "launch.version_wrong", status=400)


@pytest.mark.parametrize(
    ("timestamps", "code"),
    [
        ({"iat": 1799990000, "exp": 1799993600}, "launch.expired"),
        ({"iat": 0, "exp": 0}, "launch.expired"),
        ({"iat": 1800003600, "exp": 1800007200}, "launch.issued_in_future"),
        ({"iat": 1799990000, "exp": 1800007200}, "launch.too_old"),
        ({"iat": 1800000030, "exp": 1800000010}, "launch.expiry_before_issue"),
        ({"iat": "1800000000", "exp": "1800000300"}, "launch.expiry_missing"),
        ({"iat": "1800000000"}, "launch.issued_at_missing"),
        ({"exp": "in an hour"}, "launch.expiry_missing"),
        ({"exp": None}, "launch.expiry_missing"),
        ({"iat": True}, "launch.issued_at_missing"),
        ({"exp": [1800000300]}, "launch.expiry_missing"),
        ({"iat": {"at": 1800000000}}, "launch.issued_at_missing"),
        ({"iat": 1800000000000, "exp": 1800000300000}, "launch.issued_in_future"),
    ],
)
async def test_timestamps_incorrect(
    suite: Suite, payload: Claims, timestamps: Claims, code: str
) -> None:
    answer = await suite.play(payload | timestamps)

    suite.assert_refused(answer, code, status=401)


async def test_message_type_claim_missing(suite: Suite, payload: Claims) -> None:
    answer = await suite.play(without(payload, P + "message_type"))

    suite.assert_refused(answer, "launch.message_type_missing", status=400)


async def test_role_claim_missing(suite: Suite, payload: Claims) -> None:
    answer = await suite.play(without(payload, P + "roles"))

    suite.assert_refused(answer, "launch.roles_missing", status=400)


async def test_deployment_id_claim_missing(suite: Suite, payload: Claims) -> None:
    answer = await suite.play(without(payload, P + "deployment_id"))

    suite.assert_refused(answer, "launch.deployment_missing", status=400)


@pytest.mark.parametrize("link", [{"title": "Photosynthesis"}, {}, {"id": ""}, {"id": None}])
async def test_resource_link_id_claim_missing(suite: Suite, payload: Claims, link: Claims) -> None:
    answer = await suite.play(payload | {P + "resource_link": link})

    suite.assert_refused(answer, "launch.resource_link_missing", status=400)


@pytest.mark.parametrize("subject", ["missing", "empty"])
async def test_user_claim_missing(suite: Suite, payload: Claims, subject: str) -> None:
    answer = await suite.play(
        without(payload, "sub") if subject == "missing" else payload | {"sub": ""}
    )

    suite.assert_refused(answer, "launch.subject_missing", status=400)
