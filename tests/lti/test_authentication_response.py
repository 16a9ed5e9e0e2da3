"""The third message: one id_token, or an error, and the state."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatelodge.lti.authentication_response import read_authentication_response
from gatelodge.lti.errors import Mender, Refusal
from tests.lti.any_input import BRIEFLY, any_text
from tests.lti.samples import assert_refused, outcome_of, refusal_of


def test_token_and_state_are_read() -> None:
    answer = read_authentication_response([("state", "s"), ("id_token", "a.b.c")])

    assert (answer.state, answer.id_token, answer.error) == ("s", "a.b.c", None)


def test_fields_that_are_not_understood_are_ignored() -> None:
    fields = [("state", "s"), ("utf8", "✓"), ("utf8", "✓"), ("session_state", "x" * 9_000)]

    assert read_authentication_response(fields) == read_authentication_response([("state", "s")])


def test_what_is_not_sent_is_not_there() -> None:
    answer = read_authentication_response([])

    assert (answer.state, answer.id_token, answer.storage_target) == (None, None, None)


@pytest.mark.parametrize("name", ["id_token", "state", "error", "lti_storage_target"])
def test_a_field_that_stands_twice_is_refused(name: str) -> None:
    fields = [(name, "same"), (name, "same")]

    refusal = refusal_of(lambda: read_authentication_response(fields))

    assert_refused(refusal, "launch.form_malformed")  # 11
    assert str(refusal.note) == f"It carries {name} twice."


@pytest.mark.parametrize("fields", [[], [("error", "")], [("id_token", "a.b.c")]])
def test_an_answer_without_an_error_goes_on(fields: list[tuple[str, str]]) -> None:
    read_authentication_response(fields).refuse_error()


@pytest.mark.parametrize(
    "error", ["access_denied", "unauthorized_client", "invalid_request", "server_error", "?"]
)
def test_an_error_of_the_platform_is_shown_in_its_own_words(error: str) -> None:
    fields = [("state", "s"), ("error", error), ("error_description", "The tool is off.")]

    refusal = refusal_of(read_authentication_response(fields).refuse_error)

    assert_refused(refusal, "launch.platform_error")  # 14
    assert refusal.sent == f"{error} The tool is off."
    assert refusal.mender is Mender.ADMINISTRATOR


@pytest.mark.parametrize("error", ["login_required", "interaction_required"])
def test_a_person_who_is_no_longer_signed_in_can_help_herself(error: str) -> None:
    refusal = refusal_of(read_authentication_response([("error", error)]).refuse_error)

    assert_refused(refusal, "launch.platform_session_ended")  # 14
    assert refusal.mender is Mender.PERSON


def test_an_error_goes_before_a_token() -> None:
    fields = [("id_token", "a.b.c"), ("error", "access_denied")]

    refusal = refusal_of(read_authentication_response(fields).refuse_error)

    assert_refused(refusal, "launch.platform_error")


@BRIEFLY
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["id_token", "state", "error", "error_description"]) | any_text,
            any_text,
        ),
        max_size=6,
    )
)
def test_any_form_is_read_or_refused(fields: list[tuple[str, str]]) -> None:
    outcome = outcome_of(lambda: read_authentication_response(fields).refuse_error())

    assert outcome is None or isinstance(outcome, Refusal)
