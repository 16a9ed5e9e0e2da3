"""Claims that make a token the answer to this login: whose it is, for whom, and when."""

from __future__ import annotations

from typing import Any

import pytest

from gatelodge.lti.errors import Heading
from tests.lti.samples import (
    CLIENT_ID,
    ISSUER,
    MISSING,
    NONCE,
    NOW,
    a_client,
    a_login,
    a_trace,
    assert_refused,
    claims,
    read,
    refusal_of,
)


def test_what_was_looked_at_is_in_the_trace_in_order() -> None:
    trace = a_trace()

    read(claims(), now=NOW + 2, trace=trace)

    assert trace.written().splitlines() == [
        "token.issuer 0",
        "token.audience 0",
        "token.authorized_party 0",
        "token.time 0 2",
        "token.nonce 0",
        "message.version 0",
        "message.type 0 LtiResourceLinkRequest",
        "message.deployment 0",
        "message.target_link 0",
        "message.subject 0",
        "message.roles 0 Learner",
        "message.context 0",
        "message.complete 0",
    ]


def test_the_trace_stops_at_the_check_that_failed() -> None:
    trace = a_trace()

    refusal = refusal_of(lambda: read(claims({"azp": "another"}), trace=trace))

    assert trace.written(failed=refusal.code).splitlines() == [
        "token.issuer 0",
        "token.audience 0",
        "!launch.authorized_party_mismatch 0",
    ]


ACCEPTED: dict[str, dict[str, Any]] = {
    "the audience as a list of one": {"aud": [CLIENT_ID]},
    "the audience twice": {"aud": [CLIENT_ID, CLIENT_ID]},
    "the authorized party": {"azp": CLIENT_ID},
    "the authorized party as null": {"azp": None},
    "the party and a list of one": {"aud": [CLIENT_ID], "azp": CLIENT_ID},
    "times with a fraction": {"iat": NOW + 0.5, "exp": NOW + 60.5},
    "no end in sight": {"exp": 1e300},
    "nbf now": {"nbf": NOW},
    "nbf within the leeway": {"nbf": NOW + 60},
    "nbf that is no time": {"nbf": "soon"},
    "claims nobody knows": {"https://vendor.example/x": {"deep": [{"er": None}]}, "jti": 5},
}


@pytest.mark.parametrize("changes", ACCEPTED.values(), ids=ACCEPTED.keys())
def test_a_token_is_accepted_with(changes: dict[str, Any]) -> None:
    assert read(claims(changes)).subject == "3"


# The numbers are those of the list "What a tool must refuse".
REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("23 no issuer", {"iss": MISSING}, "launch.issuer_mismatch"),
    ("23 another issuer", {"iss": "https://lms.southbank.example"}, "launch.issuer_mismatch"),
    ("23 a slash more", {"iss": ISSUER + "/"}, "launch.issuer_mismatch"),
    ("23 other capitals", {"iss": ISSUER.upper()}, "launch.issuer_mismatch"),
    ("23 plain http", {"iss": ISSUER.replace("https", "http")}, "launch.issuer_mismatch"),
    ("23 a port more", {"iss": ISSUER + ":443"}, "launch.issuer_mismatch"),
    ("23 a list", {"iss": [ISSUER]}, "launch.issuer_mismatch"),
    ("23 null", {"iss": None}, "launch.issuer_mismatch"),
    ("24 no audience", {"aud": MISSING}, "launch.audience_mismatch"),
    ("24 another audience", {"aud": "another"}, "launch.audience_mismatch"),
    ("24 other audiences", {"aud": ["another", "third"]}, "launch.audience_mismatch"),
    ("24 an empty list", {"aud": []}, "launch.audience_mismatch"),
    ("24 an empty text", {"aud": ""}, "launch.audience_mismatch"),
    ("24 null", {"aud": None}, "launch.audience_mismatch"),
    ("24 a number", {"aud": int(CLIENT_ID)}, "launch.audience_mismatch"),
    ("24 an object", {"aud": {CLIENT_ID: True}}, "launch.audience_mismatch"),
    ("24 a list in a list", {"aud": [[CLIENT_ID]]}, "launch.audience_mismatch"),
    ("24 a part of ours", {"aud": CLIENT_ID + "1"}, "launch.audience_mismatch"),
    ("24 even with azp", {"aud": "another", "azp": CLIENT_ID}, "launch.audience_mismatch"),
    (
        "24 an untrusted addition",
        {"aud": [CLIENT_ID, "another"], "azp": CLIENT_ID},
        "launch.audience_untrusted",
    ),
    (
        "24 an addition of an odd type",
        {"aud": [CLIENT_ID, None], "azp": CLIENT_ID},
        "launch.audience_untrusted",
    ),
    (
        "25 several audiences, no party",
        {"aud": [CLIENT_ID, "another"]},
        "launch.authorized_party_missing",
    ),
    ("26 another party", {"azp": "another"}, "launch.authorized_party_mismatch"),
    ("26 an empty party", {"azp": ""}, "launch.authorized_party_mismatch"),
    ("26 a list of parties", {"azp": [CLIENT_ID]}, "launch.authorized_party_mismatch"),
    ("27 no exp", {"exp": MISSING}, "launch.expiry_missing"),
    ("27 exp as a text", {"exp": str(NOW + 60)}, "launch.expiry_missing"),
    ("27 exp as true", {"exp": True}, "launch.expiry_missing"),
    ("27 exp as null", {"exp": None}, "launch.expiry_missing"),
    ("27 exp in a list", {"exp": [NOW + 60]}, "launch.expiry_missing"),
    ("27 exp beyond all numbers", {"exp": float("inf")}, "launch.expiry_missing"),
    ("27 exp that no float holds", {"exp": 10**400}, "launch.expiry_missing"),
    ("28 no iat", {"iat": MISSING}, "launch.issued_at_missing"),
    ("28 iat as a text", {"iat": str(NOW)}, "launch.issued_at_missing"),
    ("28 iat as a date", {"iat": "2027-01-15T08:00:00Z"}, "launch.issued_at_missing"),
    ("28 iat as true", {"iat": True}, "launch.issued_at_missing"),
    ("28 iat as false", {"iat": False}, "launch.issued_at_missing"),
    ("28 iat that no float holds", {"iat": -(10**400)}, "launch.issued_at_missing"),
    ("28 exp before iat", {"exp": NOW - 1}, "launch.expiry_before_issue"),
    ("28 exp at iat", {"exp": NOW}, "launch.expiry_before_issue"),
    ("28 made in the future", {"iat": NOW + 61, "exp": NOW + 120}, "launch.issued_in_future"),
    ("28 milliseconds", {"iat": NOW * 1000, "exp": NOW * 1001}, "launch.issued_in_future"),
    ("28 made before the login", {"iat": NOW - 61}, "launch.too_old"),
    ("28 made long ago", {"iat": 1e-300, "exp": 1e300}, "launch.too_old"),
    ("28 not valid yet", {"nbf": NOW + 61}, "launch.not_yet_valid"),
    ("29 no nonce", {"nonce": MISSING}, "launch.nonce_missing"),
    ("29 an empty nonce", {"nonce": ""}, "launch.nonce_missing"),
    ("29 a nonce of an odd type", {"nonce": [NONCE]}, "launch.nonce_missing"),
    ("29 another nonce", {"nonce": NONCE[::-1]}, "launch.nonce_mismatch"),
    ("29 other capitals", {"nonce": NONCE.lower()}, "launch.nonce_mismatch"),
    ("29 half a nonce", {"nonce": NONCE[:-1]}, "launch.nonce_mismatch"),
]


