"""The driver's own connection for groups of launches, kept open from one group to the next."""

from collections.abc import Iterator
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from typing import Any

from sqlalchemy import Engine

from gatelodge.storage.broken import in_our_words, translated
from gatelodge.storage.errors import StorageUnavailable
from gatelodge.words import N_


class ConnectionLost(Exception):
    """The server closed the connection, or is gone. Stays inside storage."""


class LaunchConnection:
    """Opened with the first use, and anew after anything went wrong.

    SQLAlchemy's pool would look after it as well, but every group would wait for its care.
    """

    def __init__(self, engine: Engine, patience: float) -> None:
        self._engine = engine
        self._patience = patience
        # Holds the connection, or None for one that is to be opened; nothing while it is lent.
        self._shelf: SimpleQueue[Any] = SimpleQueue()
        self._shelf.put(None)

    @contextmanager
    def lend(self) -> Iterator[Any]:
        """Outside any transaction; our errors for what goes wrong.

        `ConnectionLost` when it broke while it was used: another one may work.
        """
        connection = self._taken()
        is_sound = False
        try:
            connection = connection or self._opened()
            yield connection
            is_sound = True
        except Exception as error:
            if getattr(connection, "closed", False):
                raise ConnectionLost from error
            raise translated(error) from error
        finally:
            if connection is not None and not is_sound:
                connection.close()
            self._shelf.put(connection if is_sound else None)

    def close(self) -> None:
        """It would be opened again for who comes now."""
        connection = self._taken()
        if connection is not None:
            connection.close()
        self._shelf.put(None)

    def _taken(self) -> Any:
        try:
            return self._shelf.get(timeout=self._patience)
        except Empty:
            raise StorageUnavailable(
                N_("The database is too busy: no connection became free.")
            ) from None

    def _opened(self) -> Any:
        with in_our_words():
            pooled = self._engine.raw_connection()
            connection = pooled.driver_connection
            # Now it is ours alone.
            pooled.detach()
            return connection
