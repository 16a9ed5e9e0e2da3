"""Tenants: institutions, which see nothing of each other."""

from dataclasses import dataclass

from sqlalchemy import Connection, RowMapping, insert, select

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


def add(connection: Connection, tenant: Tenant) -> None:
    catalogue.touch(connection, catalogue.tenant_subject(tenant.id))
    connection.execute(
        insert(tenants).values(
            id=tenant.id,
            slug=tenant.slug,
            name=tenant.name,
            identity_key=tenant.identity_key,
            created_at=tenant.created_at,
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


def _tenant(row: RowMapping) -> Tenant:
    return Tenant(**row)
