"""Every message that a real Moodle sent, judged by the rules of LTI: its own keys, its own addresses, its own time."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from gatelodge.lti import lenience
from gatelodge.lti import vocabulary as v
from gatelodge.lti.authentication_response import read_authentication_response
from gatelodge.lti.errors import (
    AudienceMismatch,
    Expired,
    IssuedInFuture,
    IssuerMismatch,
    NonceMismatch,
    Refusal,
    SignatureInvalid,
    TargetLinkMismatch,
)
from gatelodge.lti.launch import Expectation, Launch, read_launch
from gatelodge.lti.login import authentication_request, read_login_initiation
from gatelodge.lti.registration import PERSONAL_CLAIMS, PlatformClient, Tool
from gatelodge.lti.state import LoginState, digest
from gatelodge.lti.tokens import read_key_set, read_token, verify
from gatelodge.lti.trace import Trace
from tests.partners.recordings import (
    AUTHORIZATION,
    ISSUER,
    NAMES,
    SERVICES,
    TOKENS,
    Recording,
    key_set,
    login_initiations,
    recording,
)

INSTRUCTOR = v.CONTEXT_ROLE + "Instructor"
WITHHELD = ("manual-tool-student", "manual-tool-teacher", "partial-tool-teacher")

every_message = pytest.mark.parametrize("name", NAMES)


# ----------------------------------------------------------------------- judging


def client_of(sent: Recording, **changes: Any) -> PlatformClient:
    values: dict[str, Any] = {
        "id": "client",
        "issuer": ISSUER,
        "client_id": sent.login["client_id"],
        "authorization_url": AUTHORIZATION,
        "token_url": TOKENS,
        "key_set_url": f"{ISSUER}/mod/lti/certs.php",
        "token_audience": None,
        "platform": "moodle",
        "tenant_id": "northfield",
        **changes,
    }
    return PlatformClient(**values)


def judged(
    sent: Recording,
    *,
    seconds_on: float = 0,
    nonce: str | None = None,
    target_link_uri: str | None = None,
    id_token: str | None = None,
    trace: Trace | None = None,
    **of_client: Any,
) -> Launch:
    """The message at the second it was made, as the answer to the login that preceded it."""
    trace = trace or Trace(lambda: 0)
    login = read_login_initiation(sent.login.items(), trace)
    client = client_of(sent, **of_client)
    answer = read_authentication_response(sent.form.items())
    token = read_token(id_token or answer.id_token, algorithms=client.algorithms, trace=trace)
    key = read_key_set(key_set()).get(token.key_id, token.algorithm)
    expected = Expectation(
        client=client,
        tool=Tool(
            id="tool",
            key="hello",
            name="Hello",
            launch_url="https://hello.example/launch",
            client_id="hello",
            claims=PERSONAL_CLAIMS,
            message_types=frozenset(v.MESSAGE_TYPES),
            anonymous=False,
            id_token_algorithm="RS256",
            hand_off="redirect",
        ),
        login=LoginState(
            tool_id="tool",
            platform_client_id="client",
            registration_id=None,
            nonce=nonce or sent.request["nonce"],
            issued_at=sent.claims["iat"],
            proof_digest="",
            target_link_digest=digest(target_link_uri or login.target_link_uri),
            deployment_digest=login.deployment_id and digest(login.deployment_id),
        ),
        launch_urls=(login.target_link_uri.partition("?")[0],),
        now=sent.claims["iat"] + seconds_on,
        http_allowed=True,
    )
    return read_launch(verify(token, key, trace), expected, trace)


def launch(name: str, **changes: Any) -> Launch:
    return judged(recording(name), **changes)


# ----------------------------------------------------------------------- all of them


def test_all_that_was_recorded_is_here() -> None:
    requests = [each for each in NAMES if each.startswith("deep-linking-request")]

    assert (len(NAMES), len(requests)) == (22, 2)


@every_message
def test_it_is_accepted_when_it_is_made(name: str) -> None:
    sent = recording(name)

    accepted = judged(sent)

    assert accepted.message_type == sent.claims[v.MESSAGE_TYPE]
    assert accepted.subject == sent.login["login_hint"]
    assert accepted.deployment_id == sent.login["lti_deployment_id"]
    assert accepted.target_link_uri == sent.target_link_uri


@every_message
def test_its_claims_are_taken_whole(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Blank members, escapes and variables that weren't filled are usual, and cost nothing."""

    def by_members(*_: object) -> None:
        raise AssertionError("The claims were read one by one.")

    monkeypatch.setattr(lenience, "_by_members", by_members)

    assert launch(name)


