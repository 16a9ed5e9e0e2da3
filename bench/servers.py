"""The servers that are measured, each a process of its own on one core of this machine."""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import lms
from generator import Target
from machine import SERVER_CORE, require_holder

HERE = Path(__file__).resolve().parent
GATEWAY_BIN = HERE.parent / ".venv" / "bin"
READY_SECONDS = 60

GATEWAY_URL = "https://gate.example"
TOOL_LAUNCHED = r"https://hello\.example/launch\?code=.+"
PEER_LAUNCHED = r"https://tool\.example/launch\?code=.+"


@dataclass(frozen=True)
class Database:
    """``address`` is a file or a PostgreSQL; ``pids`` are the processes that serve it."""

    address: str
    synchronous: str = "NORMAL"
    pids: tuple[int, ...] = ()

    @property
    def is_postgresql(self) -> bool:
        return self.address.startswith("postgresql:")


@dataclass
class Bench:
    """A folder for everything that a run leaves behind, and the LMS's key set."""

    folder: Path
    key_set_port: int
    server_core: int = SERVER_CORE
    secret_key: str = field(default_factory=lambda: secrets.token_urlsafe(32))

    @property
    def key_set_url(self) -> str:
        return f"http://127.0.0.1:{self.key_set_port}/keys"

    # ------------------------------------------------------------ the gateway

    def gateway_environment(self, database: Database) -> dict[str, str]:
        """As an operator sets it behind a proxy; limits that a benchmark wouldn't run into."""
        address = database.address
        ours = {
            "BASE_URL": GATEWAY_URL,
            "DATABASE_URL": address if database.is_postgresql else f"sqlite:///{address}",
            "SQLITE_SYNCHRONOUS": database.synchronous,
            "DATA_DIR": str(self.folder),
            "SECRET_KEYS": self.secret_key,
            # The LMS of the benchmark is on this machine and has no certificate.
            "DEVELOPMENT": "true",
            "OUTBOUND_ALLOW": f"127.0.0.1:{self.key_set_port}",
            "TRUSTED_PROXIES": "127.0.0.1",
            "RATE_LIMITS": "launches=1000000000/minute,tokens=1000000000/minute",
            "LOG_FORMAT": "json",
        }
        return clean_environment() | {f"GATELODGE_{name}": each for name, each in ours.items()}

    def settle(self, database: Database) -> None:
        if database.is_postgresql:
            self._in_gateway(database, GATEWAY_BIN / "gatelodge", "db", "upgrade")
        self.seed(database, "settle", self.key_set_url)

    def seed(self, database: Database, what: str, value: str) -> None:
        self._in_gateway(database, GATEWAY_BIN / "python", HERE / "seed.py", what, value)

    def _in_gateway(self, database: Database, *command: str | Path) -> None:
        lms_is = {
            "BENCH_ISSUER": lms.ISSUER,
            "BENCH_AUTHORIZATION_URL": lms.AUTHORIZATION_URL,
            "BENCH_TOKEN_URL": lms.TOKEN_URL,
        }
        environment = self.gateway_environment(database) | lms_is
        subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)

    @contextmanager
    def gateway(self, name: str, database: Database, registrations: int = 1) -> Iterator[Target]:
        port = free_port()
        command = [GATEWAY_BIN / "gatelodge", "serve", "--port", str(port)]
        with self._running(name, command, self.gateway_environment(database), port) as pid:
            yield Target(
                name=name,
                pid=pid,
                port=port,
                pids=(pid, *database.pids),
                base_url=GATEWAY_URL,
                login_path="/lti/hello/login",
                launch_path="/lti/hello/launch",
                accepted=TOOL_LAUNCHED,
                registrations=registrations,
            )

    # ------------------------------------------------------------ the others

    @contextmanager
    def limit(self, name: str, database: Database) -> Iterator[Target]:
        port = free_port()
        store = {"store": database.address, "synchronous": database.synchronous}
        config = self._peer_config(name, port, **store)
        command = [sys.executable, HERE / "limit.py", config]
        with self._running(name, command, clean_environment(), port) as pid:
            yield self._peer(name, pid, port, database.pids, binds_browser=False)

    @contextmanager
    def pylti(self, name: str) -> Iterator[Target]:
        port = free_port()
        environment = clean_environment() | {"BENCH_CONFIG": str(self._peer_config(name, port))}
        command = [
            *(sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}"),
            *("--chdir", HERE, "--worker-class", "gthread", "--threads", "4"),
            *("--keep-alive", "30", "--log-level", "error", "pylti:application"),
        ]
        with self._running(name, command, environment, port) as pid:
            yield self._peer(name, pid, port, (), binds_browser=True)

    def _peer_config(self, name: str, port: int, **more: Any) -> Path:
        path = self.folder / f"{name}.json"
        config = {
            "port": port,
            "issuer": lms.ISSUER,
            "client_id": lms.client_id(1),
            "deployment_id": lms.deployment_id(1),
            "authorization_url": lms.AUTHORIZATION_URL,
            "token_url": lms.TOKEN_URL,
            "key_set_url": self.key_set_url,
            "jwk": lms.public_jwk(),
            "launch_url": f"http://127.0.0.1:{port}/launch",
            **more,
        }
        path.write_text(json.dumps(config))
        return path

    @staticmethod
    def _peer(
        name: str, pid: int, port: int, others: tuple[int, ...], *, binds_browser: bool
    ) -> Target:
        return Target(
            name=name,
            pid=pid,
            port=port,
            pids=(pid, *others),
            base_url=f"http://127.0.0.1:{port}",
            login_path="/login",
            launch_path="/launch",
            accepted=PEER_LAUNCHED,
            binds_browser=binds_browser,
        )

    @contextmanager
    def _running(
        self, name: str, command: list[Any], environment: Mapping[str, str], port: int
    ) -> Iterator[int]:
        """The process, once it listens; on its core, with what it says in a file."""
        pinned = ["taskset", "--cpu-list", str(self.server_core), *map(str, command)]
        with (self.folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(pinned, env=dict(environment), stdout=log, stderr=log)
        with process:
            try:
                _wait_until_listening(process, port)
                yield process.pid
            finally:
                process.terminate()
                process.wait(30)


def _wait_until_listening(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args!r} ended with {process.returncode}")
        try:
            require_holder(process.pid, port)
            with socket.create_connection(("127.0.0.1", port), timeout=5) as asking:
                asking.sendall(b"GET /healthz HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n")
                if asking.recv(1):
                    return
        except OSError:
            pass
        time.sleep(0.1)
    raise TimeoutError(f"{process.args!r} doesn't answer")


def clean_environment() -> dict[str, str]:
    """Nothing that the person at this machine has set for a gateway of their own."""
    return {name: each for name, each in os.environ.items() if not name.startswith("GATELODGE_")}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as held:
        return int(held.getsockname()[1])
