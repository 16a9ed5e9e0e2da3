"""The launch path without what surrounds it: no database, no cookie, no network.

What the rules of `gatelodge.lti` make of a scenario is what a gateway must make of it.
"""

from __future__ import annotations

import time

from gatelodge.lti.authentication_response import read_authentication_response
from gatelodge.lti.errors import Refusal
from gatelodge.lti.launch import Expectation, read_launch
from gatelodge.lti.login import LoginInitiation, check_target_link, read_login_initiation
from gatelodge.lti.registration import PlatformClient, Tool
from gatelodge.lti.state import LoginState, digest
from gatelodge.lti.tokens import read_key_set, read_token, verify
from gatelodge.lti.trace import Trace
from gatelodge.simulator import Purpose
from gatelodge.simulator.scenario import ACCEPTED, Message, Scenario
from tests.simulator.lms import LMS, TOOL, Browser, form_in

LAUNCH_URLS = (f"{TOOL}/launch",)


def outcome_by_the_rules(browser: Browser, scenario: Scenario) -> str:
    try:
        _launch(browser, scenario)
    except Refusal as refusal:
        return refusal.code
    return ACCEPTED


def _launch(browser: Browser, scenario: Scenario) -> None:
    trace = Trace(time.monotonic_ns)
    login = browser.click(scenario.slug)
    initiation = read_login_initiation(login.fields, trace)
    check_target_link(initiation.target_link_uri, LAUNCH_URLS)
    client_id = f"{scenario.tool}-at-northfield"
    request = browser.request_for(login, client_id=client_id)
    page = browser.web.get("/authorize", params=request)
    answer = read_authentication_response(form_in(page.text).fields)
    answer.refuse_error()
    token = read_token(answer.id_token, algorithms=["RS256"], trace=trace)
    keys = read_key_set(browser.web.get("/jwks").content)
    claims = verify(token, keys.get(token.key_id, token.algorithm), trace)
    read_launch(claims, _expectation(client_id, scenario.tool, initiation), trace)


def _expectation(client_id: str, purpose: Purpose, initiation: LoginInitiation) -> Expectation:
    deployment = initiation.deployment_id
    now = time.time()
    return Expectation(
        client=PlatformClient(
            id="c",
            issuer=LMS,
            client_id=client_id,
            authorization_url=f"{LMS}/authorize",
            token_url=f"{LMS}/token",
            key_set_url=f"{LMS}/jwks",
            token_audience=None,
            platform="other",
            tenant_id="t",
        ),
        tool=_tool(takes_little=purpose is Purpose.LINKS_ONLY),
        login=LoginState(
            tool_id="t",
            platform_client_id="c",
            registration_id=None,
            nonce="the-nonce",
            issued_at=int(now),
            proof_digest="",
            target_link_digest=digest(initiation.target_link_uri),
            deployment_digest=digest(deployment) if deployment else None,
        ),
        launch_urls=LAUNCH_URLS,
        now=now,
    )


def _tool(*, takes_little: bool) -> Tool:
    """The tool for links only takes anonymous launches; the other takes every message."""
    return Tool(
        id="t",
        key="hello",
        name="Hello",
        launch_url="https://hello.example/launch",
        client_id="hello",
        claims=frozenset(),
        message_types=frozenset([Message.RESOURCE_LINK] if takes_little else Message),
        anonymous=takes_little,
        id_token_algorithm="RS256",
        hand_off="redirect",
    )
