"""The bare exchange under the launch path: a body in, an answer out, and nothing in between.

Frameworks read a form at several times the cost of a whole launch; these addresses take one small
form each and answer with a redirect or a page.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Header = tuple[bytes, bytes]

MOST_FIELDS = 100
_LONGEST_LENGTH = 15


class BodyTooLarge(Exception):
    """More was sent than the address takes."""


class BodyMalformed(Exception):
    """What was sent isn't a form."""


class Disconnected(Exception):
    """The browser went away before it had sent everything."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Sequence[Header]
    body: bytes = b""


def text_headers(pairs: Iterable[tuple[str, str]]) -> list[Header]:
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in pairs]


def header(scope: Scope, name: bytes) -> str:
    for key, value in scope["headers"]:
        if key == name:
            return str(value.decode("latin-1"))
    return ""


def headers_named(scope: Mapping[str, Any], name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in scope["headers"] if key == name]


async def read_form(scope: Scope, receive: Receive, limit: int) -> list[tuple[str, str]]:
    """The fields of a posted form, in their order; at most ``limit`` bytes of it."""
    kind = header(scope, b"content-type").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise BodyMalformed(f"It is of type {kind[:50]!r}.")
    return read_pairs(await read_body(scope, receive, limit))


def read_query(scope: Scope) -> list[tuple[str, str]]:
    return read_pairs(scope["query_string"])


def read_pairs(encoded: bytes) -> list[tuple[str, str]]:
    """As `urllib.parse.parse_qsl`, which takes three times as long: a quarter of a login."""
    parts = [part for part in encoded.decode("utf-8", "replace").split("&") if part]
    if len(parts) > MOST_FIELDS:
        raise BodyMalformed(f"It has more than {MOST_FIELDS} fields.")
    return [(_decoded(name), _decoded(value)) for name, _, value in map(_halves, parts)]


def _halves(part: str) -> tuple[str, str, str]:
    return part.partition("=")


def _decoded(text: str) -> str:
    return unquote_plus(text) if "%" in text or "+" in text else text


async def read_body(scope: Scope, receive: Receive, limit: int) -> bytes:
    said = header(scope, b"content-length")
    if said.isdecimal() and (len(said) > _LONGEST_LENGTH or int(said) > limit):
        raise BodyTooLarge
    chunks, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Disconnected
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise BodyTooLarge
        chunks.append(chunk)
        if not message.get("more_body"):
            return b"".join(chunks)


async def send_answer(send: Send, answer: Answer) -> None:
    headers = [*answer.headers, (b"content-length", str(len(answer.body)).encode())]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})
