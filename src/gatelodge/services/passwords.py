"""Passwords: what is taken for one, and their hashes (Argon2id, RFC 9106)."""

import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from gatelodge.services.errors import Invalid, TooManySignIns

SHORTEST = 12
LONGEST = 200

_AT_ONCE = 2
_IN_LINE = 8
_SECONDS = 5


class Passwords:
    """Each hash takes 64 MiB, so few are made at once, and few may wait for them.

    A flood of sign-ins must not hold the threads that the other pages need: who finds the line
    full is told to come back (`TooManySignIns`).
    """

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._turns = BoundedSemaphore(_AT_ONCE)
        self._line = BoundedSemaphore(_AT_ONCE + _IN_LINE)
        self._of_nobody = ""

    def hash(self, password: str) -> str:
        with self._turn():
            return self._hasher.hash(_bytes(password))

    def fits(self, password: str, kept: str | None) -> bool:
        """Takes as long when there is none to compare with, so that time tells nobody who is known."""
        nobodys = self._hash_of_nobody()
        return self._compare(password, kept or nobodys) and kept is not None

    def is_dated(self, kept: str) -> bool:
        """It was made with less work than we ask for today."""
        return self._hasher.check_needs_rehash(kept)

    def _compare(self, password: str, kept: str) -> bool:
        with self._turn():
            try:
                return self._hasher.verify(kept, _bytes(password))
            except (Argon2Error, InvalidHashError):
                return False

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._line.acquire(blocking=False):
            raise TooManySignIns(_SECONDS)
        try:
            with self._turns:
                yield
        finally:
            self._line.release()

    def _hash_of_nobody(self) -> str:
        if not self._of_nobody:
            self._of_nobody = self.hash("nobody's")
        return self._of_nobody


def read_new_password(password: str, *told: str) -> str:
    """Long enough and not simply what everybody knows of the person: NIST SP 800-63B, 5.1.1.2.

    No rules about kinds of letters: they make passwords worse.
    """
    if not password.strip():
        raise Invalid("password", "The password is empty.")
    if len(password) < SHORTEST:
        raise Invalid("password", f"The password has fewer than {SHORTEST} characters.")
    if len(password) > LONGEST:
        raise Invalid("password", f"The password is longer than {LONGEST} characters.")
    plain = password.casefold()
    if len(set(plain)) < 5 or plain in {each.casefold() for each in told}:
        raise Invalid(
            "password",
            "The password is easy to guess.",
            hint="Take a few words that don't belong together.",
        )
    return password


def _bytes(password: str) -> bytes:
    """The same letters give the same bytes, whatever keyboard they were typed on."""
    return unicodedata.normalize("NFC", password[: 4 * LONGEST]).encode("utf-8", "surrogatepass")
