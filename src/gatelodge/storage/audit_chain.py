"""The chain of audit events: their numbers and links, and the row that says where it begins and ends."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, delete, select, update

from gatelodge.storage.audit import COLUMNS, AuditEvent
from gatelodge.storage.paging import PAGE
from gatelodge.storage.tables import audit_chain, audit_events
from gatelodge.storage.upserts import insert_into


class Ends(NamedTuple):
    """The number and link of the last event that is no longer kept, and of the newest one."""

    before: int
    before_link: bytes
    last: int
    last_link: bytes


class Look(NamedTuple):
    """``broken_at`` is the number of the event at which the last look found the chain broken."""

    checked_at: int | None
    checked_to: int | None
    broken_at: int | None


class Head(NamedTuple):
    ends: Ends
    look: Look
    seal: bytes


class Linked(NamedTuple):
    number: int
    link: bytes
    event: AuditEvent


def get(connection: Connection) -> Head | None:
    return _head(connection, select(audit_chain))


def take(connection: Connection) -> Head | None:
    """To change it: whoever else means to waits until this transaction is over."""
    return _head(connection, select(audit_chain).with_for_update())


def _head(connection: Connection, query: Select[*tuple[Any, ...]]) -> Head | None:
    row = connection.execute(query).mappings().first()
    if row is None:
        return None
    ends = Ends(*(row[name] for name in Ends._fields))
    return Head(ends, Look(*(row[name] for name in Look._fields)), row["seal"])


def begin(connection: Connection, ends: Ends, seal: bytes) -> None:
    """Unless another process has."""
    query = insert_into(connection, audit_chain).values(id=1, seal=seal, **ends._asdict())
    connection.execute(query.on_conflict_do_nothing())


def put(connection: Connection, ends: Ends, look: Look, seal: bytes) -> None:
    connection.execute(update(audit_chain).values(seal=seal, **ends._asdict(), **look._asdict()))


def newest(connection: Connection) -> tuple[int, bytes] | None:
    """The number and link of the newest event that has one."""
    query = (
        select(audit_events.c.number, audit_events.c.link)
        .where(audit_events.c.number.is_not(None))
        .order_by(audit_events.c.number.desc())
        .limit(1)
    )
    row = connection.execute(query).first()
    return None if row is None else (row[0], row[1] or b"")


def list_unlinked(connection: Connection, *, limit: int = PAGE) -> list[AuditEvent]:
    query = (
        select(*COLUMNS)
        .where(audit_events.c.number.is_(None))
        .order_by(audit_events.c.id)
        .limit(limit)
    )
    return [AuditEvent(**row) for row in connection.execute(query).mappings()]


def link(connection: Connection, links: Iterable[tuple[str, int, bytes]]) -> None:
    """Each an event's id, its number, and its link."""
    for event_id, number, value in links:
        connection.execute(
            update(audit_events)
            .where(audit_events.c.id == event_id)
            .values(number=number, link=value)
        )


def list_after(connection: Connection, number: int, *, limit: int = PAGE) -> list[Linked]:
    query = (
        select(audit_events.c.number, audit_events.c.link, *COLUMNS)
        .where(audit_events.c.number > number)
        .order_by(audit_events.c.number)
        .limit(limit)
    )
    # A link that somebody took away by hand is wrong, and no more than that.
    rows = connection.execute(query)
    return [Linked(row[0], row[1] or b"", AuditEvent(*row[2:])) for row in rows]


def drop_to(connection: Connection, number: int) -> int:
    """Every event up to this number."""
    return connection.execute(delete(audit_events).where(audit_events.c.number <= number)).rowcount
