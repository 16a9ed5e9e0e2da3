"""Key sets of platforms as they were last fetched, by their address."""

from dataclasses import dataclass

from sqlalchemy import Connection, delete, select

from gatelodge.storage.tables import key_sets
from gatelodge.storage.upserts import insert_into


@dataclass(frozen=True, slots=True)
class StoredKeySet:
    url: str
    body: str
    fetched_at: int
    fresh_until: int
    etag: str | None


def get(connection: Connection, url: str) -> StoredKeySet | None:
    query = select(key_sets).where(key_sets.c.url == url)
    row = connection.execute(query).mappings().first()
    return StoredKeySet(**row) if row else None


def put(
    connection: Connection,
    url: str,
    body: str,
    *,
    fetched_at: float,
    fresh_until: float,
    etag: str | None = None,
) -> None:
    """Replaces what was fetched before; what another process fetched later stays."""
    columns = {"body": body, "fetched_at": fetched_at, "fresh_until": fresh_until, "etag": etag}
    query = insert_into(connection, key_sets).values(url=url, **columns)
    connection.execute(
        query.on_conflict_do_update(
            index_elements=[key_sets.c.url],
            set_={name: query.excluded[name] for name in columns},
            where=key_sets.c.fetched_at <= query.excluded.fetched_at,
        )
    )


def purge(connection: Connection, before: float) -> int:
    """Deletes sets that nobody has fetched since."""
    return connection.execute(delete(key_sets).where(key_sets.c.fetched_at < before)).rowcount