@every_message
def test_it_is_accepted_until_a_minute_after_its_minute_and_no_longer(name: str) -> None:
    """Moodle's tokens live 60 seconds; the clocks may differ by 60 more."""
    sent = recording(name)
    assert sent.claims["exp"] == sent.claims["iat"] + 60

    assert judged(sent, seconds_on=119)
    with pytest.raises(Expired):
        judged(sent, seconds_on=120)


@every_message
@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"seconds_on": 600}, Expired),
        ({"seconds_on": -600}, IssuedInFuture),
        ({"client_id": "SomebodyElses15"}, AudienceMismatch),
        ({"nonce": "of-another-login"}, NonceMismatch),
        ({"issuer": "http://localhost:8081"}, IssuerMismatch),
        ({"target_link_uri": "http://localhost:9301/dyn/other"}, TargetLinkMismatch),
    ],
    ids=[
        "ten minutes on",
        "ten minutes early",
        "another audience",
        "another nonce",
        "issuer",
        "link",
    ],
)
def test_it_is_refused_out_of_its_time_and_place(
    name: str, changes: dict[str, Any], refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        launch(name, **changes)


@every_message
def test_it_is_refused_when_its_payload_is_another_messages(name: str) -> None:
    sent, other = recording(name), recording("admin" if name != "admin" else "student")
    header, _, signature = sent.id_token.split(".")
    payload = other.id_token.split(".")[1]

    with pytest.raises(SignatureInvalid):
        judged(sent, id_token=f"{header}.{payload}.{signature}")


@every_message
def test_our_authentication_request_is_the_one_that_moodle_accepted(name: str) -> None:
    """Parameter by parameter, the message hint unchanged; a redirect address is compared there as a whole."""
    sent = recording(name)

    url = authentication_request(
        AUTHORIZATION,
        client_id=sent.login["client_id"],
        redirect_uri=sent.request["redirect_uri"],
        initiation=read_login_initiation(sent.login.items(), Trace(lambda: 0)),
        state=sent.request["state"],
        nonce=sent.request["nonce"],
    )

    assert url.partition("?")[0] == AUTHORIZATION
    assert dict(parse_qsl(urlsplit(url).query)) == sent.request


@pytest.mark.parametrize("who", login_initiations())
def test_a_login_initiation_is_read(who: str) -> None:
    sent = login_initiations()[who]

    login = read_login_initiation(sent.items(), Trace(lambda: 0))

    assert (login.issuer, login.client_id) == (ISSUER, sent["client_id"])
    assert login.login_hint == ("0" if who == "visitor_not_signed_in" else sent["login_hint"])
    assert login.target_link_uri == sent["target_link_uri"]
    assert login.deployment_id == sent["lti_deployment_id"]
    assert login.message_hint == sent["lti_message_hint"]
    assert '"launchid"' in login.message_hint
    assert login.storage_target is None


# ----------------------------------------------------------------------- persons


@pytest.mark.parametrize(
    ("name", "person", "email"),
    [
        ("student", "Sam Student", "student1@example.test"),
        ("student-unicode", "小明 王", "xiaoming@example.test"),
        (
            "student-special-characters",
            "Zoë O\N{RIGHT SINGLE QUOTATION MARK}Brien & ",
            "student2@example.test",
        ),
        ("teacher", "Tanya Teacher", "teacher1@example.test"),
        ("admin", "Admin User", "admin@example.test"),
    ],
)
def test_names_arrive_as_moodle_sends_them(name: str, person: str, email: str) -> None:
    """In any script; what looked like a tag was stripped there, and nothing is escaped."""
    accepted = launch(name)

    assert (accepted.person.name, accepted.person.email) == (person, email)


@pytest.mark.parametrize("name", [*WITHHELD, "deep-linking-request-manual-tool"])
def test_names_and_e_mail_may_be_withheld(name: str) -> None:
    person = launch(name).person

    assert (person.name, person.given_name, person.family_name, person.email) == (None,) * 4


def test_a_blank_sourced_id_is_none() -> None:
    assert launch("admin").person.sourced_id is None
    assert launch("student").person.sourced_id == "STU-0001"


@pytest.mark.parametrize(
    ("name", "in_context"),
    [
        ("student", ("Learner",)),
        ("teacher", ("Instructor",)),
        ("non-editing-teacher", ("Instructor",)),
        ("site-manager", ("Instructor",)),
        ("student-and-teacher", ("Instructor",)),
        ("admin", ("Instructor",)),
        ("manual-tool-student", ("Learner",)),
        ("submission-review", ("Instructor",)),
    ],
)
def test_roles_in_the_course(name: str, in_context: tuple[str, ...]) -> None:
    assert launch(name).roles.in_context == in_context


def test_an_administrators_other_roles_are_kept_and_give_nothing_in_the_course() -> None:
    roles = launch("admin").roles

    assert set(roles.sent) == {
        INSTRUCTOR,
        v.INSTITUTION_ROLE + "Administrator",
        v.SYSTEM_ROLE + "Administrator",
    }
    assert "Administrator" not in roles.in_context


# ----------------------------------------------------------------------- course and link


@every_message
def test_the_short_context_type_gets_its_full_name(name: str) -> None:
    sent = recording(name)
    assert sent.claims[v.CONTEXT]["type"] == ["CourseSection"]

    context = judged(sent).context

    assert context
    assert context.types == ("http://purl.imsglobal.org/vocab/lis/v2/course#CourseSection",)
    assert context.title == sent.claims[v.CONTEXT]["title"]


def test_the_same_tool_in_another_course_is_another_context() -> None:
    here, there = launch("teacher").context, launch("teacher-other-course").context

    assert here
    assert there
    assert (here.id, here.label, here.title) == ("2", "LTI101", "LTI 101: “Tools” &")
    assert (there.id, there.label, there.title) == ("3", "BIG1", "Big course for paging")


def test_the_query_of_a_deep_linked_target_arrives() -> None:
    accepted = launch("student-deep-linked")

    assert accepted.target_link_uri == "http://localhost:9301/dyn/res1?item=7&x=a%20b"
    assert accepted.resource_link
    assert accepted.resource_link.title == "Quiz 7 \N{EN DASH} “deep linked”"
    assert accepted.resource_link.description == "Do this by FRIDAY"


@pytest.mark.parametrize(
    ("name", "target"), [("student", "iframe"), ("manual-tool-student", "window")]
)
def test_it_says_where_it_is_shown(name: str, target: str) -> None:
    presentation = launch(name).presentation

    assert (presentation.document_target, presentation.locale) == (target, "en")
    assert presentation.return_url
    assert presentation.return_url.startswith(f"{ISSUER}/mod/lti/return.php?")


def test_moodle_tells_which_moodle_it_is() -> None:
    platform = launch("student").tool_platform

    assert platform
    assert (platform.product_family_code, platform.version) == ("moodle", "2024100706")
    assert platform.guid == "4f33b5ae8e35e118d655bad74e47ab60"


# ----------------------------------------------------------------------- custom parameters


@every_message
def test_variables_that_moodle_did_not_fill_count_as_not_sent(name: str) -> None:
    sent = recording(name).claims.get(v.CUSTOM, {})
    literal = {key for key, value in sent.items() if value is None or value.startswith("$")}

    custom = launch(name).custom

    assert set(custom) == set(sent) - literal
    assert not any(value.startswith("$") for value in custom.values())


def test_custom_parameters_arrive_whole() -> None:
    custom = launch("student").custom

    assert custom["eq"] == "a=b=c"
    assert (custom["Who"], custom["who"]) == ("Sam", "Sam")
    assert (custom["Mixed.Case-Key"], custom["mixed_case_key"]) == ("mixed", "mixed")
    assert custom["ctx_title"] == "LTI 101: “Tools” &"
    assert custom["v_scores"] == ""
    assert (custom["ctx_begin"], custom["course_begin"]) == (
        "1757894400",
        "2025-09-15T00:00:00+00:00",
    )
    assert not {"unknown_var", "rl_start", "rl_end", "link_history"} & set(custom)


# ----------------------------------------------------------------------- services


@every_message
def test_service_addresses_are_moodles_own(name: str) -> None:
    accepted = launch(name)

    assert accepted.line_items
    addresses = (
        accepted.line_items.line_items,
        accepted.line_items.line_item,
        accepted.memberships_url,
    )
    assert all(each is None or each.startswith(SERVICES) for each in addresses)
    assert accepted.line_items.line_items
    assert (accepted.memberships_url is None) == (name == "partial-tool-teacher")


def test_a_teachers_text_in_the_signed_service_claim_is_never_an_address() -> None:
    """Moodle moves custom parameters with reserved names into the claim for grades, and signs it."""
    sent, trace = recording("teacher-reserved-custom-names"), Trace(lambda: 0)
    assert sent.claims[v.AGS_ENDPOINT]["lineitem"] == "mine"

    accepted = judged(sent, trace=trace)

    assert accepted.line_items
    assert accepted.line_items.line_item is None
    assert accepted.line_items.line_items == f"{SERVICES}/2/lineitems?type_id=1"
    assert "message.services_ignored" in trace.written()
    assert "mine" in trace.written()


@every_message
def test_no_other_message_has_services_to_ignore(name: str) -> None:
    trace = Trace(lambda: 0)

    launch(name, trace=trace)

    ignored = "message.services_ignored" in trace.written()
    assert ignored == (name == "teacher-reserved-custom-names")


@pytest.mark.parametrize(
    ("name", "line_item"),
    [
        ("student", f"{SERVICES}/2/lineitems/2/lineitem?type_id=1"),
        ("teacher-deep-linked-graded", f"{SERVICES}/2/lineitems/7/lineitem?type_id=1"),
        ("teacher-deep-linked-ungraded", None),
        ("teacher-ungraded-link", None),
        ("teacher-two-lineitems", None),
    ],
)
def test_a_line_item_is_there_while_the_link_has_exactly_one(
    name: str, line_item: str | None
) -> None:
    service = launch(name).line_items

    assert service
    assert service.line_item == line_item
    assert service.line_items == f"{SERVICES}/2/lineitems?type_id=1"


@pytest.mark.parametrize(
    ("name", "may_manage"), [("teacher", True), ("partial-tool-teacher", False)]
)
def test_scopes_are_those_of_the_launch(name: str, *, may_manage: bool) -> None:
    service = launch(name).line_items

    assert service
    assert v.SCORE_SCOPE in service.scopes
    assert (v.LINE_ITEM_SCOPE in service.scopes) == may_manage


# ----------------------------------------------------------------------- other messages


def test_a_submission_review_says_whose_it_is() -> None:
    review, student = launch("submission-review"), launch("student")

    assert review.message_type == "LtiSubmissionReviewRequest"
    assert review.for_user
    assert review.for_user.user_id == student.subject == "7"
    assert review.subject == "3"
    assert review.target_link_uri == "http://localhost:9301/dyn/review"
    assert review.line_items
    assert review.line_items.line_item == f"{SERVICES}/2/lineitems/6/lineitem?type_id=1"


@pytest.mark.parametrize(
    ("name", "tool"), [("deep-linking-request", 1), ("deep-linking-request-manual-tool", 2)]
)
def test_a_deep_linking_request_says_what_may_be_chosen(name: str, tool: int) -> None:
    request = launch(name)

    assert request.resource_link is None
    assert request.roles.in_context == ("Instructor",)
    settings = request.deep_linking
    assert settings
    assert settings.accept_types == ("ltiResourceLink",)
    assert settings.accept_presentation_targets == ("frame", "iframe", "window")
    assert settings.accept_multiple is True
    assert settings.auto_create is False
    assert settings.data is None
    assert settings.return_url.startswith(
        f"{ISSUER}/mod/lti/contentitem_return.php?course=2&id={tool}&sesskey="
    )
