"""The box that takes an LMS's whole page of keys: whatever is pasted is sorted, and nothing breaks it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatelodge.platforms import Platform, all_platforms, get
from gatelodge.platforms.pasting import BLANKS, INVISIBLE, QUOTES, sort_page, tidy
from gatelodge.platforms.questions import FIELDS

MOODLE = {
    "issuer": "https://moodle.northfield.example",
    "client_id": "Wm4Rk8sVt2BqX6d",
    "deployment_id": "23",
    "key_set_url": "https://moodle.northfield.example/mod/lti/certs.php",
    "token_url": "https://moodle.northfield.example/mod/lti/token.php",
    "authorization_url": "https://moodle.northfield.example/mod/lti/auth.php",
}
MOODLES_PAGE = """Tool configuration details
Platform ID: https://moodle.northfield.example
Client ID: Wm4Rk8sVt2BqX6d
Deployment ID: 23
Public keyset URL: https://moodle.northfield.example/mod/lti/certs.php
Access token URL: https://moodle.northfield.example/mod/lti/token.php
Authentication request URL: https://moodle.northfield.example/mod/lti/auth.php
"""


def found(platform_id: str, text: str) -> dict[str, str]:
    return {name: each.value for name, each in sort_page(get(platform_id), text).found.items()}


def test_moodles_page_is_sorted() -> None:
    assert found("moodle", MOODLES_PAGE) == MOODLE


def test_label_and_value_may_stand_on_lines_of_their_own() -> None:
    page = MOODLES_PAGE.replace(": ", "\n\n   ")

    assert found("moodle", page) == MOODLE


def test_label_and_value_may_stand_in_the_cells_of_a_table() -> None:
    page = MOODLES_PAGE.replace(": ", "\t")

    assert found("moodle", page) == MOODLE


def test_a_copy_button_beside_a_value_is_no_part_of_it() -> None:
    page = "\n".join(f"{line} Copy" for line in MOODLES_PAGE.splitlines())

    assert found("moodle", page) == MOODLE


def test_labels_are_those_of_the_lms_that_was_chosen() -> None:
    page = """
    Client Id
    7aaa046f-50d4-4dc3-aac5-ac22e6d4339e
    Brightspace Keyset URL
    https://school.brightspace.com/d2l/.well-known/jwks
    Brightspace OAuth2 Access Token URL
    https://auth.brightspace.com/core/connect/token
    OpenID Connect Authentication Endpoint
    https://school.brightspace.com/d2l/lti/authenticate
    Brightspace OAuth2 Audience
    https://api.brightspace.com/auth/token
    Issuer
    https://school.brightspace.com
    """

    assert found("brightspace", page) == {
        "client_id": "7aaa046f-50d4-4dc3-aac5-ac22e6d4339e",
        "key_set_url": "https://school.brightspace.com/d2l/.well-known/jwks",
        "token_url": "https://auth.brightspace.com/core/connect/token",
        "authorization_url": "https://school.brightspace.com/d2l/lti/authenticate",
        "audience": "https://api.brightspace.com/auth/token",
        "issuer": "https://school.brightspace.com",
    }


def test_misleading_labels_lead_to_the_right_field() -> None:
    edx = found("openedx", "OIDC Callback URL: https://edx.example/api/lti_consumer/v1/launch/")
    olat = found("openolat", "Login URI: https://olat.example/lti/auth")

    assert edx == {"authorization_url": "https://edx.example/api/lti_consumer/v1/launch/"}
    assert olat == {"authorization_url": "https://olat.example/lti/auth"}


def test_an_openid_configuration_is_read_as_json() -> None:
    document = {
        "issuer": "https://lms.example",
        "authorization_endpoint": "https://lms.example/auth",
        "token_endpoint": "https://lms.example/token",
        "jwks_uri": "https://lms.example/jwks",
        "scopes_supported": ["openid"],
        "https://purl.imsglobal.org/spec/lti-tool-configuration": {
            "client_id": "c1",
            "deployment_id": 7,
        },
    }

    assert found("other", json.dumps(document, indent=2)) == {
        "issuer": "https://lms.example",
        "authorization_url": "https://lms.example/auth",
        "token_url": "https://lms.example/token",
        "key_set_url": "https://lms.example/jwks",
        "client_id": "c1",
        "deployment_id": "7",
    }


def test_json_that_was_copied_in_part_is_read_by_its_lines() -> None:
    text = '  "client_id": "c1",\n  "deployment_id": "7"\n}'

    assert found("other", text) == {"client_id": "c1", "deployment_id": "7"}


def test_what_was_tidied_is_said() -> None:
    page = "Client ID:  Wm4Rk8sVt2BqX6d\u200b \nDeployment ID: \N{LEFT DOUBLE QUOTATION MARK}23\N{RIGHT DOUBLE QUOTATION MARK}"

    sorted_page = sort_page(get("moodle"), page)

    assert sorted_page.found["client_id"].value == "Wm4Rk8sVt2BqX6d"
    assert INVISIBLE in sorted_page.found["client_id"].tidied
    assert sorted_page.found["deployment_id"].value == "23"
    assert QUOTES in sorted_page.found["deployment_id"].tidied


def test_two_different_values_for_one_field_are_noticed() -> None:
    sorted_page = sort_page(get("moodle"), "Client ID: one\nClient ID: two")

    assert sorted_page.found["client_id"].value == "one"
    assert sorted_page.twice == {"client_id"}


def test_nothing_is_found_where_nothing_is() -> None:
    assert found("moodle", "") == {}
    assert found("moodle", "Dear colleague, here are the keys. Kind regards") == {}


def test_a_value_that_is_far_too_long_is_left_out() -> None:
    assert found("moodle", "Client ID: " + "x" * 10_000) == {}


@pytest.mark.parametrize(
    ("typed", "value", "tidied"),
    [
        ("plain", "plain", ()),
        (" around ", "around", (BLANKS,)),
        ("zero\u200bwidth", "zerowidth", (INVISIBLE,)),
        ("\ufeffmark", "mark", (INVISIBLE,)),
        ("\u202eturned", "turned", (INVISIBLE,)),
        ("no-break\u00a0", "no-break", (BLANKS,)),
        ('"quoted"', "quoted", (QUOTES,)),
        ("a b", "a b", ()),
        ("", "", ()),
    ],
)
def test_a_value_is_tidied(typed: str, value: str, tidied: tuple[str, ...]) -> None:
    assert tidy(typed) == (value, tidied)


@given(st.text())
def test_tidying_twice_changes_nothing_more(text: str) -> None:
    once = tidy(text).value

    # One pair of quotation marks is taken off at a time.
    assert once.startswith(('"', "'", "“", "<")) or tidy(once).value == once


@given(st.sampled_from(all_platforms()), st.text())
def test_any_text_can_be_pasted(platform: Platform, text: str) -> None:
    sorted_page = sort_page(platform, text)

    assert set(sorted_page.found) <= set(FIELDS)
    assert all(each.value == each.value.strip() for each in sorted_page.found.values())


VALUES = st.fixed_dictionaries(
    {
        field: st.from_regex(r"https://[a-z]{1,9}\.example/[a-z]{1,9}/[0-9]{1,4}", fullmatch=True)
        for field in FIELDS
    }
)
JOINTS = st.sampled_from([": ", " : ", "\t", "\n", "\n\n  ", " = ", ":\n"])


@given(st.sampled_from(all_platforms()), VALUES, JOINTS, st.randoms(use_true_random=False))
def test_every_lms_own_page_is_sorted_in_any_order(
    platform: Platform, values: dict[str, str], joint: str, random: object
) -> None:
    labels = {
        field: label.split(",")[0].split(" or ")[0]
        for field, label in platform.fields_from_platform.items()
    }
    lines = [f"{label}{joint}{values[field]}" for field, label in labels.items()]
    random.shuffle(lines)  # type: ignore[attr-defined]

    pasted = sort_page(platform, "\n".join(lines))

    assert {field: each.value for field, each in pasted.found.items()} == {
        field: values[field] for field in labels
    }
