"""Whatever a platform signs: a launch comes out, or a refusal."""

from __future__ import annotations

import json
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from gatelodge.lti import vocabulary as v
from gatelodge.lti.errors import Refusal
from gatelodge.lti.launch import Launch
from gatelodge.lti.login import LoginInitiation, is_clean, read_login_initiation
from tests.lti.any_input import BRIEFLY, any_json, any_number, any_text
from tests.lti.samples import (
    CLIENT_ID,
    ISSUER,
    Json,
    a_tool,
    a_trace,
    claims,
    deep_linking_claims,
    login_parameters,
    outcome_of,
    read,
    review_claims,
)

NAMES = sorted(
    {*claims(), "azp", "nbf", "picture", "locale", "middle_name"}
    | {v.TOOL_PLATFORM, v.ROLE_SCOPE_MENTOR, v.LAUNCH_PRESENTATION, v.LIS, v.CUSTOM, v.FOR_USER}
    | {v.AGS_ENDPOINT, v.NAMES_ROLES, v.DEEP_LINKING_SETTINGS}
)
MEMBERS = sorted(
    {"id", "title", "label", "type", "description", "guid", "name", "url", "user_id", "roles"}
    | {"width", "height", "locale", "return_url", "document_target", "person_sourcedid"}
    | {"scope", "lineitem", "lineitems", "context_memberships_url", "data", "accept_types"}
    | {"deep_link_return_url", "accept_presentation_document_targets", "accept_multiple"}
)
LIKELY = ["1", CLIENT_ID, ISSUER, ISSUER + "/lineitem", "Mentor", "Instructor", "$x", ["Mentor"]]

any_member = any_json | st.sampled_from(LIKELY)
any_claim = any_member | st.dictionaries(st.sampled_from(MEMBERS), any_member, max_size=5)
any_changes = st.dictionaries(st.sampled_from(NAMES) | any_text, any_claim, max_size=5)
messages = st.sampled_from([claims(), deep_linking_claims(), review_claims()])


def assert_judged(sent: Json, *, anonymous: bool = False) -> None:
    trace = a_trace()

    outcome = outcome_of(lambda: read(sent, tool=a_tool(anonymous=anonymous), trace=trace))

    assert isinstance(outcome, Launch | Refusal)
    assert all(line.isprintable() for line in trace.written().split("\n"))
    if isinstance(outcome, Launch):
        assert_storable(outcome)


def assert_storable(launch: Launch) -> None:
    """No database takes U+0000 or half a surrogate pair."""
    written = json.dumps(msgspec.to_builtins(launch), ensure_ascii=False, allow_nan=False)

    assert written.encode("utf-8")
    assert "\\u0000" not in written


@BRIEFLY
@given(message=messages, changes=any_changes, anonymous=st.booleans())
def test_any_claims_are_a_launch_or_refused(
    message: Json, changes: Json, *, anonymous: bool
) -> None:
    assert_judged(message | changes, anonymous=anonymous)


@BRIEFLY
@given(message=messages, name=st.sampled_from(NAMES), value=any_claim)
def test_any_single_claim_is_a_launch_or_refused(message: Json, name: str, value: Any) -> None:
    assert_judged(message | {name: value})


@BRIEFLY
@given(times=st.dictionaries(st.sampled_from(["exp", "iat", "nbf"]), any_number, min_size=1))
def test_any_time_is_a_launch_or_refused(times: Json) -> None:
    assert_judged(claims(times))


@BRIEFLY
@given(sent=st.dictionaries(st.sampled_from(NAMES) | any_text, any_json))
def test_claims_of_nothing_we_know_are_refused(sent: Json) -> None:
    assert isinstance(outcome_of(lambda: read(sent)), Refusal)


any_parameters = st.lists(
    st.tuples(
        st.sampled_from([name for name, _ in login_parameters()] + ["lti_storage_target", "nonce"])
        | any_text,
        any_text,
    ),
    max_size=8,
)


@BRIEFLY
@given(any_parameters)
def test_any_login_parameters_are_read_or_refused(parameters: list[tuple[str, str]]) -> None:
    outcome = outcome_of(lambda: read_login_initiation(parameters, a_trace()))

    assert isinstance(outcome, LoginInitiation | Refusal)


@BRIEFLY
@given(st.dictionaries(st.sampled_from([name for name, _ in login_parameters()]), any_text))
def test_a_login_that_is_read_can_be_looked_up(changes: dict[str, str]) -> None:
    """What goes into a query to the database has nothing that one refuses."""
    parameters = list((dict(login_parameters()) | changes).items())

    read_login = outcome_of(lambda: read_login_initiation(parameters, a_trace()))

    if isinstance(read_login, LoginInitiation):
        assert is_clean(read_login.issuer + (read_login.client_id or ""))
