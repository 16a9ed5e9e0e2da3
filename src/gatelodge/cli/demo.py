"""`gatelodge demo`: a simulated LMS, the gateway and sample tools, ready to be clicked through."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import astuple
from http.client import HTTPConnection, HTTPException
from importlib.resources import as_file, files
from os import environ
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Never, Self

import typer

from gatelodge.cli.output import Json, print_json_line

if TYPE_CHECKING:
    from gatelodge.cli.demo_world import Logins, PortalLogin, ToolLogin, World

_FOLDER = Path("data") / "demo"
_UP_WITHIN = 60
_DOWN_WITHIN = 10

_GATELODGE = (sys.executable, "-c", "from gatelodge.cli import main; main()")


def demo(
    port: Annotated[
        int, typer.Option(min=1, max=65_000, help="The gateway's port; the others follow.")
    ] = 8000,
    fresh: Annotated[bool, typer.Option("--fresh", help="Forget what was kept.")] = False,
    as_json: Json = False,
) -> None:
    """Start a gateway, a simulated LMS and sample tools. The first line is the LMS's address.

    Ports that are taken are passed over. Data is kept in data/demo, apart for each set of ports.
    Settings in the environment are for other gateways and are not looked at.
    """
    # It brings the simulated LMS along, and no other command needs that.
    from gatelodge.cli.demo_world import Ports, World  # noqa: PLC0415

    ports = Ports(*_free_ports(port))
    world = World(_FOLDER / "-".join(map(str, astuple(ports))), ports)
    if fresh:
        shutil.rmtree(world.folder, ignore_errors=True)
    try:
        with _ended_by_signals(), ExitStack() as running:
            logins = world.settle()
            programs = [running.enter_context(each) for each in _programs(world, logins, running)]
            _wait_until_up(programs)
            _tell(world, logins.portal, as_json=as_json)
            _watch(programs)
    except _Ended:
        typer.echo("The demo has ended.", err=True)


# ----------------------------------------------------------------------- ports


def _free_ports(first: int) -> list[int]:
    found: list[int] = []
    for host in ("127.0.0.1", "localhost", "127.0.0.1", "127.0.0.1"):
        found.append(_free_port(host, found[-1] + 1 if found else first))
    return found


def _free_port(host: str, first: int) -> int:
    for port in range(first, 65_536):
        if _is_free(host, port):
            return port
    typer.echo(f"No port from {first} on is free.", err=True)
    raise typer.Exit(1)


def _is_free(host: str, port: int) -> bool:
    addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    try:
        for family, _, _, _, address in addresses:
            socket.create_server(address[:2], family=family).close()
    except OSError:
        return False
    return True


# ----------------------------------------------------------------------- programs


class _Program:
    """One part of the demo: a process that writes its own log, and ends when the demo does."""

    def __init__(
        self,
        name: str,
        command: tuple[str, ...],
        url: str,
        *,
        log: Path,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self.name = name
        self.url = url
        self._command = command
        self._log = log
        self._settings = settings or {}

    def __enter__(self) -> Self:
        with self._log.open("wb") as log:
            # In a session of its own: Ctrl-C is for the demo, which ends its parts in order.
            self._process = subprocess.Popen(  # noqa: S603 - our own programs
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**environ, **self._settings},
                start_new_session=True,
            )
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        try:
            self._process.wait(_DOWN_WITHIN)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def answers(self) -> bool:
        host, _, port = self.url.removeprefix("http://").partition(":")
        connection = HTTPConnection(host, int(port), timeout=2)
        with suppress(OSError, HTTPException):
            connection.request("GET", "/")
            connection.getresponse()
            return True
        return False

    def stop_if_dead(self) -> None:
        code = self._process.poll()
        if code is not None:
            self.give_up(f"{self.name} has ended by itself (exit code {code})")

    def give_up(self, what: str) -> Never:
        last = self._log.read_text(encoding="utf-8", errors="replace").splitlines()[-5:]
        typer.echo(f"{what}, so the demo has ended. All it said is in {self._log}.", err=True)
        for line in last:
            typer.echo(f"  {line}", err=True)
        raise typer.Exit(1)


def _programs(world: World, logins: Logins, running: ExitStack) -> list[_Program]:
    hello_tool = str(running.enter_context(_hello_tool()))

    def sample_tool(name: str, key: str, login: ToolLogin, url: str, port: int) -> _Program:
        return _Program(
            name,
            (sys.executable, hello_tool),
            url,
            log=world.folder / f"{key}.log",
            settings={
                "HELLO_GATEWAY": world.gateway,
                "HELLO_CLIENT_ID": login.client_id,
                "HELLO_CLIENT_SECRET": login.client_secret,
                "HELLO_PORT": str(port),
            },
        )

    ports = world.ports
    serve = ("serve", "--host", "127.0.0.1", "--port", str(ports.gateway))
    lms = ("--config", str(world.lms_config_file), "--host", "localhost", "--port", str(ports.lms))
    return [
        _Program(
            "The gateway", (*_GATELODGE, *serve), world.gateway, log=world.folder / "gateway.log"
        ),
        _Program(
            "The simulated LMS",
            (sys.executable, "-m", "gatelodge.simulator", *lms),
            world.lms,
            log=world.folder / "lms.log",
        ),
        sample_tool("The sample tool", "hello", logins.hello, world.hello, ports.hello),
        sample_tool("The notice board", "notices", logins.notices, world.notices, ports.notices),
    ]


@contextmanager
def _hello_tool() -> Iterator[Path]:
    """The sample tool: beside this module in an installed package, in examples/ in the source."""
    packaged = files("gatelodge.cli") / "hello_tool.py"
    if packaged.is_file():
        with as_file(packaged) as path:
            yield path
    else:
        yield Path(__file__).parents[3] / "examples" / "hello_tool" / "hello_tool.py"


def _wait_until_up(programs: list[_Program]) -> None:
    deadline = time.monotonic() + _UP_WITHIN
    for program in programs:
        while not program.answers():
            for each in programs:
                each.stop_if_dead()
            if time.monotonic() > deadline:
                program.give_up(f"{program.name} didn't answer within {_UP_WITHIN} seconds")
            time.sleep(0.1)


def _watch(programs: list[_Program]) -> Never:
    while True:
        for program in programs:
            program.stop_if_dead()
        time.sleep(0.5)


def _tell(world: World, portal: PortalLogin, *, as_json: bool) -> None:
    if as_json:
        addresses = {"lms": world.lms, "gateway": world.gateway, "hello": world.hello}
        account = {"email": portal.email, "password": portal.password}
        print_json_line(addresses | {"account": account, "folder": str(world.folder)})
        return
    typer.echo(world.lms)
    typer.echo(
        f"\nThat is Northfield VLE, a simulated LMS. Open it, choose Biology 101, click a link.\n"
        f"\n  Portal       {world.gateway}/portal"
        f"\n  Sign in as   {portal.email}, password {portal.password}"
        f"\n  Gateway      {world.gateway}"
        f"\n  Sample tool  {world.hello}"
        f"\n  Kept in      {world.folder}\n"
        f"\nCtrl-C ends everything."
    )


# ----------------------------------------------------------------------- the end


class _Ended(BaseException):
    """Somebody wants the demo to end. No error: nothing on the way may catch it by mistake."""


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    def end(_number: int, _frame: FrameType | None) -> None:
        # Only once: the rest of the time is for ending the programs.
        for each in _SIGNALS:
            signal.signal(each, signal.SIG_IGN)
        raise _Ended

    before = {each: signal.signal(each, end) for each in _SIGNALS}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
