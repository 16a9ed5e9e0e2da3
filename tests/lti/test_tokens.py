"""From what was posted to signed claims: the shape of a token, its header and its signature."""

from __future__ import annotations

import hmac
from typing import Any

import pytest
from cryptography.hazmat.primitives.hashes import SHA1, SHA384, SHA512
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwe, jws
from joserfc.jwk import ECKey, RSAKey

from gatelodge.lti.errors import Heading, Refusal
from gatelodge.lti.tokens import (
    ALGORITHMS,
    LONGEST_TOKEN,
    PlatformKeys,
    SignedClaims,
    read_key_set,
    read_token,
    verify,
)
from tests.lti.any_input import BRIEFLY, any_json, any_text
from tests.lti.samples import (
    KEY_ID,
    MISSING,
    Json,
    a_trace,
    as_json,
    assert_refused,
    claims,
    compact,
    encoded,
    key_set,
    outcome_of,
    public,
    refusal_of,
    rsa_signed,
    signed,
)

HEADER = {"alg": "RS256", "kid": KEY_ID, "typ": "JWT"}


@pytest.fixture(scope="module")
def keys(rsa_key: RSAKey) -> PlatformKeys:
    return read_key_set(key_set(public(rsa_key)))


def opened(
    token: str | None, keys: PlatformKeys, algorithms: tuple[str, ...] = ("RS256",)
) -> SignedClaims:
    """From what was posted to signed claims, as a launch does it."""
    unverified = read_token(token, algorithms=algorithms, trace=a_trace())
    return verify(unverified, keys.get(unverified.key_id, unverified.algorithm), a_trace())


def header(**changes: Any) -> Json:
    return {name: value for name, value in (HEADER | changes).items() if value is not MISSING}


# ----------------------------------------------------------------------- what is accepted


def test_a_signed_token_opens(rsa_key: RSAKey, keys: PlatformKeys) -> None:
    opened_claims = opened(signed(claims(), rsa_key), keys)

    assert opened_claims.values == claims()
    assert opened_claims.key_id == KEY_ID


@pytest.mark.parametrize(("name", "storable"), [("Mia \U0001f393", True), ("Mia \0", False)])
def test_an_opened_token_knows_whether_a_database_takes_its_texts(
    name: str, rsa_key: RSAKey, keys: PlatformKeys, *, storable: bool
) -> None:
    assert opened(signed(claims({"name": name}), rsa_key), keys).storable is storable


def test_an_opened_token_leaves_a_trace(rsa_key: RSAKey, keys: PlatformKeys) -> None:
    trace = a_trace()

    token = read_token(signed(claims(), rsa_key), algorithms=["RS256"], trace=trace)
    verify(token, keys.get(KEY_ID, "RS256"), trace)

    assert trace.written().splitlines() == [
        "token.header 0 RS256",
        f"token.signature 0 {KEY_ID}",
    ]


@pytest.mark.parametrize(("algorithm", "digest_by"), [("RS384", SHA384()), ("RS512", SHA512())])
def test_longer_digests_are_accepted_where_agreed(
    rsa_key: RSAKey, keys: PlatformKeys, algorithm: str, digest_by: Any
) -> None:
    token = rsa_signed(header(alg=algorithm), as_json(claims()), rsa_key, digest_by)

    assert opened(token, keys, ("RS256", algorithm)).values == claims()


@pytest.mark.parametrize(
    ("algorithm", "curve"), [("ES256", "P-256"), ("ES384", "P-384"), ("ES512", "P-521")]
)
def test_elliptic_curves_are_accepted_where_agreed(algorithm: str, curve: str) -> None:
    key = ECKey.generate_key(curve)
    keys = read_key_set(key_set(public(key)))

    assert opened(signed(claims(), key, algorithm), keys, (algorithm,)).values == claims()


@pytest.mark.parametrize(
    "more",
    [
        {"typ": MISSING},
        {"typ": "at+jwt"},
        {"cty": "JWT"},
        {"x5t": "anything", "vendor": {"version": 5}},
        {"typ": 5, "jku": ["no", "address"]},
        {"x5c": ["MIID" + "A" * 4_000]},
    ],
)
def test_header_members_that_are_not_needed_are_ignored(
    rsa_key: RSAKey, keys: PlatformKeys, more: Json
) -> None:
    token = rsa_signed(header(**more), as_json(claims()), rsa_key)

    assert opened(token, keys).values == claims()


