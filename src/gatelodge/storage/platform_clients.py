"""Platform clients: issuer and client id with the LMS's addresses; one tenant's, or shared."""

from sqlalchemy import ColumnElement, Connection, exists, insert, or_, select, true, update

from gatelodge.lti.registration import PlatformClient
from gatelodge.storage import catalogue, values
from gatelodge.storage.paging import PAGE, oldest_first
from gatelodge.storage.registration_index import indexed
from gatelodge.storage.tables import platform_clients, registrations

_NEVER_CHANGED = {"id", "tenant_id", "issuer", "client_id"}


def add(connection: Connection, client: PlatformClient, *, created_at: float) -> None:
    """Refused with `PlatformClientTaken` wherever the pair stands, and whosever it is."""
    catalogue.touch(
        connection,
        catalogue.client_subject(client.id),
        catalogue.issuer_subject(client.issuer),
    )
    connection.execute(
        insert(platform_clients).values(**values.columns_of(client), created_at=created_at)
    )


def find(connection: Connection, issuer: str, client_id: str) -> PlatformClient | None:
    """Whosever it is: for the decision whether the pair is free, not for showing."""
    return catalogue.client_by_issuer_and_id(connection, issuer, client_id)


def get(
    connection: Connection, tenant_id: str | None, platform_client_id: str
) -> PlatformClient | None:
    """A client of the tenant's own, or a shared one on which it has a registration."""
    query = select(platform_clients).where(
        platform_clients.c.id == platform_client_id,
        platform_clients.c.deleted_at.is_(None),
        _visible_to(tenant_id),
    )
    row = connection.execute(query).mappings().first()
    return values.platform_client(row) if row else None


def list_all(
    connection: Connection, tenant_id: str | None, *, after: str | None = None, limit: int = PAGE
) -> list[PlatformClient]:
    """The tenant's own clients; for the operator all of them."""
    query = select(platform_clients).where(
        platform_clients.c.deleted_at.is_(None), _owned_by(tenant_id)
    )
    rows = connection.execute(oldest_first(query, platform_clients.c.id, after, limit)).mappings()
    return [values.platform_client(row) for row in rows]


def list_shared(
    connection: Connection, platform: str, *, limit: int = PAGE
) -> list[PlatformClient]:
    """Those that the operator shares, of one LMS."""
    query = (
        select(platform_clients)
        .where(
            platform_clients.c.tenant_id.is_(None),
            platform_clients.c.platform == platform,
            platform_clients.c.deleted_at.is_(None),
        )
        .order_by(platform_clients.c.id)
        .limit(limit)
    )
    return [values.platform_client(row) for row in connection.execute(query).mappings()]


def list_for_issuer(
    connection: Connection, issuer: str, *, after: str | None = None, limit: int = PAGE
) -> list[PlatformClient]:
    """Whosever they are, by client id: for the operator. ``after`` is a client id too."""
    query = select(platform_clients).where(
        platform_clients.c.issuer == issuer, platform_clients.c.deleted_at.is_(None)
    )
    page = oldest_first(query, platform_clients.c.client_id, after, limit)
    rows = connection.execute(page).mappings()
    return [values.platform_client(row) for row in rows]


def update_addresses(connection: Connection, tenant_id: str | None, client: PlatformClient) -> bool:
    """Takes over all of ``client`` but what makes its identity; False when it is not the tenant's."""
    catalogue.touch(connection, catalogue.client_subject(client.id))
    columns = values.columns_of(client)
    changed = connection.execute(
        update(platform_clients)
        .where(
            platform_clients.c.id == client.id,
            platform_clients.c.deleted_at.is_(None),
            _owned_by(tenant_id),
        )
        .values({name: value for name, value in columns.items() if name not in _NEVER_CHANGED})
    )
    if changed.rowcount == 0:
        return False
    on_it = registrations.c.platform_client_id == client.id
    differ = on_it & (registrations.c.platform != client.platform)
    with indexed(connection, on_it):
        connection.execute(update(registrations).where(differ).values(platform=client.platform))
    return True


def rename(
    connection: Connection,
    tenant_id: str | None,
    platform_client_id: str,
    *,
    issuer: str,
    client_id: str,
) -> bool:
    """Gives it another issuer and client id, with all its registrations; its keys stay.

    False when it is not the tenant's; `PlatformClientTaken` where the pair stands already.
    """
    client = get(connection, tenant_id, platform_client_id)
    if client is None:
        return False
    catalogue.touch(
        connection,
        catalogue.client_subject(client.id),
        catalogue.issuer_subject(client.issuer),
        catalogue.issuer_subject(issuer),
    )
    on_it = registrations.c.platform_client_id == platform_client_id
    with indexed(connection, on_it):
        changed = connection.execute(
            update(platform_clients)
            .where(
                platform_clients.c.id == platform_client_id,
                platform_clients.c.deleted_at.is_(None),
                _owned_by(tenant_id),
            )
            .values(issuer=issuer, client_id=client_id)
        )
        if changed.rowcount == 0:
            return False
        connection.execute(update(registrations).where(on_it).values(issuer=issuer))
    return True


def delete(
    connection: Connection, tenant_id: str | None, platform_client_id: str, *, now: float
) -> bool:
    """Puts a client that no live registration uses into the bin; False when that is not so."""
    client = get(connection, tenant_id, platform_client_id)
    if client is None:
        return False
    catalogue.touch(
        connection, catalogue.client_subject(client.id), catalogue.issuer_subject(client.issuer)
    )
    changed = connection.execute(
        update(platform_clients)
        .where(
            platform_clients.c.id == platform_client_id,
            platform_clients.c.deleted_at.is_(None),
            _owned_by(tenant_id),
            ~_is_in_use(),
        )
        .values(deleted_at=now)
    )
    return changed.rowcount == 1


def _owned_by(tenant_id: str | None) -> ColumnElement[bool]:
    return true() if tenant_id is None else platform_clients.c.tenant_id == tenant_id


def _visible_to(tenant_id: str | None) -> ColumnElement[bool]:
    if tenant_id is None:
        return true()
    has_registration = exists().where(
        registrations.c.platform_client_id == platform_clients.c.id,
        registrations.c.tenant_id == tenant_id,
    )
    shared = platform_clients.c.tenant_id.is_(None)
    return or_(platform_clients.c.tenant_id == tenant_id, shared & has_registration)


def _is_in_use() -> ColumnElement[bool]:
    return exists().where(
        registrations.c.platform_client_id == platform_clients.c.id,
        registrations.c.deleted_at.is_(None),
    )
