"""Collects launches that arrive together and writes them together, one commit for all.

Launches gather while each tick of the event loop brings more of them, until there are enough, and
while a group is being written; so groups grow with the load. What the database hasn't begun to
write when its patience ends is refused, and what it has begun when as much time has passed again:
whatever the database does, nobody waits for longer.
"""

import asyncio
from collections.abc import Sequence
from concurrent.futures import CancelledError, Future
from itertools import takewhile

from msgspec import Struct

from gatelodge.storage.columns import require_storable
from gatelodge.storage.database import Database
from gatelodge.storage.errors import StorageUnavailable
from gatelodge.storage.launch_groups import Answer, GroupWriter, Outcome
from gatelodge.storage.launches import LaunchRow
from gatelodge.words import N_

ENOUGH = 32
"""So many share what a group costs by itself that waiting for more would hardly make it less."""

LARGEST_GROUP = 500


class Waiting(Struct, frozen=True):
    """``latest`` is when its writing must have begun, by the loop's clock."""

    row: LaunchRow
    answer: asyncio.Future[Outcome]
    latest: float


class LaunchWriter:
    """Belongs to one event loop."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._groups = GroupWriter(database)
        self._waiting: list[Waiting] = []
        self._is_busy = False
        self._watch: asyncio.TimerHandle | None = None
        self._idle = asyncio.Event()
        self._idle.set()

    async def admit(self, row: LaunchRow) -> Outcome:
        """Returns after the commit. Cancelling does not take a launch back."""
        require_storable_row(row)
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Outcome] = loop.create_future()
        latest = loop.time() + self._database.patience
        self._waiting.append(Waiting(row, answer, latest))
        self._idle.clear()
        if not self._is_busy:
            self._is_busy = True
            loop.call_soon(self._gather, 0)
        elif self._watch is None:
            self._watch = loop.call_at(latest, self._look)
        return await answer

    async def drain(self) -> None:
        """Waits until everything that was admitted is answered."""
        await self._idle.wait()

    def _gather(self, count: int) -> None:
        """Sends when a tick of the loop has brought no more: a group costs as much as three launches."""
        if count < len(self._waiting) < ENOUGH:
            asyncio.get_running_loop().call_soon(self._gather, len(self._waiting))
        else:
            self._send()

    def _send(self) -> None:
        loop = asyncio.get_running_loop()
        self._refuse_late(loop.time())
        group, self._waiting = self._waiting[:LARGEST_GROUP], self._waiting[LARGEST_GROUP:]
        self._is_busy = bool(group)
        if not group:
            self._idle.set()
            return
        rows = [each.row for each in group]
        written = self._database.submit_launches(lambda: self._groups.write(rows))
        too_late = loop.call_at(group[0].latest, self._give_up, group, written)

        def settle() -> None:
            too_late.cancel()
            self._settle(group, written)

        written.add_done_callback(lambda _: loop.call_soon_threadsafe(settle))

    def _settle(self, group: Sequence[Waiting], written: Future[list[Answer]]) -> None:
        for waiting, answer in zip(group, _answers(written, len(group)), strict=True):
            _tell(waiting, answer)
        self._gather(0)

    def _give_up(self, group: Sequence[Waiting], written: Future[list[Answer]]) -> None:
        if written.cancel():
            return
        # It has begun. Should it be written in the end, nobody has been given its code.
        loop = asyncio.get_running_loop()
        loop.call_later(self._database.patience, _tell_all, group, _too_late())

    def _look(self) -> None:
        """While a group is being written, those who wait for the next one are watched."""
        loop = asyncio.get_running_loop()
        self._refuse_late(loop.time())
        self._watch = loop.call_at(self._waiting[0].latest, self._look) if self._waiting else None

    def _refuse_late(self, now: float) -> None:
        late = list(takewhile(lambda each: each.latest <= now, self._waiting))
        del self._waiting[: len(late)]
        _tell_all(late, _too_late())


def require_storable_row(row: LaunchRow) -> None:
    """Before it is in a group; SQLite would even take what PostgreSQL refuses."""
    for text in (row.facts, row.trace, row.subject, row.context_id, row.resource_link_id):
        if text is not None and ("\0" in text or not text.isascii()):
            require_storable(text)


def _tell(waiting: Waiting, answer: Answer) -> None:
    if waiting.answer.done():
        return
    if isinstance(answer, Exception):
        waiting.answer.set_exception(answer)
    else:
        waiting.answer.set_result(answer)


def _tell_all(group: Sequence[Waiting], answer: Answer) -> None:
    for waiting in group:
        _tell(waiting, answer)


def _answers(written: Future[list[Answer]], count: int) -> list[Answer]:
    try:
        return written.result()
    except StorageUnavailable as error:
        return [error] * count
    except CancelledError:
        return [_too_late()] * count


def _too_late() -> StorageUnavailable:
    return StorageUnavailable(N_("The database is too busy: others were waiting before."))