def test_a_book_of_claims_is_accepted(rsa_key: RSAKey, keys: PlatformKeys) -> None:
    book = claims({"book": "x" * 90_000})

    assert opened(signed(book, rsa_key), keys).values == book


# ----------------------------------------------------------------------- no token at all


@pytest.mark.parametrize("token", [None, ""])
def test_a_launch_without_a_token_is_refused(token: str | None, keys: PlatformKeys) -> None:
    assert_refused(refusal_of(lambda: opened(token, keys)), "launch.token_missing")


def test_an_encrypted_token_is_refused(rsa_key: RSAKey, keys: PlatformKeys) -> None:
    secret = jwe.encrypt_compact({"alg": "RSA-OAEP", "enc": "A256GCM"}, b"{}", rsa_key)

    refusal = refusal_of(lambda: opened(secret, keys))

    assert_refused(refusal, "launch.token_malformed")  # 15
    assert str(refusal.note) == "It has 5 parts instead of 3."


@pytest.mark.parametrize(
    "token",
    [
        "one-part",
        "two.parts",
        "..",
        "a.b.c",
        "...",
        "é.é.é",
        "\ud800.a.b",
        "\0.a.b",
        pytest.param("x" * (LONGEST_TOKEN + 1), id="a book"),
        "{}.{}.{}",
        encoded(b"[]") + ".e30.AA",
        encoded(b'"alg"') + ".e30.AA",
        encoded(b"\xff\xfe") + ".e30.AA",
        encoded(b'{"alg": "RS256"') + ".e30.AA",
        encoded(b'{"alg":"RS256","kid":"a"}') + "=.e30.AA",
        encoded(b'{"alg":"RS256","kid":"a"}')[:-3] + ".e30.AA",
        "e3 0.e30.AA",
        "e30\n.e30.AA",
        "e+/0.e30.AA",
        "a.e30.AA",
    ],
)
def test_what_is_no_token_is_refused(token: str, keys: PlatformKeys) -> None:
    assert_refused(refusal_of(lambda: opened(token, keys)), "launch.token_malformed")  # 15


UNCLEAN = {
    "no JSON": b"{'iss': 'a'}",
    "no object": b'["iss"]',
    "a text": b'"iss"',
    "nothing": b" ",
    "not UTF-8": b'{"name": "\xe9"}',
    "UTF-16": '{"iss": "a"}'.encode("utf-16"),
    "a member twice": b'{"sub": "1", "sub": "2"}',
    "a member twice, written as we write": b'{"sub":"1","sub":"2"}',
    "a member twice, spelled otherwise": b'{"sub": "1", "\\u0073ub": "2"}',
    "a member twice, further in": b'{"a": [{"b": {"c": 1, "c": 1}}]}',
    "a member twice, and a colon escaped": b'{"sub": "1", "sub": "2\\u003a"}',
    "a member twice, and a colon escaped in its name": b'{"sub\\u003A": "1", "sub:": ":"}',
    "NaN": b'{"exp": NaN}',
    "Infinity": b'{"exp": -Infinity}',
    "an enormous number": b'{"exp": ' + b"9" * 5_000 + b"}",
    "too deep": b'{"a":' * 33 + b"1" + b"}" * 33,
    "too deep in lists": b'{"a":' + b"[" * 32 + b"]" * 32 + b"}",
    "deep enough to exhaust a reader": b'{"a":' + b"[" * 60_000 + b"]" * 60_000 + b"}",
    "a comment": b'{"a": 1 /* one */}',
    "something behind it": b'{"a": 1} {"a": 2}',
    "a line break in a text": b'{"a": "\n"}',
}


@pytest.mark.parametrize("payload", UNCLEAN.values(), ids=UNCLEAN.keys())
def test_a_payload_that_is_not_clean_json_is_refused(
    rsa_key: RSAKey, keys: PlatformKeys, payload: bytes
) -> None:
    token = rsa_signed(HEADER, payload, rsa_key)

    assert_refused(refusal_of(lambda: opened(token, keys)), "launch.token_malformed")  # 15


