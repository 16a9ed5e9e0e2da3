"""One open database: runs functions over a connection, each in a transaction of its own.

On SQLite all writes of this process are done by one thread, one after the other; connections that
fight for the one lock were measured to be far slower.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine

from gatelodge.storage.broken import in_our_words
from gatelodge.storage.crew import Crew
from gatelodge.storage.engine import (
    READERS,
    Engines,
    Kind,
    Synchronous,
    empty_journal,
    open_engines,
    vacuum,
)
from gatelodge.storage.errors import StorageUnavailable, UnstorableValue
from gatelodge.storage.launch_connection import LaunchConnection
from gatelodge.storage.tables import metadata
from gatelodge.words import N_

T = TypeVar("T")
Work = Callable[[Connection], T]

__all__ = ["Connection", "Database"]


class Database:
    def __init__(self, engines: Engines, *, patience: float) -> None:
        self.engines = engines
        self.patience = patience
        self._readers = Crew("reads", READERS, patience)
        if self.kind == "sqlite":
            self._writers = self._launch_writers = Crew("writes", 1, patience)
        else:
            self._writers = self._readers
            self._launch_writers = Crew("launches", 1, patience)
        self._launch_connection = LaunchConnection(engines.launch_writers, patience)

    @classmethod
    def open(
        cls, url: str, *, synchronous: Synchronous = "NORMAL", patience: float = 5.0
    ) -> "Database":
        """Opens ``sqlite:///file.db`` or ``postgresql://...``; connects with the first use.

        ``patience`` is how many seconds to wait for a lock or a connection.
        """
        engines = open_engines(url, synchronous=synchronous, patience=patience)
        return cls(engines, patience=patience)

    @property
    def kind(self) -> Kind:
        return self.engines.kind

    def read(self, work: Work[T]) -> T:
        """In a transaction that cannot write, on the caller's own thread."""
        return _transact(self.engines.readers, work)

    def find(self, work: Work[T | None]) -> T | None:
        """As `read`; what no database can hold is not there."""
        try:
            return self.read(work)
        except UnstorableValue:
            return None

    def write(self, work: Work[T]) -> T:
        """In a transaction that is committed when ``work`` returns and undone when it raises."""
        if self.kind == "sqlite":
            return self._writers.run(lambda: _transact(self.engines.writers, work))
        return _transact(self.engines.writers, work)

    def empty_journal(self) -> None:
        """What was deleted stands in SQLite's journal until that is begun anew."""
        if self.kind == "sqlite":
            self._writers.run(lambda: empty_journal(self.engines.writers))

    def give_up_dead_rows(self) -> None:
        """What was deleted stands in PostgreSQL's tables until it looks through them."""
        if self.kind != "postgresql":
            return
        with in_our_words():
            vacuum(self.engines.launch_writers, [each.name for each in metadata.sorted_tables])

    async def run_read(self, work: Work[T]) -> T:
        return await self._awaited(self._readers, lambda: self.read(work))

    async def run_find(self, work: Work[T | None]) -> T | None:
        return await self._awaited(self._readers, lambda: self.find(work))

    async def run_write(self, work: Work[T]) -> T:
        return await self._awaited(self._writers, lambda: _transact(self.engines.writers, work))

    async def _awaited(self, crew: Crew, work: Callable[[], T]) -> T:
        """As long as a wait for a thread and one for a lock can take; what has begun then goes on."""
        try:
            async with asyncio.timeout(2 * self.patience):
                return await asyncio.wrap_future(crew.submit(work))
        except TimeoutError:
            raise StorageUnavailable(N_("The database does not answer.")) from None

    def submit_launches(self, work: Callable[[], T]) -> "Future[T]":
        """Does ``work`` on the thread that writes launches, with `launch_connection`."""
        return self._launch_writers.submit(work)

    def launch_connection(self) -> AbstractContextManager[Any]:
        """For a group of launches; see `LaunchConnection`."""
        return self._launch_connection.lend()

    def close(self) -> None:
        for each in (self._readers, self._writers, self._launch_writers):
            each.close()
        self._launch_connection.close()
        self.engines.dispose()


def _transact(engine: Engine, work: Work[T]) -> T:
    with in_our_words(), engine.begin() as connection:
        return work(connection)
