"""The list of registrations as an administrator reads it, a page at a time.

A tenant may have ten thousand: how many there are of each kind is kept, a page is found in its order
in an index, words are found in one of their own, and what is dear, a row's last launch, is looked
up for the rows that are shown. What failed is asked of the refusals of a span of time, however many
registrations there are. `registration_index` keeps what is not in the rows themselves.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, FromClause, Select, exists, func, select, true

from gatelodge.lti.registration import DeploymentState, RegistrationState
from gatelodge.storage.tables import (
    deployments,
    launches,
    platform_clients,
    refusals,
    registration_counts,
    registration_words,
    registrations,
    tenants,
    tools,
)

MOST_REFUSALS = 20_000
"""So many of the newest refusals are looked at; more of one day are not counted."""

Order = Literal["name", "launch"]


@dataclass(frozen=True, slots=True)
class Filters:
    platform: str = ""
    tool_id: str = ""


@dataclass(frozen=True, slots=True)
class ListedRow:
    """``last_launch_at`` is None until the first one."""

    id: str
    tenant_id: str
    tenant_name: str
    name: str
    tool_name: str
    platform: str
    issuer: str
    client_id: str
    state: str
    last_launch_at: int | None


@dataclass(frozen=True, slots=True)
class Match:
    """One that has the words, with what it is sorted by."""

    id: str
    state: str
    sort_name: str
    last_launch: int


@dataclass(frozen=True, slots=True)
class FailureRow:
    """Refusals of one registration, for one cause, in one hour since the beginning."""

    registration_id: str
    code: str
    hour: int
    count: int
    newest_id: str
    newest_at: int


@dataclass(frozen=True, slots=True)
class ToolInUse:
    id: str
    key: str
    name: str


@dataclass(frozen=True, slots=True)
class BinRow:
    id: str
    tenant_id: str
    tenant_name: str
    name: str
    tool_name: str
    platform: str
    deleted_at: int


def count_by_state(
    connection: Connection, tenant_id: str | None, filters: Filters
) -> dict[str, int]:
    kept = registration_counts.c
    query = (
        select(kept.state, func.sum(kept.count))
        .where(
            kept.state != RegistrationState.BIN,
            true() if tenant_id is None else kept.tenant_id == tenant_id,
            kept.platform == filters.platform if filters.platform else true(),
            kept.tool_id == filters.tool_id if filters.tool_id else true(),
        )
        .group_by(kept.state)
    )
    return {row[0]: int(row[1]) for row in connection.execute(query) if row[1]}


def failures(
    connection: Connection, tenant_id: str | None, *, since_id: str, since: float
) -> list[FailureRow]:
    """Proven refusals since a time; ``since_id`` is an id of that time, for ids begin with it."""
    newest = (
        select(
            refusals.c.registration_id,
            refusals.c.code,
            refusals.c.count,
            refusals.c.id,
            refusals.c.occurred_at,
        )
        .where(
            refusals.c.proven.is_(True),
            refusals.c.id >= since_id,
            true() if tenant_id is None else refusals.c.tenant_id == tenant_id,
        )
        .order_by(refusals.c.id.desc())
        .limit(MOST_REFUSALS)
        .subquery()
    )
    hour = ((newest.c.occurred_at - int(since)) // 3600).label("hour")
    query = (
        select(
            newest.c.registration_id,
            newest.c.code,
            hour,
            func.sum(newest.c.count),
            func.max(newest.c.id),
            func.max(newest.c.occurred_at),
        )
        .where(newest.c.registration_id.is_not(None), newest.c.occurred_at >= int(since))
        .group_by(newest.c.registration_id, newest.c.code, hour)
    )
    return [
        FailureRow(row[0], row[1], int(row[2]), int(row[3]), row[4], row[5])
        for row in connection.execute(query)
    ]


def count_waiting(connection: Connection, tenant_id: str | None) -> dict[str, int]:
    """How many deployments wait for a decision, by registration; those that have none are left out."""
    query = (
        select(deployments.c.registration_id, func.count())
        .where(
            deployments.c.state == DeploymentState.WAITING,
            deployments.c.deleted_at.is_(None),
            deployments.c.registration_id.is_not(None),
            true() if tenant_id is None else deployments.c.tenant_id == tenant_id,
        )
        .group_by(deployments.c.registration_id)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def some(
    connection: Connection,
    tenant_id: str | None,
    ids: Collection[str],
    filters: Filters | None = None,
    *,
    state: RegistrationState | None = None,
) -> list[ListedRow]:
    """Those of the ids that are there, are live and pass, in no order."""
    if not ids:
        return []
    # By the ids alone: a database that knows of no better would go through all of the tenant's.
    query = _rows().where(registrations.c.id.in_(sorted(ids)), *_passing(filters or Filters()))
    found = (ListedRow(*row) for row in connection.execute(query))
    return [
        row for row in found if tenant_id in (None, row.tenant_id) and state in (None, row.state)
    ]


def page(
    connection: Connection,
    tenant_id: str | None,
    filters: Filters,
    *,
    order: Order = "name",
    state: RegistrationState | None = None,
    without: Collection[str] = (),
    offset: int = 0,
    limit: int = 50,
    total: int = 0,
) -> list[ListedRow]:
    """By name, or those launched last first and those never launched at the end.

    Of ``total`` rows a page in the second half is read from the end, which is nearer.
    """
    from_end = offset > total // 2 and offset < total
    if from_end:
        limit = min(limit, total - offset)
        offset = total - offset - limit
    query = select(registrations.c.id).where(_owned_by(tenant_id), *_passing(filters))
    if state is not None:
        query = query.where(registrations.c.state == state)
    if without:
        query = query.where(registrations.c.id.not_in(sorted(without)))
    is_falling = (order == "launch") is not from_end
    key = registrations.c.last_launch if order == "launch" else registrations.c.sort_name
    by = [each.desc() if is_falling else each for each in (key, registrations.c.id)]
    found = list(connection.execute(query.order_by(*by).offset(offset).limit(limit)).scalars())
    return in_order(connection, tenant_id, found[::-1] if from_end else found)


def in_order(connection: Connection, tenant_id: str | None, ids: Sequence[str]) -> list[ListedRow]:
    by_id = {row.id: row for row in some(connection, tenant_id, ids)}
    return [by_id[each] for each in ids if each in by_id]


def tools_in_use(connection: Connection, tenant_id: str | None) -> list[ToolInUse]:
    """The tools that are registered, by name."""
    kept = registration_counts.c
    used = select(kept.tool_id).where(
        kept.count > 0,
        kept.state != RegistrationState.BIN,
        true() if tenant_id is None else kept.tenant_id == tenant_id,
    )
    query = select(tools.c.id, tools.c.key, tools.c.name).where(tools.c.id.in_(used))
    rows = connection.execute(query.order_by(tools.c.name, tools.c.id))
    return [ToolInUse(*row) for row in rows]


# ---------------------------------------------------------------- search


def search(
    connection: Connection,
    tenant_id: str | None,
    words: Sequence[str],
    filters: Filters,
    *,
    client_ids: bool = True,
    limit: int,
) -> list[Match]:
    """As many that have words which begin with each of these, in name, issuer or, if asked, client id."""
    if not words:
        return []
    rarest = _rarest(connection, tenant_id, words)
    chosen = (registrations.c[each.name] for each in fields(Match))
    query = (
        select(*chosen)
        .distinct()
        .join(registration_words, registration_words.c.registration_id == registrations.c.id)
        .where(
            *_begins(registration_words, tenant_id, rarest, client_ids=client_ids),
            *_passing(filters),
        )
    )
    for each in words:
        if each != rarest:
            other = registration_words.alias()
            query = query.where(
                exists().where(
                    other.c.registration_id == registrations.c.id,
                    *_begins(other, None, each, client_ids=client_ids),
                )
            )
    return [Match(*row) for row in connection.execute(query.limit(limit))]


def _rarest(connection: Connection, tenant_id: str | None, words: Sequence[str]) -> str:
    """The word with which to begin; a common one is not counted to its end."""

    def count(word: str) -> int:
        some = select(1).where(*_begins(registration_words, tenant_id, word, client_ids=True))
        query = select(func.count()).select_from(some.limit(_COMMON).subquery())
        return connection.execute(query).scalar_one()

    return words[0] if len(words) == 1 else min(words, key=count)


_COMMON = 1000


def _begins(
    table: FromClause, tenant_id: str | None, word: str, *, client_ids: bool
) -> list[ColumnElement[bool]]:
    return [
        table.c.word >= word,
        table.c.word < f"{word}\U0010ffff",
        true() if tenant_id is None else table.c.tenant_id == tenant_id,
        true() if client_ids else table.c.in_client_id.is_(False),
    ]


# ---------------------------------------------------------------- one of them


def count_launches(
    connection: Connection, registration_id: str, *, since: float, most: int
) -> tuple[int, int]:
    """Launches since a time and the people who came, looking at ``most`` launches at most."""
    newest = (
        select(launches.c.subject, launches.c.launched_at)
        .where(launches.c.registration_id == registration_id)
        .order_by(launches.c.number.desc())
        .limit(most)
        .subquery()
    )
    query = select(func.count(), func.count(newest.c.subject.distinct())).where(
        newest.c.launched_at >= int(since)
    )
    row = connection.execute(query).one()
    return row[0], row[1]


# ---------------------------------------------------------------- the bin


def count_bin(connection: Connection, tenant_id: str | None) -> int:
    kept = registration_counts.c
    query = select(func.coalesce(func.sum(kept.count), 0)).where(
        kept.state == RegistrationState.BIN,
        true() if tenant_id is None else kept.tenant_id == tenant_id,
    )
    return int(connection.execute(query).scalar_one())


def list_bin(
    connection: Connection, tenant_id: str | None, *, offset: int = 0, limit: int = 50
) -> list[BinRow]:
    """What was deleted last comes first."""
    query = (
        select(
            registrations.c.id,
            registrations.c.tenant_id,
            tenants.c.name,
            registrations.c.name,
            tools.c.name,
            registrations.c.platform,
            registrations.c.deleted_at,
        )
        .select_from(_joined())
        .where(_is_in_bin(tenant_id))
        .order_by(registrations.c.deleted_at.desc(), registrations.c.id.desc())
        .offset(offset)
        .limit(limit)
    )
    return [BinRow(*row) for row in connection.execute(query)]


def due_in_bin(connection: Connection, before: float, *, limit: int) -> list[tuple[str, str]]:
    """Id and tenant of what went into the bin before this time: what `purge_bin` removes."""
    query = (
        select(registrations.c.id, registrations.c.tenant_id)
        .where(registrations.c.deleted_at < before)
        .order_by(registrations.c.deleted_at)
        .limit(limit)
    )
    return [(row[0], row[1]) for row in connection.execute(query)]


# ---------------------------------------------------------------- statements


def _rows() -> Select[*tuple[Any, ...]]:
    columns: dict[str, ColumnElement[Any]] = {
        "tenant_name": tenants.c.name,
        "tool_name": tools.c.name,
        "client_id": platform_clients.c.client_id,
        "last_launch_at": _last_launch(),
    }
    chosen = [
        columns[each.name] if each.name in columns else registrations.c[each.name]
        for each in fields(ListedRow)
    ]
    return select(*chosen).select_from(_joined())


def _joined() -> Any:
    return (
        registrations.join(
            platform_clients, platform_clients.c.id == registrations.c.platform_client_id
        )
        .join(tools, tools.c.id == registrations.c.tool_id)
        .join(tenants, tenants.c.id == registrations.c.tenant_id)
    )


def _last_launch() -> ColumnElement[int]:
    return (
        select(launches.c.launched_at)
        .where(launches.c.registration_id == registrations.c.id)
        .order_by(launches.c.number.desc())
        .limit(1)
        .correlate(registrations)
        .scalar_subquery()
    )


def _passing(filters: Filters) -> list[ColumnElement[bool]]:
    """Live ones that pass."""
    return [
        registrations.c.deleted_at.is_(None),
        registrations.c.platform == filters.platform if filters.platform else true(),
        registrations.c.tool_id == filters.tool_id if filters.tool_id else true(),
    ]


def _is_in_bin(tenant_id: str | None) -> ColumnElement[bool]:
    return registrations.c.deleted_at.is_not(None) & _owned_by(tenant_id)


def _owned_by(tenant_id: str | None) -> ColumnElement[bool]:
    return true() if tenant_id is None else registrations.c.tenant_id == tenant_id
