"""Claims that are what they should be are taken whole. It must not be seen: not in a launch, not in a refusal, not in a trace."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatelodge.lti import lenience
from gatelodge.lti import vocabulary as v
from gatelodge.lti.claims import MessageClaims
from gatelodge.lti.errors import Refusal
from gatelodge.lti.launch import Expectation, Launch, read_launch
from gatelodge.lti.lenience import LONGEST_TEXT, is_storable, read_object
from gatelodge.lti.tokens import SignedClaims, are_storable
from tests.architecture.source import ROOT
from tests.lti.any_input import BRIEFLY, any_json, any_text
from tests.lti.samples import (
    INSTRUCTOR,
    ISSUER,
    KEY_ID,
    LAUNCH_URL,
    LEARNER,
    MENTOR,
    NOW,
    Json,
    a_client,
    a_login,
    a_tool,
    a_trace,
    as_json,
    claims,
    deep_linking_claims,
    outcome_of,
    read,
    review_claims,
)

ALL_OPTIONAL: Json = {
    "middle_name": "Ann",
    "picture": f"{ISSUER}/mia.png",
    "locale": "de",
    v.ROLES: [LEARNER, MENTOR],
    v.ROLE_SCOPE_MENTOR: ["8", "9"],
    v.CONTEXT: {"id": "2", "type": ["CourseSection"], "label": "BIO101", "title": "Biology"},
    v.RESOURCE_LINK: {"id": "4", "title": "Chapter 3", "description": "Read it"},
    v.TOOL_PLATFORM: {
        "guid": "lms.northfield.example",
        "name": "Northfield",
        "version": "4.5",
        "product_family_code": "moodle",
        "url": ISSUER,
    },
    v.LAUNCH_PRESENTATION: {
        "document_target": "iframe",
        "return_url": f"{ISSUER}/return?id=5",
        "locale": "de-AT",
        "width": 640,
        "height": 400,
    },
    v.CUSTOM: {"chapter": "3", "due": "$ResourceLink.submission.endDateTime"},
    v.LIS: {"person_sourcedid": "SIS-8"},
    v.AGS_ENDPOINT: {
        "scope": [v.SCORE_SCOPE, v.LINE_ITEM_SCOPE],
        "lineitems": f"{ISSUER}/lineitems",
        "lineitem": f"{ISSUER}/lineitems/4",
    },
    v.NAMES_ROLES: {"context_memberships_url": f"{ISSUER}/members"},
}
MESSAGES = {
    "resource link": claims(ALL_OPTIONAL),
    "few claims": claims(),
    "deep linking": deep_linking_claims({"title": "T", "data": "d"}, ALL_OPTIONAL),
    "submission review": review_claims(ALL_OPTIONAL | {v.ROLES: [INSTRUCTOR]}),
}
ODD = [
    *("", "$x", "400", "0", "99999", "100000", "²", "\0", "x\0", "\ud800", "\U0001f393", "two\nlines"),
    *("é" * LONGEST_TEXT, "é" * (LONGEST_TEXT + 1), "x" * 255, "x" * 256, "Group", v.CONTEXT_TYPE),
    *("http://lms.northfield.example/x", "https://evil.example/x", f"{ISSUER}:443/x", ISSUER),
    f"{ISSUER}/{'a' * LONGEST_TEXT}",
    *(f"{ISSUER}/a b", f"{ISSUER}/\u2028", f"{ISSUER}@evil.example/", "HTTPS" + ISSUER[5:] + "/x"),
    *(None, True, False, 0, 1, 5, -1, 0.5, 640.0, 99999.5, 100_000, 2**63, 2**64, 10**400, 1e308),
    *(float("inf"), [], {}, [None], [""], ["x", ""], ["Group", 5], [[]], {"": ""}, {"a": None}),
    *({"a": 1, "b": True, "c": 0.5, "d": ["x"]}, {"a\0": "b"}, {"id": "", "guid": ""}),
    *({"id": 5, "guid": 5}, {"id": "x\0", "guid": "\ud800"}, {"id": "4", "guid": "5", "name": None}),
]  # fmt: skip


def judged(sent: Json, *, whole: bool, http_allowed: bool = False) -> tuple[object, str]:
    """What comes of these claims, with its trace."""
    trace = a_trace()
    expected = Expectation(
        client=a_client(),
        tool=a_tool(),
        login=a_login(),
        launch_urls=(LAUNCH_URL,),
        now=NOW,
        http_allowed=http_allowed,
    )
    outcome = outcome_of(
        lambda: read_launch(SignedClaims(sent, KEY_ID, storable=whole), expected, trace)
    )
    if isinstance(outcome, Refusal):
        return (type(outcome), outcome.sent, outcome.expected, outcome.note), trace.written()
    return outcome, trace.written()


def assert_judged_alike(sent: Json, *, http_allowed: bool = False) -> None:
    if are_storable(sent, as_json(sent)):
        taken_whole = judged(sent, whole=True, http_allowed=http_allowed)

        assert taken_whole == judged(sent, whole=False, http_allowed=http_allowed)


def places(value: Any) -> Iterator[tuple[Any, ...]]:
    """The way to everything that is in a value."""
    members = value.items() if isinstance(value, dict) else enumerate(value)
    for name, member in members:
        yield (name,)
        if isinstance(member, dict | list):
            yield from ((name, *further) for further in places(member))


def changed(sent: Json, place: tuple[Any, ...], value: object) -> Json:
    sent = deepcopy(sent)
    *way, last = place
    where: Any = sent
    for name in way:
        where = where[name]
    where[last] = deepcopy(value)
    return sent


# ----------------------------------------------------------------------- alike


@pytest.mark.parametrize("message", MESSAGES.values(), ids=MESSAGES)
def test_claims_as_they_should_be_are_judged_alike(message: Json) -> None:
    assert isinstance(read(message), Launch)
    assert_judged_alike(message)


@pytest.mark.parametrize("message", MESSAGES.values(), ids=MESSAGES)
def test_whatever_stands_in_one_place_is_judged_alike(message: Json) -> None:
    for place in places(message):
        for odd in ODD:
            assert_judged_alike(changed(message, place, odd))


any_odd = st.sampled_from(ODD) | any_json


@st.composite
def any_message(draw: st.DrawFn) -> Json:
    sent = draw(st.sampled_from(list(MESSAGES.values())))
    for _ in range(draw(st.integers(2, 5))):
        sent = changed(sent, draw(st.sampled_from(list(places(sent)))), draw(any_odd))
    return sent


@BRIEFLY
@given(sent=any_message(), http_allowed=st.booleans())
def test_whatever_stands_in_many_places_is_judged_alike(sent: Json, *, http_allowed: bool) -> None:
    assert_judged_alike(sent, http_allowed=http_allowed)


# ----------------------------------------------------------------------- taken whole


@pytest.fixture
def only_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    def by_members(*_: object) -> None:
        raise AssertionError("The claims were read one by one.")

    monkeypatch.setattr(lenience, "_by_members", by_members)


@pytest.mark.parametrize("message", MESSAGES.values(), ids=MESSAGES)
def test_claims_as_they_should_be_are_taken_whole(message: Json, only_whole: None) -> None:
    assert read(message)


def test_the_claims_of_the_benchmark_are_taken_whole(
    only_whole: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(ROOT / "bench")
    sent = importlib.import_module("lms").claims(LAUNCH_URL, 1, 1, "nonce")

    assert read_object(MessageClaims, sent, storable=are_storable(sent, as_json(sent)))


@pytest.mark.parametrize(
    ("place", "value"),
    [
        *(((v.CONTEXT, member), said) for member in ("label", "title") for said in ("", None)),
        *(((v.RESOURCE_LINK, "description"), said) for said in ("", None)),
        *(((v.TOOL_PLATFORM, "name"), said) for said in ("", None)),
        *(((v.LAUNCH_PRESENTATION, member), None) for member in ("width", "return_url", "locale")),
        *(((v.LIS, "person_sourcedid"), said) for said in ("", None)),
        *(((v.AGS_ENDPOINT, "lineitem"), said) for said in ("", None, "mine")),
        *(((v.CUSTOM, "chapter"), said) for said in ("", None, "$x", 3, 0.5, True)),
        *(((name,), said) for name in ("name", "email", "picture") for said in ("", None)),
        *(((name,), None) for name in (v.CONTEXT, v.CUSTOM, v.LIS, v.NAMES_ROLES)),
    ],
    ids=repr,
)
def test_what_platforms_leave_blank_does_not_stop_it(
    place: tuple[str, ...], value: object, only_whole: None
) -> None:
    assert read(changed(claims(ALL_OPTIONAL), place, value))


# ----------------------------------------------------------------------- what no database takes


@BRIEFLY
@given(sent=any_text)
def test_claims_are_storable_if_all_their_texts_are(sent: str) -> None:
    for there in ({"name": sent}, {sent: ""}, {v.CUSTOM: {"a": [sent]}}):
        assert are_storable(there, as_json(there)) == is_storable(sent)


@pytest.mark.parametrize("sent", ["\0", "x\ud800", "\udfff", "\\\0", "\udf93\ud83c"])
def test_what_no_database_takes_is_seen(sent: str) -> None:
    assert not are_storable({"name": sent}, as_json({"name": sent}))


@pytest.mark.parametrize(
    "sent", ["é 李", "“Tools”", "한국", "\U0001f393", 'a "b" \\ \n\t\x01', "\\ud800"]
)
def test_other_escapes_are_no_matter(sent: str) -> None:
    assert are_storable({"name": sent}, as_json({"name": sent}))
