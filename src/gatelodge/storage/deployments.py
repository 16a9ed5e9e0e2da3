"""Deployments: which registration, and so which tenant, a signed deployment id leads to."""

from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    delete,
    func,
    insert,
    literal,
    select,
    true,
    update,
)

from gatelodge.lti.registration import Deployment, DeploymentState
from gatelodge.storage import catalogue, values
from gatelodge.storage.paging import PAGE, oldest_first
from gatelodge.storage.tables import deployments, platform_clients, registrations


@dataclass(frozen=True, slots=True)
class KnownDeployment:
    """``tenant_id`` is None while it waits on a shared client: only the operator sees it then."""

    deployment: Deployment
    tenant_id: str | None
    first_seen_at: int
    decided_at: int | None

    @property
    def id(self) -> str:
        return self.deployment.id


def add(
    connection: Connection,
    deployment: Deployment,
    *,
    first_seen_at: float,
    decided_at: float | None = None,
) -> None:
    catalogue.touch(connection, catalogue.client_subject(deployment.platform_client_id))
    connection.execute(
        insert(deployments).values(
            **values.columns_of(deployment),
            tenant_id=_tenant_of(deployment.platform_client_id, deployment.registration_id),
            first_seen_at=first_seen_at,
            decided_at=decided_at,
        )
    )


def give(
    connection: Connection,
    platform_client_id: str,
    deployment_id: str,
    registration_id: str,
    *,
    new_id: str,
    now: float,
) -> str | None:
    """Approves it for a registration of a shared client, whether it was met before or not.

    The id of its row; None if it was decided on before.
    """
    known = find(connection, platform_client_id, deployment_id)
    if known is None:
        deployment = Deployment(
            id=new_id,
            platform_client_id=platform_client_id,
            deployment_id=deployment_id,
            registration_id=registration_id,
            state=DeploymentState.APPROVED,
        )
        add(connection, deployment, first_seen_at=now, decided_at=now)
        return new_id
    if known.deployment.state is not DeploymentState.WAITING:
        return None
    decide(connection, None, known.id, DeploymentState.APPROVED, registration_id, now=now)
    return known.id


def find_last_owner(
    connection: Connection, platform_client_id: str, deployment_id: str
) -> str | None:
    """Whose it was when it went into the bin; None if it wasn't approved then, or is long forgotten."""
    query = (
        select(deployments.c.tenant_id, deployments.c.state)
        .where(
            deployments.c.platform_client_id == platform_client_id,
            deployments.c.deployment_id == deployment_id,
            deployments.c.deleted_at.is_not(None),
        )
        .order_by(deployments.c.deleted_at.desc(), deployments.c.id.desc())
        .limit(1)
    )
    row = connection.execute(query).first()
    return row.tenant_id if row and row.state == DeploymentState.APPROVED else None


def find(
    connection: Connection, platform_client_id: str, deployment_id: str
) -> KnownDeployment | None:
    """Whosever it is."""
    query = select(deployments).where(
        deployments.c.platform_client_id == platform_client_id,
        deployments.c.deployment_id == deployment_id,
        deployments.c.deleted_at.is_(None),
    )
    row = connection.execute(query).mappings().first()
    return _known(row) if row else None


def get(connection: Connection, tenant_id: str | None, row_id: str) -> KnownDeployment | None:
    query = select(deployments).where(
        deployments.c.id == row_id, deployments.c.deleted_at.is_(None), _owned_by(tenant_id)
    )
    row = connection.execute(query).mappings().first()
    return _known(row) if row else None


def list_all(
    connection: Connection,
    tenant_id: str | None,
    *,
    state: DeploymentState | None = None,
    registration_id: str | None = None,
    after: str | None = None,
    limit: int = PAGE,
) -> list[KnownDeployment]:
    query = select(deployments).where(deployments.c.deleted_at.is_(None), _owned_by(tenant_id))
    if state is not None:
        query = query.where(deployments.c.state == state)
    if registration_id is not None:
        query = query.where(deployments.c.registration_id == registration_id)
    rows = connection.execute(oldest_first(query, deployments.c.id, after, limit)).mappings()
    return [_known(row) for row in rows]


def decide(
    connection: Connection,
    tenant_id: str | None,
    row_id: str,
    state: DeploymentState,
    registration_id: str | None,
    *,
    now: float,
) -> bool:
    """False when it is not the tenant's; `ReferenceMissing` for a registration of another client."""
    known = get(connection, tenant_id, row_id)
    if known is None:
        return False
    client_id = known.deployment.platform_client_id
    catalogue.touch(connection, catalogue.client_subject(client_id))
    changed = connection.execute(
        update(deployments)
        .where(deployments.c.id == row_id, deployments.c.deleted_at.is_(None), _owned_by(tenant_id))
        .values(
            state=state,
            registration_id=registration_id,
            tenant_id=_tenant_of(client_id, registration_id),
            decided_at=now,
        )
    )
    return changed.rowcount == 1


def count_waiting(connection: Connection, platform_client_id: str) -> int:
    query = select(func.count()).where(
        deployments.c.platform_client_id == platform_client_id,
        deployments.c.state == DeploymentState.WAITING,
        deployments.c.deleted_at.is_(None),
    )
    return connection.execute(query).scalar_one()


def purge_waiting(connection: Connection, before: float, *, limit: int = 1000) -> int:
    """Forgets those first seen before this time on which nobody has decided; returns how many."""
    old = (
        select(deployments.c.id, deployments.c.platform_client_id)
        .where(
            deployments.c.state == DeploymentState.WAITING,
            deployments.c.first_seen_at < before,
            deployments.c.deleted_at.is_(None),
        )
        .order_by(deployments.c.id)
        .limit(limit)
    )
    found = connection.execute(old).all()
    if not found:
        return 0
    clients = sorted({row.platform_client_id for row in found})
    catalogue.touch(connection, *map(catalogue.client_subject, clients))
    gone = connection.execute(
        delete(deployments).where(
            deployments.c.id.in_([row.id for row in found]),
            deployments.c.state == DeploymentState.WAITING,
        )
    )
    return gone.rowcount


def _tenant_of(platform_client_id: str, registration_id: str | None) -> ColumnElement[str]:
    of_registration = select(registrations.c.tenant_id).where(
        registrations.c.id == literal(registration_id, registrations.c.id.type)
    )
    of_client = select(platform_clients.c.tenant_id).where(
        platform_clients.c.id == platform_client_id
    )
    return func.coalesce(of_registration.scalar_subquery(), of_client.scalar_subquery())


def _owned_by(tenant_id: str | None) -> ColumnElement[bool]:
    return true() if tenant_id is None else deployments.c.tenant_id == tenant_id


def _known(row: RowMapping) -> KnownDeployment:
    return KnownDeployment(
        deployment=values.deployment(row),
        tenant_id=row[deployments.c.tenant_id],
        first_seen_at=row[deployments.c.first_seen_at],
        decided_at=row[deployments.c.decided_at],
    )
