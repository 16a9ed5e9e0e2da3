"""Names and numbers for new things."""

from __future__ import annotations

import os
import re

from hypothesis import given
from hypothesis import strategies as st

from gatelodge.services.ports import DrawnInBlocks, Ids, short_name
from tests.support.clock import Clock


def ids(clock: Clock, fill: int = 0xFF) -> Ids:
    return Ids(clock, lambda count: bytes([fill]) * count)


def test_ids_and_nonces_have_one_length_and_fit_into_an_address() -> None:
    made = ids(Clock())

    assert re.fullmatch("[0-9a-f]{32}", made.new())
    assert re.fullmatch("[0-9a-f]{44}", made.nonce())
    assert re.fullmatch("[A-Za-z0-9_-]{43}", made.secret())


def test_a_later_id_sorts_after_an_earlier_one_whatever_chance_adds() -> None:
    clock = Clock()
    earlier, earlier_nonce = ids(clock, 0xFF).new(), ids(clock, 0xFF).nonce()
    clock.pass_seconds(0.001)

    assert earlier < ids(clock, 0x00).new()
    assert earlier_nonce < ids(clock, 0x00).nonce()


def test_a_reference_can_be_read_aloud() -> None:
    assert re.fullmatch("[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}", ids(Clock()).trace_id())


@given(st.binary(min_size=5, max_size=5), st.binary(min_size=5, max_size=5))
def test_different_numbers_have_different_references(one: bytes, other: bytes) -> None:
    assert (short_name(one) == short_name(other)) == (one == other)


def test_no_byte_of_a_block_is_handed_out_twice() -> None:
    fetched = bytearray()

    def source(count: int) -> bytes:
        block = os.urandom(count)
        fetched.extend(block)
        return block

    drawn = DrawnInBlocks(source)

    assert drawn(3000) + drawn(16) + drawn(5176) == bytes(fetched)
    assert drawn(9000) == bytes(fetched[8192:])


def test_a_copy_of_the_process_does_not_go_on_with_the_same_bytes() -> None:
    drawn = DrawnInBlocks()
    drawn(16)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, drawn(16))
        os._exit(0)
    os.waitpid(child, 0)

    assert os.read(reading, 16) != drawn(16)
