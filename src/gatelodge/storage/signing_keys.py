"""Our signing keys: those of one platform client each, and those that sign for tools.

An *owner* is a platform client's id, or None for the keys that sign for tools. The id of a key is
its key id.
"""

from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    delete,
    exists,
    insert,
    or_,
    select,
    update,
)

from gatelodge.storage import catalogue
from gatelodge.storage.tables import platform_clients, signing_keys


@dataclass(frozen=True, slots=True)
class SigningKey:
    id: str
    platform_client_id: str | None
    algorithm: str
    public_jwk: str
    sealed_private: bytes
    published_at: int
    signs_from: int
    signs_until: int
    published_until: int
    revoked_at: int | None = None


def add(connection: Connection, key: SigningKey) -> None:
    catalogue.touch(connection, catalogue.keys_subject(key.platform_client_id))
    connection.execute(
        insert(signing_keys).values({name: getattr(key, name) for name in key.__slots__})
    )


def get(connection: Connection, key_id: str) -> SigningKey | None:
    query = select(signing_keys).where(signing_keys.c.id == key_id)
    row = connection.execute(query).mappings().first()
    return _key(row) if row else None


def list_published(connection: Connection, owner: str | None, now: float) -> list[SigningKey]:
    """What belongs into the owner's key set, oldest first."""
    query = (
        select(signing_keys)
        .where(
            _owned_by(owner),
            signing_keys.c.published_at <= now,
            signing_keys.c.published_until > now,
            signing_keys.c.revoked_at.is_(None),
        )
        .order_by(signing_keys.c.signs_until)
    )
    return [_key(row) for row in connection.execute(query).mappings()]


def list_all(connection: Connection, owner: str | None) -> list[SigningKey]:
    """With those revoked or past, until they are purged; oldest first."""
    query = select(signing_keys).where(_owned_by(owner)).order_by(signing_keys.c.signs_until)
    return [_key(row) for row in connection.execute(query).mappings()]


def current(
    connection: Connection, owner: str | None, algorithm: str, now: float
) -> SigningKey | None:
    """The key that signs now: the newest of those that may."""
    query = (
        select(signing_keys)
        .where(
            _owned_by(owner),
            signing_keys.c.algorithm == algorithm,
            signing_keys.c.signs_from <= now,
            signing_keys.c.signs_until > now,
            signing_keys.c.revoked_at.is_(None),
        )
        .order_by(signing_keys.c.signs_from.desc(), signing_keys.c.id.desc())
        .limit(1)
    )
    row = connection.execute(query).mappings().first()
    return _key(row) if row else None


def revoke(connection: Connection, key_id: str, now: float) -> bool:
    """False when there is no such key, or it is revoked already."""
    key = get(connection, key_id)
    if key is None:
        return False
    catalogue.touch(connection, catalogue.keys_subject(key.platform_client_id))
    changed = connection.execute(
        update(signing_keys)
        .where(signing_keys.c.id == key_id, signing_keys.c.revoked_at.is_(None))
        .values(revoked_at=now)
    )
    return changed.rowcount == 1


def due_for_rotation(
    connection: Connection, before: float, *, limit: int = 100
) -> list[SigningKey]:
    """Keys that stop signing before this time and have no successor, of live owners."""
    successor = signing_keys.alias("successor")
    has_successor = exists().where(
        or_(
            successor.c.platform_client_id == signing_keys.c.platform_client_id,
            successor.c.platform_client_id.is_(None) & signing_keys.c.platform_client_id.is_(None),
        ),
        successor.c.algorithm == signing_keys.c.algorithm,
        successor.c.signs_until > signing_keys.c.signs_until,
        successor.c.revoked_at.is_(None),
    )
    owner_is_gone = exists().where(
        platform_clients.c.id == signing_keys.c.platform_client_id,
        platform_clients.c.deleted_at.is_not(None),
    )
    query = (
        select(signing_keys)
        .where(
            signing_keys.c.signs_until < before,
            signing_keys.c.revoked_at.is_(None),
            ~has_successor,
            ~owner_is_gone,
        )
        .order_by(signing_keys.c.signs_until)
        .limit(limit)
    )
    return [_key(row) for row in connection.execute(query).mappings()]


def purge(connection: Connection, before: float, *, limit: int = 1000) -> int:
    """Deletes keys that have not been published since this time."""
    old = select(signing_keys.c.id).where(signing_keys.c.published_until < before).limit(limit)
    return connection.execute(delete(signing_keys).where(signing_keys.c.id.in_(old))).rowcount


def _owned_by(owner: str | None) -> ColumnElement[bool]:
    # Comparing with None reads as IS NULL: the keys that sign for tools.
    return signing_keys.c.platform_client_id == owner


def _key(row: RowMapping) -> SigningKey:
    return SigningKey(**row)
