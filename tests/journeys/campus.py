"""A campus of real processes: the gateway, a tool that says it was opened, and LMSs begun when they are needed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx2
from playwright.sync_api import BrowserContext

from gatelodge.assembly import Gateway, open_gateway
from gatelodge.services.caller import Caller
from gatelodge.settings import Settings
from gatelodge.storage.database import Database
from tests.support.gateways import OTTO, SECRET_KEY
from tests.support.mortal import mortal
from tests.support.people import SESSION_COOKIE, add_person
from tests.support.processes import reserved_port, serving_process

MOST_LMSS = 10


class _Tool(BaseHTTPRequestHandler):
    """What it is sent, it says; whose launch it is, it doesn't ask."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>Tool</title><h1>The tool is open</h1>")

    def log_message(self, *_: Any) -> None:
        pass


@dataclass
class Place:
    """``gateway`` looks into the same database as the process that serves at ``address``."""

    gateway: Gateway
    address: str
    folder: Path
    running: ExitStack
    ports: list[int]
    """Free ones, on which the gateway may reach an LMS of ours."""

    @property
    def ada(self) -> Caller:
        return Caller.admin("ada", self.gateway.tenants.find(OTTO, "northfield").id)

    def sign_in(self, context: BrowserContext, name: str = "Ada") -> None:
        campus: Any = _AsCampus(self.gateway)
        token = self.gateway.sessions.begin(add_person(campus, name))
        context.add_cookies(
            [
                {
                    "name": SESSION_COOKIE,
                    "value": token,
                    "url": self.address.replace("http:", "https:"),
                    "secure": True,
                    "httpOnly": True,
                }
            ]
        )

    def begin_lms(self, tool: dict[str, Any], *, issuer: str = "") -> str:
        """A simulated LMS in which somebody has entered this tool; the answer is its address."""
        port = self.ports.pop()
        address = f"http://localhost:{port}"
        config = {"base_url": address, "issuer": issuer, "tools": [tool]}
        file = self.folder / f"lms-{port}.json"
        file.write_text(json.dumps(config), encoding="utf-8")
        command = (sys.executable, "-m", "gatelodge.simulator", "--config", file)
        process = subprocess.Popen(mortal(*command, "--port", str(port)))
        self.running.callback(process.wait, 20)
        self.running.callback(process.terminate)
        _wait_for(address)
        return address


@dataclass
class _AsCampus:
    """As much of a campus as adding a person takes."""

    gateway: Gateway

    @property
    def database(self) -> Database:
        return self.gateway.database

    def tenant(self, slug: str) -> str:
        return self.gateway.tenants.find(OTTO, slug).id


@contextmanager
def opened(folder: Path) -> Iterator[Place]:
    with ExitStack() as running:
        port = running.enter_context(reserved_port())
        tool = ThreadingHTTPServer(("127.0.0.1", 0), _Tool)
        threading.Thread(target=tool.serve_forever, daemon=True).start()
        running.callback(tool.server_close)
        running.callback(tool.shutdown)
        ports = [running.enter_context(reserved_port()) for _ in range(MOST_LMSS)]
        values = {
            "OUTBOUND_ALLOW": ",".join(f"localhost:{each}" for each in ports),
            "BASE_URL": f"http://127.0.0.1:{port}",
            "DATABASE_URL": f"sqlite:///{folder}/gatelodge.db",
            "DATA_DIR": str(folder),
            "SECRET_KEYS": SECRET_KEY,
            "DEVELOPMENT": "true",
        }
        gateway = running.enter_context(_gateway(folder, values["BASE_URL"]))
        gateway.tenants.add(OTTO, "Northfield")
        gateway.tools.add(OTTO, "hello", "Hello", f"http://127.0.0.1:{tool.server_port}/launch")
        ours = {f"GATELODGE_{name}": value for name, value in values.items()}
        kept = {
            name: each for name, each in os.environ.items() if not name.startswith("GATELODGE_")
        }
        running.enter_context(serving_process(kept | ours, folder / "log", port=port))
        yield Place(gateway, values["BASE_URL"], folder, running, ports)


@contextmanager
def _gateway(folder: Path, base: str) -> Iterator[Gateway]:
    settings = Settings(
        base_url=base,
        database_url=f"sqlite:///{folder}/gatelodge.db",
        data_dir=folder,
        secret_keys=SECRET_KEY,
        development=True,
    )
    gateway = open_gateway(settings, check_for_serving=False)
    try:
        yield gateway
    finally:
        gateway.close()


def _wait_for(address: str) -> None:
    for _ in range(400):
        try:
            httpx2.get(address)
        except httpx2.TransportError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError(address)
