"""Registrations: one tenant's tool on one platform client. One that is deleted is in the bin.

The state that it had is kept, and comes back when it is restored.
"""

from sqlalchemy import ColumnElement, Connection, Row, exists, insert, or_, select, true, update
from sqlalchemy import delete as remove

from gatelodge.lti.registration import Registration, RegistrationState, UnknownDeployments
from gatelodge.storage import catalogue, values
from gatelodge.storage.errors import ReferenceMissing
from gatelodge.storage.in_the_way import require_free_place
from gatelodge.storage.paging import PAGE, oldest_first
from gatelodge.storage.registration_index import indexed
from gatelodge.storage.search_words import sort_key
from gatelodge.storage.tables import (
    deployment_requests,
    deployments,
    platform_clients,
    registrations,
    signing_keys,
    tools,
)
from gatelodge.storage.tools import offered_to


def add(connection: Connection, registration: Registration, *, created_at: float) -> None:
    """Refused with `ReferenceMissing` when tool or client are another tenant's."""
    catalogue.touch(
        connection,
        catalogue.registration_subject(registration.id),
        catalogue.client_subject(registration.platform_client_id),
        catalogue.issuer_subject(_client_within_reach(connection, registration).issuer),
    )
    # Once more: what was looked at before the lock may be gone.
    client = _client_within_reach(connection, registration)
    with indexed(connection, registrations.c.id == registration.id):
        connection.execute(
            insert(registrations).values(
                **values.columns_of(registration),
                sort_name=sort_key(registration.name),
                issuer=client.issuer,
                platform=client.platform,
                created_at=created_at,
            )
        )


def get(connection: Connection, tenant_id: str | None, registration_id: str) -> Registration | None:
    """In the bin or not."""
    query = select(registrations).where(registrations.c.id == registration_id, _owned_by(tenant_id))
    row = connection.execute(query).mappings().first()
    return values.registration(row) if row else None


def list_all(
    connection: Connection,
    tenant_id: str | None,
    *,
    include_bin: bool = False,
    after: str | None = None,
    limit: int = PAGE,
) -> list[Registration]:
    query = select(registrations).where(_owned_by(tenant_id))
    if not include_bin:
        query = query.where(registrations.c.deleted_at.is_(None))
    rows = connection.execute(oldest_first(query, registrations.c.id, after, limit)).mappings()
    return [values.registration(row) for row in rows]


def set_state(
    connection: Connection,
    tenant_id: str | None,
    registration_id: str,
    state: RegistrationState,
    *,
    before: RegistrationState,
) -> bool:
    """False when it is not the tenant's, not in the state ``before``, or in the bin."""
    if RegistrationState.BIN in {state, before}:
        raise ValueError("registrations go into the bin with delete, and out of it with restore")
    registration = get(connection, tenant_id, registration_id)
    if registration is None:
        return False
    _announce(connection, registration)
    this = registrations.c.id == registration_id
    with indexed(connection, this):
        changed = connection.execute(
            update(registrations)
            .where(this, registrations.c.state == before, registrations.c.deleted_at.is_(None))
            .values(state=state)
        )
    return changed.rowcount == 1


def change(
    connection: Connection,
    tenant_id: str | None,
    registration_id: str,
    *,
    name: str,
    unknown_deployments: UnknownDeployments,
) -> bool:
    """False when it is not the tenant's, or in the bin."""
    registration = get(connection, tenant_id, registration_id)
    if registration is None:
        return False
    _announce(connection, registration)
    this = registrations.c.id == registration_id
    new = {"name": name, "sort_name": sort_key(name), "unknown_deployments": unknown_deployments}
    with indexed(connection, this):
        changed = connection.execute(
            update(registrations).where(this, registrations.c.deleted_at.is_(None)).values(new)
        )
    return changed.rowcount == 1


def list_beside(
    connection: Connection, tenant_id: str | None, registration: Registration, *, limit: int = PAGE
) -> list[Registration]:
    """The other live registrations on its client, as far as the tenant may know of them."""
    query = (
        select(registrations)
        .where(
            registrations.c.platform_client_id == registration.platform_client_id,
            registrations.c.id != registration.id,
            registrations.c.deleted_at.is_(None),
            _owned_by(tenant_id),
        )
        .order_by(registrations.c.id)
        .limit(limit)
    )
    return [values.registration(row) for row in connection.execute(query).mappings()]


# ---------------------------------------------------------------- the bin


def delete(
    connection: Connection, tenant_id: str | None, registration_id: str, *, now: float
) -> bool:
    """Puts it into the bin with its deployments; False when there is no such live registration.

    Its client goes along if that is private and nothing live is left on it.
    """
    registration = get(connection, tenant_id, registration_id)
    if registration is None:
        return False
    _announce(connection, registration)
    this = registrations.c.id == registration_id
    with indexed(connection, this):
        changed = connection.execute(
            update(registrations)
            .where(this, registrations.c.deleted_at.is_(None))
            .values(deleted_at=now)
        )
    if changed.rowcount == 0:
        return False
    _delete_deployments(connection, deployments.c.registration_id == registration_id, now)
    if _delete_unused_client(connection, registration.platform_client_id, now):
        of_client = deployments.c.platform_client_id == registration.platform_client_id
        _delete_deployments(connection, of_client, now)
    return True


