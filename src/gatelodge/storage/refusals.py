"""Refused logins and launches.

*Proven* ones come from an LMS whose signature was good. The others may come from anybody: they are
kept apart, one row per group (a cause and a minute) with a count, and are the first to go.
"""

from dataclasses import dataclass, fields

from sqlalchemy import ColumnElement, Connection, RowMapping, delete, func, insert, select, true

from gatelodge.storage.paging import newest_first
from gatelodge.storage.tables import refusals
from gatelodge.storage.upserts import insert_into

MOST_LOOKED_AT = 5_000
"""So many of a tenant's newest refusals are looked at for others that are alike."""

__all__ = ["Connection", "RefusalRow"]


@dataclass(frozen=True, slots=True)
class RefusalRow:
    """``trace`` and ``details`` are JSON without personal data; unproven rows have a ``group_key``."""

    id: str
    trace_id: str
    occurred_at: int
    last_at: int
    count: int
    proven: bool
    code: str
    tenant_id: str | None
    registration_id: str | None
    tool_id: str | None
    platform_client_id: str | None
    trace: str
    details: str
    group_key: str | None


@dataclass(frozen=True, slots=True)
class Alike:
    """How often the same was refused, this one included, and since when; it may be longer ago."""

    count: int
    since: int


def add_proven(connection: Connection, row: RefusalRow) -> None:
    connection.execute(insert(refusals).values({**_columns_of(row), "proven": True}))


def add_unproven(
    connection: Connection, group_key: str, row: RefusalRow, count: int, *, last_at: float
) -> None:
    """Counts ``count`` more for the group; the first row of a group is the one that stays."""
    new = {"proven": False, "group_key": group_key, "count": count, "last_at": last_at}
    query = insert_into(connection, refusals).values({**_columns_of(row), **new})
    connection.execute(
        query.on_conflict_do_update(
            index_elements=[refusals.c.group_key],
            set_={
                "count": refusals.c.count + query.excluded.count,
                "last_at": query.excluded.last_at,
            },
        )
    )


def get_by_trace_id(
    connection: Connection, tenant_id: str | None, trace_id: str
) -> RefusalRow | None:
    """The newest one, should two have the same."""
    query = (
        select(refusals)
        .where(refusals.c.trace_id == trace_id, _owned_by(tenant_id))
        .order_by(refusals.c.id.desc())
        .limit(1)
    )
    row = connection.execute(query).mappings().first()
    return refusal_of(row) if row else None


def count_alike(connection: Connection, row: RefusalRow) -> Alike:
    """Those of the same cause, registration and tool among the newest of the tenant."""
    newest = (
        select(refusals)
        .where(
            refusals.c.proven.is_(row.proven),
            refusals.c.tenant_id == row.tenant_id,
        )
        .order_by(refusals.c.id.desc())
        .limit(MOST_LOOKED_AT)
        .subquery()
    )
    query = select(func.sum(newest.c.count), func.min(newest.c.occurred_at)).where(
        newest.c.code == row.code,
        newest.c.registration_id == row.registration_id,
        newest.c.tool_id == row.tool_id,
    )
    count, since = connection.execute(query).one()
    # One that is older than all of them is alike to itself.
    return Alike(max(int(count or 0), row.count), min(since or row.occurred_at, row.occurred_at))


def list_recent(
    connection: Connection,
    tenant_id: str | None,
    *,
    proven: bool = True,
    limit: int = 50,
    before: str | None = None,
    registration_id: str | None = None,
    code: str | None = None,
) -> list[RefusalRow]:
    """Newest first; ``before`` is the last id of the page before."""
    query = select(refusals).where(refusals.c.proven.is_(proven), _owned_by(tenant_id))
    if registration_id is not None:
        query = query.where(refusals.c.registration_id == registration_id)
    if code is not None:
        query = query.where(refusals.c.code == code)
    rows = connection.execute(newest_first(query, refusals.c.id, before, limit)).mappings()
    return [refusal_of(row) for row in rows]


def purge(connection: Connection, before: float, *, limit: int = 1000) -> int:
    """Deletes proven refusals from before this time, at most ``limit``; returns how many."""
    oldest = (
        select(refusals.c.id, refusals.c.last_at)
        .where(refusals.c.proven.is_(True))
        .order_by(refusals.c.id)
        .limit(limit)
        .subquery()
    )
    due = select(oldest.c.id).where(oldest.c.last_at < before)
    return connection.execute(delete(refusals).where(refusals.c.id.in_(due))).rowcount


def purge_unproven(
    connection: Connection, before: float, *, keep: int = 10_000, limit: int = 1000
) -> int:
    """Deletes unproven ones from before this time, and all but the newest ``keep``."""
    unproven = select(refusals.c.id, refusals.c.last_at).where(refusals.c.proven.is_(False))
    too_many = unproven.order_by(refusals.c.id.desc()).offset(keep).limit(1).subquery()
    last_surplus = select(too_many.c.id).scalar_subquery()
    oldest = unproven.order_by(refusals.c.id).limit(limit).subquery()
    due = select(oldest.c.id).where((oldest.c.last_at < before) | (oldest.c.id <= last_surplus))
    return connection.execute(delete(refusals).where(refusals.c.id.in_(due))).rowcount


def _owned_by(tenant_id: str | None) -> ColumnElement[bool]:
    return true() if tenant_id is None else refusals.c.tenant_id == tenant_id


def _columns_of(row: RefusalRow) -> dict[str, object]:
    return {field.name: getattr(row, field.name) for field in fields(row)}


def refusal_of(row: RowMapping) -> RefusalRow:
    return RefusalRow(**row)
