"""The keys a platform publishes: which of them may check a signature."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import ECKey, Key, OctKey, OKPKey, RSAKey

from gatelodge.lti.errors import Heading, KeySetInvalid, Refusal
from gatelodge.lti.tokens import (
    ALGORITHMS,
    LARGEST_KEY_SET,
    PlatformKeys,
    public_key_set,
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
    encoded,
    key_set,
    outcome_of,
    public,
    refusal_of,
    signed,
)


def opens(keys: PlatformKeys, key: RSAKey | ECKey, algorithm: str = "RS256") -> bool:
    token = read_token(signed(claims(), key, algorithm), algorithms=[algorithm], trace=a_trace())
    return bool(verify(token, keys.get(KEY_ID, algorithm), a_trace()).values)


def number(value: int) -> str:
    return encoded(value.to_bytes((value.bit_length() + 7) // 8, "big"))


# ----------------------------------------------------------------------- what is accepted


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"use": MISSING},
        {"use": None},
        {"alg": "RS256"},
        {"alg": None},
        {"key_ops": ["verify"]},
        {"x5c": ["MIID"], "x5t": "abc", "vendor": {"a": [1]}},
        {"crv": 5, "x": ["odd"]},
    ],
)
def test_a_key_is_usable_with_or_without_what_is_optional(rsa_key: RSAKey, changes: Json) -> None:
    keys = read_key_set(key_set(public(rsa_key, **changes)))

    assert len(keys) == 1
    assert opens(keys, rsa_key)


@pytest.mark.parametrize("padding", ["=", "==", "===="])
def test_padded_numbers_are_read(rsa_key: RSAKey, padding: str) -> None:
    """Old releases of Moodle send them so."""
    member = public(rsa_key)
    member |= {"n": member["n"] + padding, "e": member["e"] + padding}

    assert opens(read_key_set(key_set(member)), rsa_key)


def test_a_zero_in_front_of_a_number_changes_nothing(rsa_key: RSAKey) -> None:
    """Java writes the sign of a number too."""
    modulus = rsa_key.public_key.public_numbers().n
    member = public(rsa_key, n=encoded(b"\0" + modulus.to_bytes(256, "big")))

    assert opens(read_key_set(key_set(member)), rsa_key)


def test_an_empty_set_is_refused() -> None:
    assert_refused(
        refusal_of(lambda: read_key_set(key_set())), "launch.key_set_invalid", Heading.KEY_SET
    )


def test_members_that_are_no_keys_are_passed_over(rsa_key: RSAKey) -> None:
    body = key_set(None, 5, "key", [], {}, {"kid": 5}, public(rsa_key))

    assert opens(read_key_set(body), rsa_key)


def test_a_private_key_that_was_published_by_mistake_is_used_as_a_public_one(
    rsa_key: RSAKey,
) -> None:
    keys = read_key_set(key_set(rsa_key.as_dict(private=True) | {"kid": KEY_ID}))

    assert not keys.get(KEY_ID, "RS256").is_private


def test_a_set_says_which_ids_it_knows(rsa_key: RSAKey) -> None:
    keys = read_key_set(key_set(public(rsa_key), public(rsa_key, kid="odd", use="enc")))

    assert KEY_ID in keys
    assert "odd" in keys
    assert "another" not in keys


# ----------------------------------------------------------------------- twins


def test_one_id_may_name_keys_of_two_types(rsa_key: RSAKey, ec_key: ECKey) -> None:
    """An id is unique among keys of one type (SF 6.3)."""
    for members in ([rsa_key, ec_key], [ec_key, rsa_key]):
        keys = read_key_set(key_set(*map(public, members)))

        assert opens(keys, rsa_key)
        assert opens(keys, ec_key, "ES256")


@pytest.mark.parametrize("uses", [("enc", "sig"), ("sig", "enc")])
def test_an_unusable_twin_stands_in_nobodys_way(rsa_key: RSAKey, uses: tuple[str, str]) -> None:
    keys = read_key_set(key_set(*(public(rsa_key, use=use) for use in uses)))

    assert opens(keys, rsa_key)


def test_of_two_like_keys_with_one_id_the_first_counts(
    rsa_key: RSAKey, foreign_rsa_key: RSAKey
) -> None:
    """Nobody may publish this; all keys are never tried in turn."""
    keys = read_key_set(key_set(public(rsa_key), public(foreign_rsa_key)))

    assert opens(keys, rsa_key)
    assert_refused(
        refusal_of(lambda: opens(keys, foreign_rsa_key)),
        "launch.signature_invalid",
        Heading.KEY_SET,
    )


# ----------------------------------------------------------------------- keys that aren't fit


UNFIT: dict[str, tuple[Json, str]] = {
    "for encryption": ({"use": "enc"}, "It isn't meant for signatures."),
    "use in capitals": ({"use": "SIG"}, "It isn't meant for signatures."),
    "use of an odd type": ({"use": ["sig"]}, "It isn't meant for signatures."),
    "PS256": ({"alg": "PS256"}, "It is meant for another algorithm."),
    "HS256": ({"alg": "HS256"}, "It is meant for another algorithm."),
    "RSA-OAEP": ({"alg": "RSA-OAEP"}, "It is meant for another algorithm."),
    "an algorithm of an odd type": ({"alg": ["RS256"]}, "It is meant for another algorithm."),
    "no type": ({"kty": MISSING}, "It is neither an RSA key nor on one of these curves"),
    "an odd type": ({"kty": {"RSA": 1}}, "It is neither an RSA key nor on one of these curves"),
    "no modulus": ({"n": MISSING}, "It has 0 bits; 2,048 are the least."),
    "an empty modulus": ({"n": ""}, "It has 0 bits; 2,048 are the least."),
    "a modulus of an odd type": ({"n": 2**2048 + 1}, "It has 0 bits; 2,048 are the least."),
    "1024 bits": ({"n": number(2**1023 + 1)}, "It has 1,024 bits; 2,048 are the least."),
    "2047 bits": ({"n": number(2**2046 + 1)}, "It has 2,047 bits; 2,048 are the least."),
    "8193 bits": ({"n": number(2**8192 + 1)}, "It has 8,193 bits; 8,192 are the most."),
    "16384 bits": ({"n": number(2**16383 + 1)}, "It has 16,384 bits; 8,192 are the most."),
    "a megabyte": ({"n": "A" * 10 + "x" * 1_000_000}, "It has"),
    "no exponent": ({"e": MISSING}, ""),
    "an exponent of 1": ({"e": "AQ"}, ""),
    "an even exponent": ({"e": "Ag"}, ""),
    "an enormous exponent": ({"e": number(2**2046 + 1)}, "Its exponent has more than 64 bits."),
    "letters outside base64": ({"n": "é" * 400}, ""),
    "half a pair": ({"n": "\ud800" * 400}, ""),
    "plain base64": ({"n": "+/" * 200}, ""),
}


@pytest.mark.parametrize(("changes", "note"), UNFIT.values(), ids=UNFIT.keys())
def test_an_rsa_key_that_is_not_fit_is_named_and_never_used(
    rsa_key: RSAKey, changes: Json, note: str
) -> None:
    keys = read_key_set(key_set(public(rsa_key, **changes), public(rsa_key, kid="good")))

    refusal = refusal_of(lambda: keys.get(KEY_ID, "RS256"))

    assert_refused(refusal, "launch.key_unfit", Heading.KEY_SET)  # 18
    assert str(refusal.note).startswith(note)
    assert keys.get("good", "RS256")


@pytest.mark.parametrize("size", [2048, 8192])
def test_an_rsa_key_of_a_usual_size_is_fit(rsa_key: RSAKey, size: int) -> None:
    keys = read_key_set(key_set(public(rsa_key, n=number(2 ** (size - 1) + 1))))

    assert len(keys) == 1


UNFIT_CURVES: dict[str, Json] = {
    "no curve": {"crv": MISSING},
    "a curve nobody knows": {"crv": "P-999"},
    "Bitcoin's curve": {"crv": "secp256k1"},
    "a curve of an odd type": {"crv": ["P-256"]},
    "another curve": {"crv": "P-384"},
    "no point": {"x": MISSING},
    "half a point": {"y": ""},
    "a point beside the curve": {"x": "AQ", "y": "AQ"},
    "the point at infinity": {"x": "AA", "y": "AA"},
    "a megabyte": {"x": "x" * 1_000_000},
    "a coordinate of an odd type": {"y": 5},
}


@pytest.mark.parametrize("changes", UNFIT_CURVES.values(), ids=UNFIT_CURVES.keys())
def test_a_key_on_a_curve_that_is_not_fit_is_named_and_never_used(
    ec_key: ECKey, changes: Json
) -> None:
    keys = read_key_set(key_set(public(ec_key, **changes), public(ec_key, kid="good")))

    refusal = refusal_of(lambda: keys.get(KEY_ID, "ES256"))

    assert_refused(refusal, "launch.key_unfit", Heading.KEY_SET)  # 18
    assert keys.get("good", "ES256")


@pytest.mark.parametrize(
    "key", [OctKey.generate_key(256), OKPKey.generate_key("Ed25519")], ids=["a secret", "Ed25519"]
)
def test_a_key_of_another_type_is_never_used(key: OctKey | OKPKey) -> None:
    keys = read_key_set(key_set(key.as_dict() | {"kid": KEY_ID}))

    for algorithm in ALGORITHMS:
        refusal = refusal_of(lambda name=algorithm: keys.get(KEY_ID, name))
        assert_refused(refusal, "launch.key_unfit", Heading.KEY_SET)


# ----------------------------------------------------------------------- what is no set


@pytest.mark.parametrize(
    ("body", "note"),
    [
        (b"", "Its key set isn't JSON."),
        (b"<!DOCTYPE html><title>Sign in</title>", "Its key set isn't JSON."),
        (b"\xff\xfe", "Its key set isn't JSON."),
        (b"[]", "Its key set isn't a JSON object."),
        (b'{"keys": [], "keys": []}', "Its key set has a member twice."),
        (b"{}", "It has no list named keys."),
        (b'{"keys": {"kid": "a"}}', "It has no list named keys."),
        (b'{"n": "abc", "e": "AQAB", "kty": "RSA"}', "It has no list named keys."),
        (b'{"keys": [' + b"[" * 40 + b"]" * 40 + b"]}", "Its key set is nested too deeply."),
        pytest.param(
            key_set(*[{}] * (LARGEST_KEY_SET + 1)), "It has too many keys: 201.", id="201 keys"
        ),
    ],
)
def test_what_is_no_key_set_is_refused(body: bytes, note: str) -> None:
    refusal = refusal_of(lambda: read_key_set(body))

    assert_refused(refusal, "launch.key_set_invalid", Heading.KEY_SET)
    assert str(refusal.note) == note


# ----------------------------------------------------------------------- our own set


def test_our_own_set_has_public_halves_only() -> None:
    ours = [RSAKey.generate_key(2048, {"kid": "ours", "use": "sig", "alg": "RS256"})]

    published = public_key_set(ours)

    assert set(published["keys"][0]) == {"kty", "n", "e", "kid", "use", "alg"}
    assert len(read_key_set(as_json(published))) == 1


# ----------------------------------------------------------------------- whatever comes in

any_member: st.SearchStrategy[Any] = st.dictionaries(
    st.sampled_from(["kty", "kid", "n", "e", "crv", "x", "y", "use", "alg"]),
    st.sampled_from(["RSA", "EC", "P-256", "P-521", "sig", "AQAB", "a", "A" * 43, "x" * 342])
    | any_json,
)


@BRIEFLY
@given(
    body=st.binary(max_size=80)
    | any_text.map(lambda text: text.encode("utf-8", "replace"))
    | any_json.map(as_json)
    | st.lists(any_member | any_json, max_size=4).map(lambda members: key_set(*members))
)
def test_any_body_is_a_key_set_or_refused(body: bytes) -> None:
    keys = outcome_of(lambda: read_key_set(body))

    assert isinstance(keys, PlatformKeys | KeySetInvalid)


@BRIEFLY
@given(members=st.lists(any_member, min_size=1, max_size=4), algorithm=st.sampled_from(ALGORITHMS))
def test_any_set_has_a_key_or_says_why_not(members: list[Json], algorithm: str) -> None:
    keys = read_key_set(key_set(*(member | {"kid": "a"} for member in members)))

    assert isinstance(outcome_of(lambda: keys.get("a", algorithm)), Key | Refusal)