def restore(connection: Connection, tenant_id: str | None, registration_id: str) -> bool:
    """False when it is not in the bin; `InTheWay` when something has taken its place."""
    registration = get(connection, tenant_id, registration_id)
    if registration is None:
        return False
    _announce(connection, registration)
    row = _in_bin(connection, registration_id)
    if row is None:
        return False
    require_free_place(connection, tenant_id, registration_id)
    _restore_client(connection, registration.platform_client_id)
    of_registration = deployments.c.registration_id == registration_id
    _restore_deployments(connection, of_registration, row.deleted_at)
    this = registrations.c.id == registration_id
    with indexed(connection, this):
        connection.execute(update(registrations).where(this).values(deleted_at=None))
    return True


def purge_bin(connection: Connection, before: float, *, limit: int = 100) -> int:
    """Removes for good what went into the bin before this time; returns how much that was."""
    old = (
        select(registrations.c.id)
        .where(registrations.c.deleted_at < before)
        .order_by(registrations.c.deleted_at)
        .limit(limit)
    )
    found = list(connection.execute(old).scalars())
    for each in (deployments, deployment_requests):
        connection.execute(remove(each).where(each.c.registration_id.in_(found)))
    these = registrations.c.id.in_(found)
    with indexed(connection, these):
        connection.execute(remove(registrations).where(these))
    return len(found) + _purge_clients(connection, before, limit)


def _purge_clients(connection: Connection, before: float, limit: int) -> int:
    old = (
        select(platform_clients.c.id)
        .where(
            platform_clients.c.deleted_at < before,
            ~exists().where(registrations.c.platform_client_id == platform_clients.c.id),
        )
        .order_by(platform_clients.c.deleted_at)
        .limit(limit)
    )
    found = list(connection.execute(old).scalars())
    for each in (deployments, signing_keys):
        connection.execute(remove(each).where(each.c.platform_client_id.in_(found)))
    connection.execute(remove(platform_clients).where(platform_clients.c.id.in_(found)))
    return len(found)


def _delete_deployments(connection: Connection, which: ColumnElement[bool], now: float) -> None:
    connection.execute(
        update(deployments).where(which, deployments.c.deleted_at.is_(None)).values(deleted_at=now)
    )


def _delete_unused_client(connection: Connection, platform_client_id: str, now: float) -> bool:
    in_use = exists().where(
        registrations.c.platform_client_id == platform_client_id,
        registrations.c.deleted_at.is_(None),
    )
    changed = connection.execute(
        update(platform_clients)
        .where(
            platform_clients.c.id == platform_client_id,
            platform_clients.c.tenant_id.is_not(None),
            platform_clients.c.deleted_at.is_(None),
            ~in_use,
        )
        .values(deleted_at=now)
    )
    return changed.rowcount == 1


def _in_bin(connection: Connection, registration_id: str) -> Row[int] | None:
    query = select(registrations.c.deleted_at).where(
        registrations.c.id == registration_id, registrations.c.deleted_at.is_not(None)
    )
    return connection.execute(query).first()


def _restore_client(connection: Connection, platform_client_id: str) -> None:
    """With the deployments that belonged to no registration when the client went."""
    this = platform_clients.c.id == platform_client_id
    deleted_at = connection.execute(select(platform_clients.c.deleted_at).where(this)).scalar_one()
    if deleted_at is None:
        return
    connection.execute(update(platform_clients).where(this).values(deleted_at=None))
    unassigned = (deployments.c.platform_client_id == platform_client_id) & (
        deployments.c.registration_id.is_(None)
    )
    _restore_deployments(connection, unassigned, deleted_at)


def _restore_deployments(
    connection: Connection, which: ColumnElement[bool], deleted_at: int
) -> None:
    connection.execute(
        update(deployments)
        .where(which, deployments.c.deleted_at == deleted_at)
        .values(deleted_at=None)
    )


# ---------------------------------------------------------------- whose it is, and who is told


def _announce(connection: Connection, registration: Registration) -> None:
    """Touches all that a change of this registration changes."""
    issuer = connection.execute(
        select(registrations.c.issuer).where(registrations.c.id == registration.id)
    ).scalar_one()
    catalogue.touch(
        connection,
        catalogue.registration_subject(registration.id),
        catalogue.client_subject(registration.platform_client_id),
        catalogue.issuer_subject(issuer),
    )


def _owned_by(tenant_id: str | None) -> ColumnElement[bool]:
    return true() if tenant_id is None else registrations.c.tenant_id == tenant_id


def _client_within_reach(connection: Connection, registration: Registration) -> Row[str, str]:
    """The client's issuer and LMS, if the tenant may use both the client and the tool."""
    query = (
        select(platform_clients.c.issuer, platform_clients.c.platform)
        .join_from(platform_clients, tools, tools.c.id == registration.tool_id)
        .where(
            platform_clients.c.id == registration.platform_client_id,
            platform_clients.c.deleted_at.is_(None),
            _open_to(platform_clients.c.tenant_id, registration.tenant_id),
            offered_to(registration.tenant_id),
        )
    )
    client = connection.execute(query).first()
    if client is None:
        raise ReferenceMissing("There is no such tool or platform client for this tenant.")
    return client


def _open_to(owner: ColumnElement[str], tenant_id: str) -> ColumnElement[bool]:
    return or_(owner.is_(None), owner == tenant_id)
