"""The straight lane from the server to the gate answers as the gate does by ASGI, whatever is sent and however."""

from __future__ import annotations

import asyncio
import logging
import re
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2
import pytest
import pytest_asyncio
from structlog.testing import capture_logs
from uvicorn import Config
from uvicorn.server import ServerState

from gatelodge.web.app import create_app
from gatelodge.web.connections import BoundedConnection
from gatelodge.web.exchange import Answer, Receive, Request, Scope, Send
from gatelodge.web.lti.gate import Gate
from gatelodge.web.lti.lane import LaneConnection
from gatelodge.web.lti.visits import LARGEST_LAUNCH, Place
from tests.support.browsers import Browser, at_home
from tests.support.gateways import Campus

pytestmark = pytest.mark.asyncio

DATE = (b"date", b"Mon, 23 Nov 2026 12:00:00 GMT")
FORM = b"content-type: application/x-www-form-urlencoded\r\n"


@dataclass
class Served:
    """One way to the gate, with the connections that were made to it."""

    port: int
    state: ServerState
    connections: list[BoundedConnection] = field(default_factory=list)

    async def ask(self, *pieces: bytes) -> tuple[bytes, bytes]:
        """Head and body of the last answer to what was sent in these pieces."""
        method = pieces[0].partition(b" ")[0]
        async with self.connected() as (reader, writer):
            for piece in pieces:
                writer.write(piece)
                await asyncio.sleep(0.01 if len(pieces) < 50 else 0)
            head, body = await read_answer(reader, method)
            if head.startswith(b"HTTP/1.1 100"):
                head, body = await read_answer(reader, method)
        return head, body

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        """For five seconds at most."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=1000)
        try:
            async with asyncio.timeout(5):
                yield reader, writer
        finally:
            writer.transport.abort()


async def read_answer(reader: asyncio.StreamReader, method: bytes = b"GET") -> tuple[bytes, bytes]:
    head = await reader.readuntil(b"\r\n\r\n")
    length = re.search(rb"\ncontent-length: (\d+)\r", head)
    is_bare = length is None or method == b"HEAD"
    return head, b"" if is_bare else await reader.readexactly(int(length[1]))


@asynccontextmanager
async def served(
    gate: Gate, kind: type[BoundedConnection], sock: socket.socket | None = None, **config: Any
) -> AsyncIterator[Served]:
    whole = Config(gate, log_config=None, access_log=False, proxy_headers=False, **config)
    whole.load()
    way = Served(0, ServerState())
    way.state.default_headers = [DATE]

    def connect() -> BoundedConnection:
        way.connections.append(kind(whole, way.state, {}))
        return way.connections[-1]

    sock = sock or socket.create_server(("127.0.0.1", 0))
    server = await asyncio.get_running_loop().create_server(connect, sock=sock)
    async with server:
        way.port = sock.getsockname()[1]
        yield way
        for each in way.connections:
            if each.transport is not None:
                each.transport.abort()


@pytest_asyncio.fixture
async def gate(campus: Campus) -> AsyncIterator[Gate]:
    yield create_app(campus.gateway)
    await campus.gateway.stop()


@pytest_asyncio.fixture
async def lane(gate: Gate) -> AsyncIterator[Served]:
    async with served(gate, LaneConnection) as way:
        yield way


@pytest_asyncio.fixture
async def asgi(gate: Gate) -> AsyncIterator[Served]:
    async with served(gate, BoundedConnection) as way:
        yield way


def request(target: str, method: str = "GET", more: bytes = b"", body: bytes = b"") -> bytes:
    length = b"content-length: %d\r\n" % len(body) if body else b""
    line = f"{method} {target} HTTP/1.1\r\nhost: lti.example\r\n".encode()
    return line + more + length + b"\r\n" + body


def chunked(target: str, *chunks: bytes) -> bytes:
    body = b"".join(b"%x\r\n%b\r\n" % (len(each), each) for each in chunks)
    more = FORM + b"transfer-encoding: chunked\r\n"
    return request(target, "POST", more) + body + b"0\r\n\r\n"


LOGIN, LAUNCH = "/lti/hello/login", "/lti/hello/launch"
QUERY = "iss=https%3A%2F%2Flms.example&login_hint=7&client_id=client-1&target_link_uri=https%3A%2F%2Flti.example%2Flti%2Fhello%2Flaunch"
ASKS = QUERY.encode()
PROVED = b"cookie: __Host-gatelodge-0f1e2d3c=" + b"p" * 43 + b"\r\n"
LARGE = b"state=" + b"a" * LARGEST_LAUNCH

SENT: dict[str, tuple[bytes, ...]] = {
    "login": (request(LOGIN, "POST", FORM, ASKS),),
    "login-by-address": (request(f"{LOGIN}?{QUERY}"),),
    "login-with-a-proof": (request(LOGIN, "POST", FORM + PROVED, ASKS),),
    "login-of-http-1.0": (request(f"{LOGIN}?{QUERY}").replace(b"HTTP/1.1", b"HTTP/1.0"),),
    "login-and-goodbye": (request(f"{LOGIN}?{QUERY}", more=b"connection: close\r\n"),),
    "login-without-anything": (request(LOGIN),),
    "login-in-german": (request(LOGIN, more=b"accept-language: de\r\n"),),
    "login-of-nobody": (request(f"{LOGIN}?{QUERY.replace('lms.', 'nobody.')}"),),
    "login-at-a-registration": (request(f"/lti/hello/{'0' * 26}/login?{QUERY}"),),
    "login-in-pieces": tuple(bytes([each]) for each in request(LOGIN, "POST", FORM, ASKS)),
    "login-in-chunks": (chunked(LOGIN, ASKS[:9], ASKS[9:]),),
    "login-in-slow-chunks": (chunked(LOGIN, ASKS)[:180], chunked(LOGIN, ASKS)[180:]),
    "login-that-is-json": (
        request(LOGIN, "POST", b"content-type: application/json\r\n", b"{}"),
    ),
    "login-too-large": (request(LOGIN, "POST", FORM, b"iss=" + b"a" * 70_000),),
    "login-after-a-nod": (
        request(LOGIN, "POST", FORM + b"expect: 100-continue\r\n", ASKS)[: -len(ASKS)],
        ASKS,
    ),
    "login-without-waiting-for-the-nod": (
        request(LOGIN, "POST", FORM + b"expect: 100-continue\r\n", ASKS),
    ),
    "login-offering-http-2": (
        request(LOGIN, more=b"connection: upgrade\r\nupgrade: h2c\r\n"),
    ),
    "login-with-a-form-nobody-reads": (request(f"{LOGIN}?{QUERY}", "GET", FORM, LARGE),),
    "login-head": (request(f"{LOGIN}?{QUERY}", "HEAD"),),
    "login-options": (request(LOGIN, "OPTIONS"),),
    "login-put": (request(LOGIN, "PUT", FORM, ASKS),),
    "no-tool": (request("/lti//login"),),
    "unknown-tool": (request("/lti/nobody/launch", "POST", FORM, b"state=a"),),
    "escaped-tool": (request(f"/lti/h%65llo/login?{QUERY}"),),
    "escaped-slash": (request("/lti%2Fhello/login"),),
    "escaped-rubbish": (request("/lti/%00%ff%0d%0a/login"),),
    "launch-get": (request(LAUNCH),),
    "launch-head": (request(LAUNCH, "HEAD"),),
    "launch-options": (request(LAUNCH, "OPTIONS"),),
    "launch-without-a-form": (request(LAUNCH, "POST"),),
    "launch-that-is-text": (request(LAUNCH, "POST", b"content-type: text/plain\r\n", b"a"),),
    "launch-of-no-state": (request(LAUNCH, "POST", FORM, b"state=a&id_token=b"),),
    "launch-as-large-as-may-be": (request(LAUNCH, "POST", FORM, LARGE[:LARGEST_LAUNCH]),),
    "launch-too-large": (request(LAUNCH, "POST", FORM, LARGE),),
    "launch-that-says-too-large": (request(LAUNCH, "POST", FORM + b"content-length: 300000\r\n"),),
    "launch-too-large-in-chunks": (chunked(LAUNCH, *[LARGE[:30_000]] * 15),),
    "launch-of-too-many-fields": (request(LAUNCH, "POST", FORM, b"a=b&" * 200),),
    "launch-of-bytes": (request(LAUNCH, "POST", FORM, bytes(range(256))),),
    "not-ours": (request("/lti/hello/else/where/login"),),
    "health": (request("/healthz"),),
}  # fmt: skip


def masked(text: bytes) -> bytes:
    """Without what is drawn by lot: names of refusals, nonces, and what is signed over them."""
    return re.sub(
        rb"[0-9A-Z]{4}-[0-9A-Z]{4}|[0-9a-f]{32,}|[\w-]{43,}|gatelodge-[0-9a-f]{8}", b"*", text
    )


@pytest.mark.parametrize("sent", SENT.values(), ids=list(SENT))
async def test_whatever_is_sent_is_answered_as_by_asgi(
    lane: Served, asgi: Served, sent: tuple[bytes, ...]
) -> None:
    straight, around = await lane.ask(*sent), await asgi.ask(*sent)

    assert [masked(each) for each in straight] == [masked(each) for each in around]
    assert b"\r\ndate: Mon, 23 Nov 2026 12:00:00 GMT\r\n" in straight[0]


async def test_what_is_asked_of_both_gets_every_kind_of_answer(lane: Served) -> None:
    """Otherwise the test above would show little."""
    heads = [(await lane.ask(*sent))[0] for sent in SENT.values()]

    found = {int(head.split()[1]) for head in heads}
    assert found == {200, 302, 400, 401, 403, 404, 405, 413}
    assert sum(b"connection: close" in head for head in heads) == 2


async def test_a_good_launch_is_answered_as_by_asgi(
    campus: Campus, lane: Served, asgi: Served
) -> None:
    answers = []
    for way in (lane, asgi):
        address = f"http://127.0.0.1:{way.port}"
        async with httpx2.AsyncClient(base_url=address, cookies=at_home()) as http:
            launched = await Browser(http, campus).launch()
            answers.append((launched.status_code, str(launched.headers.raw), launched.content))

    straight, around = [masked(str(each).encode()) for each in answers]
    assert straight == around
    assert straight.startswith(b"(303, ")


UNFINISHED = b"content-length: 100\r\n"


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        (request(LOGIN, "GET", UNFINISHED), b"400"),
        (request(LOGIN, "PUT", UNFINISHED), b"405"),
        (request(LAUNCH, "PUT", UNFINISHED), b"405"),
        (request(LAUNCH, "POST", UNFINISHED), b"400"),
    ],
)
async def test_a_body_that_nobody_reads_is_not_waited_for(
    lane: Served, asgi: Served, asked: bytes, status: bytes
) -> None:
    for way in (lane, asgi):
        async with way.connected() as (reader, writer):
            writer.write(asked)
            head, _ = await asyncio.wait_for(read_answer(reader), 2)

        assert head.split()[1] == status


async def test_a_failure_of_ours_is_a_page_on_both_ways(
    gate: Gate, lane: Served, asgi: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("quillfeather")

    monkeypatch.setattr(gate._visits, "read", fail)
    with capture_logs() as lines:
        straight, around = [await way.ask(request(LOGIN)) for way in (lane, asgi)]

    assert [masked(each) for each in straight] == [masked(each) for each in around]
    assert straight[0].startswith(b"HTTP/1.1 500 ")
    assert b"quillfeather" not in straight[1]
    assert [line["event"] for line in lines] == ["failed", "failed"]


async def test_logins_and_launches_take_the_lane_and_nothing_else_does(
    lane: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    called = []

    async def call(self: Gate, scope: Scope, receive: Receive, send: Send) -> None:
        called.append(scope["path"])
        await send({"type": "http.response.start", "status": 299, "headers": []})
        await send({"type": "http.response.body"})

    monkeypatch.setattr(Gate, "__call__", call)
    for path in (LOGIN, LAUNCH, "/lti/hello/7/launch", "/healthz", "/lti/keys", "/lti/login"):
        await lane.ask(request(path, more=b"connection: close\r\n"))

    assert called == ["/healthz", "/lti/keys", "/lti/login"]


class Answers:
    """Stands in for what the gate answers; each answer waits until it is told to go."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, answer: Answer) -> None:
        self.asked: list[Request] = []
        self.go = asyncio.Event()
        self.come = asyncio.Event()

        async def wait(_: Gate, place: Place, request: Request) -> Answer:
            self.asked.append(request)
            self.come.set()
            await self.go.wait()
            return answer

        monkeypatch.setattr(Gate, "answer", wait)


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Answers]:
    def answering(headers: Any = (), body: bytes = b"") -> Answers:
        return Answers(monkeypatch, Answer(200, headers, body))

    return answering


