"""A posted form: read within bounds before a handler sees it, and proven to come from our page.

A form of another site is refused by the browser's own word (Origin, Sec-Fetch-Site) and by a token
that only pages of this session hold; both, since each alone has failed somewhere.
"""

import hmac
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request
from starlette.types import Message, Receive

LARGEST_FIELD = 256 * 1024
MOST_FIELDS = 2000
"""A tool may be offered to so many institutions by ticking them one by one."""


class Bounds(NamedTuple):
    """How much of a form is read: bytes in all, and files."""

    bytes: int = 512 * 1024
    files: int = 1
    keeps_files: bool = True
    """Without them files are passed over, and their names are all that is kept."""


USUAL = Bounds()

TOKEN = "csrf"  # noqa: S105 - the name of a field
LEFT_OUT = "left-out"
"""The field that names files which were sent and not kept, as "field/name"."""


class Upload(NamedTuple):
    """A file with the name that it has where it comes from."""

    name: str
    content: bytes


class Form:
    """Fields as they came, and files as bytes; a name that is missing reads as nothing."""

    def __init__(
        self, data: FormData, files: Sequence[tuple[str, Upload]], *, keeps_files: bool = True
    ) -> None:
        self._data = data
        self._files = files
        self.keeps_files = keeps_files

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
            if isinstance(value, str) and name not in (TOKEN, LEFT_OUT):
                yield name, value

    def file_names(self) -> list[tuple[str, str]]:
        """Field and name of each file that can't be offered again, of this sending or one before."""
        before = [each.partition("/") for each in self.texts(LEFT_OUT)]
        named = [(field, name) for field, _, name in before]
        named += [(field, each.name) for field, each in self._files if each.name]
        return list(dict.fromkeys(named))


NOTHING_SENT = Form(FormData(), ())


async def read_form(request: Request, bounds: Bounds = USUAL) -> Form:
    """Raises `HTTPException` 413 for what is too large, and 400 for what is no form."""
    bounded = Request(request.scope, _bounded(request.receive, bounds.bytes))
    is_multipart = request.headers.get("content-type", "").startswith("multipart/form-data")
    if is_multipart and not bounds.keeps_files:
        return await _read_without_files(bounded, bounds)
    async with bounded.form(
        max_files=bounds.files, max_fields=MOST_FIELDS, max_part_size=LARGEST_FIELD
    ) as data:
        return Form(data, [(name, await _upload(value)) for name, value in _files_in(data)])


async def _read_without_files(request: Request, bounds: Bounds) -> Form:
    parser = _WithoutFiles(
        request.headers,
        request.stream(),
        max_files=bounds.files,
        max_fields=MOST_FIELDS,
        max_part_size=LARGEST_FIELD,
    )
    try:
        data = await parser.parse()
    except MultiPartException as error:
        raise HTTPException(400, error.message) from None
    try:
        files = [(name, await _upload(value)) for name, value in _files_in(data)]
        return Form(data, files, keeps_files=False)
    finally:
        await data.close()


class _WithoutFiles(MultiPartParser):
    """Lets the bytes of files pass, and keeps no more text than of a usual form."""

    _left = USUAL.bytes

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        if self._current_part.file is not None:
            return
        self._left -= end - start
        if self._left < 0:
            raise HTTPException(413)
        super().on_part_data(data, start, end)


def _files_in(data: FormData) -> Iterator[tuple[str, UploadFile]]:
    return ((name, each) for name, each in data.multi_items() if isinstance(each, UploadFile))


async def _upload(file: UploadFile) -> Upload:
    return Upload(file.filename or "", await file.read())


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
