"""Check values: by them a wrong secret key is noticed at start, and not when something is opened."""

from sqlalchemy import Connection, select

from gatelodge.storage.tables import settings_check
from gatelodge.storage.upserts import insert_into


def get(connection: Connection, name: str) -> str | None:
    query = select(settings_check.c.value).where(settings_check.c.name == name)
    return connection.execute(query).scalar()


def put_first(connection: Connection, name: str, value: str) -> str:
    """Keeps ``value`` unless another process was first; returns what is kept."""
    query = insert_into(connection, settings_check).values(name=name, value=value)
    connection.execute(query.on_conflict_do_nothing(index_elements=[settings_check.c.name]))
    return get(connection, name) or value


def put(connection: Connection, name: str, value: str) -> None:
    """Replaces the value: a newer secret key has come."""
    query = insert_into(connection, settings_check).values(name=name, value=value)
    connection.execute(
        query.on_conflict_do_update(
            index_elements=[settings_check.c.name], set_={"value": query.excluded.value}
        )
    )
