"""From an unverified token to signed claims; and the keys that are fit to verify one.

Trust is a type: the only way to `SignedClaims` leads through a signature, and no function
further on takes a bare dictionary. 1EdTech Security Framework 1.0 sections 5.1.3, 5.4 and 6.
"""

import json
from base64 import urlsafe_b64decode
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, Never

import msgspec
import pybase64
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, KeySet, RSAKey
from joserfc.jws import JWSRegistry
from msgspec import Struct

from gatelodge.lti.errors import (
    AlgorithmNone,
    AlgorithmRefused,
    AlgorithmSymmetric,
    HeaderCritical,
    KeyIdMissing,
    KeySetInvalid,
    KeyUnfit,
    KeyUnknown,
    Refusal,
    SignatureInvalid,
    TokenMalformed,
    TokenMissing,
)
from gatelodge.lti.notes import Note, note
from gatelodge.lti.trace import Trace

LONGEST_TOKEN: Final = 128 * 1024
DEEPEST_CLAIM: Final = 32
LARGEST_KEY_SET: Final = 200
"""Keys of one set that are looked at; no platform is known to publish more than a dozen."""

ALGORITHMS: Final = ("RS256", "RS384", "RS512", "ES256", "ES384", "ES512")
"""What a registration may agree on (Security Framework 1.1, approved algorithms)."""

_SIGNATURES = JWSRegistry(algorithms=ALGORITHMS)
_RSA_PADDING = PKCS1v15()  # RFC 7518 section 3.3
_RSA_HASHES = {"RS256": SHA256(), "RS384": SHA384(), "RS512": SHA512()}

_SMALLEST_RSA = 2048  # RFC 7518 section 3.3
_LARGEST_RSA = 8192  # a larger one would cost us more than anybody gains
_LARGEST_EXPONENT = 64  # bits; 65537 is the usual one, and each more makes every launch slower
_LARGEST_COORDINATE = 521  # of P-521
_KEY_MATERIAL: Sequence[str] = ("kty", "n", "e", "crv", "x", "y")
_CURVES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}

JsonObject = dict[str, Any]
"""An object out of JSON that has been checked for twins, depth and odd numbers, nothing more."""


class UnverifiedToken(Struct, frozen=True, gc=False):
    """A token whose shape and header are acceptable. Its payload hasn't been looked at.

    ``signed`` is what the signature is over: header and payload, as they were sent.
    """

    signed: str
    payload: str
    signature: str
    algorithm: str
    key_id: str


class SignedClaims(Struct, frozen=True, gc=False):
    """Claims that the holder of the platform's key signed. What they say is still unchecked.

    ``storable`` says that no text in them has anything that no database takes: U+0000, half a
    surrogate pair. Without it every text has to be looked at.
    """

    values: JsonObject
    key_id: str
    storable: bool = False


class PlatformKeys:
    """The usable public keys of one platform, by key id, parsed once.

    One id may name several keys, if they are of different types (SF 6.3). No id at all means the
    only key that there is (OpenID Connect Core 1.0 section 10.1); in LTI none comes so far.
    """

    __slots__ = ("_keys", "_unfit")

    def __init__(self, keys: Mapping[str, Sequence[Key]], unfit: Mapping[str, Note]) -> None:
        self._keys = keys
        self._unfit = unfit

    def __contains__(self, key_id: str) -> bool:
        return key_id in self._keys or key_id in self._unfit or (not key_id and len(self) == 1)

    def __len__(self) -> int:
        return sum(map(len, self._keys.values()))

    def get(self, key_id: str, algorithm: str) -> Key:
        """The key with this id, if it can check signatures of this algorithm (SF 6.1)."""
        named = self._keys.get(key_id, ())
        if not key_id and len(self) == 1:
            [named] = self._keys.values()
        for key in named:
            if _fits(key, algorithm):
                return key
        if named:
            raise KeyUnfit(sent=algorithm, note=note("key.type", type=named[0].key_type))
        if key_id in self._unfit:
            raise KeyUnfit(sent=key_id, note=self._unfit[key_id])
        raise KeyUnknown(sent=key_id, expected=", ".join(list(self._keys)[:5]))


