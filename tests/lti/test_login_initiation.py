"""The first message: what is read from it, and what is refused before anything is looked up."""

from __future__ import annotations

from typing import Any

import pytest

from gatelodge.lti.errors import Heading
from gatelodge.lti.login import LONGEST_VALUE, joined, read_login_initiation
from tests.lti.samples import (
    CLIENT_ID,
    DEPLOYMENT_ID,
    ISSUER,
    MISSING,
    TARGET_LINK,
    a_trace,
    assert_refused,
    initiation,
    login_parameters,
    refusal_of,
)


def test_every_parameter_of_the_standard_is_read() -> None:
    read = initiation(lti_storage_target="_parent")

    assert read.issuer == ISSUER
    assert read.login_hint == "3"
    assert read.target_link_uri == TARGET_LINK
    assert read.client_id == CLIENT_ID
    assert read.deployment_id == DEPLOYMENT_ID
    assert read.message_hint == '{"cmid":6,"launchid":"ltilaunch4_1896813958"}'
    assert read.storage_target == "_parent"


def test_three_parameters_are_enough() -> None:
    read = initiation(client_id=MISSING, lti_deployment_id=MISSING, lti_message_hint=MISSING)

    assert (read.client_id, read.deployment_id, read.message_hint) == (None, None, None)
    assert read.storage_target is None


@pytest.mark.parametrize("name", ["client_id", "lti_deployment_id", "lti_storage_target"])
def test_an_empty_optional_parameter_counts_as_not_sent(name: str) -> None:
    read = initiation(**{name: ""})

    assert {
        "client_id": read.client_id,
        "lti_deployment_id": read.deployment_id,
        "lti_storage_target": read.storage_target,
    }[name] is None


def test_an_empty_message_hint_is_a_message_hint() -> None:
    assert initiation(lti_message_hint="").message_hint == ""


def test_canvas_spells_the_deployment_without_the_prefix() -> None:
    assert initiation(lti_deployment_id=MISSING, deployment_id="42:abc").deployment_id == "42:abc"


def test_the_spelling_of_the_standard_goes_first() -> None:
    assert initiation(deployment_id="another").deployment_id == DEPLOYMENT_ID


@pytest.mark.parametrize(
    "more",
    [
        {"canvas_region": "eu-west-1", "canvas_environment": "prod"},
        {"note": "two\nlines"},
        {"note": "half \ud83d of an emoji, and \0"},
        {"note": "x" * 50_000},
        {"x" * 1_000: ""},
        {"\0": "", "": ""},
    ],
)
def test_parameters_that_are_not_understood_are_ignored(more: dict[str, str]) -> None:
    assert initiation(**more) == initiation()


@pytest.mark.parametrize("name", ["login_hint", "lti_message_hint"])
@pytest.mark.parametrize(
    "hint",
    [
        "eyJhbGciOiJIUzI1NiJ9.eyJ2ZXJpZmllciI6IngifQ.c2lnbmF0dXJl",
        "Zm9v\nYmFy\r\n",
        '{"name":"Ünïcödé ✓","a":"b&c=d"}',
        " leading and trailing ",
        pytest.param("a" * LONGEST_VALUE, id="as long as any"),
    ],
)
def test_a_hint_is_kept_as_it_came(name: str, hint: str) -> None:
    read = initiation(**{name: hint})

    assert hint in (read.login_hint, read.message_hint)


@pytest.mark.parametrize("target", ["_parent", "post_message_forwarding", "lti-frame.1", "A"])
def test_the_name_of_a_frame_is_a_storage_target(target: str) -> None:
    assert initiation(lti_storage_target=target).storage_target == target


@pytest.mark.parametrize("deployment_id", ["1", "7:4f~!@#$%^&*()", "with a blank", "d" * 255])
def test_a_deployment_hint_of_255_ascii_characters_is_read(deployment_id: str) -> None:
    assert initiation(lti_deployment_id=deployment_id).deployment_id == deployment_id


def test_a_login_that_was_read_leaves_a_trace() -> None:
    trace = a_trace()

    read_login_initiation(login_parameters(), trace)

    assert trace.written() == "login.received 0"


