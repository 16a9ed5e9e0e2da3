"""What is sent is never more than a value: no header begins in it, no markup, and no address leads where it says."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.browsers import Browser, browsing, code_of
from tests.support.campuses import OpenCampus
from tests.support.gateways import BASE, HELLO, OTTO, Campus
from tests.support.lms import CLAIM

pytestmark = pytest.mark.asyncio

MARKED = "quillfeather"
BREAKS = [
    f"x\r\nset-cookie: {MARKED}=1\r\n\r\n<script>",
    f"x\nlocation: https://{MARKED}.example",
    f"x\rset-cookie: {MARKED}=1",
    f"x\u2028set-cookie: {MARKED}=1\u0085a: b",
    # Letters that lose a byte on the way to latin-1, and are a line break then.
    f"x\u010d\u010aset-cookie: {MARKED}=1",
    f"x%0d%0aset-cookie: {MARKED}=1",
    f"x%250d%250aset-cookie: {MARKED}=1",
    f"x\x00{MARKED}",
    f"x; Domain={MARKED}.example; Path=/, {MARKED}=1",
]
MARKUP = [
    f"<script>{MARKED}()</script>",
    f'"><img src=x onerror={MARKED}()>',
    f"'-{MARKED}()-'",
    f"javascript:{MARKED}()",
    f"{{{{ {MARKED} }}}}{{% {MARKED} %}}{{{MARKED}}}%({MARKED})s",
    f"</title><svg/onload={MARKED}()>",
    f"&lt;script&gt;{MARKED}()",
    f"\u202e{MARKED}\ufeff",
    f"<{MARKED}" * 500,
]
PARAMETERS = [
    *("iss", "login_hint", "target_link_uri", "client_id", "lti_deployment_id"),
    *("lti_message_hint", "lti_storage_target", "deployment_id", "nonce", "else"),
]


def assert_harmless(answer: httpx2.Response) -> None:
    """A refusal, or a redirect to where it always goes; what was sent is at most a value in a query."""
    assert answer.status_code < 500
    for name, value in answer.headers.multi_items():
        assert value.isascii()
        assert value.isprintable()
        assert name != "refresh"
        assert MARKED not in value or name == "location"
    if location := answer.headers.get("location"):
        assert location.startswith(("https://lms.example/auth?", HELLO + "?"))
        assert "#" not in location
    assert MARKED not in answer.text


@pytest.mark.parametrize("name", PARAMETERS)
@pytest.mark.parametrize("value", BREAKS + MARKUP)
async def test_no_parameter_of_a_login_begins_a_header_or_markup(
    browser: Browser, name: str, value: str
) -> None:
    for method in ("GET", "POST"):
        for whole in (value, browser.target(f"?{value}"), f"https://lms.example/{value}"):
            assert_harmless(await browser.begin(method=method, **{name: whole}))


async def test_no_field_of_a_launch_begins_a_header_or_markup(browser: Browser) -> None:
    for value in BREAKS + MARKUP:
        begun = await browser.login()
        token = browser.token(begun)
        for name in ("id_token", "state", "error", "error_description", "lti_storage_target"):
            form = {"id_token": token, "state": begun.state, "error": "", name: value}
            assert_harmless(await browser.http.post("/lti/hello/launch", data=form))


CLAIMS = [
    *("iss", "aud", "azp", "sub", "nonce", "exp", "name", "email", "picture", "locale"),
    *(CLAIM + name for name in ("version", "message_type", "deployment_id", "target_link_uri")),
    *(CLAIM + name for name in ("roles", "context", "resource_link", "custom", "lis")),
    *(CLAIM + name for name in ("launch_presentation", "tool_platform", "role_scope_mentor")),
]
SHAPES: list[Callable[[str], Any]] = [
    lambda value: value,
    lambda value: [value],
    lambda value: {"id": value, "title": value, "label": value, "return_url": value, value: value},
]


@pytest.mark.parametrize("claim", CLAIMS)
async def test_no_claim_begins_a_header_or_markup(browser: Browser, claim: str) -> None:
    for value in BREAKS + MARKUP:
        for shape in SHAPES:
            assert_harmless(await browser.launch(**{claim: shape(value)}))


@pytest.mark.parametrize("value", BREAKS + MARKUP)
async def test_no_header_and_no_path_begins_a_header_or_markup(
    browser: Browser, value: str
) -> None:
    raw = value.encode("utf-8", "replace")
    names = ("host", "x-forwarded-host", "forwarded", "user-agent", "referer", "accept-language")
    paths = ("/", "/lti/hello/login", "/lti/hello/launch", "/oauth/token", "/nothing")
    for path in paths:
        for name in (*names, "cookie", "origin", "authorization", "content-type", "if-none-match"):
            headers = [(name, raw), ("accept", b"text/html")]
            assert_harmless(await browser.http.post(path, headers=headers))
            assert_harmless(await browser.http.get(path, headers=headers))
    for path in ("/{}", "/lti/{}/login", "/lti/hello/{}/launch", "/lti/keys/{}", "/static/{}"):
        answer = await browser.http.get(
            httpx2.URL(BASE).join(path.format(httpx2.QueryParams({"": value})))
        )
        assert_harmless(answer)


async def test_a_proof_that_a_browser_brings_is_never_sent_back(browser: Browser) -> None:
    for value in BREAKS:
        odd = value.encode("utf-8", "replace").ljust(40, b"x")
        headers = {b"cookie": b"__Host-gatelodge-x=" + odd}

        answer = await browser.http.get(
            "/lti/hello/login", params=browser.campus.lms.login(browser.target()), headers=headers
        )

        assert_harmless(answer)


# ---------------------------------------------------------------- the query of a link


@pytest.mark.parametrize("hand_off", ["redirect", "form_post"])
async def test_the_query_of_a_link_stays_a_query(campus: Campus, hand_off: str) -> None:
    campus.gateway.tools.add(OTTO, "quiz", "Quiz", "https://quiz.example/go", hand_off=hand_off)
    campus.register(tool="quiz", deployment_ids=("2",))
    forged = [
        "code=forged&iss=https://evil.example",
        "c%6fde=forged&%69ss=forged",
        'a="><script>quillfeather()</script>',
        "a=; form-action *; script-src *",
        "a=\u010d\u010aset-cookie:b",
        "a=%0d%0aset-cookie:b",
        "#@evil.example",
        "@evil.example/",
    ]
    async with browsing(campus) as browser:
        for query in forged:
            click = {"tool": "quiz", "query": f"?{query}", "lti_deployment_id": "2"}
            begun = await browser.begin(**click)
            assert_harmless(begun)
            if begun.status_code == 302:
                answer = await browser.launch(login=click, **{CLAIM + "deployment_id": "2"})
                assert_goes_to_quiz(answer)


def assert_goes_to_quiz(answer: httpx2.Response) -> None:
    assert all(value.isascii() and value.isprintable() for value in answer.headers.values())
    assert "<script>quill" not in answer.text
    if answer.status_code == 200:
        policy = answer.headers["content-security-policy"]
        assert "form-action https:;" in policy + ";"
        assert "*" not in policy
        assert re.search(r'action="https://quiz\.example/go["?]', answer.text)
        assert answer.text.count('name="code"') == 1
        return
    parts = urlsplit(answer.headers["location"])
    assert (parts.scheme, parts.netloc, parts.path, parts.fragment) == (
        *("https", "quiz.example", "/go"),
        "",
    )
    sent = parse_qsl(parts.query)
    assert [value for name, value in sent if name == "iss"] == [BASE]
    assert [value for name, value in sent if name == "code"] == [code_of(answer)]
    assert "forged" not in code_of(answer)


@settings(
    max_examples=60,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(query=st.text(max_size=60))
async def test_any_query_of_a_link_is_carried_on_or_refused(campus: Campus, query: str) -> None:
    async with browsing(campus) as browser:
        answer = await browser.begin(query=f"?{query}")
        if answer.status_code == 302:
            answer = await browser.launch(login={"query": f"?{query}"})
            assert answer.status_code == 303

    assert_harmless(answer)


# ---------------------------------------------------------------- proxies that lie


LIES = {
    "x-forwarded-host": "evil.example",
    "x-forwarded-server": "evil.example",
    "x-forwarded-port": "31337",
    "x-forwarded-prefix": "/evil",
    "x-original-url": "/evil",
    "x-rewrite-url": "/evil",
    "x-http-method-override": "DELETE",
    "x-real-ip": "203.0.113.66",
    "forwarded": "for=203.0.113.66;host=evil.example;proto=http",
    "host": "evil.example",
}


@pytest.mark.parametrize("peer", ["192.0.2.7", "10.0.0.1"], ids=["stranger", "proxy"])
async def test_what_a_proxy_says_of_our_name_is_not_believed(
    campus_with: OpenCampus, peer: str
) -> None:
    campus = campus_with(trusted_proxies="10.0.0.0/8")
    async with browsing(campus, address=peer) as browser:
        browser.http.headers.update(LIES)
        launched = await browser.launch()
        redeemed = await browser.redeem(launched)
        known = await browser.http.get("/.well-known/openid-configuration")
        refused = await browser.launch(aud="somebody")

    assert launched.headers["location"].startswith(HELLO + "?code=")
    assert redeemed["launch"]["platform"]["issuer"] == campus.lms.issuer
    for answer in (launched, known, refused):
        assert "evil" not in answer.text + str(answer.headers)


async def test_a_stranger_can_not_speak_for_another_address_nor_scheme(
    campus_with: OpenCampus,
) -> None:
    campus = campus_with(rate_limits="launches=2/minute", trusted_proxies="10.0.0.0/8")
    statuses = []
    async with browsing(campus, address="192.0.2.7") as browser:
        for number in range(4):
            headers = {"x-forwarded-for": f"198.51.100.{number}", "x-forwarded-proto": "http"}
            answer = await browser.http.get(
                "/lti/hello/login", params=campus.lms.login(browser.target()), headers=headers
            )
            statuses.append(answer.status_code)

    assert statuses == [302, 302, 429, 429]
