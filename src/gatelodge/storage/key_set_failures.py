"""Registrations whose LMS gave no usable key set when a launch needed it.

The launches are unproven: without keys no signature can be looked at. That the set wasn't to be
had is proven all the same, for it was we who asked, at the address that is registered. So a row,
which is a minute, counts once, however many launches somebody sent in it.
"""

from sqlalchemy import Connection, func, or_, select, true
from sqlalchemy.sql.selectable import Subquery

from gatelodge.lti.errors import KeySetInvalid, KeySetUnreachable
from gatelodge.storage.refusals import RefusalRow, refusal_of
from gatelodge.storage.registration_list import FailureRow
from gatelodge.storage.tables import refusals, registrations

CODES = (KeySetUnreachable.code, KeySetInvalid.code)

MOST_REFUSALS = 5_000
MOST_ROWS = 20_000
"""So many of the newest unproven refusals are looked at, and so many lines come of them."""


def failures(
    connection: Connection, tenant_id: str | None, *, since_id: str, since: float
) -> list[FailureRow]:
    """Since a time, of every live registration on that client for that tool."""
    newest = _newest(tenant_id, since_id)
    hour = ((newest.c.occurred_at - int(since)) // 3600).label("hour")
    query = (
        select(
            registrations.c.id,
            newest.c.code,
            hour,
            func.count(),
            func.max(newest.c.id),
            func.max(newest.c.occurred_at),
        )
        .join_from(
            newest,
            registrations,
            (registrations.c.platform_client_id == newest.c.platform_client_id)
            & (registrations.c.tool_id == newest.c.tool_id),
        )
        .where(
            newest.c.code.in_(CODES),
            newest.c.occurred_at >= int(since),
            registrations.c.deleted_at.is_(None),
            true() if tenant_id is None else registrations.c.tenant_id == tenant_id,
        )
        .group_by(registrations.c.id, newest.c.code, hour)
        .limit(MOST_ROWS)
    )
    return [
        FailureRow(*row[:2], *map(int, row[2:4]), *row[4:]) for row in connection.execute(query)
    ]


def of_client(
    connection: Connection, tenant_id: str, platform_client_id: str, tool_id: str, *, limit: int
) -> list[RefusalRow]:
    """The newest ones of a tenant's own client and a tool."""
    newest = _newest(tenant_id, "")
    query = (
        select(newest)
        .where(
            newest.c.code.in_(CODES),
            newest.c.tenant_id == tenant_id,
            newest.c.platform_client_id == platform_client_id,
            newest.c.tool_id == tool_id,
        )
        .order_by(newest.c.id.desc())
        .limit(limit)
    )
    return [refusal_of(row) for row in connection.execute(query).mappings()]


def _newest(tenant_id: str | None, since_id: str) -> Subquery:
    """The tenant's own, and those of clients that are nobody's own because they are shared."""
    theirs = or_(refusals.c.tenant_id == tenant_id, refusals.c.tenant_id.is_(None))
    return (
        select(refusals)
        .where(
            refusals.c.proven.is_(False),
            refusals.c.id >= since_id,
            true() if tenant_id is None else theirs,
        )
        .order_by(refusals.c.id.desc())
        .limit(MOST_REFUSALS)
        .subquery()
    )
