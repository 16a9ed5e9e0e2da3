"""A tenant's export: what is read of which table, and the pages that were read so far."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Table,
    delete,
    exists,
    insert,
    or_,
    select,
    update,
)

from gatelodge.storage.tables import (
    account_roles,
    accounts,
    audit_events,
    deployments,
    export_pages,
    exports,
    launches,
    platform_clients,
    problem_reports,
    refusals,
    registration_drafts,
    registrations,
    report_messages,
    tenants,
    tool_tenants,
    tools,
)
from gatelodge.storage.upserts import insert_into


@dataclass(frozen=True, slots=True)
class Export:
    """``part`` and ``after`` say where reading goes on; ``after`` is empty at a part's beginning."""

    id: str
    tenant_id: str
    asked_by: str
    asked_at: int
    part: str
    after: str
    pages: int
    ready_at: int | None


class Page(NamedTuple):
    part: str
    number: int
    sealed: bytes


class Part(NamedTuple):
    """Rows in the order of ``key``, which stands first in what is selected."""

    query: Select[*tuple[Any, ...]]
    key: ColumnElement[Any]


def _columns(table: Table, *left_out: str) -> list[ColumnElement[Any]]:
    return [column for column in table.columns if column.name not in left_out]


def part(name: str, tenant_id: str) -> Part:
    """Never a sealed value, a hash of a secret, or what is personal of a launch."""
    return _PARTS[name](tenant_id)


def _of_tenant(table: Table, *left_out: str) -> Callable[[str], Part]:
    def read(tenant_id: str) -> Part:
        query = select(*_columns(table, *left_out)).where(table.c.tenant_id == tenant_id)
        return Part(query, table.c.id)

    return read


def _tenant(tenant_id: str) -> Part:
    query = select(*_columns(tenants, "identity_key")).where(tenants.c.id == tenant_id)
    return Part(query, tenants.c.id)


def _tools(tenant_id: str) -> Part:
    offered = exists().where(
        tool_tenants.c.tool_id == tools.c.id, tool_tenants.c.tenant_id == tenant_id
    )
    query = select(tools.c.id, tools.c.key, tools.c.name, tools.c.launch_url, tools.c.claims)
    return Part(query.where(or_(tools.c.for_everyone, offered)), tools.c.id)


def _people(tenant_id: str) -> Part:
    """A line for each role, with the name and address of who holds it."""
    query = (
        select(
            account_roles.c.id,
            account_roles.c.account_id,
            account_roles.c.role,
            account_roles.c.created_at,
            accounts.c.name,
            accounts.c.email,
        )
        .join(accounts, accounts.c.id == account_roles.c.account_id)
        .where(account_roles.c.tenant_id == tenant_id)
    )
    return Part(query, account_roles.c.id)


def _launches(tenant_id: str) -> Part:
    hidden = ("code_hash", "code_expires_at", "access_hash", "access_expires_at")
    query = select(*_columns(launches, *hidden)).where(launches.c.tenant_id == tenant_id)
    return Part(query, launches.c.number)


def _report_messages(tenant_id: str) -> Part:
    """Without the notes that operators write each other."""
    is_operators = (report_messages.c.kind == "note") & (report_messages.c.role == "operator")
    query = (
        select(*_columns(report_messages))
        .join(problem_reports, problem_reports.c.id == report_messages.c.report_id)
        .where(problem_reports.c.tenant_id == tenant_id, is_operators.is_not(True))
    )
    return Part(query, report_messages.c.id)


_PARTS: Mapping[str, Callable[[str], Part]] = {
    "tenant": _tenant,
    "tools": _tools,
    "platform_clients": _of_tenant(platform_clients),
    "registrations": _of_tenant(registrations, "sort_name", "last_launch"),
    "deployments": _of_tenant(deployments),
    "drafts": _of_tenant(registration_drafts),
    "people": _people,
    "launches": _launches,
    "refusals": _of_tenant(refusals, "group_key"),
    "reports": _of_tenant(problem_reports, "page"),
    "report_messages": _report_messages,
    "audit": _of_tenant(audit_events, "link"),
}

PARTS = tuple(_PARTS)


