"""An internet on this machine: any name with a certificate for it, and a proxy that knows where each one leads.

A browser and a gateway that use the proxy meet LMSs under their real names, though nothing leaves the machine.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import Self
from urllib.parse import urlsplit

import uvicorn
from starlette.types import ASGIApp

from tests.outbound.certificates import Authority


class Internet:
    """``serve`` gives names to an application; ``proxy`` is the address by which they are reached."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._authority = Authority.make()
        self._ports: dict[str, int] = {}
        self._running = ExitStack()
        self.proxy = ""

    @property
    def trusted(self) -> ssl.SSLContext:
        return self._authority.trusted()

    def serve(self, app: ASGIApp, *hosts: str) -> None:
        """Over https, at these names from now on."""
        folder = self._folder / hosts[0]
        folder.mkdir(exist_ok=True)
        self._authority.server(folder, *hosts)
        port = self._running.enter_context(_serving(app, folder / "server.pem"))
        self._ports |= dict.fromkeys(hosts, port)

    def way_to(self, host: str, port: int) -> socket.socket:
        """Names lead where they were given to; an address of this machine is what it is."""
        return socket.create_connection(("127.0.0.1", self._ports.get(host, port)), timeout=30)

    def knows(self, host: str) -> bool:
        return host in self._ports or host in ("127.0.0.1", "localhost")

    def __enter__(self) -> Self:
        proxy = _Proxy(self)
        self.proxy = f"http://127.0.0.1:{proxy.server_address[1]}"
        threading.Thread(target=proxy.serve_forever, args=(0.02,), daemon=True).start()
        self._proxy = proxy
        return self

    def __exit__(self, *_: object) -> None:
        # First of all: whoever serves waits for connections that lead nowhere any more.
        self._proxy.hang_up()
        self._running.close()


class _Proxy(ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, internet: Internet) -> None:
        super().__init__(("127.0.0.1", 0), _Leading)
        self.internet = internet
        self.connected: set[socket.socket] = set()

    def hang_up(self) -> None:
        self.shutdown()
        self.server_close()
        for each in tuple(self.connected):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)


class _Leading(StreamRequestHandler):
    """Tunnels for https (RFC 9110, 9.3.6), and one request at a time for plain http (RFC 9112, 3.2.2)."""

    server: _Proxy

    def handle(self) -> None:
        head = self._head()
        method, _, rest = head.partition(b" ")
        if not rest:
            return
        target, _, rest = rest.partition(b" ")
        is_tunnel = method == b"CONNECT"
        parts = urlsplit(f"//{target.decode()}" if is_tunnel else target.decode())
        host = parts.hostname or ""
        if not self.server.internet.knows(host):
            self.wfile.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
            return
        with self.server.internet.way_to(host, parts.port or 80) as onward:
            self.server.connected |= {onward, self.connection}
            if is_tunnel:
                self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            else:
                path = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}".encode()
                rest = rest.replace(b"\r\n", b"\r\nConnection: close\r\n", 1)
                onward.sendall(b" ".join((method, path, rest)))
            back = threading.Thread(target=_copy, args=(onward, self.connection), daemon=True)
            back.start()
            _copy(self.connection, onward)
            back.join()
            self.server.connected -= {onward, self.connection}

    def _head(self) -> bytes:
        head = b""
        while line := self.rfile.readline(65_536):
            head += line
            if line == b"\r\n":
                return head
        return b""

    # What came with the head must not stay in a buffer.
    rbufsize = 0


def _copy(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)


@contextmanager
def _serving(app: ASGIApp, certificate: Path) -> Iterator[int]:
    """The port at which an application is served over https, beside the test."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    config = uvicorn.Config(
        app,
        loop="asyncio",
        ssl_certfile=certificate,
        log_config=None,
        access_log=False,
        proxy_headers=False,
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the application didn't start"
            time.sleep(0.02)
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(20)
        listener.close()