@pytest.mark.parametrize("value", [b"a\r\nset-cookie: b=c", b"a\nb", b"a\x00b"])
async def test_a_header_that_would_become_two_is_never_sent(
    lane: Served,
    answers: Callable[..., Answers],
    value: bytes,
    caplog: pytest.LogCaptureFixture,
) -> None:
    answers([(b"location", value)]).go.set()

    with caplog.at_level(logging.CRITICAL, "uvicorn.error"):
        head, _ = await lane.ask(request(LOGIN))

    assert head.startswith(b"HTTP/1.1 500 ")
    assert b"location" not in head
    assert b"set-cookie" not in head


async def test_a_launch_under_way_when_we_stop_is_answered_and_then_the_connection_closed(
    lane: Served, answers: Callable[..., Answers]
) -> None:
    launches = answers(body=b"done")
    async with lane.connected() as (reader, writer):
        writer.write(request(LAUNCH, "POST", FORM, b"state=a"))
        await launches.come.wait()

        [connection] = lane.connections
        assert len(lane.state.tasks) == 1
        connection.shutdown()
        launches.go.set()
        answer = await reader.read()

    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.endswith(b"connection: close\r\n\r\ndone")
    assert not lane.state.tasks
    assert not lane.state.connections


async def test_who_waits_for_an_answer_when_we_stop_waiting_is_not_left_hanging(
    lane: Served, answers: Callable[..., Answers], caplog: pytest.LogCaptureFixture
) -> None:
    launches = answers()
    with caplog.at_level(logging.CRITICAL, "uvicorn.error"):
        async with lane.connected() as (reader, writer):
            writer.write(request(LAUNCH))
            await launches.come.wait()
            for task in list(lane.state.tasks):
                task.cancel()
            answer = await reader.read()

    assert answer.startswith(b"HTTP/1.1 500 ")


