"""The signed state: what a login remembers, carried by the browser and not by a row.

Anyone can begin a login, so it must cost us nothing that lasts (design, section 3). The state
is bound to the browser by the digest of a proof that only this browser holds (SF 5.1.1.4), and
to what the login said about target link and deployment, so that the launch can be held to it
(CORE 4.1.2, 5.3.4).
"""

import hmac
from collections.abc import Iterable, Sequence
from functools import lru_cache
from hashlib import sha256

from msgspec import Struct

from gatelodge.lti.errors import (
    ProofForeign,
    ProofMissing,
    StateExpired,
    StateInvalid,
    StateMissing,
)
from gatelodge.lti.macs import mac
from gatelodge.lti.notes import note
from gatelodge.lti.trace import Trace

LIFETIME = 600
"""Seconds from login to launch. Canvas's own hint lives for five minutes."""

_PURPOSE = "login2"
_LONGEST = 1_000
_LONGEST_KEPT = 500
"""Texts of so many characters are kept with their digests."""


class LoginState(Struct, frozen=True, gc=False):
    """``registration_id`` is set when the login came to a registration's own address."""

    tool_id: str
    platform_client_id: str
    registration_id: str | None
    nonce: str
    issued_at: int
    proof_digest: str
    target_link_digest: str
    deployment_digest: str | None


def digest(text: str) -> str:
    """A short name of a text: 128 bits of its SHA-256, for comparing and not for keeping."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def recurring_digest(text: str) -> str:
    """The same of an address or a deployment, which come again and again.

    Queries may hold keys of a person's session, and are not kept. No other secret goes here.
    """
    return digest(text) if len(text) > _LONGEST_KEPT or "?" in text else _digest_once(text)


_digest_once = lru_cache(maxsize=1024)(digest)


def write_state(state: LoginState, key: bytes) -> str:
    body = ".".join(
        (
            _PURPOSE,
            state.tool_id,
            state.platform_client_id,
            state.registration_id or "",
            state.nonce,
            str(state.issued_at),
            state.proof_digest,
            state.target_link_digest,
            state.deployment_digest or "",
        )
    )
    return f"{body}.{mac(key, body.encode()).hex()}"


def read_state(
    text: str | None,
    *,
    keys: Sequence[bytes],
    tool_id: str,
    registration_id: str | None,
    now: float,
    trace: Trace,
) -> LoginState:
    """Check that a state is ours, for this address and not too old.

    ``keys`` are the keys that may have signed it, newest first.
    """
    if not text:
        raise StateMissing
    body, _, signature = text.rpartition(".")
    if len(text) > _LONGEST or not text.isascii() or not _is_signed(body, signature, keys):
        raise StateInvalid(note=note("state.signature"))
    state = _parsed(body)
    if (state.tool_id, state.registration_id) != (tool_id, registration_id):
        raise StateInvalid(note=note("state.address"))
    age = now - state.issued_at
    if age > LIFETIME:
        raise StateExpired(note=note("state.age", begun=round(age)))
    trace.passed("state.signed", str(max(round(age), 0)))
    return state


def check_proof(state: LoginState, proofs: Iterable[str], trace: Trace) -> None:
    """Check that the browser that sends the launch is the one that began the login.

    Without it a stranger could finish a login of his own in somebody else's browser
    (SF 7.3.1, login CSRF).
    """
    missing = True
    for proof in proofs:
        missing = False
        if hmac.compare_digest(digest(proof), state.proof_digest):
            trace.passed("state.browser")
            return
    raise ProofMissing if missing else ProofForeign


def _is_signed(body: str, signature: str, keys: Sequence[bytes]) -> bool:
    message = body.encode()
    for key in keys:  # noqa: SIM110 - a generator for one key takes as long as the MAC
        if hmac.compare_digest(mac(key, message).hex(), signature):
            return True
    return False


def _parsed(body: str) -> LoginState:
    parts = body.split(".")
    if parts[0] != _PURPOSE or len(parts) != 9:
        raise StateInvalid(note=note("state.purpose"))
    return LoginState(
        tool_id=parts[1],
        platform_client_id=parts[2],
        registration_id=parts[3] or None,
        nonce=parts[4],
        issued_at=int(parts[5]),
        proof_digest=parts[6],
        target_link_digest=parts[7],
        deployment_digest=parts[8] or None,
    )
