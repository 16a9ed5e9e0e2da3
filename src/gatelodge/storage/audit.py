"""Audit events: who changed what. They hold ids, and no personal data."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, insert, select, union_all

from gatelodge.storage.paging import newest_first
from gatelodge.storage.tables import audit_events, deployments, problem_reports

MOST_PARTS = 200
"""Of a registration's deployments, and of reports about it, the newest are looked at."""


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """``details`` is JSON; ``tenant_id`` is None for what is the operator's own.

    ``mark`` proves that a gateway wrote it (`gatelodge.services.audit`).
    """

    id: str
    occurred_at: int
    tenant_id: str | None
    actor: str
    tag: str
    subject: str
    details: str
    mark: bytes = b""


@dataclass(frozen=True, slots=True)
class Sought:
    """Which events; what is None or empty narrows nothing. ``parts`` belong to the subject.

    ``since`` and ``until`` are ids of those times, for ids begin with the time.
    """

    tenant_id: str | None = None
    actor: str | None = None
    subject: str | None = None
    parts: Collection[str] = ()
    tags: Collection[str] = ()
    since: str | None = None
    until: str | None = None


COLUMNS = tuple(audit_events.c[name] for name in AuditEvent.__slots__)


def add(connection: Connection, event: AuditEvent) -> None:
    connection.execute(
        insert(audit_events).values({name: getattr(event, name) for name in event.__slots__})
    )


def list_recent(
    connection: Connection, tenant_id: str | None, *, limit: int = 50, before: str | None = None
) -> list[AuditEvent]:
    """Newest first; ``before`` is the last id of the page before."""
    query = select(*COLUMNS)
    if tenant_id is not None:
        query = query.where(audit_events.c.tenant_id == tenant_id)
    rows = connection.execute(newest_first(query, audit_events.c.id, before, limit)).mappings()
    return [AuditEvent(**row) for row in rows]


def list_about(
    connection: Connection, subjects: Collection[str], *, limit: int = 50
) -> list[AuditEvent]:
    """What was done to any of these things, newest first."""
    query = select(*COLUMNS).where(audit_events.c.subject.in_(sorted(subjects)))
    rows = connection.execute(newest_first(query, audit_events.c.id, None, limit)).mappings()
    return [AuditEvent(**row) for row in rows]


def parts_of(connection: Connection, registration_id: str) -> list[str]:
    """Deployments of a registration and reports about it, which have events of their own."""
    found: list[str] = []
    for table in (deployments, problem_reports):
        query = select(table.c.id).where(table.c.registration_id == registration_id)
        query = query.order_by(table.c.id.desc()).limit(MOST_PARTS)
        found += connection.execute(query).scalars()
    return found


def newest_of(connection: Connection, tags: Collection[str]) -> int | None:
    """When the last event of these tags happened."""
    query = select(*(_newest(tag) for tag in sorted(tags)))
    times = [each for each in connection.execute(query).one() if each is not None]
    return max(times, default=None)


def _newest(tag: str) -> Any:
    query = select(audit_events.c.occurred_at).where(audit_events.c.tag == tag)
    return query.order_by(audit_events.c.id.desc()).limit(1).scalar_subquery()


def find(
    connection: Connection, sought: Sought, *, before: str | None = None, limit: int = 50
) -> list[AuditEvent]:
    """Newest first; ``before`` is the last id of the page before."""
    if sought.tags and sought.actor is None and sought.subject is None:
        query = _of_each_tag(sought, before, limit)
    else:
        query = _ordered(_narrowed(sought), sought, before, limit)
    return [AuditEvent(**row) for row in connection.execute(query).mappings()]


def _of_each_tag(sought: Sought, before: str | None, limit: int) -> Select[*tuple[Any, ...]]:
    """The newest of each tag, which an index has in order; and of those the newest."""
    each = [
        select(
            _ordered(
                _of_tenant(select(*COLUMNS), sought).where(audit_events.c.tag == tag),
                sought,
                before,
                limit,
            ).subquery()
        )
        for tag in sorted(sought.tags)
    ]
    together = union_all(*each).subquery("together")
    return select(together).order_by(together.c.id.desc()).limit(limit)


def _narrowed(sought: Sought) -> Select[*tuple[Any, ...]]:
    """By one column's index: what else is asked is looked at in the rows that it finds.

    A database that may choose would take the index of a tenant, and go through all of its events.
    """
    query = select(*COLUMNS)
    if sought.subject is None and sought.actor is None:
        return _of_tenant(query, sought)
    if sought.subject is not None:
        query = query.where(audit_events.c.subject.in_([sought.subject, *sorted(sought.parts)]))
        if sought.actor is not None:
            query = query.where(_unindexed("actor") == sought.actor)
    else:
        query = query.where(audit_events.c.actor == sought.actor)
    if sought.tenant_id is not None:
        query = query.where(_unindexed("tenant_id") == sought.tenant_id)
    if sought.tags:
        query = query.where(_unindexed("tag").in_(sorted(sought.tags)))
    return query


def _of_tenant(query: Select[*tuple[Any, ...]], sought: Sought) -> Select[*tuple[Any, ...]]:
    if sought.tenant_id is None:
        return query
    return query.where(audit_events.c.tenant_id == sought.tenant_id)


def _unindexed(name: str) -> ColumnElement[str]:
    return func.coalesce(audit_events.c[name], "")


def _ordered(
    query: Select[*tuple[Any, ...]], sought: Sought, before: str | None, limit: int
) -> Select[*tuple[Any, ...]]:
    if sought.since is not None:
        query = query.where(audit_events.c.id >= sought.since)
    ends = [each for each in (sought.until, before) if each is not None]
    return newest_first(query, audit_events.c.id, min(ends, default=None), limit)
