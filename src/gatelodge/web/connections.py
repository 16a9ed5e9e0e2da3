"""One connection over HTTP/1.1: bytes in, requests one after another, answers out in their order.

httptools reads what arrives, uvicorn listens and ends; between them stands this, and not uvicorn's
own connection: it does for a request what any application may need, and takes longer for that than
we for a login. Here an answer is written once and whole; nothing is upgraded and nothing streamed.

Whoever goes beyond what any of our addresses needs is hung up on, however it is done: a head of any
size, requests that wait for their turn, a request that is never at its end, answers that are not read.
"""

import asyncio
from collections import deque
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

import httptools
import structlog
from uvicorn import Config
from uvicorn.server import ServerState

from gatelodge.web.exchange import Application, Header, Message, Scope

LARGEST_REQUEST = 1024 * 1024
"""Bytes of a request with all that stands around its body; no body may have more than half of that."""

MOST_HEADERS = 200
"""Headers of a request, and what may follow its body in their manner; a small one takes as much memory as a long one."""

MOST_WAITING = 100
"""Requests that were sent before the answer to an earlier one; browsers and proxies send none."""

LONGEST_REQUEST = 60.0
"""Seconds from one answer to the next; a launch over the slowest of lines takes ten."""

LONGEST_SILENCE = 5.0
"""Seconds after an answer until the next request begins; and how often we look at the time."""

_log = structlog.get_logger("gatelodge.web")

_STATUS_LINES = {
    each.value: b"HTTP/1.1 %d %b\r\n" % (each.value, each.phrase.encode()) for each in HTTPStatus
}
_CLOSE: Header = (b"connection", b"close")


class BoundedConnection(asyncio.Protocol):
    longest = LONGEST_REQUEST
    longest_silence = LONGEST_SILENCE

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self._application: Application = config.loaded_app
        self._server = server_state
        self._app_state = app_state
        self._loop = _loop or asyncio.get_running_loop()
        self._parser = httptools.HttpRequestParser(self)
        # What follows a request that said it is the last one is passed over, and no reason to refuse it.
        self._parser.set_dangerous_leniencies(lenient_data_after_close=True)
        self._url = b""
        self._headers: list[Header] = []
        self._read: Request | None = None
        self._answered: Request | None = None
        self._waiting: deque[Request] = deque()
        self._received = 0
        self._is_silent = self._is_clogged = False

    # ------------------------------------------------------------ what the loop tells

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self.transport = transport
        self._server.connections.add(self)  # type: ignore[arg-type]
        self._addresses = [
            address[:2] if (address := transport.get_extra_info(end)) else None
            for end in ("peername", "sockname")
        ]
        self._answered_at = self._loop.time()
        self._look = self._loop.call_later(
            min(self.longest, self.longest_silence), self._look_at_the_time
        )

    def data_received(self, data: bytes) -> None:
        self._is_silent = False
        self._received += len(data)
        if self._received > LARGEST_REQUEST:
            self.transport.abort()
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            # RFC 9110 section 7.8 lets us pass over the offer.
            pass
        except httptools.HttpParserError:
            self._refuse()
        if len(self._headers) > MOST_HEADERS or len(self._waiting) > MOST_WAITING:
            self.transport.abort()

    def pause_writing(self) -> None:
        self._is_clogged = True
        self.transport.pause_reading()

    def resume_writing(self) -> None:
        self._is_clogged = False
        self._go_on()

    def connection_lost(self, _: Exception | None) -> None:
        self._look.cancel()
        self._server.connections.discard(self)
        self._forget_requests()
        # It holds us as we hold it.
        del self._parser

    def shutdown(self) -> None:
        """The server ends: what is being answered is still answered."""
        if self._answered is None:
            self.transport.close()
        else:
            self._answered.is_last = True

    def _look_at_the_time(self) -> None:
        # A look now and then costs a launch less than timers for each request.
        waited = self._loop.time() - self._answered_at
        if self._is_silent and waited >= self.longest_silence:
            self.transport.close()
        elif waited >= self.longest:
            self.transport.abort()
        else:
            self._look = self._loop.call_later(
                min(self.longest - waited, self.longest_silence), self._look_at_the_time
            )

    # ------------------------------------------------------------ what the parser reads

    def on_message_begin(self) -> None:
        self._url = b""
        self._headers = []

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        if len(self._headers) > MOST_HEADERS:
            raise ValueError("more headers than anybody needs")
        parser = self._parser
        url = httptools.parse_url(self._url)
        raw_path = url.path
        path = raw_path.decode("ascii")
        version = parser.get_http_version()
        peer, own = self._addresses
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": version,
            "method": parser.get_method().decode("ascii"),
            "scheme": "http",
            "path": unquote(path) if "%" in path else path,
            "raw_path": raw_path,
            "query_string": url.query or b"",
            "root_path": "",
            "headers": self._headers,
            "client": peer,
            "server": own,
            "state": self._app_state.copy(),
        }
        self._read = request = Request(self, scope)
        request.is_last = version == "1.0" or not parser.should_keep_alive()
        # What follows the body in the manner of headers is counted, and nothing else.
        self._headers = []
        if self._answered is None and not self._is_clogged:
            self._answer(request)
        else:
            self._waiting.append(request)
            self.transport.pause_reading()

    def on_body(self, body: bytes) -> None:
        if self._read is not None:
            self._read.add(body)

    def on_message_complete(self) -> None:
        if self._read is not None:
            self._read.end()

    # ------------------------------------------------------------ requests and answers

    def _answer(self, request: "Request") -> None:
        self._answered = request
        task = self._loop.create_task(request.run(self._application))
        self._server.tasks.add(task)
        task.add_done_callback(self._server.tasks.discard)

    def write(self, request: "Request", status: int, headers: list[Header], body: bytes) -> None:
        """The whole answer to a request, and on to the next one."""
        if request is not self._answered:
            return
        if request.is_last:
            headers.append(_CLOSE)
        answer = _head(status, (*self._server.default_headers, *headers)) + body
        self._server.total_requests += 1
        self._answered = None
        self._answered_at = self._loop.time()
        self.transport.write(answer)
        if request.is_last:
            self.transport.close()
        else:
            self._go_on()

    def _go_on(self) -> None:
        if self._is_clogged or self._answered is not None or self.transport.is_closing():
            return
        if self._waiting:
            self._answer(self._waiting.popleft())
        else:
            self._received = 0
            self._is_silent = True
            self.transport.resume_reading()

    def _refuse(self) -> None:
        """Whatever it was, it isn't HTTP, and where the next request begins can't be known."""
        self._forget_requests()
        text = b"Invalid HTTP request received."
        headers = [
            (b"content-type", b"text/plain; charset=utf-8"),
            (b"content-length", b"%d" % len(text)),
            _CLOSE,
        ]
        self.transport.write(_head(400, [*self._server.default_headers, *headers]) + text)
        self.transport.close()

    def _forget_requests(self) -> None:
        self._waiting.clear()
        if self._answered is not None:
            self._answered.leave()
        self._answered = self._read = None


