"""Makes an uploaded picture safe: read strictly, then written anew from what belongs to a picture.

PNG and JPEG only. What is no part of the picture stays out: metadata (where a photo was taken),
comments, a second file behind its end. A PNG's pixels are unpacked to the very size that its
header says, and packed again, so one that grows without end is refused before it does. SVG can
carry script, and is no picture here.
"""

import zlib
from collections.abc import Iterator
from struct import pack, unpack
from typing import NamedTuple

from gatelodge.services.errors import Invalid

LARGEST_FILE = 200_000
SMALLEST_SIDE, LONGEST_SIDE = 16, 1024


class Picture(NamedTuple):
    content_type: str
    content: bytes


def read_picture(field: str, data: bytes) -> Picture:
    """Raises `Invalid` about this field for what is no picture that we take."""
    if len(data) > LARGEST_FILE:
        raise Invalid(field, "The picture is larger than 200 kB.")
    try:
        if data.startswith(_PNG):
            return Picture("image/png", _png(data))
        if data.startswith(_JPEG):
            return Picture("image/jpeg", _jpeg(data))
    except _WrongSize as size:
        width, height = size.args
        raise Invalid(
            field,
            f"The picture is {width} by {height} pixels; each side can have "
            f"{SMALLEST_SIDE} to {LONGEST_SIDE}.",
        ) from None
    except _Damaged:
        raise Invalid(field, "The picture is damaged: it can't be read to its end.") from None
    raise Invalid(field, "This is no picture that we take.", hint="Choose a PNG or JPEG file.")


class _Damaged(Exception):
    pass


class _WrongSize(Exception):
    pass


def _require(holds: bool) -> None:  # noqa: FBT001 - it reads as a sentence
    if not holds:
        raise _Damaged


def _check_size(width: int, height: int) -> None:
    if not all(SMALLEST_SIDE <= side <= LONGEST_SIDE for side in (width, height)):
        raise _WrongSize(width, height)


# ---------------------------------------------------------------- PNG (RFC 2083 and its successors)

_PNG = b"\x89PNG\r\n\x1a\n"

_SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
"""Samples of a pixel, by colour type."""

_DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}

_WHOLE = ((0, 0, 1, 1),)
_ADAM7 = (
    (0, 0, 8, 8),
    (4, 0, 8, 8),
    (0, 4, 4, 8),
    (2, 0, 4, 4),
    (0, 2, 2, 4),
    (1, 0, 2, 2),
    (0, 1, 1, 2),
)
"""The passes of an interlaced picture: first column and row, and the steps between them."""


def _png(data: bytes) -> bytes:
    chunks = list(_png_chunks(data))
    _require(bool(chunks) and chunks[0][0] == b"IHDR" and len(chunks[0][1]) == 13)
    header = chunks[0][1]
    rows = _rows_of(header)
    kept = {b"PLTE": b"", b"tRNS": b""}
    packed = b""
    for kind, content in chunks[1:]:
        if kind == b"IDAT":
            packed += content
        elif kind in kept:
            _require(not packed and not kept[kind] and len(content) <= 768)
            kept[kind] = content
        else:
            # A small first letter says that the picture can be shown without it.
            _require(kind[:1].islower())
    _require(header[9] != 3 or bool(kept[b"PLTE"]))
    pixels = _unpacked(packed, rows)
    written = [(b"IHDR", header), *((k, c) for k, c in kept.items() if c)]
    written += [(b"IDAT", zlib.compress(pixels, 9)), (b"IEND", b"")]
    return _PNG + b"".join(_png_chunk(kind, content) for kind, content in written)


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Up to the end of the picture; what comes behind is not looked at."""
    place = len(_PNG)
    while True:
        _require(place + 12 <= len(data))
        length, kind = unpack(">I4s", data[place : place + 8])
        _require(kind.isalpha() and place + 12 + length <= len(data))
        content = data[place + 8 : place + 8 + length]
        [sum_given] = unpack(">I", data[place + 8 + length : place + 12 + length])
        _require(zlib.crc32(kind + content) == sum_given)
        if kind == b"IEND":
            return
        yield kind, content
        place += 12 + length


def _png_chunk(kind: bytes, content: bytes) -> bytes:
    return pack(">I", len(content)) + kind + content + pack(">I", zlib.crc32(kind + content))


def _rows_of(header: bytes) -> list[int]:
    """The length in bytes of every row that a picture with this header has."""
    width, height, depth, colour, *methods = unpack(">IIBBBBB", header)
    _check_size(width, height)
    _require(depth in _DEPTHS.get(colour, ()) and methods[:2] == [0, 0] and methods[2] in (0, 1))
    bits = depth * _SAMPLES[colour]
    rows: list[int] = []
    for column, row, across, down in _ADAM7 if methods[2] else _WHOLE:
        columns = (width - column + across - 1) // across
        if columns:
            rows += [1 + (columns * bits + 7) // 8] * ((height - row + down - 1) // down)
    return rows


def _unpacked(packed: bytes, rows: list[int]) -> bytes:
    """Each row begins with the number of its filter, 0 to 4."""
    size = sum(rows)
    unpacker = zlib.decompressobj()
    try:
        pixels = unpacker.decompress(packed, size + 1)
    except zlib.error:
        raise _Damaged from None
    _require(unpacker.eof and not unpacker.unused_data and len(pixels) == size)
    place = 0
    for length in rows:
        _require(pixels[place] <= 4)
        place += length
    return pixels


# ---------------------------------------------------------------- JPEG (ITU-T T.81)

_JPEG = b"\xff\xd8\xff"
_END, _SCAN, _ADOBE = 0xD9, 0xDA, 0xEE
_FRAMES = (0xC0, 0xC1, 0xC2)
_KEPT = (*_FRAMES, 0xC4, 0xDB, 0xDD, _SCAN)
_LEFT_OUT = (*range(0xE0, 0xF0), 0xFE)


def _jpeg(data: bytes) -> bytes:
    written = [data[:2]]
    place, has_frame, has_scan = 2, False, False
    while True:
        _require(place + 4 <= len(data) or data[place : place + 2] == b"\xff\xd9")
        _require(data[place] == 0xFF)
        kind = data[place + 1]
        if kind == _END:
            _require(has_scan)
            return b"".join((*written, b"\xff\xd9"))
        [length] = unpack(">H", data[place + 2 : place + 4])
        end = place + 2 + length
        _require(length >= 2 and end <= len(data))
        if kind in _FRAMES:
            _require(not has_frame and length >= 11)
            height, width = unpack(">HH", data[place + 5 : place + 9])
            _check_size(width, height)
            has_frame = True
        if kind == _SCAN:
            _require(has_frame)
            end = _end_of_scan(data, end)
            has_scan = True
        # Without Adobe's mark the colours of some would be read wrongly; it has no room for more.
        is_adobe = kind == _ADOBE and length == 14 and data[place + 4 : place + 9] == b"Adobe"
        if kind in _KEPT or is_adobe:
            written.append(data[place:end])
        else:
            _require(kind in _LEFT_OUT)
        place = end


def _end_of_scan(data: bytes, place: int) -> int:
    """Where the next marker stands that isn't part of the scan: stuffing and restarts are."""
    while True:
        place = data.find(b"\xff", place)
        _require(0 <= place < len(data) - 1)
        following = data[place + 1]
        if following == 0xFF:
            place += 1
        elif following == 0 or 0xD0 <= following <= 0xD7:
            place += 2
        else:
            return place
