"""How long a connection waits. What it does with size is seen from outside, in tests/hostile/."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
import pytest_asyncio
from uvicorn import Config
from uvicorn.server import ServerState

from gatelodge.web.connections import BoundedConnection
from gatelodge.web.exchange import Answer, Receive, Scope, Send, headers_of, read_body, send_answer

pytestmark = pytest.mark.asyncio


Application = Callable[[Scope, Receive, Send], Awaitable[None]]


class Hasty(BoundedConnection):
    longest = 0.3


class Patient(BoundedConnection):
    """For a while with who is busy, not with who is idle."""

    longest = 1.5

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.timeout_keep_alive = 0.3  # type: ignore[assignment]


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers as soon as it has the whole body; /large with more than a connection takes unread."""
    body = await read_body(headers_of(scope), receive, 1_000)
    await send_answer(send, Answer(200, [], body * (100_000 if scope["path"] == "/large" else 1)))


@asynccontextmanager
async def serving(
    application: Application, kind: type[BoundedConnection] = Hasty
) -> AsyncIterator[int]:
    config = Config(application, log_config=None, access_log=False, lifespan="off")
    config.load()
    server = await asyncio.get_running_loop().create_server(
        lambda: kind(config, ServerState(), {}), "127.0.0.1", 0
    )
    async with server:
        yield server.sockets[0].getsockname()[1]


@pytest_asyncio.fixture
async def port() -> AsyncIterator[int]:
    async with serving(echo) as port:
        yield port


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


async def names(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with the names of all headers, looked at when the body has been read."""
    await read_body(headers_of(scope), receive, 1_000)
    await send_answer(send, Answer(200, [], b" ".join(headers_of(scope))))


async def test_what_follows_the_body_in_the_manner_of_headers_is_not_believed() -> None:
    """A proxy that checks the head need not look there."""
    async with serving(names) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(
            b"POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n"
            b"1\r\na\r\n0\r\nx-forwarded-for: 192.0.2.7\r\n\r\n"
        )
        answer = await asyncio.wait_for(reader.read(), 5)

    writer.close()
    assert answer.endswith(b"\r\n\r\nhost connection transfer-encoding")


async def test_a_head_of_too_many_headers_is_hung_up_on_though_it_comes_at_once(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    writer.write(b"GET / HTTP/1.1\r\nhost: a\r\n" + b"a: b\r\n" * 300 + b"\r\n")
    answer = b""
    with suppress(ConnectionError):
        answer = await asyncio.wait_for(reader.read(), 5)

    writer.transport.abort()
    assert answer == b""


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


@pytest.mark.parametrize(("more", "least", "most"), [(b"", 0.3, 1.3), (HEAD[:20], 1.4, 5)])
async def test_who_is_idle_is_parted_from_earlier_than_who_is_sending(
    more: bytes, least: float, most: float
) -> None:
    async with serving(echo, Patient) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(HEAD + b"a" * 100)
        await reader.readuntil(b"a" * 100)
        begun = time.monotonic()

        await asyncio.sleep(0.1)
        writer.write(more)
        async with asyncio.timeout(5):
            await read_to_the_end(reader)

    writer.transport.abort()
    assert least <= time.monotonic() - begun < most


async def test_who_is_idle_with_an_answer_unread_is_hung_up_on_in_the_end() -> None:
    """The connection is closed first, which waits for the answer to be read."""
    closed, gone = asyncio.Event(), asyncio.Event()

    class Watched(Patient):
        def timeout_keep_alive_handler(self) -> None:
            super().timeout_keep_alive_handler()
            closed.set()

        def connection_lost(self, exc: Exception | None) -> None:
            super().connection_lost(exc)
            gone.set()

    async with serving(echo, Watched) as port:
        _, writer = await asyncio.open_connection("127.0.0.1", port, limit=1)
        writer.write(HEAD.replace(b"/ ", b"/large ") + b"a" * 100)
        async with asyncio.timeout(5):
            await closed.wait()
            assert not gone.is_set()
            await gone.wait()

    writer.transport.abort()
