"""Seals what must not be read from the database alone, and derives the keys of our own tokens.

A sealed value is: version (1 byte) + key id (4) + nonce (12) + AES-256-GCM's ciphertext and tag.
Each purpose has a key of its own (HKDF-SHA256), and what the value is about is bound to it, so
that a sealed value moved to another row or column does not open. Rows are not known here.
"""

import os
from collections.abc import Callable, Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from gatelodge.services.errors import SealBroken

_VERSION = b"\x01"
_KEY_ID = slice(1, 5)
_NONCE = slice(5, 17)
_SECRET = slice(17, None)
_SHORTEST = 17 + 16


class Sealer:
    """The newest key seals; every key listed opens."""

    def __init__(
        self, secret_keys: Sequence[str], *, random: Callable[[int], bytes] = os.urandom
    ) -> None:
        if not secret_keys:
            raise ValueError("at least one secret key is needed")
        self._keys = tuple(_Key(each) for each in secret_keys)
        self._random = random

    def seal(self, plain: bytes, *, purpose: str, about: str) -> bytes:
        key = self._keys[0]
        nonce = self._random(12)
        secret = key.cipher(purpose).encrypt(nonce, plain, _bound(purpose, about))
        return _VERSION + key.id + nonce + secret

    def open(self, sealed: bytes, *, purpose: str, about: str) -> bytes:
        if len(sealed) < _SHORTEST or sealed[:1] != _VERSION:
            raise SealBroken(purpose)
        bound = _bound(purpose, about)
        for key in self._keys:
            if key.id == sealed[_KEY_ID]:
                try:
                    return key.cipher(purpose).decrypt(sealed[_NONCE], sealed[_SECRET], bound)
                except InvalidTag:
                    continue
        raise SealBroken(purpose)

    def mac_keys(self, purpose: str) -> tuple[bytes, ...]:
        """Keys for the MACs of our own tokens, newest first: the first signs, all of them verify."""
        return tuple(key.derived(f"mac:{purpose}") for key in self._keys)

    def check_value(self) -> str:
        """What the database keeps, to know the newest key again; it tells nothing about the key."""
        return self._keys[0].check_value

    def recognises(self, check_value: str) -> bool:
        """Whether one of the keys listed is the one that this check value was made from."""
        return any(key.check_value == check_value for key in self._keys)


class _Key:
    """One secret key and what was derived from it; purposes are few, so all are kept."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()
        self._ciphers: dict[str, AESGCM] = {}
        self.id = self.derived("key id")[:4]
        self.check_value = self.derived("check value").hex()

    def derived(self, purpose: str) -> bytes:
        info = b"gatelodge:" + purpose.encode()
        return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(self._secret)

    def cipher(self, purpose: str) -> AESGCM:
        if purpose not in self._ciphers:
            self._ciphers[purpose] = AESGCM(self.derived(f"seal:{purpose}"))
        return self._ciphers[purpose]


def _bound(purpose: str, about: str) -> bytes:
    return f"{purpose}\0{about}".encode()