def read_token(
    compact: str | None,
    *,
    algorithms: Sequence[str],
    trace: Trace,
    needs_key_id: bool = True,
) -> UnverifiedToken:
    """Check the shape and the header of an id_token (SF 5.4).

    Key material in the header (jwk, jku, x5c, x5u) is never looked at: keys come from the
    registration alone.
    """
    if not compact:
        raise TokenMissing
    if len(compact) > LONGEST_TOKEN:
        raise TokenMalformed(note=note("too_long", count=len(compact)))
    if not compact.isascii():
        raise TokenMalformed(note=note("token.not_ascii"))
    # Looking for the dots takes a tenth of the time of dividing at each.
    head, _, rest = compact.partition(".")
    payload, dot, signature = rest.partition(".")
    if not dot or "." in signature:
        raise TokenMalformed(note=note("token.parts", count=len(compact.split("."))))
    header = _header(head)
    algorithm, key_id = header.get("alg"), header.get("kid")
    if algorithm not in ALGORITHMS or algorithm not in algorithms:
        raise _refused_algorithm(algorithm, algorithms)
    if "crit" in header:
        raise HeaderCritical(sent=header["crit"])
    if key_id is None and not needs_key_id:
        key_id = ""
    elif not isinstance(key_id, str) or not key_id:
        raise KeyIdMissing
    trace.passed("token.header", algorithm)
    return UnverifiedToken(compact[: -len(signature) - 1], payload, signature, algorithm, key_id)


def verify(token: UnverifiedToken, key: Key, trace: Trace) -> SignedClaims:
    """Check the signature and read the payload (SF 5.1.3, step 1).

    The header has been read, and nothing more in it steers this: members that aren't known here
    are ignored (RFC 7515 section 4), certificates among them.
    """
    signature = _decoded(token.signature, "signature")
    if not _is_signed(token.signed.encode(), signature, key, token.algorithm):
        raise SignatureInvalid(sent=f"kid {token.key_id}")
    payload = _decoded(token.payload, "payload")
    claims = _json(payload, "payload")
    trace.passed("token.signature", token.key_id)
    return SignedClaims(claims, token.key_id, storable=are_storable(claims, payload))


def are_storable(claims: JsonObject, raw: bytes) -> bool:
    """Whether no text in these claims has U+0000 or half a surrogate pair.

    JSON has both as escapes only. Written anew, with no more escapes than it takes, the one is
    an escape still, and the other can't be written.
    """
    if b"\\" not in raw:
        return True
    try:
        return b"\\u0000" not in msgspec.json.encode(claims)
    except ValueError:
        return False


def read_key_set(body: bytes) -> PlatformKeys:
    """Read a JWK set (RFC 7517 section 5); keys that can't be used are named, not fatal."""
    try:
        document = _json(body, "key set")
    except TokenMalformed as error:
        raise KeySetInvalid(note=error.note) from None
    members = document.get("keys")
    if not isinstance(members, list):
        raise KeySetInvalid(note=note("key_set.no_list"))
    if not members:
        # Nothing could be checked with it, so it is no better than no answer at all.
        raise KeySetInvalid(note=note("key_set.no_key"))
    if len(members) > LARGEST_KEY_SET:
        raise KeySetInvalid(note=note("key_set.too_many", count=len(members)))
    keys: dict[str, list[Key]] = {}
    unfit: dict[str, Note] = {}
    for member in members:
        key_id = member.get("kid") if isinstance(member, dict) else None
        if not isinstance(key_id, str):
            continue
        try:
            key = _public_key(member)
        except _Unfit as error:
            unfit[key_id] = error.note
        else:
            keys.setdefault(key_id, []).append(key)
    return PlatformKeys(keys, unfit)


def public_key_set(keys: Sequence[Key]) -> dict[str, Any]:
    """The set to publish: public halves alone."""
    return dict(KeySet(list(keys)).as_dict(private=False))


def _refused_algorithm(algorithm: object, allowed: Sequence[str]) -> Refusal:
    if not isinstance(algorithm, str):
        return TokenMalformed(note=note("token.no_algorithm"))
    if algorithm.lower() == "none":
        return AlgorithmNone()
    if algorithm.upper().startswith("HS"):
        return AlgorithmSymmetric(sent=algorithm, expected=", ".join(allowed))
    return AlgorithmRefused(sent=algorithm, expected=", ".join(allowed))


class _Unfit(Exception):
    """A key that can't be used, and why."""

    def __init__(self, why: Note) -> None:
        super().__init__(str(why))
        self.note = why


def _public_key(member: JsonObject) -> Key:
    if member.get("use") not in (None, "sig"):
        raise _Unfit(note("key.use"))
    if member.get("alg") not in (None, *ALGORITHMS):
        raise _Unfit(note("key.algorithm"))
    # Old releases of Moodle pad the numbers, against RFC 7518 section 2.
    material: JsonObject = {
        name: value.rstrip("=")
        for name in _KEY_MATERIAL
        if isinstance(value := member.get(name), str)
    }
    try:
        if material.get("kty") == "RSA":
            _refuse_rsa_size(material)
            return RSAKey.import_key(material)
        if material.get("kty") == "EC" and material.get("crv") in _CURVES.values():
            _refuse_ec_size(material)
            return ECKey.import_key(material)
    except (JoseError, ValueError):
        raise _Unfit(note("key.unreadable")) from None
    raise _Unfit(note("key.kind", curves=", ".join(_CURVES.values())))