def read(
    connection: Connection, name: str, tenant_id: str, *, after: str, limit: int
) -> list[dict[str, Any]]:
    """The rows of a part that follow that key."""
    query, key = part(name, tenant_id)
    if after:
        query = query.where(key > (int(after) if key is launches.c.number else after))
    rows = connection.execute(query.order_by(key).limit(limit)).mappings()
    return [dict(row) for row in rows]


# ---------------------------------------------------------------- exports


def begin(connection: Connection, row: Export) -> bool:
    """False when one of this tenant is being made; takes the place of those that are ready."""
    query = insert_into(connection, exports).values(
        {name: getattr(row, name) for name in row.__slots__}
    )
    begun = connection.execute(query.on_conflict_do_nothing().returning(exports.c.id))
    if begun.first() is None:
        return False
    older = select(exports.c.id).where(exports.c.tenant_id == row.tenant_id, exports.c.id != row.id)
    connection.execute(delete(export_pages).where(export_pages.c.export_id.in_(older)))
    connection.execute(delete(exports).where(exports.c.id.in_(older)))
    return True


def get(connection: Connection, tenant_id: str | None, export_id: str) -> Export | None:
    query = select(exports).where(exports.c.id == export_id)
    if tenant_id is not None:
        query = query.where(exports.c.tenant_id == tenant_id)
    row = connection.execute(query).mappings().first()
    return Export(**row) if row else None


def list_recent(connection: Connection, tenant_id: str, *, limit: int) -> list[Export]:
    query = select(exports).where(exports.c.tenant_id == tenant_id)
    query = query.order_by(exports.c.id.desc()).limit(limit)
    return [Export(**row) for row in connection.execute(query).mappings()]


def next_unfinished(connection: Connection) -> str | None:
    query = select(exports.c.id).where(exports.c.ready_at.is_(None)).order_by(exports.c.id).limit(1)
    return connection.execute(query).scalar()


def go_on(connection: Connection, before: Export, after: Export) -> bool:
    """False when somebody else went on with it meanwhile."""
    changed = connection.execute(
        update(exports)
        .where(
            exports.c.id == before.id,
            exports.c.part == before.part,
            exports.c.after == before.after,
            exports.c.ready_at.is_(None),
        )
        .values(part=after.part, after=after.after, pages=after.pages, ready_at=after.ready_at)
    )
    return changed.rowcount == 1


def add_page(connection: Connection, export_id: str, page: Page) -> None:
    connection.execute(
        insert(export_pages).values(
            export_id=export_id, number=page.number, part=page.part, sealed=page.sealed
        )
    )


def next_page(connection: Connection, export_id: str, after: int) -> Page | None:
    query = (
        select(export_pages.c.part, export_pages.c.number, export_pages.c.sealed)
        .where(export_pages.c.export_id == export_id, export_pages.c.number > after)
        .order_by(export_pages.c.number)
        .limit(1)
    )
    row = connection.execute(query).first()
    return Page(*row) if row else None


def purge(connection: Connection, before: float, *, limit: int = 1000) -> int:
    """Pages first, a few at a time: each may be large."""
    due = select(exports.c.id).where(exports.c.asked_at < int(before))
    some = [
        tuple(row)
        for row in connection.execute(
            select(export_pages.c.export_id, export_pages.c.number)
            .where(export_pages.c.export_id.in_(due))
            .limit(min(limit, 50))
        )
    ]
    for export_id, number in some:
        connection.execute(
            delete(export_pages).where(
                export_pages.c.export_id == export_id, export_pages.c.number == number
            )
        )
    if some:
        return len(some)
    return connection.execute(delete(exports).where(exports.c.id.in_(due))).rowcount


def remove_of(connection: Connection, tenant_id: str | None) -> None:
    """What was read of the tenant, or of all, holds a person who is erased now."""
    theirs = select(exports.c.id)
    if tenant_id is not None:
        theirs = theirs.where(exports.c.tenant_id == tenant_id)
    connection.execute(delete(export_pages).where(export_pages.c.export_id.in_(theirs)))
    connection.execute(delete(exports).where(exports.c.id.in_(theirs)))
