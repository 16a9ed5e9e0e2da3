"""Reading a small form off the wire: what it may be, and how much of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatelodge.web.exchange import (
    MOST_FIELDS,
    BodyMalformed,
    BodyTooLarge,
    Disconnected,
    Receive,
    Request,
    form_of,
    headers_of,
    read_form,
    read_pairs,
    read_request,
)

FORM = (b"content-type", b"application/x-www-form-urlencoded")


def wire(*chunks: bytes, cut: bool = False) -> Receive:
    """What the server hands over piece by piece; ``cut`` is a browser that goes away."""
    messages: list[dict[str, Any]] = [
        {"type": "http.request", "body": each, "more_body": True} for each in chunks
    ]
    messages.append({"type": "http.disconnect"} if cut else {"type": "http.request"})
    coming = iter(messages)

    async def receive() -> dict[str, Any]:
        return next(coming)

    return receive


async def read(
    *chunks: bytes,
    headers: Iterable[tuple[bytes, bytes]] = (FORM,),
    limit: int = 100,
    cut: bool = False,
) -> list[tuple[str, str]]:
    return await read_form(headers_of({"headers": list(headers)}), wire(*chunks, cut=cut), limit)


def test_several_headers_of_one_name_are_one_list() -> None:
    sent = [
        (b"cookie", b"a=1"),
        (b"x-forwarded-for", b"192.0.2.7"),
        (b"host", b"lti.example"),
        (b"x-forwarded-for", b"10.0.0.2"),
        (b"cookie", b"b=2"),
    ]

    assert headers_of({"headers": sent}) == {
        b"cookie": b"a=1; b=2",
        b"x-forwarded-for": b"192.0.2.7, 10.0.0.2",
        b"host": b"lti.example",
    }


@pytest.mark.asyncio
async def test_of_two_types_neither_is_believed() -> None:
    with pytest.raises(BodyMalformed):
        await read(b"a=1", headers=[FORM, (b"content-type", b"text/plain")])


@pytest.mark.asyncio
async def test_a_form_is_read_in_its_order_from_whatever_pieces_it_comes_in() -> None:
    assert await read(b"b=1&a=", b"%C3%BC+", b"x&b=&c") == [
        ("b", "1"),
        ("a", "ü x"),
        ("b", ""),
        ("c", ""),
    ]


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "kind",
    [
        b"application/x-www-form-urlencoded; charset=utf-8",
        b"Application/X-WWW-Form-Urlencoded ;charset=UTF-8",
    ],
)
async def test_the_type_may_name_a_charset(kind: bytes) -> None:
    assert await read(b"a=1", headers=[(b"content-type", kind)]) == [("a", "1")]


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "headers", [[], [(b"content-type", b"application/json")], [(b"content-type", b"\xff")]]
)
async def test_another_type_is_no_form(headers: list[tuple[bytes, bytes]]) -> None:
    with pytest.raises(BodyMalformed, match="It is of type"):
        await read(b"a=1", headers=headers)


@pytest.mark.asyncio
@pytest.mark.parametrize("said", [b"101", b"9" * 5000])
async def test_a_length_that_is_said_to_be_too_large_is_not_even_read(said: bytes) -> None:
    with pytest.raises(BodyTooLarge):
        await read(headers=[FORM, (b"content-length", said)], cut=True)


@pytest.mark.asyncio
@pytest.mark.parametrize("said", [b"", b"-1", b"1e9", b"x", b"\xb2"])
async def test_a_length_that_is_no_number_is_not_believed(said: bytes) -> None:
    assert await read(b"a=1", headers=[FORM, (b"content-length", said)]) == [("a", "1")]


@pytest.mark.asyncio
async def test_more_than_was_said_is_not_read_either() -> None:
    headers = [FORM, (b"content-length", b"3")]

    assert len(await read(b"a=" + b"x" * 98, headers=headers)) == 1
    with pytest.raises(BodyTooLarge):
        await read(*[b"a" * 50] * 3, headers=headers)


@pytest.mark.parametrize("body", [b"a=" + b"x" * 99, None], ids=["at-hand", "not-read"])
def test_a_form_that_arrived_and_is_too_large_is_not_read(body: bytes | None) -> None:
    arrived = Request("POST", b"", dict([FORM]), "192.0.2.7", body)

    with pytest.raises(BodyTooLarge):
        form_of(arrived, 100)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("pieces", "body"), [([b"a=1", b"2"], b"a=12"), ([b"a" * 60] * 2, None), ([], b"")]
)
async def test_a_request_waits_for_all_of_its_body_unless_that_is_too_large(
    pieces: list[bytes], body: bytes | None
) -> None:
    scope = {"method": "POST", "query_string": b"b=1", "headers": [FORM], "client": None}

    found = await read_request(scope, wire(*pieces), 100)

    assert found == Request("POST", b"b=1", dict([FORM]), "", body)


@pytest.mark.asyncio
async def test_a_browser_that_goes_away_is_no_form() -> None:
    with pytest.raises(Disconnected):
        await read(b"a=1", cut=True)


def test_so_many_fields_are_read_and_no_more() -> None:
    assert len(read_pairs(b"&".join([b"a=1"] * MOST_FIELDS))) == MOST_FIELDS
    with pytest.raises(BodyMalformed, match=f"more than {MOST_FIELDS} fields"):
        read_pairs(b"&".join([b"a=1"] * (MOST_FIELDS + 1)))


@given(st.binary(max_size=300))
def test_any_bytes_are_pairs_or_malformed(encoded: bytes) -> None:
    for name, value in read_pairs(encoded):
        assert isinstance(name, str)
        assert isinstance(value, str)


@given(st.binary() | st.text("abc=&%+;é2\n", max_size=40).map(str.encode))
def test_fields_are_read_as_the_standard_library_reads_them(encoded: bytes) -> None:
    expected = parse_qsl(encoded.decode("utf-8", "replace"), keep_blank_values=True)

    assert read_pairs(encoded) == expected
