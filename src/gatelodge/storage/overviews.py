"""Registrations, deployments and keys together with what they belong to, as people look at them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields

from sqlalchemy import Column, ColumnElement, Connection, RowMapping, Select, func, select, true
from sqlalchemy.sql.selectable import LABEL_STYLE_TABLENAME_PLUS_COL

from gatelodge.lti.registration import (
    Deployment,
    DeploymentState,
    PlatformClient,
    Registration,
    Tool,
)
from gatelodge.storage import tables, values
from gatelodge.storage.paging import PAGE, oldest_first
from gatelodge.storage.signing_keys import SigningKey
from gatelodge.storage.tables import (
    deployments,
    platform_clients,
    registrations,
    signing_keys,
    tenants,
    tools,
)


@dataclass(frozen=True, slots=True)
class RegistrationOverview:
    registration: Registration
    client: PlatformClient
    tool: Tool
    tenant_slug: str
    created_at: int
    deleted_at: int | None

    @property
    def id(self) -> str:
        return self.registration.id


@dataclass(frozen=True, slots=True)
class DeploymentOverview:
    """``registration_name`` and ``tenant_slug`` are None until it is assigned."""

    deployment: Deployment
    tenant_id: str | None
    issuer: str
    client_id: str
    registration_name: str | None
    tenant_slug: str | None
    first_seen_at: int
    decided_at: int | None

    @property
    def id(self) -> str:
        return self.deployment.id


@dataclass(frozen=True, slots=True)
class KeyOverview:
    """``client`` is None for a key that signs for tools."""

    key: SigningKey
    client: PlatformClient | None

    @property
    def id(self) -> str:
        return self.key.id


def list_registrations(
    connection: Connection,
    tenant_id: str | None,
    *,
    include_bin: bool = False,
    after: str | None = None,
    limit: int = PAGE,
) -> list[RegistrationOverview]:
    query = _registrations(tenant_id)
    if not include_bin:
        query = query.where(registrations.c.deleted_at.is_(None))
    rows = connection.execute(oldest_first(query, registrations.c.id, after, limit)).mappings()
    return [_registration(row) for row in rows]


def get_registration(
    connection: Connection, tenant_id: str | None, registration_id: str
) -> RegistrationOverview | None:
    """In the bin or not."""
    query = _registrations(tenant_id).where(registrations.c.id == registration_id)
    row = connection.execute(query).mappings().first()
    return _registration(row) if row else None


def list_deployments(
    connection: Connection,
    tenant_id: str | None,
    *,
    state: DeploymentState | None = None,
    registration_id: str | None = None,
    after: str | None = None,
    offset: int = 0,
    limit: int = PAGE,
) -> list[DeploymentOverview]:
    """Those of the tenant's registrations and of its own clients; none that are in the bin."""
    query = _deployments(tenant_id)
    if state is not None:
        query = query.where(deployments.c.state == state)
    if registration_id is not None:
        query = query.where(deployments.c.registration_id == registration_id)
    query = oldest_first(query, deployments.c.id, after, limit).offset(offset)
    rows = connection.execute(query).mappings()
    return [_deployment(row) for row in rows]


def count_deployments(
    connection: Connection, tenant_id: str | None, *, state: DeploymentState | None = None
) -> int:
    query = select(func.count(deployments.c.id)).where(
        deployments.c.deleted_at.is_(None),
        true() if tenant_id is None else deployments.c.tenant_id == tenant_id,
        true() if state is None else deployments.c.state == state,
    )
    return connection.execute(query).scalar_one()


def get_deployment(
    connection: Connection, tenant_id: str | None, deployment_row_id: str
) -> DeploymentOverview | None:
    query = _deployments(tenant_id).where(deployments.c.id == deployment_row_id)
    row = connection.execute(query).mappings().first()
    return _deployment(row) if row else None


def list_keys(
    connection: Connection,
    tenant_id: str | None,
    *,
    published_at: float | None = None,
    after: str | None = None,
    limit: int = PAGE,
) -> list[KeyOverview]:
    """Keys of the tenant's own clients; for the operator all, and those that sign for tools."""
    query = _keys(tenant_id)
    if published_at is not None:
        query = query.where(
            signing_keys.c.published_until > published_at, signing_keys.c.revoked_at.is_(None)
        )
    rows = connection.execute(oldest_first(query, signing_keys.c.id, after, limit)).mappings()
    return [_key(row) for row in rows]


def get_key(connection: Connection, tenant_id: str | None, key_id: str) -> KeyOverview | None:
    query = _keys(tenant_id).where(signing_keys.c.id == key_id)
    row = connection.execute(query).mappings().first()
    return _key(row) if row else None


