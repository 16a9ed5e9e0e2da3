"""A small real HTTP server that answers with given pages and with our files, headers and all."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from gatelodge.web.pages.assets import read_asset
from gatelodge.web.pages.headers import Headers, asset_headers


@dataclass(frozen=True)
class Answer:
    body: bytes
    headers: Headers = (("Content-Type", "text/html; charset=utf-8"),)
    status: int = 200


@dataclass(frozen=True)
class Received:
    """A form that was posted to the server."""

    path: str
    body: str
    origin: str | None
    referrer: str | None


@dataclass
class Site:
    address: str
    answers: dict[str, Answer] = field(
        default_factory=lambda: {"/favicon.ico": Answer(b"", (), status=204)}
    )
    received: list[Received] = field(default_factory=list)

    def show(self, body: bytes, headers: Headers, path: str = "/page") -> str:
        """Answer with this page at the path, and tell its full address."""
        self.answers[path] = Answer(body, headers)
        return self.address + path


@contextmanager
def serving(host: str = "127.0.0.1") -> Generator[Site]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    server.site = Site(f"http://{host}:{server.server_port}")  # type: ignore[attr-defined]
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server.site  # type: ignore[attr-defined]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self._site.received.append(
            Received(self.path, body, self.headers["Origin"], self.headers["Referer"])
        )
        self._answer()

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    @property
    def _site(self) -> Site:
        return self.server.site  # type: ignore[attr-defined, no-any-return]

    def _answer(self) -> None:
        asset = read_asset(self.path)
        if asset:
            answer = Answer(asset.content, asset_headers(asset, self.path))
        else:
            answer = self._site.answers.get(self.path.partition("?")[0], Answer(b"", status=404))
        self.send_response(answer.status)
        for name, value in (*answer.headers, ("Content-Length", str(len(answer.body)))):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.body)
