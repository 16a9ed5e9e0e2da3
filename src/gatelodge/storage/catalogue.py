"""What the launch path reads, one query each, and how it learns that something has changed.

Whatever writes tenants, tools, platform clients, registrations, deployments or signing keys calls
`touch` first, in the same transaction. Its row lock then puts all such transactions one after the
other, so that versions become visible in their order and no two of them wait for each other.
"""

import hashlib
from typing import NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    ScalarSelect,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.sql.selectable import LABEL_STYLE_TABLENAME_PLUS_COL

from gatelodge.lti.registration import Deployment, PlatformClient, Registration, Tool
from gatelodge.storage import values
from gatelodge.storage.tables import (
    catalogue_version,
    changes,
    deployments,
    platform_clients,
    registrations,
    tenants,
    tools,
)
from gatelodge.storage.values import TenantFacts

KEPT_CHANGES = 10_000
"""Changes that are kept; who is further behind reads everything again."""

# ---------------------------------------------------------------- subjects


def tool_subject(key: str) -> str:
    return f"tool:{key}"


def client_subject(platform_client_id: str) -> str:
    """Stands for the client and for all its deployments."""
    return f"client:{platform_client_id}"


def issuer_subject(issuer: str) -> str:
    """Stands for which clients this issuer has, and which tools they launch."""
    return f"issuer:{hashlib.sha256(issuer.encode()).hexdigest()}"


def registration_subject(registration_id: str) -> str:
    return f"registration:{registration_id}"


def tenant_subject(tenant_id: str) -> str:
    return f"tenant:{tenant_id}"


def keys_subject(owner: str | None) -> str:
    return f"keys:{owner or 'tools'}"


# ---------------------------------------------------------------- versions


def touch(connection: Connection, *subjects: str) -> int:
    """Announces changes of these subjects, one version each; returns the newest version."""
    newest: int = connection.execute(
        update(catalogue_version)
        .values(version=catalogue_version.c.version + len(subjects))
        .returning(catalogue_version.c.version)
    ).scalar_one()
    connection.execute(
        insert(changes),
        [
            {"version": number, "subject": subject}
            for number, subject in enumerate(subjects, start=newest - len(subjects) + 1)
        ],
    )
    connection.execute(delete(changes).where(changes.c.version <= newest - KEPT_CHANGES))
    return newest


def version(connection: Connection) -> int:
    number: int = connection.execute(select(catalogue_version.c.version)).scalar_one()
    return number


def changes_since(connection: Connection, seen: int) -> list[tuple[int, str]] | None:
    """Versions and subjects after ``seen``; None when not all are known any more."""
    newest = version(connection)
    rows = connection.execute(
        select(changes.c.version, changes.c.subject)
        .where(changes.c.version > seen)
        .order_by(changes.c.version)
    ).all()
    expected = rows[0].version - 1 if rows else newest
    return [(row.version, row.subject) for row in rows] if seen == expected else None


# ---------------------------------------------------------------- reads of the launch path


class Placement(NamedTuple):
    """A deployment, and where it leads: to nothing while it waits, or its registration is gone."""

    deployment: Deployment
    registration: Registration | None
    tenant: TenantFacts | None


class Placed(NamedTuple):
    registration: Registration
    client: PlatformClient
    tenant: TenantFacts


def tool_by_key(connection: Connection, key: str) -> Tool | None:
    row = connection.execute(_TOOL_BY_KEY, {"key": key}).mappings().first()
    return values.tool(row) if row else None


def client_by_id(connection: Connection, platform_client_id: str) -> PlatformClient | None:
    """The live client with this id, or the one that was added in its place."""
    row = connection.execute(_CLIENT_BY_ID, {"id": platform_client_id}).mappings().first()
    return values.platform_client(row) if row else None


def client_by_issuer_and_id(
    connection: Connection, issuer: str, client_id: str
) -> PlatformClient | None:
    sent = {"issuer": issuer, "client_id": client_id}
    row = connection.execute(_CLIENT_BY_ISSUER_AND_ID, sent).mappings().first()
    return values.platform_client(row) if row else None


def clients_for_tool(connection: Connection, issuer: str, tool_id: str) -> list[PlatformClient]:
    """Clients of this issuer with a live registration of the tool: none, the one, or two of them."""
    sent = {"issuer": issuer, "tool_id": tool_id}
    rows = connection.execute(_CLIENTS_FOR_TOOL, sent).mappings()
    return [values.platform_client(row) for row in rows]


