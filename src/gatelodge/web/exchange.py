"""The bare exchange under the launch path: a request in, an answer out, and nothing in between.

Frameworks read a form at several times the cost of a whole launch; these addresses take one small
form each and answer with a redirect or a page. Neither the request nor the answer knows which
server they pass through.
"""

from collections.abc import (
    Awaitable,
    Callable,
    Iterable,
    Mapping,
    MutableMapping,
    Sequence,
)
from functools import lru_cache
from typing import Any
from urllib.parse import unquote_plus

import msgspec

from gatelodge.lti.notes import Note, note

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Header = tuple[bytes, bytes]
Headers = Mapping[bytes, bytes]

MOST_FIELDS = 100
_FORM = b"application/x-www-form-urlencoded"
_LONGEST_LENGTH = 15

_LONGEST_KEPT = 200
_TEXTS_KEPT = 4096


class BodyTooLarge(Exception):
    """More was sent than the address takes."""


class BodyMalformed(Exception):
    """What was sent isn't a form, and why."""

    def __init__(self, why: Note) -> None:
        super().__init__(str(why))
        self.note = why


class Disconnected(Exception):
    """The browser went away before it had sent everything."""


class Request(msgspec.Struct, frozen=True):
    """One that has arrived as a whole; ``body`` is None when there is more of it than anybody takes.

    ``peer`` is who holds the other end of the connection, "" where that has no address.
    """

    method: str
    query: bytes
    headers: Headers
    peer: str
    body: bytes | None


class Answer(msgspec.Struct, frozen=True):
    status: int
    headers: Sequence[Header]
    body: bytes = b""

    def all_headers(self) -> list[Header]:
        return [*self.headers, (b"content-length", b"%d" % len(self.body))]


def text_headers(pairs: Iterable[tuple[str, str]]) -> list[Header]:
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in pairs]


def headers_of(scope: Mapping[str, Any]) -> Headers:
    """What was sent, by names in small letters; several headers of one name are one list."""
    sent = scope["headers"]
    headers = dict(sent)
    return headers if len(headers) == len(sent) else _listed(sent)


def accepted_languages(headers: Headers) -> str:
    return headers.get(b"accept-language", b"").decode("latin-1")


def _listed(sent: Iterable[Header]) -> Headers:
    headers: dict[bytes, bytes] = {}
    for name, value in sent:
        # RFC 9110 section 5.3; cookies are divided in a way of their own (RFC 6265bis section 4.2.1).
        joint = b"; " if name == b"cookie" else b", "
        headers[name] = headers[name] + joint + value if name in headers else value
    return headers


async def read_request(scope: Scope, receive: Receive, limit: int) -> Request:
    """The request when all of its form is there, or more than ``limit`` bytes of it.

    A body that is no posted form is not waited for: nobody reads it.
    """
    headers = headers_of(scope)
    if scope["method"] != "POST" or not _is_form(headers):
        return request_of(scope, b"")
    try:
        body = await read_body(headers, receive, limit)
    except BodyTooLarge:
        return request_of(scope, None)
    return request_of(scope, body)


def request_of(scope: Mapping[str, Any], body: bytes | None) -> Request:
    client = scope["client"]
    return Request(
        method=scope["method"],
        query=scope["query_string"],
        headers=headers_of(scope),
        peer=client[0] if client else "",
        body=body,
    )


def form_of(request: Request, limit: int) -> list[tuple[str, str]]:
    """The fields of a posted form, in their order; at most ``limit`` bytes of it."""
    _require_form(request.headers)
    if request.body is None or len(request.body) > limit:
        raise BodyTooLarge
    return read_pairs(request.body)


async def read_form(headers: Headers, receive: Receive, limit: int) -> list[tuple[str, str]]:
    """The same of a request that is still arriving."""
    _require_form(headers)
    return read_pairs(await read_body(headers, receive, limit))


def _require_form(headers: Headers) -> None:
    if not _is_form(headers):
        kind = _kind_of_body(headers)
        raise BodyMalformed(note("form.type", type=kind[:50].decode("latin-1")))


def _is_form(headers: Headers) -> bool:
    return headers.get(b"content-type") == _FORM or _kind_of_body(headers) == _FORM


def _kind_of_body(headers: Headers) -> bytes:
    return headers.get(b"content-type", b"").partition(b";")[0].strip().lower()


def read_pairs(encoded: bytes) -> list[tuple[str, str]]:
    """As `urllib.parse.parse_qsl`, which takes five times as long: a quarter of a login."""
    pairs: list[tuple[str, str]] = []
    text, begin = encoded.decode("utf-8", "replace"), 0
    # Few and long: looking for each end takes a tenth of the time of dividing at all of them.
    while begin < len(text):
        end = text.find("&", begin)
        part = text[begin:] if end < 0 else text[begin:end]
        begin += len(part) + 1
        if not part:
            continue
        if len(pairs) == MOST_FIELDS:
            raise BodyMalformed(note("form.too_many_fields", most=MOST_FIELDS))
        name, _, value = part.partition("=")
        if "%" in part or "+" in part:
            name, value = _decoded(name), _decoded(value)
        pairs.append((name, value))
    return pairs


def _decoded(text: str) -> str:
    return _decoded_before(text) if len(text) <= _LONGEST_KEPT else unquote_plus(text)


_decoded_before = lru_cache(_TEXTS_KEPT)(unquote_plus)
"""An LMS names itself and us in the same words, login after login."""


async def read_body(headers: Headers, receive: Receive, limit: int) -> bytes:
    said = headers.get(b"content-length", b"")
    if said.isdigit() and (len(said) > _LONGEST_LENGTH or int(said) > limit):
        raise BodyTooLarge
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Disconnected
        body += message.get("body", b"")
        if len(body) > limit:
            raise BodyTooLarge
        if not message.get("more_body"):
            return bytes(body)


async def send_answer(send: Send, answer: Answer) -> None:
    headers = answer.all_headers()
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})
