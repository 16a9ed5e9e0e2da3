"""One connection: whose turn it is, and how long it waits.

What it does with size and with rubbish is seen from outside, in tests/hostile/.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
import pytest_asyncio
from structlog.testing import capture_logs
from uvicorn import Config
from uvicorn.server import ServerState

from gatelodge.web.connections import BoundedConnection
from gatelodge.web.exchange import (
    Answer,
    Application,
    Receive,
    Scope,
    Send,
    headers_of,
    read_body,
    send_answer,
)

pytestmark = pytest.mark.asyncio


class Hasty(BoundedConnection):
    longest = 0.3


@asynccontextmanager
async def serving(
    application: Application, connection: type[BoundedConnection] = BoundedConnection
) -> AsyncIterator[Serving]:
    config = Config(application, log_config=None, access_log=False, lifespan="off")
    config.load()
    state = ServerState()
    server = await asyncio.get_running_loop().create_server(
        lambda: connection(config, state, {}), "127.0.0.1", 0
    )
    async with server:
        yield Serving(server.sockets[0].getsockname()[1], state)


@dataclass
class Serving:
    port: int
    state: ServerState

    async def said(self, *pieces: bytes) -> bytes:
        """All that a browser is answered which sends these pieces, one after another, and stays."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        for piece in pieces:
            writer.write(piece)
            await asyncio.sleep(0.02)
        answer = await asyncio.wait_for(reader.read(), 5)
        writer.close()
        return answer


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers as soon as it has the whole body; /large with more than a connection takes unread."""
    body = await read_body(headers_of(scope), receive, 1_000)
    await send_answer(send, Answer(200, [], body * (100_000 if scope["path"] == "/large" else 1)))


@pytest_asyncio.fixture
async def port() -> AsyncIterator[int]:
    async with serving(echo, Hasty) as server:
        yield server.port


HEAD = b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\n"


@pytest.mark.parametrize(
    ("sent", "drop"),
    [
        (b"", b""),
        (b"", b"\r\n"),
        (HEAD[:20], b"x"),
        (HEAD, b"x"),
        # A whole request, and the beginning of one that never ends.
        (HEAD + b"a" * 100 + HEAD[:20], b"x"),
    ],
    ids=["silence", "nothing", "head", "body", "second-head"],
)
async def test_who_drips_is_hung_up_on_in_time(port: int, sent: bytes, drop: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    begun = time.monotonic()

    dripping = asyncio.create_task(drip(writer, drop))
    async with asyncio.timeout(5):
        await read_to_the_end(reader)

    assert time.monotonic() - begun >= 0.25
    dripping.cancel()
    writer.transport.abort()


async def drip(writer: asyncio.StreamWriter, drop: bytes) -> None:
    for _ in range(90):
        await asyncio.sleep(0.05)
        writer.write(drop)


async def read_to_the_end(reader: asyncio.StreamReader) -> None:
    try:
        while await reader.read(65536):
            pass
    except ConnectionError:
        pass


async def test_who_does_not_read_the_answer_is_hung_up_on(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1)
    large = HEAD.replace(b"/ ", b"/large ") + b"a" * 100
    writer.write(large * 3)

    await asyncio.sleep(1)

    received = 0
    try:
        while more := await reader.read(1 << 20):
            received += len(more)
    except ConnectionError:
        pass
    writer.transport.abort()
    assert received < 3 * 10_000_000


async def test_a_connection_may_live_as_long_as_its_requests_are_answered(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    for _ in range(8):
        writer.write(HEAD + b"a" * 100)
        await reader.readuntil(b"a" * 100)
        await asyncio.sleep(0.1)

    writer.transport.abort()


LAST = b"POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n"


async def test_a_request_in_pieces_is_answered_once_and_whole() -> None:
    async with serving(echo) as server:
        answer = await server.said(
            LAST[:10], LAST[10:] + b"content-length: 4\r\n\r\n", b"ab", b"cd"
        )

    assert answer == (b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\nconnection: close\r\n\r\nabcd")


async def test_a_body_in_chunks_is_read_to_its_end() -> None:
    async with serving(echo) as server:
        answer = await server.said(
            LAST + b"transfer-encoding: chunked\r\n\r\n2\r\nab\r\n", b"1\r\nc\r\n0\r\n\r\n"
        )

    assert answer.endswith(b"\r\n\r\nabc")


async def test_requests_in_one_breath_are_answered_in_their_order() -> None:
    def numbered(number: int) -> bytes:
        return b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\n%03d" % number

    async with serving(echo) as server:
        answer = await server.said(
            b"".join(map(numbered, range(50))) + LAST + b"content-length: 3\r\n\r\nend"
        )

    bodies = [each[-3:] for each in answer.split(b"HTTP/1.1 200 OK")[1:]]
    assert bodies == [*(b"%03d" % number for number in range(50)), b"end"]


async def test_nothing_is_read_after_the_last_request() -> None:
    async with serving(echo) as server:
        answer = await server.said((LAST + b"content-length: 1\r\n\r\na") * 2)

    assert answer.count(b"HTTP/1.1") == 1


async def test_who_asks_before_sending_the_body_is_told_to_once() -> None:
    head = LAST + b"expect: 100-Continue\r\ncontent-length: 2\r\n\r\n"

    async with serving(echo) as server:
        answer = await server.said(head, b"a", b"b")

    assert answer.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n")
    assert answer.endswith(b"\r\n\r\nab")


async def test_who_asks_for_the_head_is_told_the_length_alone() -> None:
    async with serving(echo) as server:
        answer = await server.said(
            LAST.replace(b"POST", b"HEAD") + b"content-length: 4\r\n\r\nabcd"
        )

    assert b"content-length: 4\r\n" in answer
    assert answer.endswith(b"\r\n\r\n")


async def test_a_client_of_old_is_answered_and_hung_up_on() -> None:
    async with serving(echo) as server:
        answer = await server.said(
            b"POST / HTTP/1.0\r\nconnection: keep-alive\r\ncontent-length: 1\r\n\r\na"
        )

    assert b"connection: close" in answer


async def test_what_follows_the_body_in_the_manner_of_headers_is_not_believed() -> None:
    """A proxy that checks the head need not look there."""

    async def names(scope: Scope, receive: Receive, send: Send) -> None:
        await read_body(headers_of(scope), receive, 100)
        await send_answer(send, Answer(200, [], b" ".join(headers_of(scope))))

    async with serving(names) as server:
        answer = await server.said(
            LAST
            + b"transfer-encoding: chunked\r\n\r\n"
            + b"1\r\na\r\n0\r\nx-forwarded-for: 192.0.2.7\r\n\r\n"
        )

    assert answer.endswith(b"\r\n\r\nhost connection transfer-encoding")


async def test_an_application_that_fails_leaves_nobody_without_an_answer() -> None:
    async def fails(scope: Scope, receive: Receive, send: Send) -> None:
        raise LookupError(scope["path"])

    async def is_silent(scope: Scope, receive: Receive, send: Send) -> None:
        pass

    with capture_logs() as lines:
        for application in (fails, is_silent):
            async with serving(application) as server:
                answer = await server.said(b"GET /here HTTP/1.1\r\nhost: a\r\n\r\n")

            assert answer.startswith(b"HTTP/1.1 500 Internal Server Error\r\n")
            assert b"connection: close" in answer

    assert [(each["event"], each["path"]) for each in lines] == [("failed", "/here")]


@pytest.mark.parametrize("value", [b"a\r\nset-cookie: b=c", b"a\nb", b"a\rb"])
async def test_a_header_of_an_answer_has_one_line(value: bytes) -> None:
    async def careless(scope: Scope, receive: Receive, send: Send) -> None:
        await send_answer(send, Answer(303, [(b"location", value)]))

    with capture_logs():
        async with serving(careless) as server:
            answer = await server.said(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")

    assert answer.startswith(b"HTTP/1.1 500 ")
    assert b"set-cookie" not in answer


async def test_an_application_is_told_when_the_browser_has_gone() -> None:
    told = asyncio.Event()

    async def waits(scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        told.set()

    async with serving(waits) as server:
        _, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(HEAD + b"a" * 100)
        await asyncio.sleep(0.05)
        assert not told.is_set()
        writer.transport.abort()

        await asyncio.wait_for(told.wait(), 5)


async def test_when_the_server_ends_what_is_being_answered_still_is() -> None:
    async with serving(echo) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(HEAD + b"a" * 50)
        await asyncio.sleep(0.05)

        for each in list(server.state.connections):
            each.shutdown()
        writer.write(b"a" * 50)

        assert (await asyncio.wait_for(reader.read(), 5)).endswith(b"a" * 100)
        writer.close()


async def test_who_is_silent_after_an_answer_is_hung_up_on_soon() -> None:
    class Brief(BoundedConnection):
        longest_silence = 0.1

    async with serving(echo, Brief) as server:
        begun = time.monotonic()
        answer = await server.said(HEAD + b"a" * 100)

    assert answer.endswith(b"a" * 100)
    assert time.monotonic() - begun < 2
