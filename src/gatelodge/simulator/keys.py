"""The keys of the simulated LMS: those it signs with, and those it should not have signed with."""

import secrets
from functools import cached_property
from typing import Any

from joserfc.jwk import KeySet, RSAKey

_PUBLISHED_AT_MOST = 4


class KeyRing:
    """Signs with its newest key and publishes a few older ones, as an LMS does after a rotation.

    In the same set stands a key for encryption: such sets exist, and a tool must not take it for
    one that signs.
    """

    def __init__(self) -> None:
        self._signing = [_new_key("sig"), _new_key("sig")]
        self.encryption = _new_key("enc")

    @property
    def current(self) -> RSAKey:
        return self._signing[-1]

    @cached_property
    def unpublished(self) -> RSAKey:
        """A sound key that nobody has ever been told of."""
        return _new_key("sig")

    def rotate(self) -> RSAKey:
        self._signing = [*self._signing, _new_key("sig")][-_PUBLISHED_AT_MOST:]
        return self.current

    def published(self) -> dict[str, Any]:
        return dict(KeySet([*self._signing, self.encryption]).as_dict(private=False))


def _new_key(use: str) -> RSAKey:
    algorithm = {"sig": "RS256", "enc": "RSA-OAEP"}[use]
    # A key id is never used again for another key (Security Framework 1.0 section 6.3).
    return RSAKey.generate_key(
        2048, parameters={"kid": secrets.token_hex(10), "use": use, "alg": algorithm}
    )
