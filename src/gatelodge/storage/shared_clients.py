"""Platform clients that the operator shares, and what waits there for the operator."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, func, or_, select

from gatelodge.lti.registration import DeploymentState, PlatformClient
from gatelodge.storage import values
from gatelodge.storage.tables import (
    deployment_requests,
    deployments,
    platform_clients,
    registrations,
    tenants,
    tools,
)


@dataclass(frozen=True, slots=True)
class SharedClientOverview:
    """A line of the operator's list. ``registrations`` are the live ones."""

    client: PlatformClient
    created_at: int
    registrations: int
    waiting: int
    requested: int


@dataclass(frozen=True, slots=True)
class SharedRegistration:
    """A live registration on a shared client, as the operator picks one for a deployment."""

    id: str
    name: str
    tool_name: str
    tenant_slug: str
    tenant_name: str
    state: str


@dataclass(frozen=True, slots=True)
class WaitingDeployment:
    """One that nobody has assigned, and how many tenants say that it is theirs."""

    id: str
    deployment_id: str
    platform_client_id: str
    issuer: str
    client_id: str
    platform: str
    first_seen_at: int
    claimed: int


@dataclass(frozen=True, slots=True)
class RequestedDeployment:
    """What a tenant says its deployment is called."""

    id: str
    deployment_id: str
    platform_client_id: str
    registration_id: str
    registration_name: str
    tenant_id: str
    tenant_slug: str
    tenant_name: str
    requested_at: int


def search_overviews(
    connection: Connection, search: str, *, limit: int, offset: int
) -> list[SharedClientOverview]:
    """Those with something to decide first."""
    to_decide = (_WAITING + _REQUESTED).label("to_decide")
    query = (
        select(platform_clients, *_COUNTS, to_decide)
        .where(_is_shared(), _client_matches(search))
        .order_by((to_decide == 0), platform_clients.c.issuer, platform_clients.c.id)
    )
    rows = connection.execute(query.limit(limit).offset(offset)).mappings()
    return [_overview(row) for row in rows]


def count_found(connection: Connection, search: str) -> int:
    query = select(func.count()).select_from(platform_clients)
    return connection.execute(query.where(_is_shared(), _client_matches(search))).scalar_one()


def get_overview(connection: Connection, platform_client_id: str) -> SharedClientOverview | None:
    query = select(platform_clients, *_COUNTS).where(
        _is_shared(), platform_clients.c.id == platform_client_id
    )
    row = connection.execute(query).mappings().first()
    return _overview(row) if row else None


def registrations_on(
    connection: Connection, platform_client_id: str, *, limit: int
) -> list[SharedRegistration]:
    """The live ones, by tenant."""
    query = (
        select(
            registrations.c.id,
            registrations.c.name,
            tools.c.name,
            tenants.c.slug,
            tenants.c.name,
            registrations.c.state,
        )
        .join_from(registrations, tools, tools.c.id == registrations.c.tool_id)
        .join(tenants, tenants.c.id == registrations.c.tenant_id)
        .where(
            registrations.c.platform_client_id == platform_client_id,
            registrations.c.deleted_at.is_(None),
        )
        .order_by(tenants.c.name, registrations.c.name, registrations.c.id)
        .limit(limit)
    )
    return [SharedRegistration(*row) for row in connection.execute(query)]


def search_waiting(
    connection: Connection,
    search: str,
    *,
    platform_client_id: str | None = None,
    limit: int,
    offset: int,
) -> list[WaitingDeployment]:
    """Deployments of shared clients that belong to nobody yet, those that are claimed first."""
    query = _WAITING_ONES.where(_deployment_matches(search), _of(platform_client_id))
    query = query.order_by((_CLAIMED == 0), deployments.c.id).limit(limit).offset(offset)
    return [WaitingDeployment(*row) for row in connection.execute(query)]


def get_waiting(
    connection: Connection, platform_client_id: str, row_id: str
) -> WaitingDeployment | None:
    query = _WAITING_ONES.where(deployments.c.id == row_id, _of(platform_client_id))
    row = connection.execute(query).one_or_none()
    return None if row is None else WaitingDeployment(*row)