# The numbers are those of the list "What a tool must refuse".
REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("1 no issuer", {"iss": MISSING}, "login.parameter_missing"),
    ("1 no hint", {"login_hint": MISSING}, "login.parameter_missing"),
    ("1 no target link", {"target_link_uri": MISSING}, "login.parameter_missing"),
    ("1 empty issuer", {"iss": ""}, "login.parameter_missing"),
    ("1 empty hint", {"login_hint": ""}, "login.parameter_missing"),
    ("1 empty target link", {"target_link_uri": ""}, "login.parameter_missing"),
    ("6 long", {"lti_deployment_id": "d" * 256}, "login.deployment_malformed"),
    ("6 not ASCII", {"lti_deployment_id": "d\u00e9"}, "login.deployment_malformed"),
    (
        "6 Canvas's spelling",
        {"lti_deployment_id": MISSING, "deployment_id": "d" * 256},
        "login.deployment_malformed",
    ),
    ("7 redirect_uri", {"redirect_uri": "https://evil.example"}, "login.parameter_forbidden"),
    ("7 nonce", {"nonce": "mine"}, "login.parameter_forbidden"),
    ("7 state", {"state": ""}, "login.parameter_forbidden"),
    ("7 endpoint", {"authorization_endpoint": "https://e"}, "login.parameter_forbidden"),
    ("8 long issuer", {"iss": "i" * 8_001}, "login.parameter_too_long"),
    ("8 long hint", {"login_hint": "h" * 8_001}, "login.parameter_too_long"),
    ("8 long message hint", {"lti_message_hint": "h" * 8_001}, "login.parameter_too_long"),
    ("8 NUL", {"iss": ISSUER + "\0"}, "login.parameter_malformed"),
    ("8 line break", {"target_link_uri": TARGET_LINK + "\r\n"}, "login.parameter_malformed"),
    ("8 delete", {"client_id": "\x7f"}, "login.parameter_malformed"),
    ("8 C1 control", {"client_id": "\x85"}, "login.parameter_malformed"),
    ("8 half a pair", {"client_id": "\ud800"}, "login.parameter_malformed"),
    ("8 half a pair in a hint", {"login_hint": "\udfff"}, "login.parameter_malformed"),
    ("8 NUL in a hint", {"lti_message_hint": "\0"}, "login.parameter_malformed"),
    ("9 script", {"lti_storage_target": "<script>"}, "login.storage_target_malformed"),
    ("9 URL", {"lti_storage_target": "https://e.example"}, "login.storage_target_malformed"),
    ("9 line break", {"lti_storage_target": "_parent "}, "login.storage_target_malformed"),
    ("9 quote", {"lti_storage_target": "a'b"}, "login.storage_target_malformed"),
    ("9 long", {"lti_storage_target": "f" * 65}, "login.storage_target_malformed"),
    (
        "LTI 1.1",
        {"iss": MISSING, "oauth_consumer_key": "k", "lti_version": "LTI-1p0"},
        "login.old_lti",
    ),
]


@pytest.mark.parametrize(
    ("changes", "code"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
def test_a_login_is_refused(changes: dict[str, Any], code: str) -> None:
    refusal = refusal_of(lambda: initiation(**changes))

    assert_refused(refusal, code, Heading.DETAILS)


@pytest.mark.parametrize("name", ["iss", "client_id", "login_hint", "whatever"])
def test_a_parameter_that_stands_twice_is_refused(name: str) -> None:
    twice = [*login_parameters(whatever="1"), (name, "1")]

    refusal = refusal_of(lambda: read_login_initiation(twice, a_trace()))

    assert_refused(refusal, "login.parameter_repeated")
    assert refusal.sent == name


def test_the_parameter_that_is_missing_is_named() -> None:
    assert refusal_of(lambda: initiation(login_hint=MISSING)).expected == "login_hint"


def test_a_query_on_the_login_address_adds_to_the_form() -> None:
    assert joined([("iss", "a")], [("client_id", "b")]) == [("iss", "a"), ("client_id", "b")]


def test_what_form_and_query_both_say_is_said_once() -> None:
    assert joined([("iss", "a")], [("iss", "a")]) == [("iss", "a")]


def test_form_and_query_that_differ_are_refused() -> None:
    both = joined(login_parameters(), [("iss", "https://elsewhere.example")])

    refusal = refusal_of(lambda: read_login_initiation(both, a_trace()))

    assert_refused(refusal, "login.parameter_repeated")
