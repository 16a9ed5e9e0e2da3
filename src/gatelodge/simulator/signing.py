"""How the simulated LMS signs an id_token: properly, and in every way a tool must refuse."""

import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from joserfc import jwe, jws
from joserfc.jwk import RSAKey

from gatelodge.simulator.keys import KeyRing

Claims = dict[str, Any]
Header = dict[str, Any]
Signer = Callable[[Claims, KeyRing], str]


def properly(claims: Claims, keys: KeyRing) -> str:
    return jws.serialize_compact(_header(keys.current), _payload(claims), keys.current)


def after_rotation(claims: Claims, keys: KeyRing) -> str:
    """With a key that was published this very moment."""
    keys.rotate()
    return properly(claims, keys)


def with_header(**members: Any) -> Signer:
    """Properly, but for these members of the header; one that is None is left out."""

    def sign(claims: Claims, keys: KeyRing) -> str:
        header = {**_header(keys.current), **members}
        kept = {name: value for name, value in header.items() if value is not None}
        return _compact(kept, _payload(claims), _rsa(keys.current))

    return sign


def with_unpublished_key(claims: Claims, keys: KeyRing) -> str:
    """With a foreign key, under the name of the one that is published."""
    return _compact(_header(keys.current), _payload(claims), _rsa(keys.unpublished))


def with_smuggled_key(claims: Claims, keys: KeyRing) -> str:
    """With a foreign key that the token brings along in its own header."""
    header = {**_header(keys.current), "jwk": keys.unpublished.as_dict(private=False)}
    return _compact(header, _payload(claims), _rsa(keys.unpublished))


def with_encryption_key(claims: Claims, keys: KeyRing) -> str:
    header = {**_header(keys.current), "kid": keys.encryption.kid}
    return _compact(header, _payload(claims), _rsa(keys.encryption))


def with_longer_digest(claims: Claims, keys: KeyRing) -> str:
    """RS512: sound, but not what was agreed."""
    header = {**_header(keys.current), "alg": "RS512"}
    return _compact(header, _payload(claims), _rsa(keys.current, hashes.SHA512()))


def with_public_key_as_secret(claims: Claims, keys: KeyRing) -> str:
    """HS256 over the public key, which everybody knows: the classic confusion of algorithms."""
    secret = keys.current.as_pem(private=False)
    header = {**_header(keys.current), "alg": "HS256"}
    return _compact(header, _payload(claims), lambda signed: hmac.digest(secret, signed, "sha256"))


def not_at_all(claims: Claims, keys: KeyRing) -> str:
    return _compact({**_header(keys.current), "alg": "none"}, _payload(claims), lambda _: b"")


def then_changed(**changed: Any) -> Signer:
    """Properly, and then somebody on the way put other claims in."""

    def sign(claims: Claims, keys: KeyRing) -> str:
        header, _, signature = properly(claims, keys).split(".")
        return f"{header}.{_encoded(_payload({**claims, **changed}))}.{signature}"

    return sign


def cut_in_half(claims: Claims, keys: KeyRing) -> str:
    return properly(claims, keys).rpartition(".")[0]


def with_twin_members(claims: Claims, keys: KeyRing) -> str:
    """Properly signed JSON in which one member stands twice, each time with another value."""
    payload = b'{"sub": "1", ' + _payload(claims).removeprefix(b"{")
    return _compact(_header(keys.current), payload, _rsa(keys.current))


def encrypted(claims: Claims, keys: KeyRing) -> str:
    header = {"alg": "RSA-OAEP", "enc": "A256GCM", "kid": keys.encryption.kid}
    return jwe.encrypt_compact(header, _payload(claims), keys.encryption)


def _header(key: RSAKey) -> Header:
    return {"typ": "JWT", "alg": "RS256", "kid": key.kid}


def _payload(claims: Claims) -> bytes:
    return json.dumps(claims, separators=(",", ":")).encode()


def _rsa(key: RSAKey, digest: hashes.HashAlgorithm | None = None) -> Callable[[bytes], bytes]:
    private = key.private_key
    assert private is not None  # noqa: S101 - all keys of the ring are made here, both halves
    return lambda signed: private.sign(signed, PKCS1v15(), digest or hashes.SHA256())


def _compact(header: Header, payload: bytes, sign: Callable[[bytes], bytes]) -> str:
    """Any JWS at all: a library for signing properly rightly refuses to make most of these."""
    signed = f"{_encoded(json.dumps(header).encode())}.{_encoded(payload)}"
    return f"{signed}.{_encoded(sign(signed.encode()))}"


def _encoded(value: bytes) -> str:
    return urlsafe_b64encode(value).rstrip(b"=").decode()
