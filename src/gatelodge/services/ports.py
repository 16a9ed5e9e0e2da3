"""What the services need from the world: the time, and numbers nobody can guess."""

from base64 import b32hexencode, urlsafe_b64encode
from collections.abc import Callable

Clock = Callable[[], float]
"""Seconds since 1970, UTC."""

Randomness = Callable[[int], bytes]
"""That many unpredictable bytes."""


class Ids:
    """Names for new things. Those that are indexed begin with the time, so indexes grow at their end."""

    def __init__(self, clock: Clock, random: Randomness) -> None:
        self._clock = clock
        self._random = random

    def new(self) -> str:
        """32 characters: the time in milliseconds, then 80 random bits."""
        return (self._time() + self._random(10)).hex()

    def nonce(self) -> str:
        """44 characters: the time in milliseconds, then 128 random bits."""
        return (self._time() + self._random(16)).hex()

    def secret(self) -> str:
        """256 random bits, as 43 characters that need no quoting in addresses and headers."""
        return urlsafe_b64encode(self._random(32)).rstrip(b"=").decode()

    def trace_id(self) -> str:
        """A short name for people to read out: 7F3K-4MB9."""
        return short_name(self._random(5))

    def _time(self) -> bytes:
        return int(self._clock() * 1000).to_bytes(6, "big")


_TO_CROCKFORD = str.maketrans("ABCDEFGHIJKLMNOPQRSTUV", "ABCDEFGHJKMNPQRSTVWXYZ")


def short_name(value: bytes) -> str:
    """40 bits as 7F3K-4MB9, in Crockford's alphabet: no I, L, O or U to mistake."""
    text = b32hexencode(value[:5]).decode().translate(_TO_CROCKFORD)
    return f"{text[:4]}-{text[4:]}"
