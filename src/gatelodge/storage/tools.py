"""Tools: the operator's catalogue, and to whom each of them is offered."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    and_,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    true,
    update,
)

from gatelodge.lti.registration import Tool
from gatelodge.storage import catalogue, values
from gatelodge.storage.paging import PAGE, oldest_first
from gatelodge.storage.tables import registrations, tenants, tool_icons, tool_tenants, tools

_NEVER_CHANGED = {"id", "key", "client_id"}


@dataclass(frozen=True, slots=True)
class ToolCredentials:
    tool: Tool
    secret_hash: bytes


@dataclass(frozen=True, slots=True)
class ToolOverview:
    """A line of the operator's list. ``registrations`` are the live ones."""

    tool: Tool
    created_at: int
    tenants: int
    registrations: int
    in_bin: int
    icon_changed_at: int | None


@dataclass(frozen=True, slots=True)
class OfferedTenant:
    id: str
    slug: str
    name: str


def add(
    connection: Connection,
    tool: Tool,
    *,
    secret_hash: bytes,
    created_at: float,
    tenant_ids: Collection[str] = (),
) -> None:
    """``tenant_ids`` are those to whom a tool is offered that isn't for everyone."""
    catalogue.touch(connection, catalogue.tool_subject(tool.key))
    connection.execute(
        insert(tools).values(
            **values.columns_of(tool), secret_hash=secret_hash, created_at=created_at
        )
    )
    _offer(connection, tool, tenant_ids)


def get_by_key(connection: Connection, tenant_id: str | None, key: str) -> Tool | None:
    query = select(tools).where(tools.c.key == key, offered_to(tenant_id))
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
    query = select(tools).where(offered_to(tenant_id))
    rows = connection.execute(oldest_first(query, tools.c.id, after, limit)).mappings()
    return [values.tool(row) for row in rows]


def change(connection: Connection, tool: Tool, tenant_ids: Collection[str]) -> bool:
    """Takes over all but what makes its identity; False when there is no such tool."""
    catalogue.touch(connection, catalogue.tool_subject(tool.key))
    columns = values.columns_of(tool)
    changed = connection.execute(
        update(tools)
        .where(tools.c.id == tool.id)
        .values({name: value for name, value in columns.items() if name not in _NEVER_CHANGED})
    )
    connection.execute(delete(tool_tenants).where(tool_tenants.c.tool_id == tool.id))
    if changed.rowcount == 1:
        _offer(connection, tool, tenant_ids)
    return changed.rowcount == 1


def set_secret_hash(connection: Connection, key: str, secret_hash: bytes) -> bool:
    """False when there is no such tool."""
    catalogue.touch(connection, catalogue.tool_subject(key))
    changed = connection.execute(
        update(tools).where(tools.c.key == key).values(secret_hash=secret_hash)
    )
    return changed.rowcount == 1


def remove(connection: Connection, tool: Tool) -> bool:
    """For good; False while a registration uses it, and be it in the bin."""
    catalogue.touch(connection, catalogue.tool_subject(tool.key))
    if connection.execute(select(exists().where(registrations.c.tool_id == tool.id))).scalar():
        return False
    connection.execute(delete(tool_tenants).where(tool_tenants.c.tool_id == tool.id))
    connection.execute(delete(tool_icons).where(tool_icons.c.tool_id == tool.id))
    return connection.execute(delete(tools).where(tools.c.id == tool.id)).rowcount == 1


# ---------------------------------------------------------------- who is offered it


def tenants_of(connection: Connection, tool_id: str) -> list[OfferedTenant]:
    """By name; nobody for a tool that is for everyone."""
    query = (
        select(tenants.c.id, tenants.c.slug, tenants.c.name)
        .join(tool_tenants, tool_tenants.c.tenant_id == tenants.c.id)
        .where(tool_tenants.c.tool_id == tool_id)
        .order_by(tenants.c.name, tenants.c.id)
    )
    return [OfferedTenant(*row) for row in connection.execute(query)]


def offered_to(tenant_id: str | None) -> ColumnElement[bool]:
    """A condition on rows of tools; for the operator it always holds."""
    if tenant_id is None:
        return true()
    is_named = exists().where(
        tool_tenants.c.tool_id == tools.c.id, tool_tenants.c.tenant_id == tenant_id
    )
    return or_(tools.c.for_everyone, is_named)


def _offer(connection: Connection, tool: Tool, tenant_ids: Collection[str]) -> None:
    if tenant_ids and not tool.for_everyone:
        rows = [{"tool_id": tool.id, "tenant_id": each} for each in sorted(set(tenant_ids))]
        connection.execute(insert(tool_tenants), rows)


# ---------------------------------------------------------------- for the operator's pages


def search_overviews(
    connection: Connection, search: str, *, limit: int, offset: int
) -> list[ToolOverview]:
    """By name; those whose name, key or launch address holds ``search``."""
    query = _overviews().where(_matches(search)).order_by(tools.c.name, tools.c.id)
    rows = connection.execute(query.limit(limit).offset(offset)).mappings()
    return [_overview(row) for row in rows]


def count_found(connection: Connection, search: str) -> int:
    found: int = connection.execute(
        select(func.count()).select_from(tools).where(_matches(search))
    ).scalar_one()
    return found


def get_overview(connection: Connection, key: str) -> ToolOverview | None:
    row = connection.execute(_overviews().where(tools.c.key == key)).mappings().first()
    return _overview(row) if row else None


def _overviews() -> Select[*tuple[object, ...]]:
    of_tool = registrations.c.tool_id == tools.c.id
    is_live = registrations.c.deleted_at.is_(None)
    return select(
        tools,
        _count(tool_tenants.c.tool_id == tools.c.id).label("tenants_offered"),
        _count(and_(of_tool, is_live)).label("live"),
        _count(and_(of_tool, ~is_live)).label("in_bin"),
        tool_icons.c.changed_at.label("icon_changed_at"),
    ).outerjoin(tool_icons, tool_icons.c.tool_id == tools.c.id)


def _overview(row: RowMapping) -> ToolOverview:
    return ToolOverview(
        values.tool(row),
        row[tools.c.created_at],
        row["tenants_offered"],
        row["live"],
        row["in_bin"],
        row["icon_changed_at"],
    )


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return select(func.count()).where(condition).correlate(tools).scalar_subquery()


def _matches(search: str) -> ColumnElement[bool]:
    return or_(
        *(
            column.icontains(search, autoescape=True)
            for column in (tools.c.name, tools.c.key, tools.c.launch_url)
        )
    )