@pytest.mark.parametrize("unclean", UNCLEAN.values(), ids=UNCLEAN.keys())
def test_a_header_that_is_not_clean_json_is_refused(
    rsa_key: RSAKey, keys: PlatformKeys, unclean: bytes
) -> None:
    token = rsa_signed(unclean, as_json(claims()), rsa_key)

    assert_refused(refusal_of(lambda: opened(token, keys)), "launch.token_malformed")  # 15


def test_claims_may_be_nested_as_deep_as_anybody_needs(rsa_key: RSAKey, keys: PlatformKeys) -> None:
    payload = b'{"a":' * 31 + b"[1]" + b"}" * 31

    assert opened(rsa_signed(HEADER, payload, rsa_key), keys).values


# ----------------------------------------------------------------------- algorithm and key id


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE"])
@pytest.mark.parametrize("signature", [b"", b"anything"])
def test_an_unsigned_token_is_refused(keys: PlatformKeys, algorithm: str, signature: bytes) -> None:
    token = compact(header(alg=algorithm), as_json(claims()), lambda _: signature)

    assert_refused(refusal_of(lambda: opened(token, keys)), "launch.algorithm_none")  # 16


@pytest.mark.parametrize("algorithm", ["HS256", "hs256", "HS384", "HS512", "Hs1"])
@pytest.mark.parametrize("allowed", [("RS256",), ("RS256", "HS256")])
def test_a_shared_secret_is_refused_even_if_it_is_the_public_key(
    rsa_key: RSAKey, keys: PlatformKeys, algorithm: str, allowed: tuple[str, ...]
) -> None:
    secret = rsa_key.as_pem(private=False)
    token = compact(
        header(alg=algorithm),
        as_json(claims()),
        lambda text: hmac.digest(secret, text, "sha256"),
    )

    refusal = refusal_of(lambda: opened(token, keys, allowed))

    assert_refused(refusal, "launch.algorithm_symmetric")  # 17


@pytest.mark.parametrize(
    "algorithm", ["RS384", "RS512", "ES256", "PS256", "EdDSA", "rs256", "RS256 ", "RS1", "", "X"]
)
def test_an_algorithm_that_was_not_agreed_is_refused(keys: PlatformKeys, algorithm: str) -> None:
    token = compact(header(alg=algorithm), as_json(claims()), lambda _: b"anything")

    refusal = refusal_of(lambda: opened(token, keys))

    assert_refused(refusal, "launch.algorithm_refused")  # 18
    assert refusal.expected == "RS256"


@pytest.mark.parametrize("algorithm", [MISSING, None, 5, True, ["RS256"], {"RS256": 1}])
def test_a_header_that_names_no_algorithm_is_refused(keys: PlatformKeys, algorithm: object) -> None:
    token = compact(header(alg=algorithm), as_json(claims()), lambda _: b"anything")

    assert_refused(refusal_of(lambda: opened(token, keys)), "launch.token_malformed")  # 18


@pytest.mark.parametrize("key_id", [MISSING, None, "", 5, True, [KEY_ID], {"kid": KEY_ID}])
def test_a_token_without_a_key_id_is_refused(
    rsa_key: RSAKey, keys: PlatformKeys, key_id: object
) -> None:
    token = rsa_signed(header(kid=key_id), as_json(claims()), rsa_key)

    refusal = refusal_of(lambda: opened(token, keys))

    assert_refused(refusal, "launch.key_id_missing", Heading.KEY_SET)  # 19


@pytest.mark.parametrize("key_id", ["another", KEY_ID.upper(), KEY_ID + " ", "../keys", "\ud800"])
def test_a_key_that_is_not_in_the_set_is_refused(
    rsa_key: RSAKey, keys: PlatformKeys, key_id: str
) -> None:
    token = rsa_signed(header(kid=key_id), as_json(claims()), rsa_key)

    refusal = refusal_of(lambda: opened(token, keys))

    assert_refused(refusal, "launch.key_unknown", Heading.KEY_SET)  # 19
    assert refusal.expected == KEY_ID


@pytest.mark.parametrize("critical", [["exp"], ["b64"], [], None, "exp"])
def test_a_header_that_demands_an_extension_is_refused(
    rsa_key: RSAKey, keys: PlatformKeys, critical: object
) -> None:
    token = rsa_signed(header(crit=critical, b64=False), as_json(claims()), rsa_key)

    assert_refused(refusal_of(lambda: opened(token, keys)), "launch.header_critical")  # 21


