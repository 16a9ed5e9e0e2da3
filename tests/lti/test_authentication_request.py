"""The second message: the address that the browser is sent to."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatelodge.lti.login import authentication_request, is_clean
from tests.lti.any_input import BRIEFLY
from tests.lti.samples import LAUNCH_URL, MISSING, initiation


def request(endpoint: str = "https://lms.example/auth", **changes: object) -> str:
    return authentication_request(
        endpoint,
        client_id="c&=1",
        redirect_uri=LAUNCH_URL,
        initiation=initiation(**changes),
        state="our.state",
        nonce="our-nonce",
    )


def test_the_request_has_what_the_standard_asks_for_and_no_more() -> None:
    sent = dict(parse_qsl(urlsplit(request()).query))

    assert sent == {
        "scope": "openid",
        "response_type": "id_token",
        "response_mode": "form_post",
        "prompt": "none",
        "client_id": "c&=1",
        "redirect_uri": LAUNCH_URL,
        "login_hint": "3",
        "state": "our.state",
        "nonce": "our-nonce",
        "lti_message_hint": '{"cmid":6,"launchid":"ltilaunch4_1896813958"}',
    }


def test_no_message_hint_is_made_up() -> None:
    assert "lti_message_hint" not in request(lti_message_hint=MISSING)


def test_an_empty_message_hint_goes_back_empty() -> None:
    sent = parse_qsl(urlsplit(request(lti_message_hint="")).query, keep_blank_values=True)

    assert ("lti_message_hint", "") in sent


@pytest.mark.parametrize("endpoint", ["https://lms.example/auth?org=5", "https://lms.example/a?"])
def test_a_query_of_the_endpoint_is_kept(endpoint: str) -> None:
    url = request(endpoint)

    assert url.startswith(endpoint)
    assert dict(parse_qsl(urlsplit(url).query))["scope"] == "openid"


@BRIEFLY
@given(hint=st.text(min_size=1).filter(is_clean), message_hint=st.text().filter(is_clean))
def test_hints_go_back_unaltered(hint: str, message_hint: str) -> None:
    url = request(login_hint=hint, lti_message_hint=message_hint)

    sent = dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))
    assert (sent["login_hint"], sent["lti_message_hint"]) == (hint, message_hint)
    assert url.isascii()
    assert url.isprintable()


def test_a_hint_with_line_breaks_breaks_no_header() -> None:
    url = request(login_hint="a\r\nSet-Cookie: b=c")

    assert "\n" not in url
    assert dict(parse_qsl(urlsplit(url).query))["login_hint"] == "a\r\nSet-Cookie: b=c"
