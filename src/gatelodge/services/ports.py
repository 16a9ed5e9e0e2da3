"""What the services need from the world: the time, and numbers nobody can guess."""

import os
from base64 import b32hexencode
from binascii import b2a_base64
from collections.abc import Callable
from threading import Lock

Clock = Callable[[], float]
"""Seconds since 1970, UTC."""

Randomness = Callable[[int], bytes]
"""That many unpredictable bytes."""


class DrawnInBlocks:
    """The system's randomness, fetched for many calls at once.

    Each request to the system lets other threads run; under load a launch would wait for them
    every time it needs a few bytes.
    """

    BLOCK = 8192

    def __init__(self, source: Randomness = os.urandom) -> None:
        self._source = source
        self._lock = Lock()
        self._block = b""
        self._used = 0
        # A copy of this process must not go on with the same bytes.
        os.register_at_fork(after_in_child=self._forget)

    def __call__(self, count: int) -> bytes:
        with self._lock:
            if count > len(self._block) - self._used:
                self._block, self._used = self._source(max(self.BLOCK, count)), 0
            drawn = self._block[self._used : self._used + count]
            self._used += count
            return drawn

    def _forget(self) -> None:
        self._block, self._used = b"", 0


class Ids:
    """Names for new things. Those that are indexed begin with the time, so indexes grow at their end."""

    def __init__(self, clock: Clock, random: Randomness) -> None:
        self._clock = clock
        self._random = random

    def new(self) -> str:
        """32 characters: the time in milliseconds, then 80 random bits."""
        return (self._time() + self._random(10)).hex()

    def first_at(self, when: float) -> str:
        """No id of that time or later comes before this one."""
        return int(when * 1000).to_bytes(6, "big").hex()

    def nonce(self) -> str:
        """44 characters: the time in milliseconds, then 128 random bits."""
        return (self._time() + self._random(16)).hex()

    def secret(self) -> str:
        """256 random bits, as 43 characters that need no quoting in addresses and headers."""
        return b2a_base64(self._random(32)).translate(_FOR_ADDRESSES, b"=\n").decode()

    def trace_id(self) -> str:
        """A short name for people to read out: 7F3K-4MB9."""
        return short_name(self._random(5))

    def _time(self) -> bytes:
        return int(self._clock() * 1000).to_bytes(6, "big")


_FOR_ADDRESSES = bytes.maketrans(b"+/", b"-_")
"""RFC 4648 section 5."""

_TO_CROCKFORD = str.maketrans("ABCDEFGHIJKLMNOPQRSTUV", "ABCDEFGHJKMNPQRSTVWXYZ")


def short_name(value: bytes) -> str:
    """40 bits as 7F3K-4MB9, in Crockford's alphabet: no I, L, O or U to mistake."""
    text = b32hexencode(value[:5]).decode().translate(_TO_CROCKFORD)
    return f"{text[:4]}-{text[4:]}"
