"""Tenants that are to go: who asked, since when nothing of them runs, and letting go of their rows.

What belongs to a tenant is read from the tables themselves: a row with its id, and a row that refers
to such a row. So a table that is added later is emptied, too.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Table,
    and_,
    delete,
    or_,
    select,
    tuple_,
    update,
)

from gatelodge.storage import accounts, catalogue, persons
from gatelodge.storage.tables import (
    account_roles,
    audit_events,
    launch_personal,
    launches,
    metadata,
    platform_clients,
    registration_drafts,
    registrations,
    signing_keys,
    tenant_deletions,
    tenant_identities,
    tenant_requests,
    tenants,
)
from gatelodge.storage.upserts import insert_into

KEPT = frozenset({audit_events.name})
"""What stays of a tenant: who did what and when, by ids alone."""

_ACCOUNTS_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Deletion:
    """``due_at`` is None while the operator has not decided."""

    tenant_id: str
    asked_by: str
    asked_at: int
    decided_by: str | None
    due_at: int | None


@dataclass(frozen=True, slots=True)
class NamedDeletion:
    """A line of the operator's list."""

    deletion: Deletion
    name: str
    slug: str


# ---------------------------------------------------------------- asking and deciding


def get(connection: Connection, tenant_id: str) -> Deletion | None:
    query = select(tenant_deletions).where(tenant_deletions.c.tenant_id == tenant_id)
    row = connection.execute(query).mappings().first()
    return _deletion(row) if row else None


def list_all(connection: Connection, *, limit: int) -> list[NamedDeletion]:
    """Those that wait for a decision first, then by when they are due."""
    query = (
        select(tenant_deletions, tenants.c.name, tenants.c.slug)
        .join(tenants, tenants.c.id == tenant_deletions.c.tenant_id)
        .order_by(tenant_deletions.c.due_at.is_not(None), tenant_deletions.c.due_at, tenants.c.name)
        .limit(limit)
    )
    return [
        NamedDeletion(_deletion(row), row["name"], row["slug"])
        for row in connection.execute(query).mappings()
    ]


def ask(connection: Connection, tenant_id: str, *, by: str, now: float) -> bool:
    """False when it was asked for already."""
    query = insert_into(connection, tenant_deletions).values(
        tenant_id=tenant_id, asked_by=by, asked_at=now
    )
    asked = query.on_conflict_do_nothing().returning(tenant_deletions.c.tenant_id)
    return connection.execute(asked).first() is not None


def decide(connection: Connection, tenant_id: str, *, by: str, due_at: float) -> bool:
    """False when nobody asks for it, or it is decided."""
    decided = connection.execute(
        update(tenant_deletions)
        .where(tenant_deletions.c.tenant_id == tenant_id, tenant_deletions.c.due_at.is_(None))
        .values(decided_by=by, due_at=due_at)
    )
    return decided.rowcount == 1


def take_back(connection: Connection, tenant_id: str, *, now: float) -> bool:
    """False when nobody asks for it, or it has begun."""
    waits = or_(tenant_deletions.c.due_at.is_(None), tenant_deletions.c.due_at > now)
    taken = connection.execute(
        delete(tenant_deletions).where(tenant_deletions.c.tenant_id == tenant_id, waits)
    )
    return taken.rowcount == 1


def next_due(connection: Connection, now: float) -> str | None:
    query = (
        select(tenant_deletions.c.tenant_id)
        .where(tenant_deletions.c.due_at <= now)
        .order_by(tenant_deletions.c.due_at)
        .limit(1)
    )
    return connection.execute(query).scalar()


# ---------------------------------------------------------------- letting go


def remove_some(connection: Connection, tenant_id: str, *, limit: int = 1000) -> int:
    """Removes rows of the tenant; 0 when nothing but the tenant itself is left.

    Those that refer to others go first, so that a process that dies leaves nothing that refers to
    what is gone; the next one goes on where it stopped.
    """
    for remove in (_remove_launches, _remove_keys, _remove_accounts, _remove_requests):
        if count := remove(connection, tenant_id, limit):
            return count
    for table in emptied():
        if count := _remove(connection, table, tenant_id, limit):
            return count
    return 0


def remove_tenant(connection: Connection, tenant_id: str) -> None:
    """The last row of all, with the note that it is to go."""
    catalogue.touch(connection, catalogue.tenant_subject(tenant_id))
    connection.execute(delete(tenant_deletions).where(tenant_deletions.c.tenant_id == tenant_id))
    connection.execute(delete(tenants).where(tenants.c.id == tenant_id))


def emptied() -> Iterator[Table]:
    """The tables that have rows of a tenant, those that others refer to last."""
    for table in reversed(metadata.sorted_tables):
        is_special = table in (tenants, tenant_deletions, launches)
        if not is_special and table.name not in KEPT and _predicates(table, ""):
            yield table


