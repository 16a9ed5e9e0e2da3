"""Drafts of registrations: what the wizard has been told so far, saved at each step.

A draft has given out the ids of the registration and of the platform client that it will become,
and that client's signing keys. Deleting it takes the keys along, unless the client is there by now.
"""

from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    delete,
    exists,
    func,
    insert,
    select,
    true,
    update,
)

from gatelodge.storage import catalogue
from gatelodge.storage.paging import PAGE, newest_first
from gatelodge.storage.tables import platform_clients, registration_drafts, signing_keys


@dataclass(frozen=True, slots=True)
class RegistrationDraft:
    """``content`` is what was typed, as JSON; ``account`` is who began it."""

    id: str
    tenant_id: str
    registration_id: str
    platform_client_id: str
    account: str
    step: int
    version: int
    content: str
    created_at: int
    updated_at: int


def add(connection: Connection, draft: RegistrationDraft) -> None:
    values = {name: getattr(draft, name) for name in draft.__slots__}
    connection.execute(insert(registration_drafts).values(values))


def get(connection: Connection, tenant_id: str | None, draft_id: str) -> RegistrationDraft | None:
    query = select(registration_drafts).where(
        registration_drafts.c.id == draft_id, _owned_by(tenant_id)
    )
    row = connection.execute(query).mappings().first()
    return _draft(row) if row else None


def get_by_registration(connection: Connection, registration_id: str) -> RegistrationDraft | None:
    """Whosever it is: for the public key set, which is for everyone alike."""
    query = select(registration_drafts).where(
        registration_drafts.c.registration_id == registration_id
    )
    row = connection.execute(query).mappings().first()
    return _draft(row) if row else None


def list_all(
    connection: Connection,
    tenant_id: str | None,
    *,
    before: str | None = None,
    limit: int = PAGE,
) -> list[RegistrationDraft]:
    """Those begun last come first."""
    query = select(registration_drafts).where(_owned_by(tenant_id))
    rows = connection.execute(newest_first(query, registration_drafts.c.id, before, limit))
    return [_draft(row) for row in rows.mappings()]


def count(connection: Connection, tenant_id: str) -> int:
    query = select(func.count()).where(registration_drafts.c.tenant_id == tenant_id)
    return connection.execute(query).scalar_one()


def save(
    connection: Connection,
    tenant_id: str | None,
    draft_id: str,
    content: str,
    *,
    step: int,
    version: int,
    now: float,
) -> bool:
    """False when it is not the tenant's, or no longer of this version."""
    changed = connection.execute(
        update(registration_drafts)
        .where(
            registration_drafts.c.id == draft_id,
            registration_drafts.c.version == version,
            _owned_by(tenant_id),
        )
        .values(content=content, step=step, version=version + 1, updated_at=now)
    )
    return changed.rowcount == 1


def remove(
    connection: Connection, tenant_id: str | None, draft_id: str, *, version: int | None = None
) -> bool:
    """False when it is not the tenant's, or no longer of this version."""
    draft = get(connection, tenant_id, draft_id)
    if draft is None:
        return False
    catalogue.touch(connection, catalogue.keys_subject(draft.platform_client_id))
    which = registration_drafts.c.id == draft_id
    if version is not None:
        which &= registration_drafts.c.version == version
    gone = connection.execute(delete(registration_drafts).where(which))
    if gone.rowcount == 0:
        return False
    _remove_keys(connection, [draft.platform_client_id])
    return True


def purge(connection: Connection, before: float, *, limit: int = 1000) -> int:
    """Deletes drafts that nobody has changed since this time; returns how many."""
    old = (
        select(registration_drafts.c.id, registration_drafts.c.platform_client_id)
        .where(registration_drafts.c.updated_at < before)
        .order_by(registration_drafts.c.updated_at)
        .limit(limit)
    )
    found = connection.execute(old).all()
    if not found:
        return 0
    owners = [row.platform_client_id for row in found]
    catalogue.touch(connection, *map(catalogue.keys_subject, owners))
    gone = connection.execute(
        delete(registration_drafts).where(
            registration_drafts.c.id.in_([row.id for row in found]),
            registration_drafts.c.updated_at < before,
        )
    )
    _remove_keys(connection, owners)
    return gone.rowcount


def _remove_keys(connection: Connection, owners: list[str]) -> None:
    """Of clients that there will never be."""
    has_client = exists().where(platform_clients.c.id == signing_keys.c.platform_client_id)
    has_draft = exists().where(
        registration_drafts.c.platform_client_id == signing_keys.c.platform_client_id
    )
    connection.execute(
        delete(signing_keys).where(
            signing_keys.c.platform_client_id.in_(owners), ~has_client, ~has_draft
        )
    )


def _owned_by(tenant_id: str | None) -> ColumnElement[bool]:
    return true() if tenant_id is None else registration_drafts.c.tenant_id == tenant_id


def _draft(row: RowMapping) -> RegistrationDraft:
    return RegistrationDraft(**row)
