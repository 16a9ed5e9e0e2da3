"""Tenants: institutions, which see nothing of each other."""

from dataclasses import dataclass, fields

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    distinct,
    func,
    insert,
    or_,
    select,
    true,
    update,
)

from gatelodge.storage import catalogue
from gatelodge.storage.paging import PAGE, oldest_first
from gatelodge.storage.tables import account_roles, registrations, tenants


@dataclass(frozen=True, slots=True)
class Tenant:
    """``identity_key``, sealed, makes the opaque ids that tools are given."""

    id: str
    slug: str
    name: str
    identity_key: bytes
    created_at: int
    suspended_at: int | None = None

    @property
    def is_suspended(self) -> bool:
        return self.suspended_at is not None


@dataclass(frozen=True, slots=True)
class TenantOverview:
    """A line of the operator's list. ``registrations`` are the live ones."""

    tenant: Tenant
    registrations: int
    accounts: int


def add(connection: Connection, tenant: Tenant) -> None:
    catalogue.touch(connection, catalogue.tenant_subject(tenant.id))
    connection.execute(
        insert(tenants).values(
            id=tenant.id,
            slug=tenant.slug,
            name=tenant.name,
            identity_key=tenant.identity_key,
            created_at=tenant.created_at,
            suspended_at=tenant.suspended_at,
        )
    )


def get(connection: Connection, tenant_id: str) -> Tenant | None:
    row = connection.execute(select(tenants).where(tenants.c.id == tenant_id)).mappings().first()
    return _tenant(row) if row else None


def get_by_slug(connection: Connection, slug: str) -> Tenant | None:
    row = connection.execute(select(tenants).where(tenants.c.slug == slug)).mappings().first()
    return _tenant(row) if row else None


def list_all(
    connection: Connection, *, after: str | None = None, limit: int = PAGE
) -> list[Tenant]:
    query = oldest_first(select(tenants), tenants.c.id, after, limit)
    return [_tenant(row) for row in connection.execute(query).mappings()]


def search_overviews(
    connection: Connection,
    search: str,
    *,
    suspended: bool | None = None,
    limit: int,
    offset: int,
) -> list[TenantOverview]:
    """By name; those whose name or short name holds ``search``."""
    query = _overviews().where(_matches(search), _is(suspended=suspended))
    query = query.order_by(tenants.c.name, tenants.c.id).limit(limit).offset(offset)
    return [_overview(row) for row in connection.execute(query).mappings()]


def count_found(connection: Connection, search: str, *, suspended: bool | None = None) -> int:
    query = select(func.count()).select_from(tenants)
    query = query.where(_matches(search), _is(suspended=suspended))
    return connection.execute(query).scalar_one()


def suggest(connection: Connection, asked: str, *, limit: int) -> list[Tenant]:
    """The first of those whose name or short name holds ``asked``, by short name."""
    query = select(tenants).where(_matches(asked)).order_by(tenants.c.slug).limit(limit)
    return [_tenant(row) for row in connection.execute(query).mappings()]


def get_overview(connection: Connection, tenant_id: str) -> TenantOverview | None:
    query = _overviews().where(tenants.c.id == tenant_id)
    row = connection.execute(query).mappings().first()
    return _overview(row) if row else None


def rename(connection: Connection, tenant_id: str, name: str) -> bool:
    """False when there is no such tenant."""
    catalogue.touch(connection, catalogue.tenant_subject(tenant_id))
    changed = connection.execute(update(tenants).where(tenants.c.id == tenant_id).values(name=name))
    return changed.rowcount == 1


def suspend(connection: Connection, tenant_id: str, *, now: float) -> bool:
    """False when there is no such tenant, or it is suspended already."""
    catalogue.touch(connection, catalogue.tenant_subject(tenant_id))
    changed = connection.execute(
        update(tenants)
        .where(tenants.c.id == tenant_id, tenants.c.suspended_at.is_(None))
        .values(suspended_at=now)
    )
    return changed.rowcount == 1


def resume(connection: Connection, tenant_id: str) -> bool:
    """False when there is no such tenant, or it isn't suspended."""
    catalogue.touch(connection, catalogue.tenant_subject(tenant_id))
    changed = connection.execute(
        update(tenants)
        .where(tenants.c.id == tenant_id, tenants.c.suspended_at.is_not(None))
        .values(suspended_at=None)
    )
    return changed.rowcount == 1


def _overviews() -> Select[*tuple[object, ...]]:
    of_tenant = registrations.c.tenant_id == tenants.c.id
    live = select(func.count()).where(of_tenant, registrations.c.deleted_at.is_(None))
    accounts = select(func.count(distinct(account_roles.c.account_id))).where(
        account_roles.c.tenant_id == tenants.c.id
    )
    return select(
        tenants,
        live.correlate(tenants).scalar_subquery().label("registrations"),
        accounts.correlate(tenants).scalar_subquery().label("accounts"),
    )


def _matches(search: str) -> ColumnElement[bool]:
    return or_(
        tenants.c.name.icontains(search, autoescape=True),
        tenants.c.slug.icontains(search, autoescape=True),
    )


def _is(*, suspended: bool | None) -> ColumnElement[bool]:
    if suspended is None:
        return true()
    return tenants.c.suspended_at.is_not(None) if suspended else tenants.c.suspended_at.is_(None)


def _overview(row: RowMapping) -> TenantOverview:
    tenant = Tenant(*(row[tenants.c[field.name]] for field in fields(Tenant)))
    return TenantOverview(tenant, row["registrations"], row["accounts"])


def _tenant(row: RowMapping) -> Tenant:
    return Tenant(**row)
