"""The cookie that proves which browser began a login."""

from __future__ import annotations

import re
import time

from hypothesis import example, given
from hypothesis import strategies as st

from gatelodge.web.carriers import CookieCarrier

PROOF = "p" * 43
OTHER = "q" * 43
ID = "0f1e2d3c"


def brought(*proofs: str) -> bytes:
    """The cookie header of a browser that was given these proofs."""
    carrier = CookieCarrier()
    lines = [value for proof in proofs for _, value in carrier.carry(proof)]
    return b"; ".join(line.partition(b";")[0] for line in lines)


def test_what_was_carried_out_is_found_again_once() -> None:
    assert CookieCarrier().proofs(brought(PROOF)) == [PROOF]


def test_two_proofs_do_not_take_each_others_place() -> None:
    assert CookieCarrier().proofs(brought(PROOF, OTHER)) == [PROOF, OTHER]


def test_other_cookies_and_odd_ones_are_no_proof() -> None:
    cookies = [
        f"session={PROOF}; gatelodge-{ID}={PROOF}; __Host-gatelodge-{ID}=short",
        f"__Host-gatelodge-{ID}={'x' * 65}; __Host-gatelodge-{ID}={'ü' * 43}; __Host-gatelodge-{ID}",
        f"session=__Host-gatelodge-{ID}={PROOF}; session= __Host-gatelodge-{ID}={PROOF}",
        ";;=;",
    ]

    assert CookieCarrier().proofs("; ".join(cookies).encode("latin-1")) == []


def test_the_session_of_somebody_signed_in_proves_no_login() -> None:
    # It stays behind when the LMS posts the launch (SameSite=Lax), so a login may not count on it.
    assert CookieCarrier().proofs(b"__Host-gatelodge-session=" + PROOF.encode()) == []


def test_a_flood_of_cookies_is_not_read_to_its_end() -> None:
    proofs = [f"{number:043}" for number in range(500)]

    assert CookieCarrier().proofs(brought(*proofs)) == proofs[:10]


@given(st.binary(max_size=200))
def test_any_header_is_survived(cookies: bytes) -> None:
    assert len(CookieCarrier().proofs(cookies)) <= 10


def proofs_one_by_one(cookies: bytes) -> list[str]:
    """What a proof is, cookie after cookie, as RFC 6265 section 5.2 takes them apart."""
    found = []
    for cookie in cookies.split(b";"):
        name, _, value = cookie.strip().partition(b"=")
        is_ours = re.fullmatch(rb"__Host-gatelodge-[0-9a-f]{8}(\.p)?", name)
        if is_ours and 32 <= len(value) <= 64 and value.isascii() and value.decode() not in found:
            found.append(value.decode())
    return found[:10]


pieces = st.sampled_from(
    [
        *(b"__Host-gatelodge-", b"__Host-gatelodge-0f1e2d3c", b"0f1e2d3c", b".p", b"=", b"-", b"."),
        *(b";", b"; ", b" ", b"\t", b"\x0b", b"\x1c", b"\x85", b"\xa0", b"\x00", b"\n", b"\xff"),
        *(b"p" * 31, b"q" * 32, b"r" * 43, b"s" * 64, b"session=", b"a"),
        *(b"__Host-gatelodge-0f1e2d3c=" + b"p" * 43, b"__Host-gatelodge-0f1e2d3c.p=" + b"q" * 32),
    ]
)


@given(st.lists(pieces | st.binary(max_size=3), max_size=14).map(b"".join))
@example(brought(*(f"{number:043}" for number in range(12))))
@example(b"__Host-gatelodge-0f1e2d3c= " + b"p" * 31)
@example(b"__Host-gatelodge-0f1e2d3c=" + b"p" * 32 + b" ")
@example(b"__Host-gatelodge-0f1e2d3c=" + b"p" * 32 + b"\x85")
@example(b"a __Host-gatelodge-0f1e2d3c=" + b"p" * 32)
def test_proofs_are_read_as_one_by_one(cookies: bytes) -> None:
    assert CookieCarrier().proofs(cookies) == proofs_one_by_one(cookies)


def test_a_header_that_nearly_matches_everywhere_is_read_in_no_time() -> None:
    nearly = b"; __Host-gatelodge-0f1e2d3c=" + b"p" * 31 + b" " * 200
    begun = time.process_time()

    CookieCarrier().proofs(nearly * 4000)
    CookieCarrier().proofs(b";" + b" " * 900_000)
    CookieCarrier().proofs(nearly + b" " * 900_000 + b"x")

    assert time.process_time() - begun < 1
