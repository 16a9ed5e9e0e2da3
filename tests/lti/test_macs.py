"""Message authentication codes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gatelodge.lti.macs import mac

keys = st.binary(min_size=1, max_size=64)


def test_a_mac_is_keyed_blake2b() -> None:
    key = bytes(range(32))

    made = mac(key, b"a message").hex()

    # As OpenSSL says: openssl mac -macopt hexkey:0001... -macopt size:32 -in FILE BLAKE2BMAC
    assert made == "ad21605ec86faf43cffb5b030b8af35a039580713ff9babbcc1e77b9e93c3f07"


@given(key=keys, message=st.binary())
def test_the_same_key_and_message_give_the_same_mac_again(key: bytes, message: bytes) -> None:
    assert mac(key, message) == mac(key, message)
    assert len(mac(key, message)) == 32


@given(key=keys, other=keys, message=st.binary())
def test_another_key_gives_another_mac(key: bytes, other: bytes, message: bytes) -> None:
    assert (mac(key, message) == mac(other, message)) == (key == other)


@given(key=keys, message=st.binary(), other=st.binary())
def test_another_message_gives_another_mac(key: bytes, message: bytes, other: bytes) -> None:
    assert (mac(key, message) == mac(key, other)) == (message == other)
