"""What every message must carry, and what each type adds to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gatelodge.lti import vocabulary as v
from gatelodge.lti.errors import Heading
from gatelodge.lti.state import digest
from tests.lti.samples import (
    DEPLOYMENT_ID,
    INSTRUCTOR,
    ISSUER,
    LEARNER,
    MISSING,
    Json,
    a_login,
    a_tool,
    assert_refused,
    claims,
    deep_linking_claims,
    read,
    refusal_of,
    review_claims,
)


def test_a_learners_launch_is_read() -> None:
    launch = read(claims())

    assert launch.message_type == "LtiResourceLinkRequest"
    assert launch.deployment_id == DEPLOYMENT_ID
    assert launch.subject == "3"
    assert not launch.is_anonymous
    assert launch.person.name == "Mia Learner"
    assert launch.roles.is_learner
    assert launch.context
    assert launch.context.title == "Biology 101"
    assert launch.resource_link
    assert launch.resource_link.id == "link-4"


# The certification suite's valid launches, each once as a teacher and once as a student.
VALID: dict[str, Json] = {
    "plain": {},
    "several roles": {v.ROLES: [INSTRUCTOR, LEARNER, v.INSTITUTION_ROLE + "Student"]},
    "a short role": {v.ROLES: ["Instructor"]},
    "an unknown role": {v.ROLES: ["http://vendor.example/roles#Wizard"]},
    "no role": {v.ROLES: []},
    "roles of odd types": {v.ROLES: [None, 5, {}, ["Instructor"], ""]},
    "only an e-mail": {"name": MISSING, "given_name": MISSING, "family_name": MISSING},
    "only names": {"email": MISSING},
    "no personal data": dict.fromkeys(("name", "given_name", "family_name", "email"), MISSING),
    "an e-mail and no context": {"name": MISSING, v.CONTEXT: MISSING},
    "optional claims as null": {
        v.CONTEXT: None,
        v.TOOL_PLATFORM: None,
        v.CUSTOM: None,
        "name": None,
    },
    "personal data of odd types": {"name": 5, "email": ["m@example.com"], "locale": {}},
    "a subject of 255 characters": {"sub": "s" * 255},
    "a link of 255 characters": {v.RESOURCE_LINK: {"id": "l" * 255}},
    "a context of 255 characters": {v.CONTEXT: {"id": "c" * 255}},
    "a course named in Greek": {v.CONTEXT: {"id": "Βιολογία"}},
    "a context of an unknown type": {v.CONTEXT: {"id": "2", "type": ["Club"], "x": 1}},
    "a platform that says only its id": {v.TOOL_PLATFORM: {"guid": "g"}},
}


@pytest.mark.parametrize("changes", VALID.values(), ids=VALID.keys())
@pytest.mark.parametrize("role", [INSTRUCTOR, LEARNER], ids=["teacher", "student"])
def test_a_valid_launch_is_accepted(changes: Json, role: str) -> None:
    launch = read(claims({v.ROLES: [role]} | changes))

    assert launch.message_type == "LtiResourceLinkRequest"


# The numbers are those of the list "What a tool must refuse".
REFUSED: list[tuple[str, Json, str]] = [
    ("30 no version", {v.VERSION: MISSING}, "launch.version_wrong"),
    ("30 version 1.1", {v.VERSION: "LTI-1p0"}, "launch.version_wrong"),
    ("30 version 1.3", {v.VERSION: "1.3"}, "launch.version_wrong"),
    ("30 version 1.3.1", {v.VERSION: "1.3.1"}, "launch.version_wrong"),
    ("30 a number", {v.VERSION: 1.3}, "launch.version_wrong"),
    ("30 null", {v.VERSION: None}, "launch.version_wrong"),
    ("31 no type", {v.MESSAGE_TYPE: MISSING}, "launch.message_type_missing"),
    ("31 an empty type", {v.MESSAGE_TYPE: ""}, "launch.message_type_missing"),
    ("31 a list", {v.MESSAGE_TYPE: ["LtiResourceLinkRequest"]}, "launch.message_type_missing"),
    ("31 an unknown type", {v.MESSAGE_TYPE: "LtiEulaRequest"}, "launch.message_type_unknown"),
    ("31 our own type", {v.MESSAGE_TYPE: "LtiDeepLinkingResponse"}, "launch.message_type_unknown"),
    ("31 small letters", {v.MESSAGE_TYPE: "ltiresourcelinkrequest"}, "launch.message_type_unknown"),
    ("32 no deployment", {v.DEPLOYMENT_ID: MISSING}, "launch.deployment_missing"),
    ("32 an empty one", {v.DEPLOYMENT_ID: ""}, "launch.deployment_missing"),
    ("32 a number", {v.DEPLOYMENT_ID: 7}, "launch.deployment_missing"),
    ("32 null", {v.DEPLOYMENT_ID: None}, "launch.deployment_missing"),
    ("32 a list", {v.DEPLOYMENT_ID: [DEPLOYMENT_ID]}, "launch.deployment_missing"),
    ("32 256 characters", {v.DEPLOYMENT_ID: "d" * 256}, "launch.deployment_missing"),
    ("32 not ASCII", {v.DEPLOYMENT_ID: "d\u00e9"}, "launch.deployment_missing"),
    ("32 NUL", {v.DEPLOYMENT_ID: "d\0"}, "launch.deployment_missing"),
    ("32 a line break", {v.DEPLOYMENT_ID: "d\n"}, "launch.deployment_missing"),
    ("37 no roles", {v.ROLES: MISSING}, "launch.roles_missing"),
    ("37 null", {v.ROLES: None}, "launch.roles_missing"),
    ("37 a text", {v.ROLES: INSTRUCTOR}, "launch.roles_missing"),
    ("37 an object", {v.ROLES: {INSTRUCTOR: True}}, "launch.roles_missing"),
    ("38 no link", {v.RESOURCE_LINK: MISSING}, "launch.resource_link_missing"),
    ("38 null", {v.RESOURCE_LINK: None}, "launch.resource_link_missing"),
    ("38 a text", {v.RESOURCE_LINK: "link-4"}, "launch.resource_link_missing"),
    ("38 no id", {v.RESOURCE_LINK: {"title": "T"}}, "launch.resource_link_missing"),
    ("38 an empty id", {v.RESOURCE_LINK: {"id": ""}}, "launch.resource_link_missing"),
    ("38 a number", {v.RESOURCE_LINK: {"id": 4}}, "launch.resource_link_missing"),
    ("38 256 characters", {v.RESOURCE_LINK: {"id": "l" * 256}}, "launch.resource_link_missing"),
    ("38 NUL", {v.RESOURCE_LINK: {"id": "l\0"}}, "launch.resource_link_missing"),
    ("38 half a pair", {v.RESOURCE_LINK: {"id": "\ud800"}}, "launch.resource_link_missing"),
    ("39 no subject", {"sub": MISSING}, "launch.subject_missing"),
    ("39 null", {"sub": None}, "launch.subject_missing"),
    ("39 an empty subject", {"sub": ""}, "launch.subject_missing"),
    ("39 a number", {"sub": 3}, "launch.subject_malformed"),
    ("39 zero", {"sub": 0}, "launch.subject_malformed"),
    ("39 false", {"sub": False}, "launch.subject_malformed"),
    ("39 an empty list", {"sub": []}, "launch.subject_malformed"),
    ("39 256 characters", {"sub": "s" * 256}, "launch.subject_malformed"),
    ("39 not ASCII", {"sub": "mía"}, "launch.subject_malformed"),
    ("39 NUL", {"sub": "3\0"}, "launch.subject_malformed"),
    ("40 a context without id", {v.CONTEXT: {"title": "T"}}, "launch.context_malformed"),
    ("40 an empty context", {v.CONTEXT: {}}, "launch.context_malformed"),
    ("40 a context as a text", {v.CONTEXT: "2"}, "launch.context_malformed"),
    ("40 a context's number", {v.CONTEXT: {"id": 2}}, "launch.context_malformed"),
    ("40 a long context", {v.CONTEXT: {"id": "c" * 256}}, "launch.context_malformed"),
    ("40 no guid", {v.TOOL_PLATFORM: {"name": "LMS"}}, "launch.tool_platform_malformed"),
    ("40 an empty guid", {v.TOOL_PLATFORM: {"guid": ""}}, "launch.tool_platform_malformed"),
    ("40 a list", {v.TOOL_PLATFORM: ["g"]}, "launch.tool_platform_malformed"),
]


@pytest.mark.parametrize(
    ("changes", "code"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
def test_a_message_is_refused(changes: Json, code: str) -> None:
    refusal = refusal_of(lambda: read(claims(changes)))

    assert_refused(refusal, code, Heading.DETAILS)


@pytest.mark.parametrize("role", [INSTRUCTOR, LEARNER], ids=["teacher", "student"])
@pytest.mark.parametrize(
    "claim", [v.VERSION, v.MESSAGE_TYPE, v.DEPLOYMENT_ID, v.TARGET_LINK_URI, v.RESOURCE_LINK, "sub"]
)
def test_each_required_claim_is_missed_in_anybodys_launch(role: str, claim: str) -> None:
    sent = claims({v.ROLES: [role], claim: MISSING})

    assert refusal_of(lambda: read(sent)).heading is Heading.DETAILS


def test_a_message_that_is_no_lti_at_all_is_refused() -> None:
    refusal = refusal_of(lambda: read({"name": "badltilaunch"}))

    assert refusal.heading is Heading.DETAILS


@pytest.mark.parametrize(
    "message",
    [claims, deep_linking_claims, review_claims],
    ids=["resource link", "deep linking", "submission review"],
)
def test_a_message_the_tool_does_not_take_is_refused(message: Callable[[], Json]) -> None:
    sent = message()
    others = frozenset(v.MESSAGE_TYPES) - {sent[v.MESSAGE_TYPE]}

    refusal = refusal_of(lambda: read(sent, tool=a_tool(message_types=others)))

    assert_refused(refusal, "launch.message_type_not_enabled")  # 31
    assert refusal.sent == sent[v.MESSAGE_TYPE]


# ----------------------------------------------------------------------- deployment


def test_the_deployment_of_the_login_comes_back() -> None:
    login = a_login(deployment_digest=digest(DEPLOYMENT_ID))

    assert read(claims(), login=login).deployment_id == DEPLOYMENT_ID


@pytest.mark.parametrize("hinted", ["another", DEPLOYMENT_ID.upper(), DEPLOYMENT_ID + " "])
def test_another_deployment_than_at_the_login_is_refused(hinted: str) -> None:
    login = a_login(deployment_digest=digest(hinted))

    refusal = refusal_of(lambda: read(claims(), login=login))

    assert_refused(refusal, "launch.deployment_mismatch")  # 34


# ----------------------------------------------------------------------- nobody known


@pytest.mark.parametrize("subject", [MISSING, None, ""])
def test_a_tool_may_take_a_person_whom_nobody_names(subject: object) -> None:
    launch = read(claims({"sub": subject}), tool=a_tool(anonymous=True))

    assert launch.is_anonymous
    assert launch.subject is None


def test_an_anonymous_launch_has_no_roster_and_no_grades() -> None:
    services = {
        v.AGS_ENDPOINT: {"scope": [v.SCORE_SCOPE], "lineitem": ISSUER + "/lineitem"},
        v.NAMES_ROLES: {"context_memberships_url": ISSUER + "/members"},
    }

    launch = read(claims({"sub": MISSING} | services), tool=a_tool(anonymous=True))

    assert (launch.line_items, launch.memberships_url) == (None, None)


@pytest.mark.parametrize("subject", [5, "s" * 256, [], False])
def test_a_malformed_subject_is_not_taken_for_nobody(subject: object) -> None:
    refusal = refusal_of(lambda: read(claims({"sub": subject}), tool=a_tool(anonymous=True)))

    assert_refused(refusal, "launch.subject_malformed")


def test_a_tool_for_anonymous_people_knows_who_is_named() -> None:
    assert read(claims(), tool=a_tool(anonymous=True)).subject == "3"


# ----------------------------------------------------------------------- deep linking


def test_a_request_to_choose_content_is_read() -> None:
    settings = {
        "accept_media_types": "image/*,text/html",
        "accept_multiple": True,
        "accept_lineitem": False,
        "auto_create": True,
        "title": "A title",
        "text": "A text",
        "data": "opaque & unchanged \n",
    }

    launch = read(deep_linking_claims(settings))

    assert launch.resource_link is None
    assert launch.deep_linking
    assert launch.deep_linking.return_url == ISSUER + "/return?id=5"
    assert launch.deep_linking.accept_types == ("ltiResourceLink", "link")
    assert launch.deep_linking.accept_presentation_targets == ("iframe", "window")
    assert launch.deep_linking.accept_media_types == "image/*,text/html"
    assert launch.deep_linking.accept_multiple is True
    assert launch.deep_linking.accept_line_item is False
    assert launch.deep_linking.auto_create is True
    assert launch.deep_linking.title == "A title"
    assert launch.deep_linking.data == "opaque & unchanged \n"


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"accept_types": [], "accept_presentation_document_targets": []},
        {"accept_multiple": "true", "accept_lineitem": 1, "auto_create": None, "data": 5},
        {"title": None, "text": {}, "accept_media_types": ["image/*"], "vendor": [1]},
    ],
)
def test_settings_that_cannot_be_read_count_as_not_sent(settings: Json) -> None:
    read_settings = read(deep_linking_claims(settings)).deep_linking

    assert read_settings
    assert (read_settings.accept_multiple, read_settings.accept_line_item) == (None, None)
    assert read_settings.auto_create is False
    assert (read_settings.title, read_settings.text, read_settings.data) == (None, None, None)


@pytest.mark.parametrize("roles", [MISSING, None, []])
def test_roles_may_be_missing_in_deep_linking_and_then_give_nothing(roles: object) -> None:
    launch = read(deep_linking_claims(changes={v.ROLES: roles}))

    assert launch.roles.in_context == ()


@pytest.mark.parametrize("settings", [MISSING, None, "x", []])
def test_a_request_without_settings_is_refused(settings: object) -> None:
    sent = deep_linking_claims(changes={v.DEEP_LINKING_SETTINGS: settings})

    refusal = refusal_of(lambda: read(sent))

    assert_refused(refusal, "launch.deep_linking_settings_missing")  # 47


@pytest.mark.parametrize(
    ("member", "values"),
    [
        ("deep_link_return_url", [MISSING, None, "", 5, []]),
        ("accept_types", [MISSING, None, "link", {}]),
        ("accept_presentation_document_targets", [MISSING, None, "iframe", {}]),
    ],
)
def test_a_request_without_a_required_setting_is_refused(member: str, values: list[Any]) -> None:
    for value in values:
        refusal = refusal_of(lambda sent=value: read(deep_linking_claims({member: sent})))

        assert_refused(refusal, "launch.deep_linking_settings_missing")  # 47
        assert str(refusal.note) == f"{member} is missing."


@pytest.mark.parametrize(
    "url",
    [
        "http://lms.northfield.example/return",
        "/return",
        "lms.northfield.example/return",
        "javascript:alert(1)",
        "https:///return",
        "https://me:secret@lms.northfield.example/return",
        "https://lms.northfield.example:99999/return",
        "https://lms.northfield.example/re turn",
        "https://lms.northfield.example/\n",
        "https://[lms/return",
    ],
)
def test_content_is_returned_to_a_full_https_address_only(url: str) -> None:
    refusal = refusal_of(lambda: read(deep_linking_claims({"deep_link_return_url": url})))

    assert_refused(refusal, "launch.deep_linking_return_url")  # 48


def test_a_developers_platform_may_take_content_back_over_plain_http() -> None:
    url = "http://localhost:8080/return"

    launch = read(deep_linking_claims({"deep_link_return_url": url}), http_allowed=True)

    assert launch.deep_linking
    assert launch.deep_linking.return_url == url


@pytest.mark.parametrize("data", ["half \ud83d", "NUL \0"])
def test_data_that_could_not_come_back_unchanged_is_refused(data: str) -> None:
    refusal = refusal_of(lambda: read(deep_linking_claims({"data": data})))

    assert_refused(refusal, "launch.deep_linking_settings_missing")


def test_data_of_the_platform_is_in_no_log() -> None:
    assert "secret" not in repr(read(deep_linking_claims({"data": "a secret"})).deep_linking)


# ----------------------------------------------------------------------- submission review


def test_a_request_to_review_a_submission_needs_no_resource_link() -> None:
    launch = read(review_claims())

    assert launch.resource_link is None
    assert launch.for_user
    assert launch.for_user.user_id == "8"
    assert launch.for_user.name == "Mia Learner"
    assert launch.for_user.roles is None


def test_a_resource_link_that_comes_along_is_read() -> None:
    launch = read(review_claims({v.RESOURCE_LINK: {"id": "link-4"}}))

    assert launch.resource_link
    assert launch.resource_link.id == "link-4"


@pytest.mark.parametrize("link", [{}, "link-4", {"id": ""}])
def test_a_resource_link_that_comes_along_has_an_id(link: object) -> None:
    refusal = refusal_of(lambda: read(review_claims({v.RESOURCE_LINK: link})))

    assert_refused(refusal, "launch.resource_link_missing")  # 38


def test_the_reviewers_rights_are_not_those_of_the_reviewed() -> None:
    reviewed = {"user_id": "8", "roles": [INSTRUCTOR]}

    launch = read(review_claims({v.ROLES: [LEARNER], v.FOR_USER: reviewed}))

    assert not launch.roles.is_instructor
    assert launch.for_user
    assert launch.for_user.roles
    assert launch.for_user.roles.is_instructor


@pytest.mark.parametrize(
    "reviewed", [MISSING, None, {}, "8", {"user_id": 8}, {"user_id": ""}, {"user_id": "8" * 256}]
)
def test_a_review_of_nobodys_work_is_refused(reviewed: object) -> None:
    refusal = refusal_of(lambda: read(review_claims({v.FOR_USER: reviewed})))

    assert_refused(refusal, "launch.for_user_missing")


def test_a_review_needs_roles() -> None:
    assert_refused(
        refusal_of(lambda: read(review_claims({v.ROLES: MISSING}))), "launch.roles_missing"
    )  # 37


@pytest.mark.parametrize("changes", [{v.FOR_USER: {"user_id": "8"}}, {v.DEEP_LINKING_SETTINGS: {}}])
def test_an_ordinary_launch_ignores_what_belongs_to_other_messages(changes: Json) -> None:
    launch = read(claims(changes))

    assert (launch.for_user, launch.deep_linking) == (None, None)
