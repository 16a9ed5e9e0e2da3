"""Launches as rows: taking one for its tool, showing them, letting them go. `launch_groups` writes them.

The id of a launch is the nonce that it spent; its number tells its place among all. Secrets are
known here by their hashes alone, and personal data as a sealed value in a row of its own, which is
deleted long before the launch.
"""

from dataclasses import dataclass, fields
from typing import Any, Literal

from msgspec import Struct
from sqlalchemy import (
    ColumnElement,
    Connection,
    bindparam,
    case,
    delete,
    exists,
    func,
    or_,
    select,
    true,
    update,
)

from gatelodge.storage.paging import newest_first
from gatelodge.storage.tables import launch_personal, launches, tenants

# ---------------------------------------------------------------- values


class LaunchRow(Struct, frozen=True, gc=False):
    """An accepted launch before it is written.

    ``facts`` is JSON and ``trace`` lines of text, both without personal data. ``seen_version`` is
    the version of the catalogue that it was judged by.
    """

    id: str
    tenant_id: str
    registration_id: str
    tool_id: str
    platform_client_id: str
    deployment_row_id: str
    message_type: str
    subject: str | None
    context_id: str | None
    resource_link_id: str | None
    launched_at: int
    trace: str
    facts: str
    code_hash: bytes
    code_expires_at: int
    sealed_personal: bytes | None
    seen_version: int


@dataclass(frozen=True, slots=True)
class TakenLaunch:
    """What the tool that redeemed the code, or that has an access token, is given."""

    id: str
    tenant_id: str
    registration_id: str
    tool_id: str
    platform_client_id: str
    deployment_row_id: str
    message_type: str
    subject: str | None
    context_id: str | None
    resource_link_id: str | None
    launched_at: int
    facts: str
    sealed_personal: bytes | None


@dataclass(frozen=True, slots=True)
class LaunchSummary:
    """A line of a list; ``number`` is where the next page begins."""

    number: int
    id: str
    tenant_id: str
    registration_id: str
    tool_id: str
    platform_client_id: str
    message_type: str
    subject: str | None
    context_id: str | None
    resource_link_id: str | None
    launched_at: int
    redeemed_at: int | None
    revoked_at: int | None


@dataclass(frozen=True, slots=True)
class StoredLaunch:
    """Everything but secrets and personal data."""

    id: str
    tenant_id: str
    registration_id: str
    tool_id: str
    platform_client_id: str
    deployment_row_id: str
    message_type: str
    subject: str | None
    context_id: str | None
    resource_link_id: str | None
    launched_at: int
    trace: str
    facts: str
    code_expires_at: int
    redeemed_at: int | None
    access_expires_at: int | None
    revoked_at: int | None


NotTaken = Literal["unknown", "expired", "spent", "suspended", "ended"]

# ---------------------------------------------------------------- the hand-off


def take(
    connection: Connection,
    *,
    launch_id: str,
    code_hash: bytes,
    tool_id: str,
    access_hash: bytes,
    access_expires_at: float,
    now: float,
) -> TakenLaunch | NotTaken:
    """Spends the code in one statement; a second try with it revokes what the first one gave."""
    secret = {"code_id": launch_id, "secret_hash": code_hash, "for_tool": tool_id}
    given = {"new_hash": access_hash, "new_expiry": access_expires_at, "now": now}
    row = connection.execute(_TAKE, {**secret, **given}).one_or_none()
    if row is not None:
        *taken, revoked_at = row
        return "spent" if revoked_at is not None else TakenLaunch(*taken)
    known = connection.execute(_KNOWN, secret).one_or_none()
    if known is None:
        return "unknown"
    if known.is_suspended:
        return "suspended"
    return "expired" if known.revoked_at is None else "ended"


def find_by_access(
    connection: Connection, launch_id: str, access_hash: bytes, now: float
) -> TakenLaunch | None:
    sent = {"launch_id": launch_id, "access_hash": access_hash, "now": now}
    row = connection.execute(_BY_ACCESS, sent).one_or_none()
    return None if row is None else TakenLaunch(*row)


def end_live(
    connection: Connection, tenant_id: str, *, since: float, now: float, at_once: int = 1000
) -> int:
    """Ends codes and tokens of the tenant's launches since that time; returns of how many launches.

    From the newest launch back, so that those of years aren't looked at.
    """
    ended, before = 0, None
    numbers = launches.c.number
    of_tenant = launches.c.tenant_id == tenant_id
    while True:
        query = select(numbers, launches.c.launched_at).where(of_tenant)
        page = connection.execute(newest_first(query, numbers, before, at_once)).all()
        if not any(launched_at >= since for _, launched_at in page):
            return ended
        before = page[-1].number
        these = of_tenant & numbers.between(before, page[0].number)
        live = these & (launches.c.launched_at >= since) & launches.c.revoked_at.is_(None)
        ended += connection.execute(update(launches).where(live).values(revoked_at=now)).rowcount


# ---------------------------------------------------------------- for people


