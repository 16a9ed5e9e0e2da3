"""Work that comes round again: keys are replaced, and what is kept for a time is let go.

Each kind of work is a leased row in the database, so that of many processes one does it, and the
work of one that died is taken over when its lease ends. `serve` and `worker` run the same.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import structlog

from gatelodge.services.audit import Audit, Tag
from gatelodge.services.audit_chain import AuditChain
from gatelodge.services.caller import Caller
from gatelodge.services.invitations import KEPT_DAYS as INVITATION_DAYS
from gatelodge.services.mails import GIVEN_UP_DAYS
from gatelodge.services.persons import SEARCH_DAYS, Persons
from gatelodge.services.ports import Clock, Ids
from gatelodge.services.signing_keys import SigningKeys
from gatelodge.services.tenant_deletions import TenantDeletions
from gatelodge.services.tenant_exports import EXPORT_DAYS, TenantExports
from gatelodge.storage import (
    audit,
    deployments,
    exports,
    invitations,
    launches,
    mails,
    periodic,
    persons,
    problem_reports,
    refusals,
    registration_drafts,
    registration_index,
    registration_list,
    registrations,
    sessions,
    sign_ins,
    signing_keys,
    tenant_requests,
)
from gatelodge.storage.database import Connection, Database
from gatelodge.storage.errors import StorageUnavailable

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR

LOOK_EVERY = 1 * MINUTE
LEASE = 15 * MINUTE
TRY_AGAIN = 5 * MINUTE
A_SHIFT = 5 * MINUTE
"""How long work is gone on with that may take hours."""

BIN_DAYS = 30
WAITING_DAYS = 30
DRAFT_DAYS = 90
REQUEST_DAYS = 90
ROLELESS_DAYS = 90
REVOKED_KEYS_DAYS = 30
DOOR_DAYS = 1
"""A session, a count of sign-ins or a set-up link that is older is good for nothing."""

_AT_ONCE = 1000
_MOST_ROUNDS = 1000

_ERASURES = (Tag.PERSON_ERASED, Tag.TENANT_DELETED)

_WORKER = Caller.operator("worker")

_log = structlog.get_logger("gatelodge.worker")


class _Purge(Protocol):
    def __call__(self, connection: Connection, before: float, *, limit: int) -> int: ...


@dataclass(frozen=True, slots=True)
class _Job:
    """``work`` is given the time, and tells how much it did."""

    name: str
    every: float
    work: Callable[[float], int]


class Worker:
    def __init__(
        self,
        database: Database,
        clock: Clock,
        ids: Ids,
        signing_keys_service: SigningKeys,
        audit_chain: AuditChain,
        tenant_exports: TenantExports,
        tenant_deletions: TenantDeletions,
        people: Persons,
        *,
        personal_days: int,
        launch_days: int,
        audit_days: int,
    ) -> None:
        self._database = database
        self._clock = clock
        self._audit = Audit(clock, ids, audit_chain.sealer)
        self._name = ids.new()
        self._jobs = (
            _Job("rotate keys", HOUR, signing_keys_service.rotate_due),
            _Job("note last launches", MINUTE, self._note_last_launches),
            _Job("link audit events", MINUTE, audit_chain.extend),
            _Job("look at the chain of audit events", DAY, audit_chain.look),
            self._purging("purge audit events", audit_chain.forget, audit_days),
            self._purging("purge personal data", launches.purge_personal, personal_days),
            self._purging("purge launches", launches.purge, launch_days),
            self._purging("purge refusals", refusals.purge, launch_days),
            self._purging("purge unproven refusals", refusals.purge_unproven, launch_days),
            self._purging("purge problem reports", problem_reports.purge, launch_days),
            self._going_on("export tenants", tenant_exports.work),
            self._going_on("delete tenants", tenant_deletions.work),
            self._going_on("find and erase people", people.work),
            self._purging("purge exports", exports.purge, EXPORT_DAYS),
            self._purging("purge searches for people", persons.purge_searches, SEARCH_DAYS),
            self._purging("purge receipts of erasures", persons.purge_receipts, audit_days),
            self._purging("purge the bin", self._purge_bin, BIN_DAYS),
            self._purging("purge waiting deployments", deployments.purge_waiting, WAITING_DAYS),
            self._purging("purge accounts without roles", people.purge_roleless, ROLELESS_DAYS),
            self._purging("purge tenant requests", tenant_requests.purge, REQUEST_DAYS),
            self._purging("purge drafts", registration_drafts.purge, DRAFT_DAYS),
            self._purging("purge mails given up", mails.purge, GIVEN_UP_DAYS),
            self._purging("purge old keys", signing_keys.purge, REVOKED_KEYS_DAYS),
            self._purging("purge sessions", sessions.purge, DOOR_DAYS),
            self._purging("purge counts of sign-ins", sign_ins.purge_counts, DOOR_DAYS),
            self._purging("purge set-up links", sign_ins.purge_links, DOOR_DAYS),
            self._purging("purge invitations", invitations.purge, INVITATION_DAYS),
            _Job("clear what was deleted", HOUR, self._clear),
        )

    async def keep_running(self) -> None:
        while True:
            await asyncio.to_thread(self.run_due)
            await asyncio.sleep(LOOK_EVERY)

    def run_due(self) -> list[str]:
        """Do what is due and nobody else does; tells the names of what was done.

        While the database is away it waits for it once, and not for each kind of work: a process
        that is told to end waits for what is begun.
        """
        done = []
        try:
            for job in self._jobs:
                if self._done(job):
                    done.append(job.name)  # noqa: PERF401 - what was done before it went away counts
        except StorageUnavailable as error:
            _log.warning("work_put_off", why=error.code)
        return done

    def _done(self, job: _Job) -> bool:
        try:
            return self._claimed(job) and self._ran(job)
        except StorageUnavailable:
            raise
        except Exception:  # noqa: BLE001 - one kind of work that fails must not keep the others from being done
            _log.exception("work_failed", work=job.name)
            return False

    def _claimed(self, job: _Job) -> bool:
        now = self._clock()
        return self._database.write(
            lambda connection: periodic.claim(
                connection, job.name, self._name, now=now, lease=LEASE
            )
        )

    def _ran(self, job: _Job) -> bool:
        now = self._clock()
        again = now + TRY_AGAIN
        try:
            count = job.work(now)
            again = now + job.every
        finally:
            self._database.write(
                lambda connection: periodic.finish(connection, job.name, self._name, due_at=again)
            )
        if count:
            _log.info("work_done", work=job.name, count=count)
        return True

    def _purge_bin(self, connection: Connection, before: float, *, limit: int) -> int:
        """What goes for good is written down, for whoever looks for it later."""
        for registration_id, tenant_id in registration_list.due_in_bin(
            connection, before, limit=limit
        ):
            self._audit.record(
                _WORKER,
                connection,
                Tag.REGISTRATION_REMOVED,
                registration_id,
                tenant_id=tenant_id,
            )
        return registrations.purge_bin(connection, before, limit=limit)

    def _clear(self, now: float) -> int:
        """After the purges: what was deleted leaves the files as far as we can see to it.

        PostgreSQL does it in its own time; only after somebody was erased it is asked to, for a day.
        """
        self._database.empty_journal()
        erased_at = self._database.read(lambda connection: audit.newest_of(connection, _ERASURES))
        if erased_at is not None and now - erased_at < DAY:
            self._database.give_up_dead_rows()
        return 0

    def _note_last_launches(self, _now: float) -> int:
        """For the list of registrations, in rounds, so that launches are written in between."""
        after: int | None = None
        for _ in range(_MOST_ROUNDS):
            note = partial(registration_index.note_last_launches, after=after)
            after = self._database.write(note)
            if after is None:
                break
        return 0

    def _going_on(self, name: str, work: Callable[[float], int]) -> _Job:
        """Work that is done a step at a time, and given back before the lease ends."""
        return _Job(name, MINUTE, lambda now: work(now + A_SHIFT))

    def _purging(self, name: str, purge: _Purge, days: int) -> _Job:
        return _Job(name, HOUR, lambda now: self._purged(purge, now - days * DAY))

    def _purged(self, purge: _Purge, before: float) -> int:
        """A round at a time, so that launches are written in between."""
        total = 0
        for _ in range(_MOST_ROUNDS):
            count = self._database.write(
                lambda connection: purge(connection, before, limit=_AT_ONCE)
            )
            total += count
            if count == 0:
                break
        return total
