"""The straight lane from the server to the gate, for logins and launches.

The server would hand each body and each answer over in messages of ASGI. A login or a launch is
one small body and one small answer: the gate is asked without messages, and what it answers is
written at once. The server still reads the request, keeps the order of requests, and deals with
whatever fails.
"""

from functools import partial
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

from gatelodge.web.connections import BoundedConnection
from gatelodge.web.exchange import (
    Answer,
    Disconnected,
    Receive,
    Scope,
    Send,
    read_request,
    request_of,
)
from gatelodge.web.lti.gate import Gate
from gatelodge.web.lti.visits import Place, place_of


class LaneConnection(BoundedConnection):
    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        # The server's own log of requests, which we don't keep, is written on the way of ASGI.
        if isinstance(app, Gate) and not self.config.access_log:
            place = place_of(cycle.scope["path"])
            if place is not None:
                app = partial(_go_straight, cycle, app, place)
        super()._start_asgi_task(cycle, app)


async def _go_straight(
    cycle: RequestResponseCycle, gate: Gate, place: Place, scope: Scope, receive: Receive, _: Send
) -> None:
    """Stands where an application of ASGI stands, and does what `Gate` does when it is one."""
    if cycle.more_body or cycle.disconnected:
        try:
            request = await read_request(scope, receive, place.largest)
        except Disconnected:
            return
    else:
        request = request_of(scope, bytes(cycle.body))
        # Or the connection would keep it until its next request.
        cycle.body = bytearray()
    answer = await gate.answer(place, request)
    if cycle.flow.write_paused and not cycle.disconnected:
        await cycle.flow.drain()
    if not cycle.disconnected:
        _write(cycle, answer)


def _write(cycle: RequestResponseCycle, answer: Answer) -> None:
    """As `RequestResponseCycle.send` writes an answer, but all of it in one go."""
    lines = [b": ".join(header) for header in (*cycle.default_headers, *answer.all_headers())]
    if not cycle.keep_alive:
        lines.append(b"connection: close")
    said = b"".join(lines)
    # RFC 9110 section 5.5: what must never be in a header.
    if b"\r" in said or b"\n" in said or b"\0" in said:
        raise ValueError("A header breaks off in its middle.")
    head = STATUS_LINE[answer.status] + b"\r\n".join(lines) + b"\r\n\r\n"
    cycle.transport.write(head if cycle.scope["method"] == "HEAD" else head + answer.body)
    cycle.response_started = cycle.response_complete = True
    if not cycle.keep_alive:
        cycle.transport.close()
    cycle.on_response()
