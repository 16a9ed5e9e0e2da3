"""A posted form: read within bounds before a handler sees it, and proven to come from our page.

A form of another site is refused by the browser's own word (Origin, Sec-Fetch-Site) and by a token
that only pages of this session hold; both, since each alone has failed somewhere.
"""

import hmac
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message, Receive

LARGEST_FIELD = 256 * 1024
MOST_FIELDS = 2000
"""A tool may be offered to so many institutions by ticking them one by one."""


class Bounds(NamedTuple):
    """How much of a form is read: bytes in all, and files."""

    bytes: int = 512 * 1024
    files: int = 1


USUAL = Bounds()

TOKEN = "csrf"  # noqa: S105 - the name of a field


class Upload(NamedTuple):
    """A file with the name that it has where it comes from."""

    name: str
    content: bytes


class Form:
    """Fields as they came, and files as bytes; a name that is missing reads as nothing."""

    def __init__(self, data: FormData, files: Sequence[tuple[str, Upload]]) -> None:
        self._data = data
        self._files = files

    def text(self, name: str) -> str:
        """The field, without blanks around it; of several the last."""
        values = self.texts(name)
        return values[-1].strip() if values else ""

    def texts(self, name: str) -> list[str]:
        return [each for each in self._data.getlist(name) if isinstance(each, str)]

    def file(self, name: str) -> bytes | None:
        """What was uploaded; None where nothing was chosen."""
        uploads = self.uploads(name)
        return uploads[-1].content if uploads else None

    def uploads(self, name: str) -> list[Upload]:
        """All that were chosen; browsers send an empty one where nothing was."""
        return [each for field, each in self._files if field == name and any(each)]

    def fields(self) -> Iterator[tuple[str, str]]:
        """What was typed, to be offered again; without the token of the page it was typed on."""
        for name, value in self._data.multi_items():
            if isinstance(value, str) and name != TOKEN:
                yield name, value


NOTHING_SENT = Form(FormData(), ())


async def read_form(request: Request, bounds: Bounds = USUAL) -> Form:
    """Raises `HTTPException` 413 for what is too large, and 400 for what is no form."""
    bounded = Request(request.scope, _bounded(request.receive, bounds.bytes))
    async with bounded.form(
        max_files=bounds.files, max_fields=MOST_FIELDS, max_part_size=LARGEST_FIELD
    ) as data:
        files = [
            (name, Upload(value.filename or "", await value.read()))
            for name, value in data.multi_items()
            if isinstance(value, UploadFile)
        ]
        return Form(data, files)


def _bounded(receive: Receive, left: int) -> Receive:

    async def counted() -> Message:
        nonlocal left
        message = await receive()
        left -= len(message.get("body", b""))
        if left < 0:
            raise HTTPException(413)
        return message

    return counted


def is_from_us(request: Request, base_url: str) -> bool:
    """Whether the browser says that a page of ours sent this, or says nothing that speaks against it."""
    origin = request.headers.get("origin", base_url)
    site = request.headers.get("sec-fetch-site", "same-origin")
    return origin == base_url and site in ("same-origin", "none")


def has_token(form: Form, token: str) -> bool:
    return hmac.compare_digest(form.text(TOKEN).encode(), token.encode())
