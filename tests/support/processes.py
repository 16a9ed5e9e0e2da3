"""The gateway as an operator runs it: `gatelodge serve`, and commands beside it, as processes of their own."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2

from tests.support.gateways import BASE, SECRET_KEY, Campus
from tests.support.mortal import mortal

GATELODGE = Path(sys.executable).with_name("gatelodge")


def environment(campus: Campus) -> dict[str, str]:
    """The settings of a process on this campus, and nothing that the developer has set."""
    ours = {
        "BASE_URL": BASE,
        "DATABASE_URL": campus.address,
        "DATA_DIR": str(campus.directory),
        "SECRET_KEYS": SECRET_KEY,
        "DEVELOPMENT": "true",
        "OUTBOUND_ALLOW": f"{campus.lms.allow},{campus.southbank_lms.allow}",
    }
    kept = {name: each for name, each in os.environ.items() if not name.startswith("GATELODGE_")}
    return kept | {f"GATELODGE_{name}": each for name, each in ours.items()}


@contextmanager
def serving(environment: Mapping[str, str], log: Path, *, port: int = 0) -> Iterator[str]:
    """The address where a process serves, once it is ready: on this port, or on a free one."""
    with serving_process(environment, log, port=port) as (address, _):
        yield address


@contextmanager
def serving_process(
    environment: Mapping[str, str], log: Path, *, port: int = 0
) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The same, with the process itself."""
    with log.open("wb") as errors:
        process = subprocess.Popen(
            mortal(GATELODGE, "serve", "--port", str(port)),
            env=environment,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    with process:
        try:
            assert process.stdout is not None
            address = process.stdout.readline().split()[3]
            wait_for(f"{address}/readyz")
            yield address, process
        finally:
            process.terminate()
            process.wait(20)


@contextmanager
def reserved_port() -> Iterator[int]:
    """A port that nobody else is given meanwhile: it is bound, and left to its owner to listen on."""
    with socket.socket() as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


def wait_for(address: str) -> None:
    for _ in range(400):
        try:
            if httpx2.get(address).status_code == 200:
                return
        except httpx2.TransportError:
            pass
        time.sleep(0.05)
    raise TimeoutError(address)


def command(environment: Mapping[str, str], *arguments: str) -> Any:
    """What a command prints as JSON."""
    done = subprocess.run(
        [GATELODGE, *arguments, "--json"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