def count_waiting(
    connection: Connection, search: str, *, platform_client_id: str | None = None
) -> int:
    query = (
        select(func.count())
        .select_from(
            deployments.join(
                platform_clients, platform_clients.c.id == deployments.c.platform_client_id
            )
        )
        .where(_waits(), _is_shared(), _deployment_matches(search), _of(platform_client_id))
    )
    return connection.execute(query).scalar_one()


def requests_on(
    connection: Connection,
    platform_client_id: str,
    *,
    row_id: str | None = None,
    deployment_id: str | None = None,
    limit: int,
) -> list[RequestedDeployment]:
    """All, the one with this id, or those for one deployment."""
    query = (
        select(
            deployment_requests.c.id,
            deployment_requests.c.deployment_id,
            deployment_requests.c.platform_client_id,
            deployment_requests.c.registration_id,
            registrations.c.name,
            tenants.c.id,
            tenants.c.slug,
            tenants.c.name,
            deployment_requests.c.requested_at,
        )
        .join_from(
            deployment_requests,
            registrations,
            registrations.c.id == deployment_requests.c.registration_id,
        )
        .join(tenants, tenants.c.id == deployment_requests.c.tenant_id)
        .where(
            deployment_requests.c.platform_client_id == platform_client_id,
            registrations.c.deleted_at.is_(None),
        )
        .order_by(deployment_requests.c.id)
        .limit(limit)
    )
    if row_id is not None:
        query = query.where(deployment_requests.c.id == row_id)
    if deployment_id is not None:
        query = query.where(deployment_requests.c.deployment_id == deployment_id)
    return [RequestedDeployment(*row) for row in connection.execute(query)]


# ---------------------------------------------------------------- conditions and counts


def _is_shared() -> ColumnElement[bool]:
    return and_(platform_clients.c.tenant_id.is_(None), platform_clients.c.deleted_at.is_(None))


def _waits() -> ColumnElement[bool]:
    return and_(
        deployments.c.state == DeploymentState.WAITING,
        deployments.c.tenant_id.is_(None),
        deployments.c.deleted_at.is_(None),
    )


def _of(platform_client_id: str | None) -> ColumnElement[bool]:
    if platform_client_id is None:
        return deployments.c.id.is_not(None)
    return deployments.c.platform_client_id == platform_client_id


def _client_matches(search: str) -> ColumnElement[bool]:
    return or_(
        platform_clients.c.issuer.icontains(search, autoescape=True),
        platform_clients.c.client_id.icontains(search, autoescape=True),
    )


def _deployment_matches(search: str) -> ColumnElement[bool]:
    return or_(
        deployments.c.deployment_id.icontains(search, autoescape=True), _client_matches(search)
    )


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return select(func.count()).where(condition).correlate(platform_clients).scalar_subquery()


_LIVE = _count(
    and_(
        registrations.c.platform_client_id == platform_clients.c.id,
        registrations.c.deleted_at.is_(None),
    )
)
_WAITING = _count(and_(deployments.c.platform_client_id == platform_clients.c.id, _waits()))
_REQUESTED = _count(deployment_requests.c.platform_client_id == platform_clients.c.id)
_COUNTS = (_LIVE.label("live"), _WAITING.label("waiting"), _REQUESTED.label("requested"))


_CLAIMED = (
    select(func.count())
    .where(
        deployment_requests.c.platform_client_id == deployments.c.platform_client_id,
        deployment_requests.c.deployment_id == deployments.c.deployment_id,
    )
    .correlate(deployments)
    .scalar_subquery()
)
_WAITING_ONES = (
    select(
        deployments.c.id,
        deployments.c.deployment_id,
        deployments.c.platform_client_id,
        platform_clients.c.issuer,
        platform_clients.c.client_id,
        platform_clients.c.platform,
        deployments.c.first_seen_at,
        _CLAIMED.label("claimed"),
    )
    .join_from(
        deployments, platform_clients, platform_clients.c.id == deployments.c.platform_client_id
    )
    .where(_waits(), _is_shared())
)


def _overview(row: RowMapping) -> SharedClientOverview:
    return SharedClientOverview(
        values.platform_client(row),
        row[platform_clients.c.created_at],
        row["live"],
        row["waiting"],
        row["requested"],
    )