class Request:
    """One request as an ASGI application knows it: it may read before all is there, and answer once."""

    def __init__(self, connection: BoundedConnection, scope: Scope) -> None:
        self.is_last = False
        self._connection = connection
        self._scope = scope
        self._body = bytearray()
        self._is_whole = self._is_handed_over = self._is_over = False
        self._is_invited = False
        self._more: asyncio.Future[None] | None = None
        self._begun: Message = {}
        self._answer = b""

    async def run(self, application: Application) -> None:
        try:
            await application(self._scope, self._receive, self._send)
        except Exception:  # noqa: BLE001 - whatever it was, the browser gets an answer
            if not self._is_over:
                _log.exception("failed", path=self._scope["path"])
        finally:
            if not self._is_over:
                self.is_last = True
                self._connection.write(self, 500, [(b"content-length", b"0")], b"")

    def add(self, body: bytes) -> None:
        if not self._is_over:
            self._body += body
            self._wake()

    def end(self) -> None:
        self._is_whole = True
        self._wake()

    def leave(self) -> None:
        """It is answered, or nobody waits for an answer any more."""
        self._is_over = True
        self._wake()

    def _wake(self) -> None:
        if self._more is not None and not self._more.done():
            self._more.set_result(None)

    async def _receive(self) -> Message:
        while not self._is_over and (self._is_handed_over or not (self._body or self._is_whole)):
            self._invite()
            self._more = asyncio.get_running_loop().create_future()
            await self._more
        if self._is_over:
            return {"type": "http.disconnect"}
        body, self._body = bytes(self._body), bytearray()
        self._is_handed_over = self._is_whole
        return {"type": "http.request", "body": body, "more_body": not self._is_whole}

    def _invite(self) -> None:
        """RFC 9110 section 10.1.1: who asks before they send the body is told to, once."""
        asks = any(
            name == b"expect" and value.lower() == b"100-continue"
            for name, value in self._scope["headers"]
        )
        if asks and not self._is_invited and not self._is_whole:
            self._is_invited = True
            self._connection.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    async def _send(self, message: Message) -> None:
        if self._is_over:
            return
        if message["type"] == "http.response.start":
            self._begun = message
            return
        self._answer += message.get("body", b"")
        if not message.get("more_body"):
            headers = list(self._begun.get("headers", ()))
            body = b"" if self._scope["method"] == "HEAD" else self._answer
            self._connection.write(self, self._begun["status"], headers, body)
            self.leave()


def _head(status: int, headers: Iterable[Header]) -> bytes:
    lines = [b"%b: %b\r\n" % each for each in headers]
    head = b"".join((_STATUS_LINES[status], *lines, b"\r\n"))
    if not head.count(b"\r") == head.count(b"\n") == len(lines) + 2:
        raise ValueError("A header of an answer has more than one line.")
    return head
