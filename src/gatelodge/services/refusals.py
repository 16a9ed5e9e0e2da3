"""The book of refused logins and launches.

Proven refusals, those of a platform whose signature was good, are written one by one. Unproven
ones are kept apart, one row per cause and minute with a count: a flood must neither fill the
disk nor push out proven ones (design, section 6). The first of a cause and minute is written at
once, so that whoever reads the reference aloud can be helped; the rest are counted in memory and
added every second. So is what is refused because the database is away: nobody waits for it twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

import msgspec
import structlog

from gatelodge.lti.errors import DatabaseUnavailable, GatelodgeError, Refusal
from gatelodge.services.attempts import Attempt, Refused
from gatelodge.services.ports import Clock, Ids, short_name
from gatelodge.storage import refusals as stored
from gatelodge.storage.database import Connection, Database
from gatelodge.storage.refusals import RefusalRow

CAUSES_A_MINUTE = 200
"""Causes of unproven refusals that get a row of their own in one minute and process."""

_log = structlog.get_logger("gatelodge.launch")


@dataclass(slots=True)
class _Group:
    row: RefusalRow
    waiting: int = 0


class Refusals:
    def __init__(self, database: Database, clock: Clock, ids: Ids) -> None:
        self._database = database
        self._clock = clock
        self._ids = ids
        self._groups: dict[str, _Group] = {}
        self._minute = 0

    async def record(self, stage: str, refusal: Refusal, attempt: Attempt) -> Refused:
        """Write a refusal down; the answer is what to raise."""
        row = self._row(refusal, attempt)
        try:
            if isinstance(refusal, DatabaseUnavailable):
                row = self._counted(row)
            elif row.proven:
                await self._database.run_write(
                    lambda connection: stored.add_proven(connection, row)
                )
            else:
                row = await self._count(row)
        except GatelodgeError as error:
            _log.warning("refusal_not_recorded", trace_id=row.trace_id, why=error.code)
        _log.info(
            "refused",
            stage=stage,
            code=refusal.code,
            trace_id=row.trace_id,
            proven=attempt.proven,
            tenant=row.tenant_id,
            registration=row.registration_id,
            client=row.platform_client_id,
            tool=attempt.tool.key if attempt.tool else None,
        )
        return Refused(refusal, attempt, row.trace_id)

    async def flush(self) -> None:
        """Add what was counted in memory to its rows."""
        counted = [(group, group.waiting) for group in self._groups.values() if group.waiting]
        if counted:
            await self._add(counted)

    async def _add(self, counted: Sequence[tuple[_Group, int]]) -> None:
        now = int(self._clock())

        def add_all(connection: Connection) -> None:
            for group, count in counted:
                row = group.row
                stored.add_unproven(connection, str(row.group_key), row, count, last_at=now)

        for group, count in counted:
            group.waiting -= count
        try:
            await self._database.run_write(add_all)
        except GatelodgeError:
            for group, count in counted:
                group.waiting += count
            raise

    async def _count(self, row: RefusalRow) -> RefusalRow:
        counted = self._counted(row)
        if counted is row:
            await self._add([(self._groups[str(row.group_key)], 1)])
        return counted

    def _counted(self, row: RefusalRow) -> RefusalRow:
        """The row it is counted in: itself, if it is the first of its group."""
        group = self._group(row)
        if group is None:
            group = self._groups[str(row.group_key)] = _Group(row)
        group.waiting += 1
        return group.row

    def _group(self, row: RefusalRow) -> _Group | None:
        """The group of this minute that the refusal belongs to, if there is one already."""
        if (minute := row.occurred_at // 60) != self._minute:
            self._groups = {key: group for key, group in self._groups.items() if group.waiting}
            self._minute = minute
        if len(self._groups) >= CAUSES_A_MINUTE:
            return self._groups.get(str(row.group_key)) or next(iter(self._groups.values()))
        return self._groups.get(str(row.group_key))

    def _row(self, refusal: Refusal, attempt: Attempt) -> RefusalRow:
        now = int(self._clock())
        # That the database is away is nothing that a platform has proven.
        proven = attempt.proven and not isinstance(refusal, DatabaseUnavailable)
        group_key = None if proven else _cause(refusal, attempt, now // 60)
        return RefusalRow(
            id=self._ids.new(),
            # People of one group are given one reference: the one that its row can be found by.
            trace_id=short_name(sha256(group_key.encode()).digest())
            if group_key
            else self._ids.trace_id(),
            occurred_at=now,
            last_at=now,
            count=1,
            proven=proven,
            code=refusal.code,
            tenant_id=attempt.tenant_id,
            registration_id=attempt.registration.id if attempt.registration else None,
            tool_id=attempt.tool.id if attempt.tool else None,
            platform_client_id=attempt.client.id if attempt.client else None,
            trace=attempt.trace.written(failed=refusal.code),
            details=msgspec.json.encode(
                {"sent": refusal.sent, "expected": refusal.expected, "note": refusal.note}
            ).decode(),
            group_key=group_key,
        )


def _cause(refusal: Refusal, attempt: Attempt, minute: int) -> str:
    tool = attempt.tool.id if attempt.tool else ""
    client = attempt.client.id if attempt.client else ""
    return f"{refusal.code} {tool} {client} {minute}"