@pytest.mark.parametrize(
    ("changes", "code"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
def test_a_token_is_refused(changes: dict[str, Any], code: str) -> None:
    refusal = refusal_of(lambda: read(claims(changes)))

    assert_refused(refusal, code, Heading.DETAILS)


def test_a_token_whose_time_is_over_is_refused() -> None:
    refusal = refusal_of(lambda: read(claims(), now=NOW + 120))

    assert_refused(refusal, "launch.expired", Heading.USED)  # 27


def test_a_refused_time_tells_how_far_the_clocks_are_apart() -> None:
    ahead = refusal_of(lambda: read(claims(), now=NOW - 300))
    behind = refusal_of(lambda: read(claims(), now=NOW + 300))

    assert str(ahead.note) == "By our clock it was made 300 s ahead of time."
    assert str(behind.note) == "It ended 240 s ago. By our clock it was made 300 s ago."


def test_a_refused_issuer_shows_both() -> None:
    refusal = refusal_of(lambda: read(claims({"iss": ISSUER + "/"})))

    assert (refusal.sent, refusal.expected) == (ISSUER + "/", ISSUER)
    assert str(refusal).startswith("The token was issued by another LMS than the login")


@pytest.mark.parametrize("nonce", ["somebody-elses-nonce", NONCE + "x"])
def test_a_refused_nonce_is_not_repeated(nonce: str) -> None:
    assert nonce not in str(refusal_of(lambda: read(claims({"nonce": nonce}))))


# ----------------------------------------------------------------------- the leeway's edges


@pytest.mark.parametrize("leeway", [0, 60, 300])
def test_a_clock_may_be_ahead_by_the_leeway(leeway: int) -> None:
    client = a_client(leeway=leeway)
    times = {"iat": NOW + leeway, "exp": NOW + leeway + 60}

    assert read(claims(times), client=client)
    later = claims({name: time + 1 for name, time in times.items()})
    assert_refused(refusal_of(lambda: read(later, client=client)), "launch.issued_in_future")


@pytest.mark.parametrize("leeway", [0, 60, 300])
def test_a_token_is_good_until_the_leeway_after_its_end(leeway: int) -> None:
    client = a_client(leeway=leeway)
    end = NOW + 60 + leeway

    assert read(claims(), client=client, now=end - 0.001)
    refusal = refusal_of(lambda: read(claims(), client=client, now=end))
    assert_refused(refusal, "launch.expired", Heading.USED)


@pytest.mark.parametrize("leeway", [0, 60, 300])
def test_a_token_may_be_made_before_the_login_by_the_leeway(leeway: int) -> None:
    client = a_client(leeway=leeway)

    assert read(claims({"iat": NOW - leeway}), client=client)
    refusal = refusal_of(lambda: read(claims({"iat": NOW - leeway - 1}), client=client))
    assert_refused(refusal, "launch.too_old")


@pytest.mark.parametrize("leeway", [0, 60, 300])
def test_a_token_is_good_from_the_leeway_before_its_beginning(leeway: int) -> None:
    client = a_client(leeway=leeway)

    assert read(claims({"nbf": NOW + leeway}), client=client)
    refusal = refusal_of(lambda: read(claims({"nbf": NOW + leeway + 1}), client=client))
    assert_refused(refusal, "launch.not_yet_valid")


def test_a_person_may_take_ten_minutes_to_sign_in_at_the_platform() -> None:
    late = claims({"iat": NOW + 590, "exp": NOW + 650})

    assert read(late, now=NOW + 595)


def test_a_token_lives_as_long_as_it_says() -> None:
    """Only the state limits it: ten minutes from the login."""
    assert read(claims({"exp": NOW + 86_400}), now=NOW + 599, login=a_login())
