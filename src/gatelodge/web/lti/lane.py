"""The straight lane from the server to the gate, for logins and launches.

The server would hand each body and each answer over in messages of ASGI. A login or a launch is
one small body and one small answer: the gate is asked without messages, and what it answers is
written at once. The server still reads the request, keeps the order of requests, and deals with
whatever fails.
"""

from functools import partial
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

from gatelodge.web.connections import BoundedConnection
from gatelodge.web.exchange import (
    Answer,
    Disconnected,
    Receive,
    Request,
    Scope,
    read_request,
    request_of,
)
from gatelodge.web.lti.gate import Gate
from gatelodge.web.lti.visits import Place, place_of


class LaneConnection(BoundedConnection):
    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        # The server's own log of requests, which we don't keep, is written on the way of ASGI.
        is_gate = isinstance(app, Gate) and not self.config.access_log
        place = place_of(cycle.scope["path"]) if is_gate else None
        if place is None:
            super()._start_asgi_task(cycle, app)
            return
        self._answered = cycle
        task = self.loop.create_task(_go_straight(cycle, app, place))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)


async def _go_straight(cycle: RequestResponseCycle, gate: Gate, place: Place) -> None:
    """Does what `Gate` does when it is an application of ASGI; of failures the server takes care."""
    try:
        request = _whole(cycle) or await _rest(cycle, place)
        answer = await gate.answer(place, request)
        if cycle.flow.write_paused and not cycle.disconnected:
            await cycle.flow.drain()
        if not cycle.disconnected:
            _write(cycle, answer)
    except Disconnected:
        return
    except BaseException as error:  # noqa: BLE001 - it is raised again, where the server expects it
        await cycle.run_asgi(partial(_raised, error))
    finally:
        # Or connection and request would hold each other when both have ended.
        cycle.on_response = _nothing


def _whole(cycle: RequestResponseCycle) -> Request | None:
    if cycle.more_body or cycle.disconnected:
        return None
    request = request_of(cycle.scope, bytes(cycle.body))
    # Or the connection would keep it until its next request.
    cycle.body = bytearray()
    return request


async def _rest(cycle: RequestResponseCycle, place: Place) -> Request:
    """When all of it is there."""
    scope, receive = cast("Scope", cycle.scope), cast("Receive", cycle.receive)
    return await read_request(scope, receive, place.largest)


def _nothing() -> None: ...


async def _raised(error: BaseException, *_: Any) -> None:
    raise error


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
