"""The cookie that proves which browser began a login."""

from __future__ import annotations

from hypothesis import given
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
