"""The worst that each reader takes, as large as it may be: read or refused within a second, and in little memory."""

from __future__ import annotations

import json
import time
import tracemalloc
from base64 import urlsafe_b64encode
from collections.abc import Callable
from typing import Any

import pytest

from gatelodge.lti import vocabulary as v
from gatelodge.lti.authentication_response import read_authentication_response
from gatelodge.lti.login import read_login_initiation
from gatelodge.lti.state import check_proof, read_state
from gatelodge.lti.tokens import ALGORITHMS, LONGEST_TOKEN, read_key_set, read_token
from tests.lti.samples import a_login, a_trace, claims, outcome_of, read

A_SECOND = 1.0
MEGABYTES = 12
BODY = 256 * 1024
"""As much as is read of a key set, and of a launch."""


def encoded(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def rsa(number: int) -> dict[str, str]:
    """Of the most bits that are looked at: none is prime, which only a verification would show."""
    modulus = (1 << 8191 | number << 1 | 1).to_bytes(1024, "big")
    return {"kty": "RSA", "kid": str(number), "n": encoded(modulus), "e": encoded(b"\xff" * 8)}


def elliptic(number: int) -> dict[str, str]:
    x = encoded((1 << 520 | number).to_bytes(66, "big"))
    return {"kty": "EC", "crv": "P-521", "kid": str(number), "x": x, "y": x}


KEY_SETS = {
    "rsa": json.dumps({"keys": [rsa(number) for number in range(170)]}).encode(),
    "elliptic": json.dumps({"keys": [elliptic(number) for number in range(200)]}).encode(),
    "brackets": b"[" * BODY,
    "braces": b'{"a":' * (BODY // 5),
    "lists": b'{"keys":[' + b"[]," * (BODY // 3 - 5) + b"1]}",
    "objects": b'{"keys":[' + b"{}," * (BODY // 3 - 5) + b"1]}",
    "numbers": b'{"keys":[' + b"1," * (BODY // 2 - 8) + b"1]}",
    "digits": b'{"keys":' + b"1" * (BODY - 9) + b"}",
    "long-numbers": b'{"keys":[' + (b"1" * 4299 + b",") * 60 + b"1]}",
    "exponent": b'{"keys":1e' + b"9" * (BODY - 11) + b"}",
    "fraction": b'{"keys":1.' + b"9" * (BODY - 11) + b"}",
    "halves": b'{"keys":"' + b"\\ud800" * (BODY // 6 - 3) + b'"}',
    "members": json.dumps({str(number): 0 for number in range(BODY // 12)}).encode(),
    "twins": b'{"keys":[],' + b'"a":0,' * (BODY // 6 - 5) + b'"a":0}',
    "key-id": json.dumps({"keys": [{"kid": "x" * (BODY - 30)}]}).encode(),
}


@pytest.mark.parametrize("body", KEY_SETS.values(), ids=KEY_SETS)
def test_a_key_set_is_read_soon(body: bytes) -> None:
    assert len(body) <= BODY
    assert_cheap(lambda: read_key_set(body))


def header(**members: object) -> str:
    return encoded(json.dumps({"alg": "RS256", "kid": "a", **members}).encode()) + ".e30.AA"


DEEP: Any = []
for _ in range(28):
    DEEP = [DEEP]

TOKENS = {
    "dots": "." * LONGEST_TOKEN,
    "letters": "a" * LONGEST_TOKEN,
    "parts": "a." * (LONGEST_TOKEN // 2),
    "brackets": encoded(b"[" * 98_000) + ".e30.AA",
    "critical": header(crit=["x"] * 19_000),
    "critical-deep": header(crit=[DEEP] * 1_200),
    "algorithm": header(alg="x" * 97_000),
    "key-id": header(kid="x" * 97_000),
    "certificates": header(x5c=["A" * 90] * 1_000),
}


@pytest.mark.parametrize("token", TOKENS.values(), ids=TOKENS)
def test_a_token_is_read_soon(token: str) -> None:
    assert len(token) <= LONGEST_TOKEN
    assert_cheap(lambda: read_token(token, algorithms=ALGORITHMS, trace=a_trace()))


NAMES = sorted(
    {*claims(), "azp", "nbf", "picture", v.TOOL_PLATFORM, v.ROLE_SCOPE_MENTOR, v.LIS, v.CUSTOM}
    | {v.LAUNCH_PRESENTATION, v.FOR_USER, v.AGS_ENDPOINT, v.NAMES_ROLES, v.DEEP_LINKING_SETTINGS}
)
VALUES: dict[str, Any] = {
    "text": "é/#?" * 24_000,
    "blanks": " " * 96_000,
    "halves": "\ud800" * 16_000,
    "texts": ["https://a.example/b#c"] * 4_000,
    "members": {str(number): str(number) for number in range(7_000)},
    "number": 10**4000,
    "deep": [DEEP] * 1_500,
}


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_any_large_claim_is_read_soon(value: object) -> None:
    for name in NAMES:
        for sent in (value, {"id": value, "scope": value, "lineitem": value, "title": value}):
            assert_cheap(lambda sent=sent, name=name: read(claims({name: sent})))


FORMS = {
    "value": [("id_token", "x" * BODY), ("state", "y")],
    "state": [("state", "." * BODY)],
    "names": [(str(number), "x" * 2_500) for number in range(100)],
    "hints": [("iss", "a"), ("login_hint", "\r\n" * 4_000), ("lti_message_hint", "\n" * 8_000)],
    "target": [("iss", "a"), ("login_hint", "a"), ("target_link_uri", "[" * 8_000)],
}


@pytest.mark.parametrize("fields", FORMS.values(), ids=FORMS)
def test_a_form_is_read_soon(fields: list[tuple[str, str]]) -> None:
    state = dict(fields).get("state")

    assert_cheap(lambda: read_login_initiation(fields, a_trace()))
    assert_cheap(lambda: read_authentication_response(fields))
    assert_cheap(
        lambda: read_state(
            state, keys=[b"k"] * 5, tool_id="t", registration_id=None, now=0, trace=a_trace()
        )
    )


def test_a_flood_of_proofs_is_read_soon() -> None:
    assert_cheap(lambda: check_proof(a_login(), ["x" * 64] * 10_000, a_trace()))


def assert_cheap(reader: Callable[[], object]) -> None:
    begun = time.process_time()
    outcome_of(reader)
    assert time.process_time() - begun < A_SECOND

    tracemalloc.start()
    outcome_of(reader)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < MEGABYTES * 1e6
