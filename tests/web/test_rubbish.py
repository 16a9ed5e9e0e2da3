"""Whatever is sent, the answer is short and correct, and never a failure of ours."""

from __future__ import annotations

import asyncio
import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gatelodge.web.app import create_app
from gatelodge.web.exchange import Message, Scope
from gatelodge.web.lti.gate import Gate
from tests.support.browsers import Browser, browsing
from tests.support.gateways import Campus
from tests.support.lms import CLAIM

# The gateway is the same for all examples: what one of them leaves behind must not hurt the next.
many = settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

latin = st.characters(max_codepoint=255)
part = st.one_of(
    st.sampled_from(
        ["", "lti", "hello", "keys", "login", "launch", "oauth", "token", ".well-known", "static"]
    ),
    st.text(max_size=30),
    st.sampled_from(["\x00", "..", "%2e%2e", "x" * 5000, "\udcff", "ü"]),
)
paths = st.lists(part, max_size=6).map(lambda parts: "/" + "/".join(parts))
names = st.sampled_from(
    ["iss", "login_hint", "target_link_uri", "client_id", "state", "id_token", "error", "code"]
)
values = st.one_of(
    st.sampled_from(["https://lms.example", "https://lti.example/lti/hello/launch", "client-1"]),
    st.text(max_size=50),
    st.just("x" * 2000),
)
forms = st.one_of(
    st.binary(max_size=200),
    st.lists(st.tuples(names, values), max_size=8).map(
        lambda pairs: "&".join(f"{name}={value}" for name, value in pairs).encode(
            "utf-8", "replace"
        )
    ),
)
headers = st.lists(
    st.tuples(
        st.sampled_from(
            [b"cookie", b"content-length", b"authorization", b"accept", b"x-forwarded-for"]
        ),
        st.text(latin, max_size=60).map(lambda text: text.encode("latin-1")),
    ),
    max_size=3,
)


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    yield loop
    loop.close()


@pytest.fixture
def app(campus: Campus, loop: asyncio.AbstractEventLoop) -> Iterator[Gate]:
    yield create_app(campus.gateway)
    loop.run_until_complete(campus.gateway.stop())


