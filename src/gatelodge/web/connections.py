"""How long and how large one request may be, whatever address it is for: who goes beyond is hung up on.

The server beneath would keep a head of any size in memory, and any number of requests that wait for
their turn; and it would wait for the rest of a request as long as its sender likes.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

LARGEST_REQUEST = 1024 * 1024
"""Bytes of a request with all that stands around its body; no body may have more than half of that."""

MOST_HEADERS = 200
"""Headers of a request, and what may follow its body in their manner; a small one takes as much memory as a long one."""

MOST_WAITING = 100
"""Requests that were sent before the answer to an earlier one; browsers and proxies send none."""

LONGEST_REQUEST = 60.0
"""Seconds from one answer to the next; a launch over the slowest of lines takes ten."""


class BoundedConnection(HttpToolsProtocol):
    longest = LONGEST_REQUEST

    _received = 0
    _most_headers = 0
    _answered_at = 0.0
    _look: asyncio.TimerHandle | None = None
    _answered: RequestResponseCycle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._answered_at = self.loop.time()
        self._look_in(self.longest)

    def data_received(self, data: bytes) -> None:
        self._received += len(data)
        if self._received <= LARGEST_REQUEST:
            super().data_received(data)
        if (
            self._received > LARGEST_REQUEST
            or max(self._most_headers, len(self.headers or ())) > MOST_HEADERS
            or len(self.pipeline) > MOST_WAITING
        ):
            self._hang_up()

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        self._most_headers = max(self._most_headers, len(self.headers))
        # What follows a body in the manner of headers would be added to them (RFC 9112 section
        # 7.1.2 forbids it), and no proxy looks there for what only it may say.
        self.headers = []

    def on_response_complete(self) -> None:
        self._answered_at = self.loop.time()
        if self.pipeline:
            super().on_response_complete()
            return
        # As the server does, but without a timer for each request: our look at the time is enough.
        self._received = 0
        self.server_state.total_requests += 1
        if not self.transport.is_closing():
            self.flow.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._look is not None:
            self._look.cancel()
        self._leave()
        super().connection_lost(exc)

    def _unsupported_upgrade_warning(self) -> None:
        # RFC 9110 section 7.8 lets us pass over the offer; the server's advice is for those who want WebSockets.
        pass

    def _look_at_the_time(self) -> None:
        waited = self.loop.time() - self._answered_at
        if waited >= self.longest:
            self._hang_up()
            return
        if waited >= self.timeout_keep_alive and self._is_idle():
            self.timeout_keep_alive_handler()
        # And on, though it may be closed: it stays open until the other side has read its answer.
        self._look_in(self.longest - waited)

    def _look_in(self, seconds: float) -> None:
        # One look every few seconds costs a launch less than a timer for each request. The second
        # one finds whoever has been idle since before the first.
        self._look = self.loop.call_later(
            min(seconds, self.timeout_keep_alive), self._look_at_the_time
        )

    def _is_idle(self) -> bool:
        """Nothing has come since the last answer."""
        answered = self._answered
        return not self._received and answered is not None and answered.response_complete

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._answered = cycle
        super()._start_asgi_task(cycle, app)

    def _hang_up(self) -> None:
        self._leave()
        self.transport.abort()

    def _leave(self) -> None:
        # Of requests that were sent in one breath the server knows the last one only; the one that is
        # being answered would write to nobody.
        if self._answered is not None:
            self._answered.disconnected = True
            self._answered.message_event.set()
