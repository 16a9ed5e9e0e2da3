"""Tools: the operator's catalogue, and what it offers to one tenant alone."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, insert, or_, select, true, update

from gatelodge.lti.registration import Tool
from gatelodge.storage import catalogue, values
from gatelodge.storage.paging import PAGE, oldest_first
from gatelodge.storage.tables import tools


@dataclass(frozen=True, slots=True)
class ToolCredentials:
    tool: Tool
    secret_hash: bytes


def add(connection: Connection, tool: Tool, *, secret_hash: bytes, created_at: float) -> None:
    catalogue.touch(connection, catalogue.tool_subject(tool.key))
    connection.execute(
        insert(tools).values(
            **values.columns_of(tool), secret_hash=secret_hash, created_at=created_at
        )
    )


def get_by_key(connection: Connection, tenant_id: str | None, key: str) -> Tool | None:
    query = select(tools).where(tools.c.key == key, _offered_to(tenant_id))
    row = connection.execute(query).mappings().first()
    return values.tool(row) if row else None


def get_by_client_id(connection: Connection, client_id: str) -> ToolCredentials | None:
    """Who a tool is that names itself with this client id; its secret is still to be checked."""
    query = select(tools).where(tools.c.client_id == client_id)
    row = connection.execute(query).mappings().first()
    return ToolCredentials(values.tool(row), row[tools.c.secret_hash]) if row else None


def list_all(
    connection: Connection, tenant_id: str | None, *, after: str | None = None, limit: int = PAGE
) -> list[Tool]:
    query = select(tools).where(_offered_to(tenant_id))
    rows = connection.execute(oldest_first(query, tools.c.id, after, limit)).mappings()
    return [values.tool(row) for row in rows]


def set_secret_hash(connection: Connection, key: str, secret_hash: bytes) -> bool:
    """False when there is no such tool."""
    catalogue.touch(connection, catalogue.tool_subject(key))
    changed = connection.execute(
        update(tools).where(tools.c.key == key).values(secret_hash=secret_hash)
    )
    return changed.rowcount == 1


def _offered_to(tenant_id: str | None) -> ColumnElement[bool]:
    if tenant_id is None:
        return true()
    return or_(tools.c.tenant_id.is_(None), tools.c.tenant_id == tenant_id)
