"""What a login remembers, and that nobody but us could have written it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from gatelodge.lti.errors import Heading, Refusal
from gatelodge.lti.state import (
    LIFETIME,
    LoginState,
    _digest_once,
    check_proof,
    digest,
    read_state,
    recurring_digest,
    write_state,
)
from tests.lti.any_input import BRIEFLY, any_text
from tests.lti.samples import (
    DEPLOYMENT_ID,
    NONCE,
    NOW,
    PROOF,
    TARGET_LINK,
    a_login,
    a_trace,
    assert_refused,
    refusal_of,
)

KEY = b"k" * 32
OLD_KEY = b"o" * 32
FOREIGN_KEY = b"f" * 32


def read_back(
    text: str | None,
    *,
    keys: tuple[bytes, ...] = (KEY,),
    tool_id: str = "tool-1",
    registration_id: str | None = None,
    now: float = NOW,
) -> LoginState:
    return read_state(
        text,
        keys=keys,
        tool_id=tool_id,
        registration_id=registration_id,
        now=now,
        trace=a_trace(),
    )


@pytest.mark.parametrize("registration_id", [None, "registration-1"])
@pytest.mark.parametrize("deployment", [None, digest(DEPLOYMENT_ID)])
def test_a_state_says_what_was_written_into_it(
    registration_id: str | None, deployment: str | None
) -> None:
    login = a_login(registration_id=registration_id, deployment_digest=deployment)

    assert read_back(write_state(login, KEY), registration_id=registration_id) == login


def test_a_state_tells_nothing_that_the_browser_should_not_know() -> None:
    state = write_state(a_login(deployment_digest=digest(DEPLOYMENT_ID)), KEY)

    for secret in (PROOF, TARGET_LINK, DEPLOYMENT_ID):
        assert secret not in state


def test_a_state_fits_into_an_address() -> None:
    state = write_state(a_login(registration_id="r" * 26), KEY)

    assert len(state) < 400
    assert set(state) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")


def test_the_age_of_a_good_state_is_noted() -> None:
    trace = a_trace()

    read_state(
        write_state(a_login(), KEY),
        keys=[KEY],
        tool_id="tool-1",
        registration_id=None,
        now=NOW + 7,
        trace=trace,
    )

    assert trace.written() == "state.signed 0 7"


# ----------------------------------------------------------------------- time


@pytest.mark.parametrize("age", [-30, 0, LIFETIME - 1, LIFETIME])
def test_a_state_lives_for_ten_minutes(age: int) -> None:
    state = write_state(a_login(), KEY)

    assert read_back(state, now=NOW + age) == a_login()


def test_after_ten_minutes_it_is_too_late() -> None:
    state = write_state(a_login(), KEY)

    refusal = refusal_of(lambda: read_back(state, now=NOW + LIFETIME + 1))

    assert_refused(refusal, "launch.state_expired", Heading.USED)  # 12
    assert str(refusal.note) == "The login began 601 s ago."


# ----------------------------------------------------------------------- whose it is


@pytest.mark.parametrize("state", [None, ""])
def test_a_launch_without_a_state_is_refused(state: str | None) -> None:
    assert_refused(refusal_of(lambda: read_back(state)), "launch.state_missing")  # 12


def test_the_key_that_signed_before_the_last_rotation_still_counts() -> None:
    state = write_state(a_login(), OLD_KEY)

    assert read_back(state, keys=(KEY, OLD_KEY)) == a_login()


CHANGES: dict[str, Callable[[list[str]], list[str]]] = {
    "another purpose": lambda parts: ["registration1", *parts[1:]],
    "another tool": lambda parts: [parts[0], "tool-2", *parts[2:]],
    "another client": lambda parts: [*parts[:2], "client-2", *parts[3:]],
    "a registration": lambda parts: [*parts[:3], "registration-2", *parts[4:]],
    "another nonce": lambda parts: [*parts[:4], "another-nonce", *parts[5:]],
    "a later time": lambda parts: [*parts[:5], str(NOW + 600), *parts[6:]],
    "another proof": lambda parts: [*parts[:6], digest("another"), *parts[7:]],
    "another target link": lambda parts: [*parts[:7], digest("another"), *parts[8:]],
    "another deployment": lambda parts: [*parts[:8], digest("another"), *parts[9:]],
    "another signature": lambda parts: [*parts[:9], parts[9][::-1]],
    "no signature": lambda parts: [*parts[:9], ""],
    "a padded signature": lambda parts: [*parts[:9], parts[9] + "="],
    "half a signature": lambda parts: [*parts[:9], parts[9][:20]],
    "one part more": lambda parts: [*parts, "x"],
    "one part less": lambda parts: parts[1:],
    "parts exchanged": lambda parts: [parts[0], parts[2], parts[1], *parts[3:]],
    "a part of two": lambda parts: [*parts[:4], "", parts[4], *parts[5:]],
    "only a signature": lambda parts: parts[9:],
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_state_that_was_changed_is_refused(change: Callable[[list[str]], list[str]]) -> None:
    parts = write_state(a_login(deployment_digest=digest(DEPLOYMENT_ID)), KEY).split(".")

    refusal = refusal_of(lambda: read_back(".".join(change(parts))))

    assert_refused(refusal, "launch.state_invalid")  # 12


def test_no_character_of_a_state_can_be_another_one() -> None:
    state = write_state(a_login(), KEY)

    for place, character in enumerate(state):
        other = "A" if character != "A" else "B"
        changed = state[:place] + other + state[place + 1 :]
        assert_refused(refusal_of(lambda text=changed: read_back(text)), "launch.state_invalid")


@pytest.mark.parametrize("keys", [(FOREIGN_KEY,), (FOREIGN_KEY, OLD_KEY), ()])
def test_a_state_signed_with_another_key_is_refused(keys: tuple[bytes, ...]) -> None:
    state = write_state(a_login(), KEY)

    assert_refused(refusal_of(lambda: read_back(state, keys=keys)), "launch.state_invalid")


def test_a_state_given_for_another_tool_is_refused() -> None:
    state = write_state(a_login(), KEY)

    assert_refused(refusal_of(lambda: read_back(state, tool_id="tool-2")), "launch.state_invalid")


@pytest.mark.parametrize(
    ("given_at", "returned_to"),
    [(None, "registration-1"), ("registration-1", None), ("registration-1", "registration-2")],
)
def test_a_state_comes_back_to_the_address_it_was_given_at(
    given_at: str | None, returned_to: str | None
) -> None:
    state = write_state(a_login(registration_id=given_at), KEY)

    refusal = refusal_of(lambda: read_back(state, registration_id=returned_to))

    assert_refused(refusal, "launch.state_invalid")


def test_something_else_that_we_signed_is_no_state() -> None:
    """The same key and form, made for another purpose."""
    other = write_state(replace(a_login(), tool_id="x.tool-1"), KEY)

    assert_refused(refusal_of(lambda: read_back(other)), "launch.state_invalid")


@pytest.mark.parametrize("state", ["x" * 1_001, ".", "a.b", "é", "\ud800", "\0"])
def test_what_never_was_a_state_is_refused(state: str) -> None:
    assert_refused(refusal_of(lambda: read_back(state)), "launch.state_invalid")


@BRIEFLY
@given(st.none() | any_text)
def test_any_text_for_a_state_ends_in_a_refusal(state: str | None) -> None:
    with pytest.raises(Refusal):
        read_back(state)


# ----------------------------------------------------------------------- the browser


@pytest.mark.parametrize("proofs", [[PROOF], ["of another login", PROOF], [PROOF, "", PROOF]])
def test_the_browser_that_began_the_login_may_finish_it(proofs: list[str]) -> None:
    trace = a_trace()

    check_proof(a_login(), proofs, trace)

    assert trace.written() == "state.browser 0"


def test_a_browser_without_our_cookie_proves_nothing() -> None:
    refusal = refusal_of(lambda: check_proof(a_login(), [], a_trace()))

    assert_refused(refusal, "launch.proof_missing", Heading.COOKIES)  # 13


@pytest.mark.parametrize(
    "proofs", [["another"], [""], [PROOF.upper()], [digest(PROOF)], ["\ud800"], ["a", "b"]]
)
def test_another_browser_cannot_finish_the_login(proofs: list[str]) -> None:
    refusal = refusal_of(lambda: check_proof(a_login(), proofs, a_trace()))

    assert_refused(refusal, "launch.proof_foreign", Heading.COOKIES)  # 13


def test_a_foreign_proof_is_not_repeated() -> None:
    refusal = refusal_of(lambda: check_proof(a_login(), ["somebody's secret"], a_trace()))

    assert "secret" not in str(refusal)


def test_the_nonce_is_kept_as_it_is() -> None:
    assert read_back(write_state(a_login(), KEY)).nonce == NONCE


@BRIEFLY
@given(any_text)
def test_a_digest_that_is_kept_is_the_same(text: str) -> None:
    assert recurring_digest(text) == recurring_digest(text) == digest(text)


def test_an_endless_text_is_not_kept_for_its_digest() -> None:
    before = _digest_once.cache_info()

    assert recurring_digest("x" * 100_000) == digest("x" * 100_000)

    assert _digest_once.cache_info() == before
