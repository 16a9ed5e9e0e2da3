"""Files that people attach to a report: of a few kinds, judged by what is in them and not by their name.

Nothing is unpacked, drawn or interpreted here or on any page of ours, so what only looks like a
picture harms nobody: it leaves as a download and nothing else. Rows and pages are not known here.
"""

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from gatelodge.services.errors import Invalid

MOST_FILES = 3
LARGEST_FILE = 5_000_000
LONGEST_NAME = 100

_SIGNATURES: tuple[tuple[re.Pattern[bytes], str, tuple[str, ...]], ...] = (
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "image/png", ("png",)),
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg", ("jpg", "jpeg")),
    (re.compile(rb"RIFF.{4}WEBP", re.DOTALL), "image/webp", ("webp",)),
    (re.compile(rb"GIF8[79]a"), "image/gif", ("gif",)),
    (re.compile(rb"%PDF-"), "application/pdf", ("pdf",)),
)
_TEXTS = ("txt", "log", "csv", "json", "har")

ENDINGS = (*(ending for *_, endings in _SIGNATURES for ending in endings), *_TEXTS)
"""What the names of such files end with."""

_NO_TEXT = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")
"""Of the characters that nobody sees, logs have tabs, line ends, and the escape of colours."""


class File(NamedTuple):
    """As it was uploaded."""

    name: str
    content: bytes


class Attachment(NamedTuple):
    name: str
    content_type: str
    content: bytes


def read_attachments(files: Sequence[File]) -> list[Attachment]:
    """Raises `Invalid` about ``files``."""
    if len(files) > MOST_FILES:
        raise Invalid("files", f"There are {len(files)} files, and {MOST_FILES} are taken.")
    return [_read(each) for each in files]


def _read(file: File) -> Attachment:
    name = fit_file_name(file.name)
    if not file.content:
        raise Invalid("files", f"The file {name!r} is empty.")
    if len(file.content) > LARGEST_FILE:
        raise Invalid("files", f"The file {name!r} is larger than 5 MB.")
    ending = name.rpartition(".")[2].lower()
    content_type, endings = _kind_of(file.content)
    if ending not in endings:
        raise Invalid(
            "files",
            f"The file {name!r} isn't what its name says, or of a kind that isn't taken.",
            hint=f"Attach one of these: {', '.join(ENDINGS)}.",
        )
    return Attachment(name, content_type, file.content)


def _kind_of(content: bytes) -> tuple[str, tuple[str, ...]]:
    for signature, content_type, endings in _SIGNATURES:
        if signature.match(content):
            return content_type, endings
    if _NO_TEXT.search(content):
        return "", ()
    return "text/plain", _TEXTS


def fit_file_name(name: str) -> str:
    """A name without a way to a folder and without what nobody sees; its ending stays."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name[:1000]))[-1]
    seen = "".join(each for each in last if each.isprintable() and each not in '"<>|:*?').strip()
    stem, dot, ending = seen.rpartition(".")
    if not dot:
        return seen[:LONGEST_NAME] or "file"
    return f"{stem[: LONGEST_NAME - 10].strip() or 'file'}.{ending[:9]}"
