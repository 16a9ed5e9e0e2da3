"""Tenants: institutions, which see nothing of each other."""

from dataclasses import dataclass

from sqlalchemy import Connection, RowMapping, insert, select, update

from gatelodge.storage import catalogue
from gatelodge.storage.paging import PAGE, oldest_first
from gatelodge.storage.tables import tenants


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


def _tenant(row: RowMapping) -> Tenant:
    return Tenant(**row)
