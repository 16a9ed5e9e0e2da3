"""Institutions that ask to be registered, and the claim values that lead people to their tenants."""

from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Table,
    delete,
    func,
    or_,
    select,
    true,
    update,
)

from gatelodge.storage.tables import tenant_identities, tenant_requests, tenants
from gatelodge.storage.tenants import Tenant
from gatelodge.storage.upserts import insert_into

WAITING = "waiting"


class Institution(NamedTuple):
    """As a provider names it: the value of its claim, in a token of this issuer."""

    provider: str
    issuer: str
    value: str


@dataclass(frozen=True, slots=True)
class RequestRow:
    """``institution`` is the claim's value; ``told_at`` is when the asker read that it was approved."""

    id: str
    provider: str
    issuer: str
    institution: str
    subject: str
    name: str
    state: str
    sealed: bytes
    sealed_word: bytes | None
    created_at: int
    changed_at: int
    decided_by: str | None
    tenant_id: str | None
    told_at: int | None


@dataclass(frozen=True, slots=True)
class IdentityRow:
    """What leads people to a tenant: their provider says this of their institution."""

    id: str
    tenant_id: str
    institution: Institution
    created_at: int


# ---------------------------------------------------------------- requests


def add(connection: Connection, row: RequestRow) -> bool:
    """False when a request of this institution waits already."""
    query = insert_into(connection, tenant_requests).values(
        {name: getattr(row, name) for name in row.__slots__}
    )
    added = query.on_conflict_do_nothing().returning(tenant_requests.c.id)
    return connection.execute(added).first() is not None


def get(connection: Connection, request_id: str) -> RequestRow | None:
    query = select(tenant_requests).where(tenant_requests.c.id == request_id)
    row = connection.execute(query).mappings().first()
    return RequestRow(**row) if row else None


def newest_of(connection: Connection, institution: Institution) -> RequestRow | None:
    query = (
        select(tenant_requests)
        .where(_names(tenant_requests, institution))
        .order_by(tenant_requests.c.id.desc())
        .limit(1)
    )
    row = connection.execute(query).mappings().first()
    return RequestRow(**row) if row else None


def decide(
    connection: Connection,
    request_id: str,
    state: str,
    *,
    by: str,
    now: float,
    sealed_word: bytes | None = None,
) -> bool:
    """False when it doesn't wait any more: of two who decide at once one does."""
    decided = connection.execute(
        update(tenant_requests)
        .where(tenant_requests.c.id == request_id, tenant_requests.c.state == WAITING)
        .values(state=state, decided_by=by, changed_at=now, sealed_word=sealed_word)
    )
    return decided.rowcount == 1


def set_tenant(connection: Connection, request_id: str, tenant_id: str) -> None:
    connection.execute(
        update(tenant_requests)
        .where(tenant_requests.c.id == request_id)
        .values(tenant_id=tenant_id)
    )


def mark_told(connection: Connection, request_id: str, now: float) -> bool:
    """False when the asker was told before."""
    marked = connection.execute(
        update(tenant_requests)
        .where(tenant_requests.c.id == request_id, tenant_requests.c.told_at.is_(None))
        .values(told_at=now)
    )
    return marked.rowcount == 1


def count_waiting(connection: Connection, *, most: int) -> int:
    """``most`` where there are more."""
    waiting = select(tenant_requests.c.id).where(tenant_requests.c.state == WAITING).limit(most)
    return connection.execute(select(func.count()).select_from(waiting.subquery())).scalar_one()


def search(
    connection: Connection, search: str, state: str | None, *, limit: int, offset: int
) -> list[RequestRow]:
    """Those that wait first, then by state; newest first."""
    query = (
        select(tenant_requests)
        .where(_matches(search, state))
        .order_by(tenant_requests.c.state.desc(), tenant_requests.c.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return [RequestRow(**row) for row in connection.execute(query).mappings()]


def count_found(connection: Connection, search: str, state: str | None) -> int:
    query = select(func.count()).select_from(tenant_requests).where(_matches(search, state))
    return connection.execute(query).scalar_one()


def purge(connection: Connection, before: float, *, limit: int = 1000) -> int:
    """Those that nothing has happened to since then."""
    due = (
        select(tenant_requests.c.id)
        .where(tenant_requests.c.changed_at < int(before))
        .order_by(tenant_requests.c.changed_at)
        .limit(limit)
    )
    purged = delete(tenant_requests).where(tenant_requests.c.id.in_(due))
    return connection.execute(purged).rowcount


# ---------------------------------------------------------------- where people belong


def tenant_of(connection: Connection, institution: Institution) -> Tenant | None:
    query = (
        select(tenants)
        .join(tenant_identities, tenant_identities.c.tenant_id == tenants.c.id)
        .where(_names(tenant_identities, institution))
    )
    row = connection.execute(query).mappings().first()
    return Tenant(**row) if row else None


def lead(
    connection: Connection, row_id: str, institution: Institution, tenant_id: str, *, now: float
) -> None:
    """From now on its people belong to this tenant."""
    query = insert_into(connection, tenant_identities).values(
        id=row_id,
        provider=institution.provider,
        issuer=institution.issuer,
        institution=institution.value,
        tenant_id=tenant_id,
        created_at=now,
    )
    named = [tenant_identities.c[name] for name in ("institution", "issuer", "provider")]
    connection.execute(
        query.on_conflict_do_update(index_elements=named, set_={"tenant_id": tenant_id})
    )


def identities_of(connection: Connection, tenant_id: str) -> list[IdentityRow]:
    """Oldest first."""
    query = select(tenant_identities).where(tenant_identities.c.tenant_id == tenant_id)
    found = connection.execute(query.order_by(tenant_identities.c.id)).mappings()
    return [_identity(row) for row in found]


def get_identity(connection: Connection, tenant_id: str, identity_id: str) -> IdentityRow | None:
    query = select(tenant_identities).where(
        tenant_identities.c.id == identity_id, tenant_identities.c.tenant_id == tenant_id
    )
    row = connection.execute(query).mappings().first()
    return _identity(row) if row else None


def remove_identity(connection: Connection, identity_id: str) -> bool:
    """False when it is gone already: of two who remove it at once one does."""
    removed = connection.execute(
        delete(tenant_identities).where(tenant_identities.c.id == identity_id)
    )
    return removed.rowcount == 1


def _identity(row: RowMapping) -> IdentityRow:
    institution = Institution(row["provider"], row["issuer"], row["institution"])
    return IdentityRow(row["id"], row["tenant_id"], institution, row["created_at"])


def _names(table: Table, institution: Institution) -> ColumnElement[bool]:
    return (
        (table.c.institution == institution.value)
        & (table.c.issuer == institution.issuer)
        & (table.c.provider == institution.provider)
    )


def _matches(search: str, state: str | None) -> ColumnElement[bool]:
    in_state = true() if state is None else tenant_requests.c.state == state
    if not search:
        return in_state
    return in_state & or_(
        tenant_requests.c.name.icontains(search, autoescape=True),
        tenant_requests.c.institution.icontains(search, autoescape=True),
    )
