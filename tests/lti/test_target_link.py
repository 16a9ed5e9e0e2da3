"""Where a login or a launch may lead: to this tool's launch address, whatever its query."""

from __future__ import annotations

import pytest

from gatelodge.lti import vocabulary as v
from gatelodge.lti.login import check_target_link
from gatelodge.lti.state import digest
from tests.lti.samples import (
    LAUNCH_URL,
    MISSING,
    TARGET_LINK,
    a_login,
    assert_refused,
    claims,
    read,
    refusal_of,
)

OURS = [
    LAUNCH_URL,
    LAUNCH_URL + "?",
    LAUNCH_URL + "?chapter=3&next=https://elsewhere.example/%23",
    LAUNCH_URL + "?a=/../../x",
    LAUNCH_URL + "?a=?b",
]

FOREIGN = [
    "https://elsewhere.example/lti/hello/launch",
    "http://gate.example/lti/hello/launch",
    "HTTPS://gate.example/lti/hello/launch",
    "https://GATE.example/lti/hello/launch",
    "https://gate.example./lti/hello/launch",
    "https://gate.example:443/lti/hello/launch",
    "https://gate.example:8443/lti/hello/launch",
    "https://me@gate.example/lti/hello/launch",
    "https://gate.example@elsewhere.example/lti/hello/launch",
    "https://gate.example\\@elsewhere.example/lti/hello/launch",
    "https://gate.example.elsewhere.example/lti/hello/launch",
    "https://gate.example/lti/hello/launch/",
    "https://gate.example/lti/hello/launch/../launch",
    "https://gate.example//lti/hello/launch",
    "https://gate.example/lti%2Fhello/launch",
    "https://gate.example/lti/%68ello/launch",
    "https://gate.example/lti/hello/launch;a=b",
    "https://gate.example/lti/hello/launch#",
    "https://gate.example/lti/hello/launch#chapter-3",
    "https://gate.example/lti/hello/launch?a=b#c",
    "https://gate.example/lti/other/launch",
    "https://gate.example/lti/hello/login",
    "https://gate.example/",
    " https://gate.example/lti/hello/launch",
    "https://gate.example/lti/hello/launch ",
    "https://gate.example/lti/hello/la\tunch",
    "https://gate.example\uff0flti/hello/launch",
    "https://[gate.example/lti/hello/launch",
    "//gate.example/lti/hello/launch",
    "/lti/hello/launch",
    "javascript:alert(1)",
    "?",
]


@pytest.mark.parametrize("target", OURS)
def test_a_login_may_lead_to_the_tool_with_any_query(target: str) -> None:
    check_target_link(target, [LAUNCH_URL])


@pytest.mark.parametrize("target", FOREIGN)
def test_a_login_may_lead_nowhere_else(target: str) -> None:
    refusal = refusal_of(lambda: check_target_link(target, [LAUNCH_URL]))

    assert_refused(refusal, "login.target_link_foreign")  # 5


def test_a_tool_may_have_several_launch_addresses() -> None:
    own = "https://gate.example/lti/hello/registration-1/launch"

    check_target_link(own, [LAUNCH_URL, own])


@pytest.mark.parametrize("target", OURS)
def test_a_launch_keeps_the_query_of_its_target_link(target: str) -> None:
    launch = read(
        claims({v.TARGET_LINK_URI: target}), login=a_login(target_link_digest=digest(target))
    )

    assert launch.target_link_uri == target


@pytest.mark.parametrize("target", FOREIGN)
def test_even_a_signed_target_link_leads_nowhere_else(target: str) -> None:
    login = a_login(target_link_digest=digest(target))

    refusal = refusal_of(lambda: read(claims({v.TARGET_LINK_URI: target}), login=login))

    assert_refused(refusal, "launch.target_link_foreign")  # 35


@pytest.mark.parametrize("target", [LAUNCH_URL, TARGET_LINK + "&a=b", LAUNCH_URL + "?chapter=4"])
def test_another_target_link_than_at_the_login_is_refused(target: str) -> None:
    refusal = refusal_of(lambda: read(claims({v.TARGET_LINK_URI: target})))

    assert_refused(refusal, "launch.target_link_mismatch")  # 35


def test_the_query_of_a_refused_target_link_is_not_told() -> None:
    """Platforms put keys of a person's session there."""
    target = LAUNCH_URL + "/?sesskey=secret"

    refusal = refusal_of(lambda: check_target_link(target, [LAUNCH_URL]))

    assert refusal.sent == LAUNCH_URL + "/"


@pytest.mark.parametrize("target", [MISSING, None, "", 5, [], {}, [TARGET_LINK]])
def test_a_launch_without_a_target_link_is_refused(target: object) -> None:
    refusal = refusal_of(lambda: read(claims({v.TARGET_LINK_URI: target})))

    assert_refused(refusal, "launch.target_link_missing")  # 35