def get(connection: Connection, tenant_id: str | None, launch_id: str) -> StoredLaunch | None:
    query = select(*_columns(StoredLaunch)).where(launches.c.id == launch_id, _owned_by(tenant_id))
    row = connection.execute(query).one_or_none()
    return None if row is None else StoredLaunch(*row)


def list_recent(
    connection: Connection,
    tenant_id: str | None,
    *,
    limit: int = 50,
    before: int | None = None,
    registration_id: str | None = None,
) -> list[LaunchSummary]:
    """Newest first; ``before`` is the last number of the page before."""
    query = select(*_columns(LaunchSummary)).where(_owned_by(tenant_id))
    if registration_id is not None:
        query = query.where(launches.c.registration_id == registration_id)
    rows = connection.execute(newest_first(query, launches.c.number, before, limit))
    return [LaunchSummary(*row) for row in rows]


def personal(connection: Connection, tenant_id: str | None, launch_id: str) -> bytes | None:
    """The sealed personal data, until it is purged."""
    query = (
        select(launch_personal.c.sealed)
        .join(launches, launches.c.number == launch_personal.c.launch_number)
        .where(launches.c.id == launch_id, _owned_by(tenant_id))
    )
    return connection.execute(query).scalar()


# ---------------------------------------------------------------- letting go

# Both look at the lowest numbers only, so no index on times is needed.


def purge_personal(connection: Connection, before: float, *, limit: int = 1000) -> int:
    """Deletes personal data of launches before this time, at most ``limit``; returns how many."""
    numbers = launch_personal.c.launch_number
    oldest = select(launch_personal).order_by(numbers).limit(limit).subquery()
    due = select(oldest.c.launch_number).where(oldest.c.launched_at < before)
    return connection.execute(delete(launch_personal).where(numbers.in_(due))).rowcount


def purge(connection: Connection, before: float, *, limit: int = 1000) -> int:
    """Deletes launches before this time, at most ``limit``; returns how many."""
    oldest = (
        select(launches.c.number, launches.c.launched_at)
        .order_by(launches.c.number)
        .limit(limit)
        .subquery()
    )
    due = select(oldest.c.number).where(oldest.c.launched_at < before)
    found = list(connection.execute(due).scalars())
    connection.execute(delete(launch_personal).where(launch_personal.c.launch_number.in_(found)))
    connection.execute(delete(launches).where(launches.c.number.in_(found)))
    return len(found)


# ---------------------------------------------------------------- statements


def _owned_by(tenant_id: str | None) -> ColumnElement[bool]:
    return true() if tenant_id is None else launches.c.tenant_id == tenant_id


_SEALED = (
    select(launch_personal.c.sealed)
    .where(launch_personal.c.launch_number == launches.c.number)
    .scalar_subquery()
)


def _columns(value: type[Any]) -> list[ColumnElement[Any]]:
    """The columns that the fields of a value are read from, in their order."""
    return [
        _SEALED if field.name == "sealed_personal" else launches.c[field.name]
        for field in fields(value)
    ]


_SECRET_FITS = (
    (launches.c.id == bindparam("code_id"))
    & (launches.c.code_hash == bindparam("secret_hash"))
    & (launches.c.tool_id == bindparam("for_tool"))
)
_NOW = bindparam("now", type_=launches.c.launched_at.type)
_IS_FIRST = launches.c.redeemed_at.is_(None)
_IS_SUSPENDED = exists().where(
    tenants.c.id == launches.c.tenant_id, tenants.c.suspended_at.is_not(None)
)

# Who comes first is given access; who comes again with the right secret takes it away. An unused
# code that is too old, that a suspension ended, or of a tenant that is suspended, fits neither.
_TAKE = (
    update(launches)
    .where(
        _SECRET_FITS,
        or_(
            ~_IS_FIRST,
            (launches.c.code_expires_at > _NOW) & launches.c.revoked_at.is_(None) & ~_IS_SUSPENDED,
        ),
    )
    .values(
        redeemed_at=func.coalesce(launches.c.redeemed_at, _NOW),
        access_hash=case((_IS_FIRST, bindparam("new_hash", type_=launches.c.access_hash.type))),
        access_expires_at=case(
            (_IS_FIRST, bindparam("new_expiry", type_=launches.c.access_expires_at.type))
        ),
        revoked_at=case((~_IS_FIRST, func.coalesce(launches.c.revoked_at, _NOW))),
    )
    .returning(*_columns(TakenLaunch), launches.c.revoked_at)
)

_KNOWN = select(launches.c.revoked_at, _IS_SUSPENDED.label("is_suspended")).where(_SECRET_FITS)

_BY_ACCESS = select(*_columns(TakenLaunch)).where(
    launches.c.id == bindparam("launch_id"),
    launches.c.access_hash == bindparam("access_hash"),
    launches.c.access_expires_at > _NOW,
    launches.c.revoked_at.is_(None),
    ~_IS_SUSPENDED,
)
