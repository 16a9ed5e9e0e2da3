"""The benchmark judges what it measures: whoever leaves out a check is found out. Figures are not tested."""

from __future__ import annotations

import asyncio
import importlib
import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.architecture.source import ROOT


@pytest.fixture
def generator(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    return _of_bench("generator", monkeypatch)


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Any]:
    servers = _of_bench("servers", monkeypatch)
    with _of_bench("lms", monkeypatch).serving_keys() as port:
        yield servers.Bench(tmp_path, port)


def _of_bench(name: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    # Its programs lie side by side in one folder, and are no package.
    monkeypatch.syspath_prepend(ROOT / "bench")
    return importlib.import_module(name)


def measured(generator: ModuleType, target: Any) -> Any:
    load = generator.Load(rounds=1, per_round=5, mixed=30)
    return generator.measure(target, load, new_loop=asyncio.new_event_loop)


def test_the_gateway_takes_good_launches_alone(
    generator: ModuleType, bench: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = _of_bench("servers", monkeypatch).Database(str(tmp_path / "gatelodge.db"))
    bench.settle(database)

    with bench.gateway("gateway", database) as target:
        found = measured(generator, target)

    assert len(found.bad) == 10
    assert not any(found.bad_taken.values())
    assert found.good_refused == 0


def test_the_limit_takes_good_launches_alone(
    generator: ModuleType, bench: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = _of_bench("servers", monkeypatch).Database(str(tmp_path / "limit.db"))

    with bench.limit("limit", database) as target:
        found = measured(generator, target)

    assert len(found.bad) == 9
    assert not any(found.bad_taken.values())
    assert found.good_refused == 0


def test_a_server_that_takes_everything_is_found_out(generator: ModuleType) -> None:
    with taking_everything() as port:
        found = measured(generator, target_at(generator, port, os.getpid()))

    assert found.bad_taken == found.bad


def test_a_server_that_refuses_everything_is_found_out(generator: ModuleType) -> None:
    with taking_everything() as port:
        target = target_at(generator, port, os.getpid(), accepted="https://elsewhere.example/")
        found = measured(generator, target)

    assert found.good_refused == found.good


def test_nothing_is_sent_to_a_port_that_the_server_does_not_hold(generator: ModuleType) -> None:
    with subprocess.Popen(["sleep", "30"]) as stranger, taking_everything() as port:
        with pytest.raises(PermissionError):
            measured(generator, target_at(generator, port, stranger.pid))
        stranger.terminate()


def test_cpu_time_counts_threads_that_have_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    cpu_seconds = _of_bench("machine", monkeypatch).cpu_seconds
    before = cpu_seconds([os.getpid()])

    thread = threading.Thread(target=lambda: sum(range(2_000_000)))
    thread.start()
    thread.join()

    assert cpu_seconds([os.getpid()]) > before


# ---------------------------------------------------------------- a server that checks nothing


@contextmanager
def taking_everything() -> Iterator[int]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            is_launch = self.path == "/launch"
            self.send_response(303 if is_launch else 302)
            self.send_header(
                "Location",
                "https://tool.example/?code=1"
                if is_launch
                else "https://lms.example/?state=s&nonce=n",
            )
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        request_queue_size = 64

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


def target_at(
    generator: ModuleType, port: int, pid: int, accepted: str = "https://tool.example/"
) -> Any:
    return generator.Target(
        name="anything goes",
        pid=pid,
        port=port,
        pids=[pid],
        base_url="https://tool.example",
        login_path="/login",
        launch_path="/launch",
        accepted=accepted,
    )
