"""A private platform client becomes one that the operator shares among tenants."""

from sqlalchemy import Connection, select, update

from gatelodge.storage import catalogue
from gatelodge.storage.tables import deployments, platform_clients


def share(connection: Connection, platform_client_id: str) -> bool:
    """False when there is no such private client. Deployments that wait are the operator's then."""
    this = platform_clients.c.id == platform_client_id
    private = platform_clients.c.tenant_id.is_not(None) & platform_clients.c.deleted_at.is_(None)
    issuer = connection.execute(select(platform_clients.c.issuer).where(this, private)).scalar()
    if issuer is None:
        return False
    catalogue.touch(
        connection,
        catalogue.client_subject(platform_client_id),
        catalogue.issuer_subject(issuer),
    )
    changed = connection.execute(
        update(platform_clients).where(this, private).values(tenant_id=None)
    )
    connection.execute(
        update(deployments)
        .where(
            deployments.c.platform_client_id == platform_client_id,
            deployments.c.registration_id.is_(None),
        )
        .values(tenant_id=None)
    )
    return changed.rowcount == 1
