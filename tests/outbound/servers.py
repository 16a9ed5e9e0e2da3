"""Web servers on this machine that say exactly what a test wants, well-formed or not."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field

Script = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Server:
    port: int
    connections: int = 0
    requests: list[bytes] = field(default_factory=list)

    def url(self, path: str = "/keys", *, scheme: str = "http", host: str = "127.0.0.1") -> str:
        return f"{scheme}://{host}:{self.port}{path}"


@contextlib.asynccontextmanager
async def serving(
    script: Script | bytes, *, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Server]:
    """Answers each request with the script, or with the same bytes."""
    server = Server(port=0)
    tasks: set[asyncio.Task[None]] = set()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server.connections += 1
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            while request := await _request(reader):
                server.requests.append(request)
                if isinstance(script, bytes):
                    writer.write(script)
                    await writer.drain()
                else:
                    await script(writer)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.transport.abort()

    listening = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=tls)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks)


def reply(
    body: bytes = b"{}",
    *,
    status: str = "200 OK",
    headers: Sequence[str] = ("Content-Type: application/json",),
) -> bytes:
    head = [f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body)}"]
    return "\r\n".join(head).encode("latin-1") + b"\r\n\r\n" + body


async def _request(reader: asyncio.StreamReader) -> bytes:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        _, _, length = head.lower().partition(b"content-length: ")
        body = await reader.readexactly(int(length.split(b"\r\n")[0] or 0))
    except asyncio.IncompleteReadError:
        return b""
    return head + body
