"""What a tenant says its deployment on a shared client is called, until the operator has decided.

Nothing of a launch goes by it: anybody could name somebody else's deployment.
"""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, RowMapping, delete, insert, select, true

from gatelodge.storage.paging import PAGE, oldest_first
from gatelodge.storage.tables import deployment_requests


@dataclass(frozen=True, slots=True)
class DeploymentRequest:
    id: str
    tenant_id: str
    registration_id: str
    platform_client_id: str
    deployment_id: str
    requested_at: int


def add(connection: Connection, request: DeploymentRequest) -> None:
    values = {name: getattr(request, name) for name in request.__slots__}
    connection.execute(insert(deployment_requests).values(values))


def get(connection: Connection, tenant_id: str | None, row_id: str) -> DeploymentRequest | None:
    query = select(deployment_requests).where(
        deployment_requests.c.id == row_id, _owned_by(tenant_id)
    )
    row = connection.execute(query).mappings().first()
    return _request(row) if row else None


def list_all(
    connection: Connection, tenant_id: str | None, *, after: str | None = None, limit: int = PAGE
) -> list[DeploymentRequest]:
    query = select(deployment_requests).where(_owned_by(tenant_id))
    rows = connection.execute(
        oldest_first(query, deployment_requests.c.id, after, limit)
    ).mappings()
    return [_request(row) for row in rows]


def remove(connection: Connection, tenant_id: str | None, row_id: str) -> bool:
    """False when it is not the tenant's."""
    gone = connection.execute(
        delete(deployment_requests).where(deployment_requests.c.id == row_id, _owned_by(tenant_id))
    )
    return gone.rowcount == 1


def settle(connection: Connection, registration_id: str, deployment_id: str) -> None:
    """What a registration asked for it has been given."""
    connection.execute(
        delete(deployment_requests).where(
            deployment_requests.c.registration_id == registration_id,
            deployment_requests.c.deployment_id == deployment_id,
        )
    )


def _owned_by(tenant_id: str | None) -> ColumnElement[bool]:
    return true() if tenant_id is None else deployment_requests.c.tenant_id == tenant_id


def _request(row: RowMapping) -> DeploymentRequest:
    return DeploymentRequest(**row)