async def ask(app: Gate, scope: dict[str, Any], body: bytes) -> list[Message]:
    """Straight into the application, with what no client library would send."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body}

    async def send(message: Message) -> None:
        sent.append(message)

    whole: Scope = {
        "type": "http",
        "http_version": "1.1",
        "scheme": "https",
        "server": ("lti.example", 443),
        "client": ("192.0.2.7", 1),
        "root_path": "",
        **scope,
    }
    await app(whole, receive, send)
    return sent


@many
@given(
    path=paths,
    query=st.one_of(forms, st.binary(max_size=100)),
    body=forms,
    method=st.sampled_from(["GET", "POST", "HEAD", "PUT", "OPTIONS", "PROPFIND"]),
    more=headers,
    is_form=st.booleans(),
)
def test_any_request_is_answered_and_none_fails(
    app: Gate,
    loop: asyncio.AbstractEventLoop,
    path: str,
    query: bytes,
    body: bytes,
    method: str,
    more: list[tuple[bytes, bytes]],
    is_form: bool,  # noqa: FBT001
) -> None:
    kind = [(b"content-type", b"application/x-www-form-urlencoded")] if is_form else []
    scope = {
        "method": method,
        "path": path,
        "raw_path": b"/",
        "query_string": query,
        "headers": [*kind, *more],
    }

    start = loop.run_until_complete(ask(app, scope, body))[0]

    assert 200 <= start["status"] < 500
    assert start["status"] != 303


odd = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([10**400, -(10**400), 1e300, 10**18, "\ud800", "\x00", "x" * 20_000, ""]),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=20),
    st.lists(st.one_of(st.integers(), st.text(max_size=5), st.just("\ud800")), max_size=3),
    st.dictionaries(st.text(max_size=5), st.just({"\ud800": "\ud800"}), max_size=2),
)

RICH = {
    "nbf": 1_800_000_000,
    "azp": "client-1",
    CLAIM + "for_user": {"user_id": "9", "name": "Jo", "roles": []},
    CLAIM + "role_scope_mentor": ["4"],
    CLAIM + "tool_platform": {"guid": "g", "name": "M", "version": "4", "url": "https://m.example"},
    CLAIM + "launch_presentation": {
        "document_target": "iframe",
        "return_url": "https://lms.example/back",
        "locale": "en",
        "width": 320,
        "height": "240",
    },
    "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint": {
        "scope": ["https://purl.imsglobal.org/spec/lti-ags/scope/score"],
        "lineitems": "https://lms.example/items",
        "lineitem": "https://lms.example/items/1",
    },
    "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice": {
        "context_memberships_url": "https://lms.example/members",
        "service_versions": ["2.0"],
    },
    "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings": {
        "deep_link_return_url": "https://lms.example/return",
        "accept_types": ["link"],
        "accept_presentation_document_targets": ["iframe"],
        "accept_multiple": True,
        "data": "opaque",
        "title": "T",
    },
}
MESSAGE_TYPES = ("LtiResourceLinkRequest", "LtiDeepLinkingRequest", "LtiSubmissionReviewRequest")


@many
@given(data=st.data())
def test_any_signed_claims_are_admitted_or_refused_and_none_fails(
    campus: Campus, loop: asyncio.AbstractEventLoop, data: st.DataObject
) -> None:
    async def launch() -> int:
        async with browsing(campus) as browser:
            login = await browser.login()
            claims = campus.lms.claims(
                campus.clock(),
                nonce=login.nonce,
                **{CLAIM + "target_link_uri": login.target_link_uri, **copy.deepcopy(RICH)},
            )
            claims[CLAIM + "message_type"] = data.draw(st.sampled_from(MESSAGE_TYPES))
            for _ in range(data.draw(st.integers(1, 3))):
                spoil(data, claims)
            return (await browser.post(login, campus.lms.sign(claims))).status_code

    status = loop.run_until_complete(launch())

    assert status == 303 or 400 <= status < 500


def spoil(data: st.DataObject, claims: dict[str, Any]) -> None:
    """Put something odd in the place of a claim, or of a part of one."""
    place, key = claims, data.draw(st.sampled_from(sorted(claims)))
    while isinstance(place[key], dict) and place[key] and data.draw(st.booleans()):
        place, key = place[key], data.draw(st.sampled_from(sorted(place[key])))
    place[key] = data.draw(odd)


@pytest.mark.asyncio
@pytest.mark.parametrize("claim", ["exp", "iat", "nbf"])
@pytest.mark.parametrize("number", [10**400, -(10**400)], ids=["ahead", "ago"])
async def test_a_time_that_no_clock_shows_is_refused(
    browser: Browser, claim: str, number: int
) -> None:
    answer = await browser.launch(**{claim: number})

    assert answer.status_code in (303, 401)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "path",
    [
        "/lti/%00/login",
        "/lti/%00/launch",
        "/lti/hello/%00/login",
        "/lti/hello/%FF%FE/login",
        "/lti/hello%2Flogin/login",
        "/lti/%ED%A0%80/login",
        "/lti//login",
        "/lti/" + "x" * 6000 + "/login",
        "/lti/hello/" + "x" * 6000 + "/login",
        "/lti/keys/login",
    ],
)
async def test_a_key_that_is_rubbish_is_an_unknown_one(browser: Browser, path: str) -> None:
    parameters = browser.campus.lms.login(browser.target())

    answer = await browser.http.post(path, data=parameters)

    assert answer.status_code in (403, 404)
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.asyncio
@pytest.mark.parametrize("name", ["iss", "client_id", "lti_deployment_id"])
async def test_a_name_that_no_database_takes_is_an_unknown_one(browser: Browser, name: str) -> None:
    answer = await browser.begin(**{name: "https://lms.example/" + "x" * 5000})

    assert answer.status_code in (400, 403)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b"\xff\xfe",
        json.dumps({"keys": 1}).encode(),
        json.dumps({"keys": [None, 1, [], {}, {"kid": 1}]}).encode(),
        json.dumps({"keys": [{"kid": "first", "kty": "RSA", "n": 1, "e": []}]}).encode(),
        json.dumps({"keys": [{"kid": "first", "kty": "RSA", "n": "AA", "e": "AA"}]}).encode(),
        json.dumps({"keys": [{"kid": "first", "kty": "EC", "crv": 5, "x": {}, "y": 0}]}).encode(),
        json.dumps({"keys": [{"kid": "first", "kty": "oct", "k": "AAAA"}]}).encode(),
    ],
)
async def test_a_key_set_that_is_rubbish_refuses_the_launch(browser: Browser, body: bytes) -> None:
    browser.campus.lms.body = body

    answer = await browser.launch()

    assert answer.status_code in (400, 401)
    assert "Problem with the LMS public keyset URL" in answer.text