@pytest.mark.parametrize("body", [b"stat", b"state=a"], ids=["half", "whole"])
async def test_who_goes_away_in_the_middle_is_no_failure_of_ours(
    lane: Served, answers: Callable[..., Answers], body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    launches = answers()
    async with lane.connected() as (_, writer):
        writer.write(request(LAUNCH, "POST", FORM, b"state=a")[:-7] + body)
        await asyncio.sleep(0.05)
    await asyncio.sleep(0.05)
    launches.go.set()
    await asyncio.sleep(0.05)

    assert len(launches.asked) == (body == b"state=a")
    assert lane.state.total_requests == 0
    assert not lane.state.tasks
    assert not lane.state.connections
    assert caplog.records == []


async def test_who_is_gone_before_we_begin_has_launched_nothing(
    lane: Served, answers: Callable[..., Answers]
) -> None:
    launches = answers()
    async with lane.connected():
        await asyncio.sleep(0.05)
        [connection] = lane.connections
        connection.data_received(request(LAUNCH, "POST", FORM, b"state=a"))
        connection.connection_lost(None)
        await asyncio.sleep(0.05)

    assert launches.asked == []
    assert not lane.state.tasks


async def test_requests_in_one_breath_are_answered_in_their_order(lane: Served) -> None:
    sent = [
        request(f"{LOGIN}?{QUERY}"),
        request(LAUNCH),
        request("/healthz"),
        request(LAUNCH, "POST", FORM, b"a" * 100_000),
        request(LOGIN, "POST", FORM, ASKS),
        request("/nothing", more=b"connection: close\r\n"),
    ]
    async with lane.connected() as (reader, writer):
        writer.write(b"".join(sent))
        heads = [(await read_answer(reader))[0] for _ in sent]
        rest = await reader.read()

    assert [int(head.split()[1]) for head in heads] == [302, 405, 200, 401, 302, 404]
    assert rest == b""


@pytest.mark.parametrize("target", [LOGIN, LAUNCH])
async def test_a_head_has_the_length_of_the_page_and_not_the_page(
    lane: Served, target: str
) -> None:
    async with lane.connected() as (reader, writer):
        writer.write(request(target, "HEAD") + request("/healthz"))
        head, _ = await read_answer(reader, b"HEAD")
        following, _ = await read_answer(reader)

    assert head.startswith(b"HTTP/1.1 405 ")
    assert re.search(rb"\r\ncontent-length: \d{4}", head)
    assert following.startswith(b"HTTP/1.1 200 ")


async def test_a_connection_serves_on_after_a_launch_that_was_too_large(lane: Served) -> None:
    large, login = request(LAUNCH, "POST", FORM, LARGE), request(f"{LOGIN}?{QUERY}")
    statuses = []
    async with lane.connected() as (reader, writer):
        for sent in (large, login, large, login):
            writer.write(sent)
            await writer.drain()
            statuses.append(int((await read_answer(reader))[0].split()[1]))

    assert statuses == [413, 302, 413, 302]


async def test_who_reads_no_answers_is_given_no_more_than_a_few(
    gate: Gate, answers: Callable[..., Answers]
) -> None:
    """What the other side doesn't take stays with us, and so the next answer waits."""
    answers(body=b"a" * 50_000).go.set()
    sock = socket.create_server(("127.0.0.1", 0))
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    async with served(gate, LaneConnection, sock) as lane, lane.connected() as (reader, writer):
        writer.write(request(LOGIN) * 90)
        await asyncio.sleep(0.3)
        [connection] = lane.connections
        kept = connection.transport.get_write_buffer_size()

        for _ in range(90):
            head, body = await read_answer(reader)
            assert head.startswith(b"HTTP/1.1 200 ")
            assert len(body) == 50_000

    assert 0 < kept < 64 * 1024 + 2 * 51_000


async def test_who_drips_a_form_is_hung_up_on_in_time(gate: Gate) -> None:
    class Hasty(LaneConnection):
        longest = 0.3

    async with served(gate, Hasty) as lane, lane.connected() as (reader, writer):
        writer.write(request(LAUNCH, "POST", FORM + b"content-length: 500\r\n"))
        while not (reader.at_eof() or reader.exception()):
            writer.write(b"a")
            await asyncio.sleep(0.05)


async def test_a_server_that_is_full_says_so_on_the_lane_too(gate: Gate) -> None:
    async with served(gate, LaneConnection, limit_concurrency=1) as lane:
        head, _ = await lane.ask(request(LOGIN))

    assert head.startswith(b"HTTP/1.1 503 ")