# ---------------------------------------------------------------- names


@dataclass(frozen=True, slots=True)
class Names:
    """What rows are called, by their ids: short names, names, keys. Those that are gone are missing."""

    tenants: Mapping[str, str]
    registrations: Mapping[str, str]
    tools: Mapping[str, str]


def names_of(
    connection: Connection,
    *,
    tenants: Collection[str],
    registrations: Collection[str],
    tools: Collection[str],
) -> Names:
    return Names(
        _called(connection, tables.tenants.c.slug, tenants),
        _called(connection, tables.registrations.c.name, registrations),
        _called(connection, tables.tools.c.key, tools),
    )


def platform_of(connection: Connection, platform_client_id: str | None) -> str | None:
    """The LMS family of a client, in the bin or not."""
    clients = tables.platform_clients.c
    query = select(clients.platform).where(clients.id == platform_client_id)
    return connection.execute(query).scalar()


def _called(connection: Connection, name: Column[str], ids: Collection[str]) -> dict[str, str]:
    if not ids:
        return {}
    row_id = name.table.c.id
    rows = connection.execute(select(row_id, name).where(row_id.in_(sorted(ids))))
    return {row[0]: row[1] for row in rows}


# ---------------------------------------------------------------- their statements


def _registrations(tenant_id: str | None) -> Select[*tuple[object, ...]]:
    owned: ColumnElement[bool] = (
        true() if tenant_id is None else registrations.c.tenant_id == tenant_id
    )
    return (
        select(registrations, platform_clients, tools, tenants.c.slug)
        .join_from(
            registrations,
            platform_clients,
            platform_clients.c.id == registrations.c.platform_client_id,
        )
        .join(tools, tools.c.id == registrations.c.tool_id)
        .join(tenants, tenants.c.id == registrations.c.tenant_id)
        .where(owned)
        .set_label_style(LABEL_STYLE_TABLENAME_PLUS_COL)
    )


def _deployments(tenant_id: str | None) -> Select[*tuple[object, ...]]:
    owned: ColumnElement[bool] = (
        true() if tenant_id is None else deployments.c.tenant_id == tenant_id
    )
    return (
        select(
            deployments,
            platform_clients.c.issuer,
            platform_clients.c.client_id,
            registrations.c.name,
            tenants.c.slug,
        )
        .select_from(
            deployments.join(
                platform_clients, platform_clients.c.id == deployments.c.platform_client_id
            )
            .outerjoin(registrations, registrations.c.id == deployments.c.registration_id)
            .outerjoin(tenants, tenants.c.id == registrations.c.tenant_id)
        )
        .where(deployments.c.deleted_at.is_(None), owned)
        .set_label_style(LABEL_STYLE_TABLENAME_PLUS_COL)
    )


def _keys(tenant_id: str | None) -> Select[*tuple[object, ...]]:
    """Of clients that are not in the bin; not of drafts, which have no client yet."""
    is_for_tools = signing_keys.c.platform_client_id.is_(None)
    query = (
        select(signing_keys, platform_clients)
        .outerjoin(platform_clients, platform_clients.c.id == signing_keys.c.platform_client_id)
        .where(
            platform_clients.c.deleted_at.is_(None),
            is_for_tools | platform_clients.c.id.is_not(None),
        )
        .set_label_style(LABEL_STYLE_TABLENAME_PLUS_COL)
    )
    return query if tenant_id is None else query.where(platform_clients.c.tenant_id == tenant_id)


def _registration(row: RowMapping) -> RegistrationOverview:
    return RegistrationOverview(
        registration=values.registration(row),
        client=values.platform_client(row),
        tool=values.tool(row),
        tenant_slug=row[tenants.c.slug],
        created_at=row[registrations.c.created_at],
        deleted_at=row[registrations.c.deleted_at],
    )


def _deployment(row: RowMapping) -> DeploymentOverview:
    return DeploymentOverview(
        deployment=values.deployment(row),
        tenant_id=row[deployments.c.tenant_id],
        issuer=row[platform_clients.c.issuer],
        client_id=row[platform_clients.c.client_id],
        registration_name=row[registrations.c.name],
        tenant_slug=row[tenants.c.slug],
        first_seen_at=row[deployments.c.first_seen_at],
        decided_at=row[deployments.c.decided_at],
    )


def _key(row: RowMapping) -> KeyOverview:
    key = SigningKey(*(row[signing_keys.c[field.name]] for field in fields(SigningKey)))
    return KeyOverview(key, values.platform_client(row) if key.platform_client_id else None)
