"""The files that pages ask for: style sheets, the mark, a script of three lines.

A file's address holds a digest of its content, so a browser may keep it for ever, and the pages
of a new version never meet the style sheet of an old one.
"""

import re
from gzip import compress
from hashlib import sha256
from importlib.resources import files
from typing import NamedTuple

PREFIX = "/static/"

_MEDIA_TYPES = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}

_STAMPED = re.compile(r"(?P<stem>[a-z-]+)\.(?P<digest>[0-9a-f]{12})\.(?P<ending>[a-z]+)")


# A fourth of a style sheet helps nobody but its readers.
_REMARK = re.compile(rb"/\*.*?\*/", re.DOTALL)
_BLANKS = re.compile(rb"\s+")
_BLANK_BESIDE = re.compile(rb" ?([{};,]) ?")


_GZIP = re.compile(r"\bgzip\b", re.IGNORECASE)
_NO_GZIP = re.compile(r"\bgzip\s*;\s*q=0(\.0*)?\s*(,|$)", re.IGNORECASE)


class Asset(NamedTuple):
    content: bytes
    packed: bytes
    """The same for browsers that take gzip."""
    media_type: str
    etag: str
    address: str


def asset_url(name: str) -> str:
    """The address of a file, as in ``/static/frame.0f1e2d3c4b5a.css``, without the host."""
    return _ASSETS[name].address


def read_asset(path: str) -> Asset | None:
    """The file at an address, with or without ``/static/`` before it.

    While replicas are upgraded one by one, a page of one version may ask the other for its style
    sheet. It gets the one there is; `headers.asset_headers` then doesn't let it be kept.
    """
    stamped = _STAMPED.fullmatch(path.removeprefix(PREFIX))
    return stamped and _ASSETS.get(f"{stamped['stem']}.{stamped['ending']}")


def takes_gzip(accepted: str) -> bool:
    """Whether an ``Accept-Encoding`` names gzip, and not to refuse it (RFC 9110 section 12.5.3)."""
    return bool(_GZIP.search(accepted)) and not _NO_GZIP.search(accepted)


def _lean(style: bytes) -> bytes:
    return _BLANK_BESIDE.sub(rb"\1", _BLANKS.sub(b" ", _REMARK.sub(b"", style)))


def _read(name: str, content: bytes) -> Asset:
    if name.endswith(".css"):
        content = _lean(content)
    stem, _, ending = name.partition(".")
    digest = sha256(content).hexdigest()[:12]
    return Asset(
        content,
        compress(content, mtime=0),
        _MEDIA_TYPES[ending],
        # Weak, since it stands for both forms.
        f'W/"{digest}"',
        f"{PREFIX}{stem}.{digest}.{ending}",
    )


_ASSETS = {
    each.name: _read(each.name, each.read_bytes())
    for each in (files("gatelodge.web.pages") / "static").iterdir()
}
