"""Audit events: who changed what. They hold ids, and no personal data."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select

from gatelodge.storage.paging import newest_first
from gatelodge.storage.tables import audit_events


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """``details`` is JSON; ``tenant_id`` is None for what is the operator's own."""

    id: str
    occurred_at: int
    tenant_id: str | None
    actor: str
    tag: str
    subject: str
    details: str


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
