"""Message authentication codes."""

from __future__ import annotations

import hmac

from hypothesis import given
from hypothesis import strategies as st

from gatelodge.lti.macs import mac


@given(key=st.binary(min_size=1, max_size=100), messages=st.lists(st.binary(), max_size=3))
def test_a_key_that_is_used_again_gives_what_the_standard_library_gives(
    key: bytes, messages: list[bytes]
) -> None:
    assert [mac(key, each) for each in messages] == [
        hmac.digest(key, each, "sha256") for each in messages
    ]