# ----------------------------------------------------------------------- the signature


def test_the_key_of_somebody_else_is_refused(foreign_rsa_key: RSAKey, keys: PlatformKeys) -> None:
    token = signed(claims(), foreign_rsa_key)

    refusal = refusal_of(lambda: opened(token, keys))

    assert_refused(refusal, "launch.signature_invalid", Heading.KEY_SET)  # 22


@pytest.mark.parametrize("member", ["jwk", "jku", "x5u", "x5c"])
def test_a_key_that_the_token_brings_along_is_never_looked_at(
    foreign_rsa_key: RSAKey, keys: PlatformKeys, member: str
) -> None:
    smuggled = {
        "jwk": foreign_rsa_key.as_dict(private=False),
        "jku": "https://evil.example/keys",
        "x5u": "https://evil.example/certificate",
        "x5c": [encoded(foreign_rsa_key.as_der(private=False))],
    }
    token = rsa_signed(header(**{member: smuggled[member]}), as_json(claims()), foreign_rsa_key)

    refusal = refusal_of(lambda: opened(token, keys))

    assert_refused(refusal, "launch.signature_invalid", Heading.KEY_SET)  # 20


def test_claims_that_were_changed_on_the_way_are_refused(
    rsa_key: RSAKey, keys: PlatformKeys
) -> None:
    first, _, signature = signed(claims(), rsa_key).split(".")
    changed = f"{first}.{encoded(as_json(claims({'sub': '2'})))}.{signature}"

    assert_refused(
        refusal_of(lambda: opened(changed, keys)), "launch.signature_invalid", Heading.KEY_SET
    )  # 22


def test_a_header_that_was_changed_on_the_way_is_refused(
    rsa_key: RSAKey, keys: PlatformKeys
) -> None:
    _, payload, signature = signed(claims(), rsa_key).split(".")
    changed = f"{encoded(as_json(header(typ='other')))}.{payload}.{signature}"

    assert_refused(
        refusal_of(lambda: opened(changed, keys)), "launch.signature_invalid", Heading.KEY_SET
    )  # 22


@pytest.mark.parametrize(
    ("byte", "length"), [(0, 1), (0, 256), (255, 256), (1, 256), (97, 257), (1, 64)]
)
def test_any_other_signature_is_refused(keys: PlatformKeys, byte: int, length: int) -> None:
    token = compact(HEADER, as_json(claims()), lambda _: bytes([byte]) * length)

    assert_refused(
        refusal_of(lambda: opened(token, keys)), "launch.signature_invalid", Heading.KEY_SET
    )  # 22


@pytest.mark.parametrize("ending", ["=", "==", "%", ".", " "])
def test_nothing_can_be_hung_on_to_a_signature(
    rsa_key: RSAKey, keys: PlatformKeys, ending: str
) -> None:
    token = signed(claims(), rsa_key) + ending

    assert_refused(refusal_of(lambda: opened(token, keys)), "launch.token_malformed")  # 15


def test_a_signature_that_was_cut_off_is_refused(rsa_key: RSAKey, keys: PlatformKeys) -> None:
    token = signed(claims(), rsa_key).rpartition(".")[0] + "."

    assert_refused(refusal_of(lambda: opened(token, keys)), "launch.token_malformed")  # 15


def test_a_weak_digest_under_a_strong_name_is_refused(rsa_key: RSAKey, keys: PlatformKeys) -> None:
    token = rsa_signed(HEADER, as_json(claims()), rsa_key, SHA1())  # noqa: S303 - that's the point

    assert_refused(
        refusal_of(lambda: opened(token, keys)), "launch.signature_invalid", Heading.KEY_SET
    )


def test_an_elliptic_curve_cannot_pass_for_rsa(ec_key: ECKey) -> None:
    keys = read_key_set(key_set(public(ec_key)))
    token = compact(HEADER, as_json(claims()), lambda _: b"\1" * 64)

    refusal = refusal_of(lambda: opened(token, keys))

    assert_refused(refusal, "launch.key_unfit", Heading.KEY_SET)  # 18


