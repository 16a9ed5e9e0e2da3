"""Requests that a program makes up, at every public address, over a socket: each has a short and correct answer."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2
import schemathesis
from hypothesis import HealthCheck, given, settings

from tests.hostile.addresses import DESCRIPTION, LIVE_STATE, LIVE_TOKEN, PATHS
from tests.hostile.processes import A_SECOND, PATIENCE, Running
from tests.support.gateways import BASE
from tests.support.lms import CLAIM

ADDRESSES = Path(__file__).parents[2] / "docs" / "reference" / "addresses.md"
OURS = re.compile(r"Traceback|File \"|site-packages|\.py\b")

described = schemathesis.openapi.from_dict(DESCRIPTION)


def test_every_address_of_the_reference_is_described() -> None:
    rows = re.findall(r"^\| `(/[^`]*)` \| ([A-Z, ]+) \|", ADDRESSES.read_text(), re.MULTILINE)

    listed = {(path, method.lower()) for path, methods in rows for method in methods.split(", ")}
    # Behind the door of the portal everybody is asked first who they are.
    public = {each for each in listed if not each[0].startswith("/portal")}
    assert public == {
        (path, name) for path, item in PATHS.items() for name in item if name != "parameters"
    }


@described.parametrize()
@settings(max_examples=60, deadline=None, database=None, suppress_health_check=list(HealthCheck))
def test_whatever_is_sent_is_answered_and_none_fails(case: Any, process: Running) -> None:
    cookies = enlivened(case, process)
    before = process.seconds()

    answer = case.call(
        base_url=process.address, allow_redirects=False, timeout=PATIENCE, cookies=cookies
    )

    assert answer.status_code < 500
    assert process.seconds() - before < A_SECOND
    assert len(answer.content) < 100_000
    assert not OURS.search(answer.text)


def enlivened(case: Any, process: Running) -> dict[str, str]:
    """Puts what a login gave in the place of what stands for it; the cookies that came along."""
    if not isinstance(case.body, dict) or LIVE_STATE not in case.body.values():
        return {}
    lms = process.campus.lms
    target = f"{BASE}/lti/hello/launch"
    begun = httpx2.get(f"{process.address}/lti/hello/login", params=lms.login(target))
    asked = dict(parse_qsl(urlsplit(begun.headers["location"]).query))
    claims = lms.claims(time.time(), nonce=asked["nonce"], **{CLAIM + "target_link_uri": target})
    live = {LIVE_STATE: asked["state"], LIVE_TOKEN: lms.sign(claims)}
    case.body = {name: live.get(str(value), value) for name, value in case.body.items()}
    return dict(begun.cookies.items())


def test_what_is_made_up_gets_past_the_first_look(process: Running) -> None:
    """Otherwise the test above would show little."""
    for address in ("/lti/{tool}/launch", "/lti/{tool}/login"):
        ask(process, address)

    codes = set(re.findall(r'"code":"([^"]+)"', process.log))
    assert '"event":"accepted"' in process.log
    assert {"login.tool_unknown", "login.issuer_unknown", "launch.state_invalid"} <= codes


def ask(process: Running, address: str) -> None:
    @settings(
        max_examples=300,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=described[address]["POST"].as_strategy())
    def made_up(case: Any) -> None:
        cookies = enlivened(case, process)
        case.call(base_url=process.address, allow_redirects=False, cookies=cookies)

    made_up()
