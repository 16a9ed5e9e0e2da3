"""The end of a tenant: asked for by name, decided by the operator, done after a time of waiting.

From the decision on nothing of the tenant runs, as in a suspension. Until the time is over it can be
taken back; then all rows go in rounds, between which launches of others are written.
"""

from gatelodge.services.audit import Audit, Tag
from gatelodge.services.caller import Caller
from gatelodge.services.errors import Invalid, TenantStateForbids
from gatelodge.services.notices import (
    DELETION_ASKED,
    DELETION_DECIDED,
    DELETION_TAKEN_BACK,
    Notices,
)
from gatelodge.services.ports import Clock
from gatelodge.services.tenants import find_tenant, suspend_within
from gatelodge.storage import tenant_deletions
from gatelodge.storage.database import Connection, Database
from gatelodge.storage.tenant_deletions import Deletion, NamedDeletion
from gatelodge.storage.tenants import Tenant
from gatelodge.words import N_

DAY = 24 * 3600
MOST_SHOWN = 100

_WORKER = Caller.operator("worker")


class TenantDeletions:
    def __init__(
        self, database: Database, clock: Clock, audit: Audit, notices: Notices, *, days: int
    ) -> None:
        self._database = database
        self._clock = clock
        self._audit = audit
        self._notices = notices
        self.days = days

    # ------------------------------------------------------------------- asking and deciding

    def find(self, caller: Caller, tenant: str) -> Deletion | None:
        caller.must_administer()

        def read(connection: Connection) -> Deletion | None:
            return tenant_deletions.get(connection, find_tenant(caller, connection, tenant).id)

        return self._database.read(read)

    def list(self, caller: Caller) -> list[NamedDeletion]:
        """Those that wait for the operator first."""
        caller.must_operate()
        return self._database.read(
            lambda connection: tenant_deletions.list_all(connection, limit=MOST_SHOWN)
        )

    def ask(self, caller: Caller, tenant: str, typed: str) -> Tenant:
        """Nothing stops yet: the operator is to decide. ``typed`` is the institution's name."""
        caller.must_administer()

        def write(connection: Connection) -> Tenant:
            found = find_tenant(caller, connection, tenant)
            _require_name(found, typed)
            self._ask(caller, connection, found)
            self._notices.tell(caller, connection, found, DELETION_ASKED)
            return found

        return self._database.write(write)

    def decide(self, caller: Caller, tenant: str, typed: str) -> Tenant:
        """From this commit on nothing of the tenant launches, is redeemed or stays signed in."""
        caller.must_operate()

        def write(connection: Connection) -> Tenant:
            found = find_tenant(caller, connection, tenant)
            _require_name(found, typed)
            now = self._clock()
            if tenant_deletions.get(connection, found.id) is None:
                self._ask(caller, connection, found)
            due_at = now + self.days * DAY
            if not tenant_deletions.decide(connection, found.id, by=caller.account, due_at=due_at):
                raise TenantStateForbids(f"The tenant {found.name!r} is to be deleted already.")
            suspend_within(connection, found.id, now=now)
            self._record(caller, connection, Tag.TENANT_DELETION_DECIDED, found.id)
            self._notices.tell(caller, connection, found, DELETION_DECIDED)
            return found

        return self._database.write(write)

    def take_back(self, caller: Caller, tenant: str) -> Tenant:
        """What was decided leaves the tenant suspended: the operator resumes it."""
        caller.must_administer()

        def write(connection: Connection) -> Tenant:
            found = find_tenant(caller, connection, tenant)
            deletion = tenant_deletions.get(connection, found.id)
            if deletion is not None and deletion.due_at is not None:
                caller.must_operate()
            if not tenant_deletions.take_back(connection, found.id, now=self._clock()):
                raise TenantStateForbids(
                    f"The deletion of the tenant {found.name!r} can't be taken back: "
                    "nobody asks for it, or it has begun."
                )
            self._record(caller, connection, Tag.TENANT_DELETION_TAKEN_BACK, found.id)
            self._notices.tell(caller, connection, found, DELETION_TAKEN_BACK)
            return found

        return self._database.write(write)

    # ------------------------------------------------------------------- doing it

    def work(self, until: float) -> int:
        """Remove rows of tenants whose time is over, until that time; how many."""
        total = 0
        while self._clock() < until:
            tenant_id = self._database.read(
                lambda connection: tenant_deletions.next_due(connection, self._clock())
            )
            if tenant_id is None:
                break
            total += self._remove(tenant_id, until)
        return total

    def _remove(self, tenant_id: str, until: float) -> int:
        total = 0
        while self._clock() < until:
            count = self._database.write(
                lambda connection: tenant_deletions.remove_some(connection, tenant_id)
            )
            total += count
            if count == 0:
                self._database.write(lambda connection: self._remove_last(connection, tenant_id))
                self._database.empty_journal()
                return total + 1
        return total

    def _remove_last(self, connection: Connection, tenant_id: str) -> None:
        tenant_deletions.remove_tenant(connection, tenant_id)
        self._record(_WORKER, connection, Tag.TENANT_DELETED, tenant_id)

    # ------------------------------------------------------------------- parts

    def _ask(self, caller: Caller, connection: Connection, tenant: Tenant) -> None:
        if not tenant_deletions.ask(connection, tenant.id, by=caller.account, now=self._clock()):
            raise TenantStateForbids(
                f"It was asked already that the tenant {tenant.name!r} be deleted."
            )
        self._record(caller, connection, Tag.TENANT_DELETION_ASKED, tenant.id)

    def _record(self, caller: Caller, connection: Connection, tag: Tag, tenant_id: str) -> None:
        self._audit.record(caller, connection, tag, tenant_id, tenant_id=tenant_id)


def _require_name(tenant: Tenant, typed: str) -> None:
    """Typed, so that nobody deletes an institution with a slip of the hand."""
    if " ".join(typed.split()).casefold() != " ".join(tenant.name.split()).casefold():
        raise Invalid("typed", N_("This is not the name of the institution."))