def _refuse_rsa_size(material: JsonObject) -> None:
    # Before the library reads them: it takes seconds over a number of a megabyte.
    size = _bits(material.get("n", ""))
    if size < _SMALLEST_RSA:
        raise _Unfit(note("key.too_short", bits=size, least=_SMALLEST_RSA))
    if size > _LARGEST_RSA:
        raise _Unfit(note("key.too_long", bits=size, most=_LARGEST_RSA))
    if _bits(material.get("e", "")) > _LARGEST_EXPONENT:
        raise _Unfit(note("key.exponent", most=_LARGEST_EXPONENT))


def _refuse_ec_size(material: JsonObject) -> None:
    if any(_bits(material.get(name, "")) > _LARGEST_COORDINATE for name in ("x", "y")):
        raise _Unfit(note("key.coordinate", most=_LARGEST_COORDINATE))


@lru_cache(maxsize=1024)
def _header(part: str) -> JsonObject:
    """A platform writes one header for all tokens it signs with one key: it is read once."""
    return _json(_decoded(part, "header"), "header")


def _bits(number: str) -> int:
    return int.from_bytes(urlsafe_b64decode(number + "=="), "big").bit_length()


def _fits(key: Key, algorithm: str) -> bool:
    if algorithm.startswith("RS"):
        return key.key_type == "RSA"
    return isinstance(key, ECKey) and key.curve_name == _CURVES[algorithm]


def _is_signed(text: bytes, signature: bytes, key: Key, algorithm: str) -> bool:
    if not _fits(key, algorithm):
        return False
    if not isinstance(key, RSAKey):
        return _SIGNATURES.get_alg(algorithm).verify(text, signature, key)
    try:
        key.public_key.verify(signature, text, _RSA_PADDING, _RSA_HASHES[algorithm])
    except InvalidSignature:
        return False
    return True


def _decoded(part: str, name: str) -> bytes:
    """Base64url without padding (RFC 7515 section 2), and nothing that passes for it elsewhere."""
    if part and not ("+" in part or "/" in part or "=" in part):
        try:
            return pybase64.b64decode(part + "=" * (-len(part) % 4), b"-_", True)  # noqa: FBT003 - faster
        except ValueError:
            pass
    raise TokenMalformed(note=note("json.encoding", part=name))


def _json(raw: bytes, name: str) -> JsonObject:
    """Strict JSON: UTF-8, no member twice, no NaN, no nesting that exhausts the reader."""
    value = _quickly(raw) or _strictly(raw, name)
    if not isinstance(value, dict):
        raise TokenMalformed(note=note("json.no_object", part=name))
    if _count(raw, b"{") + _count(raw, b"[") > DEEPEST_CLAIM and _depth(value) > DEEPEST_CLAIM:
        raise TokenMalformed(note=note("json.too_deep", part=name))
    return value


def _quickly(raw: bytes) -> object:
    """The value, if nothing speaks against it; what is odd is left to the reader that can name it.

    Of a member that stands twice the quick reader keeps one. Then the same value, written anew,
    has fewer colons than what was sent, unless colons were sent as escapes. Most platforms write
    as we do, and there is nothing to count.
    """
    if b"\\" in raw and b"\\u003" in raw:
        return None
    try:
        value = _QUICK.decode(raw)
        anew = msgspec.json.encode(value)
    except (ValueError, RecursionError):
        return None
    return value if anew == raw or _count(anew, b":") == _count(raw, b":") else None


def _count(raw: bytes, byte: bytes) -> int:
    """By what is missing without it: `bytes.count` looks at each byte, and takes five times as long."""
    return len(raw) - len(raw.replace(byte, b""))


def _strictly(raw: bytes, name: str) -> object:
    try:
        return _STRICT.decode(raw.decode())
    except _Unclean as error:
        raise TokenMalformed(note=note(error.name, part=name, **error.values)) from None
    except (ValueError, RecursionError):
        raise TokenMalformed(note=note("json.none", part=name)) from None


class _Unclean(Exception):
    """Why a text is no JSON that two readers would read alike: the name of a note, and its values."""

    def __init__(self, name: str, **values: str) -> None:
        super().__init__(name)
        self.name = name
        self.values = values


def _without_twins(pairs: list[tuple[str, Any]]) -> JsonObject:
    # Two readers may each take another one of two equal members: a way around every check.
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _Unclean("json.twins")
    return members


def _no_constant(name: str) -> Never:
    raise _Unclean("json.constant", found=name)


_QUICK = msgspec.json.Decoder()
_STRICT = json.JSONDecoder(object_pairs_hook=_without_twins, parse_constant=_no_constant)


def _depth(value: object, limit: int = DEEPEST_CLAIM) -> int:
    if limit < 0:
        return 1
    if isinstance(value, dict):
        return 1 + max((_depth(member, limit - 1) for member in value.values()), default=0)
    if isinstance(value, list):
        return 1 + max((_depth(member, limit - 1) for member in value), default=0)
    return 0
