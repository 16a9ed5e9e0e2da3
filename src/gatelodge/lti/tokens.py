"""From an unverified token to signed claims; and the keys that are fit to verify one.

Trust is a type: the only way to `SignedClaims` leads through a signature, and no function
further on takes a bare dictionary. 1EdTech Security Framework 1.0 sections 5.1.3, 5.4 and 6.
"""

import json
from base64 import urlsafe_b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Never

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, KeySet, RSAKey
from joserfc.jws import deserialize_compact

from gatelodge.lti.errors import (
    AlgorithmNone,
    AlgorithmRefused,
    AlgorithmSymmetric,
    HeaderCritical,
    KeyIdMissing,
    KeySetInvalid,
    KeyUnfit,
    KeyUnknown,
    SignatureInvalid,
    TokenMalformed,
    TokenMissing,
)
from gatelodge.lti.trace import Trace

LONGEST_TOKEN: Final = 128 * 1024
DEEPEST_CLAIM: Final = 32
LARGEST_KEY_SET: Final = 200
"""Keys of one set that are looked at; no platform is known to publish more than a dozen."""

ALGORITHMS: Final = ("RS256", "RS384", "RS512", "ES256", "ES384", "ES512")
"""What a registration may agree on (Security Framework 1.1, approved algorithms)."""

_SMALLEST_RSA = 2048  # RFC 7518 section 3.3
_LARGEST_RSA = 8192  # a larger one would cost us more than anybody gains
_KEY_MATERIAL: Sequence[str] = ("kty", "n", "e", "crv", "x", "y")
_CURVES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}

JsonObject = dict[str, Any]
"""An object out of JSON that has been checked for twins, depth and odd numbers, nothing more."""


@dataclass(frozen=True, slots=True)
class UnverifiedToken:
    """A token whose shape and header are acceptable. Its payload hasn't been looked at."""

    compact: str
    algorithm: str
    key_id: str


@dataclass(frozen=True, slots=True)
class SignedClaims:
    """Claims that the holder of the platform's key signed. What they say is still unchecked."""

    values: JsonObject
    key_id: str


class PlatformKeys:
    """The usable public keys of one platform, by key id, parsed once."""

    __slots__ = ("_keys", "_unfit")

    def __init__(self, keys: Mapping[str, Key], unfit: Mapping[str, str]) -> None:
        self._keys = keys
        self._unfit = unfit

    def __contains__(self, key_id: str) -> bool:
        return key_id in self._keys or key_id in self._unfit

    def __len__(self) -> int:
        return len(self._keys)

    def get(self, key_id: str, algorithm: str) -> Key:
        """The key with this id, if it can check signatures of this algorithm (SF 6.1)."""
        if key_id in self._unfit:
            raise KeyUnfit(sent=key_id, note=self._unfit[key_id])
        key = self._keys.get(key_id)
        if key is None:
            raise KeyUnknown(sent=key_id, expected=", ".join(list(self._keys)[:5]))
        if not _fits(key, algorithm):
            raise KeyUnfit(sent=f"{algorithm} with a key of type {key.key_type}")
        return key


def read_token(compact: str | None, *, algorithms: Sequence[str], trace: Trace) -> UnverifiedToken:
    """Check the shape and the header of an id_token (SF 5.4).

    Key material in the header (jwk, jku, x5c, x5u) is never looked at: keys come from the
    registration alone.
    """
    if not compact:
        raise TokenMissing
    if len(compact) > LONGEST_TOKEN or not compact.isascii():
        raise TokenMalformed(note=f"It has {len(compact)} characters.")
    parts = compact.split(".")
    if len(parts) != 3:
        raise TokenMalformed(note=f"It has {len(parts)} parts instead of 3.")
    header = _json_part(parts[0], "header")
    _refuse_algorithm(header.get("alg"), algorithms)
    if "crit" in header:
        raise HeaderCritical(sent=header["crit"])
    key_id = header.get("kid")
    if not isinstance(key_id, str) or not key_id:
        raise KeyIdMissing
    trace.passed("token.header", header["alg"])
    return UnverifiedToken(compact, header["alg"], key_id)


def verify(token: UnverifiedToken, key: Key, trace: Trace) -> SignedClaims:
    """Check the signature and read the payload (SF 5.1.3, step 1)."""
    try:
        signed = deserialize_compact(token.compact, key, algorithms=[token.algorithm])
    except (JoseError, ValueError):
        raise SignatureInvalid(sent=f"kid {token.key_id}") from None
    claims = _json(signed.payload, "payload")
    trace.passed("token.signature", f"kid {token.key_id}")
    return SignedClaims(claims, token.key_id)