@pytest.mark.parametrize("algorithm", ["ES256", "ES384", "ES512"])
def test_rsa_cannot_pass_for_an_elliptic_curve(
    rsa_key: RSAKey, keys: PlatformKeys, algorithm: str
) -> None:
    token = rsa_signed(header(alg=algorithm), as_json(claims()), rsa_key)

    refusal = refusal_of(lambda: opened(token, keys, ALGORITHMS))

    assert_refused(refusal, "launch.key_unfit", Heading.KEY_SET)  # 18


@pytest.mark.parametrize("algorithm", ["ES384", "ES512"])
def test_one_curve_cannot_pass_for_another(ec_key: ECKey, algorithm: str) -> None:
    keys = read_key_set(key_set(public(ec_key)))
    token = compact(header(alg=algorithm), as_json(claims()), lambda _: b"\1" * 64)

    refusal = refusal_of(lambda: opened(token, keys, ALGORITHMS))

    assert_refused(refusal, "launch.key_unfit", Heading.KEY_SET)  # 18


@pytest.mark.parametrize(
    ("byte", "length"), [(0, 64), (255, 64), (1, 64), (0, 1), (1, 63), (1, 65), (1, 128)]
)
def test_an_impossible_signature_of_a_curve_is_refused(
    ec_key: ECKey, byte: int, length: int
) -> None:
    """All zeros are what broke several libraries (r and s must not be 0)."""
    keys = read_key_set(key_set(public(ec_key)))
    token = compact(header(alg="ES256"), as_json(claims()), lambda _: bytes([byte]) * length)

    refusal = refusal_of(lambda: opened(token, keys, ("ES256",)))

    assert_refused(refusal, "launch.signature_invalid", Heading.KEY_SET)  # 22


def test_a_key_of_the_wrong_type_verifies_nothing(rsa_key: RSAKey, ec_key: ECKey) -> None:
    """Even if somebody hands it in beside the key set."""
    token = read_token(signed(claims(), rsa_key), algorithms=["RS256"], trace=a_trace())

    refusal = refusal_of(lambda: verify(token, ec_key, a_trace()))

    assert_refused(refusal, "launch.signature_invalid", Heading.KEY_SET)


# ----------------------------------------------------------------------- whatever comes in


def assert_opened_or_refused(token: str, keys: PlatformKeys) -> None:
    outcome = outcome_of(lambda: opened(token, keys, ALGORITHMS))

    assert isinstance(outcome, SignedClaims | Refusal)
    assert all(part not in str(outcome) for part in token.split(".") if len(part) > 40)


@BRIEFLY
@given(token=any_text | st.lists(any_text, min_size=3, max_size=3).map(".".join))
def test_any_text_for_a_token_is_refused(keys: PlatformKeys, token: str) -> None:
    assert_opened_or_refused(token, keys)


@BRIEFLY
@given(parts=st.lists(st.binary(max_size=60), min_size=3, max_size=3))
def test_any_bytes_for_a_token_are_refused(keys: PlatformKeys, parts: list[bytes]) -> None:
    assert_opened_or_refused(".".join(map(encoded, parts)), keys)


@BRIEFLY
@given(
    changes=st.dictionaries(
        st.sampled_from(["alg", "kid", "typ", "crit", "jwk", "x5c", "b64"]) | any_text,
        any_json | st.sampled_from([*ALGORITHMS, KEY_ID]),
        max_size=3,
    )
)
def test_any_header_is_opened_or_refused(
    rsa_key: RSAKey, keys: PlatformKeys, changes: Json
) -> None:
    assert_opened_or_refused(rsa_signed(HEADER | changes, b'{"secret": "x"}', rsa_key), keys)


@BRIEFLY
@given(payload=st.binary(max_size=200) | any_json.map(as_json))
def test_any_signed_payload_is_opened_or_refused(
    rsa_key: RSAKey, keys: PlatformKeys, payload: bytes
) -> None:
    assert_opened_or_refused(rsa_signed(HEADER, payload, rsa_key), keys)


def test_a_token_of_the_library_is_the_same_as_ours(rsa_key: RSAKey, keys: PlatformKeys) -> None:
    """A second opinion: what joserfc accepts, we accept, with the same claims."""
    token = rsa_signed(HEADER, as_json(claims()), rsa_key)

    theirs = jws.deserialize_compact(token, rsa_key, algorithms=["RS256"])

    assert theirs.payload == as_json(opened(token, keys).values)
