"""Collects launches that arrive together and writes them together, one commit for all.

While groups are being written the next launches gather, so that groups grow with the load.
"""

import asyncio
from collections.abc import Sequence
from concurrent.futures import Future

from gatelodge.storage.columns import require_storable
from gatelodge.storage.database import Database
from gatelodge.storage.errors import StorageUnavailable
from gatelodge.storage.launch_groups import Answer, GroupWriter, Outcome
from gatelodge.storage.launches import LaunchRow

LARGEST_GROUP = 500
GROUPS_IN_FLIGHT = 2

Waiting = tuple[LaunchRow, asyncio.Future[Outcome]]


class LaunchWriter:
    """Belongs to one event loop."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._groups = GroupWriter(database)
        self._waiting: list[Waiting] = []
        self._in_flight = 0
        self._is_scheduled = False
        self._idle = asyncio.Event()
        self._idle.set()

    async def admit(self, row: LaunchRow) -> Outcome:
        """Returns after the commit. Cancelling does not take a launch back."""
        require_storable_row(row)
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Outcome] = loop.create_future()
        self._waiting.append((row, answer))
        self._idle.clear()
        if not self._is_scheduled and self._in_flight < GROUPS_IN_FLIGHT:
            self._is_scheduled = True
            # After what else this tick of the loop brings.
            loop.call_soon(self._send)
        return await answer

    async def drain(self) -> None:
        """Waits until everything that was admitted is answered."""
        await self._idle.wait()

    def _send(self) -> None:
        self._is_scheduled = False
        group, self._waiting = self._waiting[:LARGEST_GROUP], self._waiting[LARGEST_GROUP:]
        if not group:
            return
        self._in_flight += 1
        loop = asyncio.get_running_loop()
        rows = [row for row, _ in group]
        written = self._database.submit_launches(lambda: self._groups.write(rows))
        written.add_done_callback(
            lambda future: loop.call_soon_threadsafe(self._settle, group, future)
        )

    def _settle(self, group: Sequence[Waiting], written: Future[list[Answer]]) -> None:
        self._in_flight -= 1
        for (_, waiting), answer in zip(group, _answers(written, len(group)), strict=True):
            if waiting.done():
                continue
            if isinstance(answer, Exception):
                waiting.set_exception(answer)
            else:
                waiting.set_result(answer)
        if self._waiting:
            self._send()
        elif self._in_flight == 0:
            self._idle.set()


def require_storable_row(row: LaunchRow) -> None:
    """Before it is in a group; SQLite would even take what PostgreSQL refuses."""
    for text in (row.facts, row.trace, row.subject, row.context_id, row.resource_link_id):
        if text is not None and ("\0" in text or not text.isascii()):
            require_storable(text)


def _answers(written: Future[list[Answer]], count: int) -> list[Answer]:
    try:
        return written.result()
    except StorageUnavailable as error:
        return [error] * count
