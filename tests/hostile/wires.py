"""Bytes to a socket and back, with no client library between that would refuse to send them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence

FORM = b"content-type: application/x-www-form-urlencoded\r\n"
POST = b"POST /lti/hello/launch HTTP/1.1\r\nhost: lti.example\r\n" + FORM
CHUNKED = POST + b"transfer-encoding: chunked\r\n\r\n"


async def said(port: int, *pieces: bytes, half_close: bool = False, seconds: float = 1.0) -> bytes:
    """What comes back until the other side hangs up, or for so long."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answer = b""
    try:
        async with asyncio.timeout(seconds):
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
            if half_close:
                writer.write_eof()
            while more := await reader.read(65536):
                answer += more
    except (TimeoutError, ConnectionError):
        pass
    finally:
        writer.transport.abort()
    return answer


async def poured(port: int, first: bytes, piece: bytes, *, size: int, seconds: float = 8.0) -> int:
    """How many bytes could be written before the other side hung up, of at most ``size``."""
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    written = 0
    try:
        async with asyncio.timeout(seconds):
            writer.write(first)
            while written < size:
                writer.write(piece)
                await writer.drain()
                written += len(piece)
    except (TimeoutError, ConnectionError):
        pass
    finally:
        writer.transport.abort()
    return written


async def dripping(port: int, start: bytes, drop: bytes) -> None:
    """A letter now and then, for as long as it is let."""
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(start)
        while True:
            await asyncio.sleep(0.2)
            writer.write(drop)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.transport.abort()


def statuses(answer: bytes) -> Sequence[int]:
    return [int(each) for each in re.findall(rb"(?:^|[^ ])HTTP/1\.1 (\d{3}) ", answer)]
