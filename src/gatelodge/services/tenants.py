"""Tenants: institutions, which see nothing of each other. The operator adds them."""

from collections.abc import Sequence

from gatelodge.services.audit import Audit, Tag
from gatelodge.services.caller import Caller
from gatelodge.services.errors import Invalid, TenantNotFound, TenantStateForbids
from gatelodge.services.handoffs import ACCESS_SECONDS
from gatelodge.services.inputs import Faults, Inputs, slug_of
from gatelodge.services.launches import CODE_SECONDS
from gatelodge.services.ports import Clock, Ids, Randomness
from gatelodge.services.problem_book import State
from gatelodge.services.sealing import Sealer
from gatelodge.storage import launches, problem_reports, sessions, tenant_deletions, tenants
from gatelodge.storage.database import Connection, Database
from gatelodge.storage.paging import every
from gatelodge.storage.tenants import Tenant, TenantOverview

__all__ = ["IDENTITY_PURPOSE", "Tenant", "Tenants", "find_tenant"]

IDENTITY_PURPOSE = "tenant identity key"
"""A tenant's identity key is sealed for this, about the tenant's id."""


SUGGESTED = 10

_LAUNCHES_LIVE = 2 * (CODE_SECONDS + ACCESS_SECONDS)
"""No launch gives anything for longer, also where clocks of hosts differ."""


class Tenants:
    def __init__(
        self,
        database: Database,
        clock: Clock,
        ids: Ids,
        random: Randomness,
        sealer: Sealer,
        audit: Audit,
    ) -> None:
        self._database = database
        self._clock = clock
        self._ids = ids
        self._random = random
        self._sealer = sealer
        self._audit = audit

    def add(self, caller: Caller, name: str, slug: str | None = None) -> Tenant:
        tenant = self.prepare(caller, name, slug)
        self._database.write(lambda connection: self.add_within(caller, connection, tenant))
        return tenant

    def prepare(self, caller: Caller, name: str, slug: str | None = None) -> Tenant:
        """A tenant that is yet to be added."""
        caller.must_operate()
        inputs = Inputs()
        faults = Faults()
        read_name = faults.of(inputs.name, "name", name)
        read_slug = slug and faults.of(inputs.slug, "slug", slug)
        faults.tell()
        return self._new(read_name, read_slug)

    def add_within(self, caller: Caller, connection: Connection, tenant: Tenant) -> None:
        """In a transaction that is under way."""
        tenants.add(connection, tenant)
        self._record(caller, connection, Tag.TENANT_ADDED, tenant.id)

    def list(self, caller: Caller) -> list[Tenant]:
        """All of them for the operator; for everybody else their own."""
        if caller.tenant_scope is not None:
            own = self.find(caller, caller.tenant_scope)
            return [own]
        return self._database.read(
            lambda connection: list(every(lambda after: tenants.list_all(connection, after=after)))
        )

    def find(self, caller: Caller, named: str) -> Tenant:
        return self._database.read(lambda connection: find_tenant(caller, connection, named))

    def search(
        self,
        caller: Caller,
        search: str,
        *,
        suspended: bool | None = None,
        limit: int,
        offset: int,
    ) -> tuple[Sequence[TenantOverview], int]:
        """A page of them by name, and how many there are in all."""
        caller.must_operate()
        return self._database.read(
            lambda connection: (
                tenants.search_overviews(
                    connection, search, suspended=suspended, limit=limit, offset=offset
                ),
                tenants.count_found(connection, search, suspended=suspended),
            )
        )

    def suggest(self, caller: Caller, asked: str) -> Sequence[Tenant]:
        """A few of those whose name or short name holds this, for somebody who is typing it."""
        caller.must_operate()
        return self._database.read(
            lambda connection: tenants.suggest(connection, asked, limit=SUGGESTED)
        )

    def show(self, caller: Caller, tenant_id: str) -> TenantOverview:
        caller.must_operate()
        found = self._database.read(lambda connection: tenants.get_overview(connection, tenant_id))
        if found is None:
            raise TenantNotFound(tenant_id)
        return found

    def rename(self, caller: Caller, named: str, name: str) -> Tenant:
        """Its short name stays: people and scripts call it so."""
        caller.must_operate()
        name = Inputs().name("name", name)

        def write(connection: Connection) -> Tenant:
            before = find_tenant(caller, connection, named)
            if before.name != name:
                tenants.rename(connection, before.id, name)
                self._record(caller, connection, Tag.TENANT_RENAMED, before.id)
            return find_tenant(caller, connection, before.id)

        return self._database.write(write)

    def suspend(self, caller: Caller, named: str) -> Tenant:
        """From this commit on nothing of the tenant launches, is redeemed or stays signed in.

        What had been given before is good no more after `resume` either.
        """
        caller.must_operate()

        def write(connection: Connection) -> Tenant:
            before = find_tenant(caller, connection, named)
            if not suspend_within(connection, before.id, now=self._clock()):
                raise TenantStateForbids(f"The tenant {before.name!r} is suspended already.")
            self._record(caller, connection, Tag.TENANT_SUSPENDED, before.id)
            return find_tenant(caller, connection, before.id)

        return self._database.write(write)

    def resume(self, caller: Caller, named: str) -> Tenant:
        caller.must_operate()

        def write(connection: Connection) -> Tenant:
            before = find_tenant(caller, connection, named)
            deletion = tenant_deletions.get(connection, before.id)
            if deletion is not None and deletion.due_at is not None:
                raise TenantStateForbids(
                    f"The tenant {before.name!r} is going to be deleted: take that back first."
                )
            if not tenants.resume(connection, before.id):
                raise TenantStateForbids(f"The tenant {before.name!r} isn't suspended.")
            self._record(caller, connection, Tag.TENANT_RESUMED, before.id)
            return find_tenant(caller, connection, before.id)

        return self._database.write(write)

    def _record(self, caller: Caller, connection: Connection, tag: Tag, tenant_id: str) -> None:
        self._audit.record(caller, connection, tag, tenant_id, tenant_id=tenant_id)

    def _new(self, name: str, slug: str | None) -> Tenant:
        slug = slug or slug_of(name)
        if not slug:
            raise Invalid(
                "slug",
                f"The name {name!r} gives no short name for addresses.",
                hint="Give one with --slug.",
            )
        tenant_id = self._ids.new()
        key = self._sealer.seal(self._random(32), purpose=IDENTITY_PURPOSE, about=tenant_id)
        return Tenant(tenant_id, slug, name, key, int(self._clock()))


def suspend_within(connection: Connection, tenant_id: str, *, now: float) -> bool:
    """Ends the tenant's sessions, codes and tokens; False if it is suspended already.

    Open reports become the operator's to answer: nobody of the tenant can come in.
    """
    if not tenants.suspend(connection, tenant_id, now=now):
        return False
    sessions.end_all_at(connection, tenant_id)
    launches.end_live(connection, tenant_id, since=now - _LAUNCHES_LIVE, now=now)
    problem_reports.give_to_operator(connection, tenant_id, solved=State.SOLVED)
    return True


def find_tenant(caller: Caller, connection: Connection, named: str) -> Tenant:
    """By short name or id; somebody else's tenant is as unknown as one that is not there."""
    named = named.strip()
    found = tenants.get_by_slug(connection, named) or tenants.get(connection, named)
    if found is None or caller.tenant_scope not in (None, found.id):
        raise TenantNotFound(named)
    return found
