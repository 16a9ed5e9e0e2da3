"""Small pictures, good and bad, made by hand."""

from __future__ import annotations

import zlib
from struct import pack

PNG = b"\x89PNG\r\n\x1a\n"


def chunk(kind: bytes, content: bytes) -> bytes:
    return pack(">I", len(content)) + kind + content + pack(">I", zlib.crc32(kind + content))


def header(
    width: int = 32, height: int = 32, *, depth: int = 8, colour: int = 2, interlaced: int = 0
) -> bytes:
    return chunk(b"IHDR", pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced))


def png(width: int = 32, height: int = 32, *, before: bytes = b"", behind: bytes = b"") -> bytes:
    """A petrol square; ``before`` stands among its chunks, ``behind`` after its end."""
    pixels = (b"\0" + b"\x0b\x60\x75" * width) * height
    body = header(width, height) + before + chunk(b"IDAT", zlib.compress(pixels))
    return PNG + body + chunk(b"IEND", b"") + behind


def segment(kind: int, content: bytes) -> bytes:
    return bytes((0xFF, kind)) + pack(">H", len(content) + 2) + content


def jpeg(width: int = 32, height: int = 32, *, before: bytes = b"", behind: bytes = b"") -> bytes:
    """A grey square, one component of 8 bits; every block is the number 0 and its end."""
    blocks = -(-width // 8) * -(-height // 8)
    bits = "00" * blocks
    bits += "1" * (-len(bits) % 8)
    scan = bytes(int(bits[place : place + 8], 2) for place in range(0, len(bits), 8))
    one_code = bytes((1, *(0,) * 15, 0))
    return b"".join(
        (
            b"\xff\xd8",
            before,
            segment(0xDB, bytes((0, *(1,) * 64))),
            segment(0xC0, pack(">BHHB", 8, height, width, 1) + b"\x01\x11\x00"),
            segment(0xC4, b"\x00" + one_code),
            segment(0xC4, b"\x10" + one_code),
            segment(0xDA, b"\x01\x01\x00\x00\x3f\x00"),
            scan.replace(b"\xff", b"\xff\x00"),
            b"\xff\xd9",
            behind,
        )
    )
