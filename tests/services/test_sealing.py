from __future__ import annotations

import pytest

from gatelodge.services.errors import SealBroken
from gatelodge.services.sealing import Sealer

OLD, NEW = "an old key, long enough for anyone", "a new key, long enough for anyone"


def test_what_was_sealed_opens_again() -> None:
    sealer = Sealer([NEW])

    sealed = sealer.seal(b"Mia Learner", purpose="personal", about="launch 1")

    assert b"Mia" not in sealed
    assert sealer.open(sealed, purpose="personal", about="launch 1") == b"Mia Learner"


def test_the_same_value_never_looks_the_same_twice() -> None:
    sealer = Sealer([NEW])

    sealed = {sealer.seal(b"Mia", purpose="personal", about="launch 1") for _ in range(10)}

    assert len(sealed) == 10


@pytest.mark.parametrize(
    ("purpose", "about"), [("personal", "launch 2"), ("signing key", "launch 1")]
)
def test_a_sealed_value_does_not_open_in_another_place(purpose: str, about: str) -> None:
    sealer = Sealer([NEW])
    sealed = sealer.seal(b"Mia", purpose="personal", about="launch 1")

    with pytest.raises(SealBroken):
        sealer.open(sealed, purpose=purpose, about=about)


def test_every_listed_key_opens_and_the_newest_seals() -> None:
    sealed = Sealer([OLD]).seal(b"Mia", purpose="personal", about="1")

    both = Sealer([NEW, OLD])

    assert both.open(sealed, purpose="personal", about="1") == b"Mia"
    newer = both.seal(b"Mia", purpose="personal", about="1")
    assert Sealer([NEW]).open(newer, purpose="personal", about="1") == b"Mia"


def test_a_key_that_is_no_longer_listed_opens_nothing() -> None:
    sealed = Sealer([OLD]).seal(b"Mia", purpose="personal", about="1")

    with pytest.raises(SealBroken, match=r"\(personal\) can't be opened") as broken:
        Sealer([NEW]).open(sealed, purpose="personal", about="1")

    assert "GATELODGE_SECRET_KEYS" in broken.value.hint


@pytest.mark.parametrize("position", [0, 1, 5, 17, -1])
def test_a_changed_byte_anywhere_is_seen(position: int) -> None:
    sealed = bytearray(Sealer([NEW]).seal(b"Mia", purpose="personal", about="1"))
    sealed[position] ^= 1

    with pytest.raises(SealBroken):
        Sealer([NEW]).open(bytes(sealed), purpose="personal", about="1")


@pytest.mark.parametrize("sealed", [b"", b"\x01", b"\x01" * 32])
def test_what_is_too_short_is_broken(sealed: bytes) -> None:
    with pytest.raises(SealBroken):
        Sealer([NEW]).open(sealed, purpose="personal", about="1")


def test_each_purpose_has_keys_of_its_own_newest_first() -> None:
    sealer = Sealer([NEW, OLD])

    assert sealer.mac_keys("state") == (
        *Sealer([NEW]).mac_keys("state"),
        *Sealer([OLD]).mac_keys("state"),
    )
    assert len({*sealer.mac_keys("state"), *sealer.mac_keys("launch")}) == 4


def test_a_check_value_is_recognised_by_who_lists_its_key() -> None:
    written = Sealer([OLD]).check_value()

    assert Sealer([NEW, OLD]).recognises(written)
    assert not Sealer([NEW]).recognises(written)