def placement(
    connection: Connection, platform_client_id: str, deployment_id: str
) -> Placement | None:
    """None when the deployment is unknown."""
    sent = {"platform_client_id": platform_client_id, "deployment_id": deployment_id}
    row = connection.execute(_PLACEMENT, sent).mappings().first()
    if row is None:
        return None
    if row[registrations.c.id] is None:
        return Placement(values.deployment(row), None, None)
    return Placement(values.deployment(row), values.registration(row), values.tenant_facts(row))


def registration_by_id(connection: Connection, registration_id: str) -> Placed | None:
    """A live registration with its client and tenant."""
    row = connection.execute(_REGISTRATION_BY_ID, {"id": registration_id}).mappings().first()
    if row is None:
        return None
    return Placed(values.registration(row), values.platform_client(row), values.tenant_facts(row))


def registrations_of_client(connection: Connection, platform_client_id: str) -> list[Registration]:
    """Live registrations of a client: none, the one, or two of them."""
    sent = {"platform_client_id": platform_client_id}
    rows = connection.execute(_REGISTRATIONS_OF_CLIENT, sent).mappings()
    return [values.registration(row) for row in rows]


# ---------------------------------------------------------------- their statements, compiled once


def _client_of_tool(picked: ColumnElement[str]) -> ScalarSelect[str]:
    return (
        select(picked)
        .where(
            registrations.c.issuer == bindparam("issuer"),
            registrations.c.tool_id == bindparam("tool_id"),
            registrations.c.deleted_at.is_(None),
        )
        .scalar_subquery()
    )


_TOOL_BY_KEY = select(tools).where(tools.c.key == bindparam("key"))

_LIVE_CLIENT = select(platform_clients).where(platform_clients.c.deleted_at.is_(None))

_NAMED = platform_clients.alias("named")
_CLIENT_BY_ID = _LIVE_CLIENT.where(
    _NAMED.c.id == bindparam("id"),
    platform_clients.c.issuer == _NAMED.c.issuer,
    platform_clients.c.client_id == _NAMED.c.client_id,
)

_CLIENT_BY_ISSUER_AND_ID = _LIVE_CLIENT.where(
    platform_clients.c.issuer == bindparam("issuer"),
    platform_clients.c.client_id == bindparam("client_id"),
)

# The least and the greatest client in the index: one when they are the same, with a look-up each
# however many registrations there are.
_CLIENTS_FOR_TOOL = _LIVE_CLIENT.where(
    or_(
        platform_clients.c.id == _client_of_tool(func.min(registrations.c.platform_client_id)),
        platform_clients.c.id == _client_of_tool(func.max(registrations.c.platform_client_id)),
    )
)

_OF_TENANT = (tenants.c.id, tenants.c.name, tenants.c.identity_key, tenants.c.suspended_at)

_PLACEMENT = (
    select(deployments, registrations, *_OF_TENANT)
    .select_from(
        deployments.outerjoin(
            registrations,
            (registrations.c.id == deployments.c.registration_id)
            & registrations.c.deleted_at.is_(None),
        ).outerjoin(tenants, tenants.c.id == registrations.c.tenant_id)
    )
    .where(
        deployments.c.platform_client_id == bindparam("platform_client_id"),
        deployments.c.deployment_id == bindparam("deployment_id"),
        deployments.c.deleted_at.is_(None),
    )
    .set_label_style(LABEL_STYLE_TABLENAME_PLUS_COL)
)

_REGISTRATION_BY_ID = (
    select(registrations, platform_clients, *_OF_TENANT)
    .join_from(
        registrations,
        platform_clients,
        platform_clients.c.id == registrations.c.platform_client_id,
    )
    .join(tenants, tenants.c.id == registrations.c.tenant_id)
    .where(registrations.c.id == bindparam("id"), registrations.c.deleted_at.is_(None))
    .set_label_style(LABEL_STYLE_TABLENAME_PLUS_COL)
)

_REGISTRATIONS_OF_CLIENT = (
    select(registrations)
    .where(
        registrations.c.platform_client_id == bindparam("platform_client_id"),
        registrations.c.deleted_at.is_(None),
    )
    .limit(2)
)
