"""Threads that do the database's work, and refuse what has waited too long for one of them."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import current_thread
from typing import TypeVar

from gatelodge.storage.errors import StorageUnavailable
from gatelodge.words import N_

T = TypeVar("T")


class Crew:
    """At most ``size`` pieces of work at once; the next ones wait, but no longer than ``patience``.

    So a database that is stuck answers everybody within twice its own time limit, and not one
    after the other.
    """

    def __init__(self, name: str, size: int, patience: float) -> None:
        self._name = f"gatelodge-{name}"
        self._patience = patience
        self._threads = ThreadPoolExecutor(size, thread_name_prefix=self._name)

    def submit(self, work: Callable[[], T]) -> Future[T]:
        """Never raises: what goes wrong is in the answer."""
        latest = time.monotonic() + self._patience

        def begin() -> T:
            if time.monotonic() > latest:
                raise StorageUnavailable(
                    N_("The database is too busy: others were waiting before.")
                )
            return work()

        try:
            return self._threads.submit(begin)
        except RuntimeError:
            refused: Future[T] = Future()
            refused.set_exception(StorageUnavailable(N_("The database is closed.")))
            return refused

    def run(self, work: Callable[[], T]) -> T:
        """Does the work on one of the threads, and waits for it."""
        if self.is_here():
            raise RuntimeError("work of the database may not wait for other work of the same kind")
        return self.submit(work).result()

    def is_here(self) -> bool:
        return current_thread().name.startswith(f"{self._name}_")

    def close(self) -> None:
        self._threads.shutdown(wait=True, cancel_futures=True)