def read_key_set(body: bytes) -> PlatformKeys:
    """Read a JWK set (RFC 7517 section 5); keys that can't be used are named, not fatal."""
    try:
        document = _json(body, "key set")
    except TokenMalformed as error:
        raise KeySetInvalid(note=error.note) from None
    members = document.get("keys")
    if not isinstance(members, list):
        raise KeySetInvalid(note="It has no list named keys.")
    if len(members) > LARGEST_KEY_SET:
        raise KeySetInvalid(note=f"It has {len(members)} keys.")
    keys: dict[str, Key] = {}
    unfit: dict[str, str] = {}
    for member in members:
        key_id = member.get("kid") if isinstance(member, dict) else None
        if not isinstance(key_id, str) or key_id in keys:
            continue
        try:
            keys[key_id] = _public_key(member)
        except ValueError as error:
            unfit[key_id] = str(error)
    return PlatformKeys(keys, unfit)


def public_key_set(keys: Sequence[Key]) -> dict[str, Any]:
    """The set to publish: public halves alone."""
    return dict(KeySet(list(keys)).as_dict(private=False))


def _refuse_algorithm(algorithm: object, allowed: Sequence[str]) -> None:
    if not isinstance(algorithm, str):
        raise TokenMalformed(note="Its header names no algorithm.")
    if algorithm.lower() == "none":
        raise AlgorithmNone
    if algorithm.upper().startswith("HS"):
        raise AlgorithmSymmetric(sent=algorithm, expected=", ".join(allowed))
    if algorithm not in allowed:
        raise AlgorithmRefused(sent=algorithm, expected=", ".join(allowed))


def _public_key(member: JsonObject) -> Key:
    if member.get("use", "sig") != "sig":
        raise ValueError("It isn't meant for signatures.")
    if member.get("alg", "RS256") not in ALGORITHMS:
        raise ValueError("It is meant for another algorithm.")
    material = {name: member[name] for name in _KEY_MATERIAL if name in member}
    try:
        if material.get("kty") == "RSA":
            return _strong(RSAKey.import_key(_unpadded(material)))
        if material.get("kty") == "EC":
            return ECKey.import_key(_unpadded(material))
    except (JoseError, ValueError, TypeError) as error:
        raise ValueError(str(error) or "It can't be read.") from None
    raise ValueError("It is neither an RSA nor an EC key.")


def _unpadded(material: JsonObject) -> JsonObject:
    # Old releases of Moodle pad the numbers, against RFC 7518 section 2.
    return {
        name: value.rstrip("=") if isinstance(value, str) else value
        for name, value in material.items()
    }


def _strong(key: RSAKey) -> RSAKey:
    size = key.public_key.key_size
    if size < _SMALLEST_RSA:
        raise ValueError(f"It has {size} bits; {_SMALLEST_RSA} are the least.")
    if size > _LARGEST_RSA:
        raise ValueError(f"It has {size} bits; {_LARGEST_RSA} are the most.")
    return key


def _fits(key: Key, algorithm: str) -> bool:
    if algorithm.startswith("RS"):
        return key.key_type == "RSA"
    return isinstance(key, ECKey) and key.curve_name == _CURVES[algorithm]


def _json_part(part: str, name: str) -> JsonObject:
    if not part.replace("-", "").replace("_", "").isalnum():
        raise TokenMalformed(note=f"Its {name} isn't base64url.")
    try:
        raw = urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except ValueError:
        raise TokenMalformed(note=f"Its {name} isn't base64url.") from None
    return _json(raw, name)


def _json(raw: bytes, name: str) -> JsonObject:
    """Strict JSON: UTF-8, no member twice, no NaN, no nesting that exhausts the reader."""
    try:
        value = json.loads(
            raw.decode(), object_pairs_hook=_without_twins, parse_constant=_no_constant
        )
    except (ValueError, RecursionError) as error:
        reason = str(error) if isinstance(error, _Unclean) else "isn't JSON"
        raise TokenMalformed(note=f"Its {name} {reason}.") from None
    if not isinstance(value, dict):
        raise TokenMalformed(note=f"Its {name} isn't a JSON object.")
    if raw.count(b"{") + raw.count(b"[") > DEEPEST_CLAIM and _depth(value) > DEEPEST_CLAIM:
        raise TokenMalformed(note=f"Its {name} is nested too deeply.")
    return value


class _Unclean(ValueError):
    pass


def _without_twins(pairs: list[tuple[str, Any]]) -> JsonObject:
    # Two readers may each take another one of two equal members: a way around every check.
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _Unclean("has a member twice")
    return members


def _no_constant(name: str) -> Never:
    raise _Unclean(f"has {name} for a number")


def _depth(value: object, limit: int = DEEPEST_CLAIM) -> int:
    if limit < 0:
        return 1
    if isinstance(value, dict):
        return 1 + max((_depth(member, limit - 1) for member in value.values()), default=0)
    if isinstance(value, list):
        return 1 + max((_depth(member, limit - 1) for member in value), default=0)
    return 0