def _remove(connection: Connection, table: Table, tenant_id: str, limit: int) -> int:
    keys = list(table.primary_key.columns)
    theirs = or_(*_predicates(table, tenant_id))
    found = [tuple(row) for row in connection.execute(select(*keys).where(theirs).limit(limit))]
    if not found:
        return 0
    if announce := _ANNOUNCED.get(table.name):
        announce(connection, [row[0] for row in found])
    which = keys[0].in_([row[0] for row in found]) if len(keys) == 1 else tuple_(*keys).in_(found)
    connection.execute(delete(table).where(which))
    return len(found)


def _predicates(table: Table, tenant_id: str) -> list[ColumnElement[bool]]:
    """How a row of this table belongs to the tenant: by its id, or by what it refers to."""
    found = [table.c.tenant_id == tenant_id] if "tenant_id" in table.c else []
    for key in table.foreign_keys:
        parent = key.column.table
        is_alone = key.constraint is not None and len(key.constraint.columns) == 1
        if parent is not tenants and is_alone and "tenant_id" in parent.c:
            theirs = select(key.column).where(parent.c.tenant_id == tenant_id)
            found.append(key.parent.in_(theirs))
    return found


def _remove_launches(connection: Connection, tenant_id: str, limit: int) -> int:
    theirs = select(launches.c.number).where(launches.c.tenant_id == tenant_id)
    numbers = list(connection.execute(theirs.order_by(launches.c.number).limit(limit)).scalars())
    connection.execute(delete(launch_personal).where(launch_personal.c.launch_number.in_(numbers)))
    connection.execute(delete(launches).where(launches.c.number.in_(numbers)))
    return len(numbers)


def _remove_keys(connection: Connection, tenant_id: str, limit: int) -> int:
    """Signing keys belong to a client, or to a draft that names the client to be."""
    owners = [
        select(platform_clients.c.id).where(platform_clients.c.tenant_id == tenant_id),
        select(registration_drafts.c.platform_client_id).where(
            registration_drafts.c.tenant_id == tenant_id
        ),
    ]
    theirs = or_(*(signing_keys.c.platform_client_id.in_(each) for each in owners))
    query = select(signing_keys.c.id, signing_keys.c.platform_client_id).where(theirs).limit(limit)
    found = connection.execute(query).all()
    if found:
        named = {row.platform_client_id for row in found}
        catalogue.touch(connection, *map(catalogue.keys_subject, sorted(named)))
        ids = [row.id for row in found]
        connection.execute(delete(signing_keys).where(signing_keys.c.id.in_(ids)))
    return len(found)


def _remove_accounts(connection: Connection, tenant_id: str, limit: int) -> int:
    """People who stand nowhere else go with the tenant; of the others their place in it."""
    query = (
        select(account_roles.c.account_id)
        .where(account_roles.c.tenant_id == tenant_id)
        .distinct()
        .limit(min(limit, _ACCOUNTS_AT_ONCE))
    )
    accounts.one_at_a_time(connection)
    found = set(connection.execute(query).scalars())
    if found:
        stay = persons.stands_elsewhere(connection, tenant_id, found)
        persons.take_from_tenant(connection, tenant_id, stay)
        persons.erase_accounts(connection, found - stay)
    return len(found)


def _remove_requests(connection: Connection, tenant_id: str, limit: int) -> int:
    """What was asked for the institution before and declined: such a request knows no tenant."""
    asked, identity = tenant_requests.c, tenant_identities.c
    is_same = and_(
        asked.institution == identity.institution,
        asked.issuer == identity.issuer,
        asked.provider == identity.provider,
    )
    query = select(asked.id).join(tenant_identities, is_same)
    query = query.where(identity.tenant_id == tenant_id, asked.tenant_id.is_(None)).limit(limit)
    found = list(connection.execute(query).scalars())
    connection.execute(delete(tenant_requests).where(asked.id.in_(found)))
    return len(found)


def _announce_registrations(connection: Connection, ids: Sequence[str]) -> None:
    columns = registrations.c
    rows = connection.execute(
        select(columns.id, columns.platform_client_id, columns.issuer).where(columns.id.in_(ids))
    )
    subjects = {
        subject
        for registration_id, client_id, issuer in rows
        for subject in (
            catalogue.registration_subject(registration_id),
            catalogue.client_subject(client_id),
            catalogue.issuer_subject(issuer),
        )
    }
    catalogue.touch(connection, *sorted(subjects))


def _announce_clients(connection: Connection, ids: Sequence[str]) -> None:
    columns = platform_clients.c
    rows = connection.execute(select(columns.id, columns.issuer).where(columns.id.in_(ids)))
    subjects = {
        subject
        for client_id, issuer in rows
        for subject in (catalogue.client_subject(client_id), catalogue.issuer_subject(issuer))
    }
    catalogue.touch(connection, *sorted(subjects))


_ANNOUNCED: dict[str, Callable[[Connection, Sequence[str]], None]] = {
    registrations.name: _announce_registrations,
    platform_clients.name: _announce_clients,
}


def _deletion(row: RowMapping) -> Deletion:
    return Deletion(**{name: row[name] for name in Deletion.__slots__})
