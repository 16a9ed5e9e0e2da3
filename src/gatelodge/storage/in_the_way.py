"""Whether a registration can leave the bin: what has taken its place, or its client's, meanwhile.

Who asks is told the name of what is there if it is the same tenant's; the operator always is.
"""

from sqlalchemy import (
    ColumnElement,
    Connection,
    Delete,
    FromClause,
    Row,
    Select,
    delete,
    exists,
    select,
)

from gatelodge.lti.registration import DeploymentState
from gatelodge.storage.errors import InTheWay
from gatelodge.storage.tables import deployments, platform_clients, registrations

Found = Row[str | None, str | None, str | None]


def require_free_place(connection: Connection, tenant_id: str | None, registration_id: str) -> None:
    """Raises `InTheWay`, or makes room: a deployment that only waits was in nobody's use."""
    for sentence, query in (
        ("The same tool is registered again on the same platform client", _same_registration),
        ("The same issuer and client id are registered again", _same_client),
        ("One of its deployments is in use again", _same_deployment),
    ):
        found = connection.execute(query(registration_id)).first()
        if found is not None:
            raise _in_the_way(sentence, tenant_id, found)
    connection.execute(_remove_waiting(registration_id))


def _in_the_way(sentence: str, tenant_id: str | None, found: Found) -> InTheWay:
    owner, other_id, name = found
    if name is None or tenant_id not in {None, owner}:
        return InTheWay(f"{sentence}.")
    return InTheWay(f"{sentence}: {name!r}.", registration_id=other_id, name=name)


_OTHER = registrations.alias("other")
_NAMED = (_OTHER.c.tenant_id, _OTHER.c.id, _OTHER.c.name)


def _same_registration(registration_id: str) -> Select[str, str, str]:
    return (
        select(*_NAMED)
        .join_from(
            registrations,
            _OTHER,
            (_OTHER.c.tenant_id == registrations.c.tenant_id)
            & (_OTHER.c.tool_id == registrations.c.tool_id)
            & (_OTHER.c.platform_client_id == registrations.c.platform_client_id),
        )
        .where(registrations.c.id == registration_id, _OTHER.c.deleted_at.is_(None))
        .limit(1)
    )


def _same_client(registration_id: str) -> Select[str, str, str]:
    """Another live client with the pair, and a registration on it: of the same tenant if any."""
    other = platform_clients.alias("other_client")
    return (
        select(*_NAMED)
        .join_from(
            registrations,
            platform_clients,
            platform_clients.c.id == registrations.c.platform_client_id,
        )
        .join(
            other,
            (other.c.issuer == platform_clients.c.issuer)
            & (other.c.client_id == platform_clients.c.client_id)
            & (other.c.id != platform_clients.c.id),
        )
        .outerjoin(
            _OTHER, (_OTHER.c.platform_client_id == other.c.id) & _OTHER.c.deleted_at.is_(None)
        )
        .where(registrations.c.id == registration_id, other.c.deleted_at.is_(None))
        .order_by(
            (_OTHER.c.tenant_id == registrations.c.tenant_id).desc(),
            (_OTHER.c.tool_id == registrations.c.tool_id).desc(),
        )
        .limit(1)
    )


def _same_deployment(registration_id: str) -> Select[str | None, str | None, str | None]:
    """A live deployment with the same id, unless nobody has decided anything about it."""
    mine, theirs = deployments.alias("mine"), deployments.alias("theirs")
    return (
        select(*_NAMED)
        .join_from(registrations, mine, _went_with_registration(mine))
        .join(theirs, _same_id(mine, theirs))
        .outerjoin(_OTHER, _OTHER.c.id == theirs.c.registration_id)
        .where(
            registrations.c.id == registration_id,
            theirs.c.deleted_at.is_(None),
            ~_only_waits(theirs),
        )
        .limit(1)
    )


def _remove_waiting(registration_id: str) -> Delete:
    mine = deployments.alias("mine")
    known_again = (
        select(mine.c.id)
        .join_from(registrations, mine, _went_with_registration(mine))
        .where(registrations.c.id == registration_id, _same_id(mine, deployments))
    )
    return delete(deployments).where(
        deployments.c.deleted_at.is_(None),
        _only_waits(deployments),
        exists(known_again.correlate(deployments)),
    )


def _went_with_registration(mine: FromClause) -> ColumnElement[bool]:
    return (mine.c.registration_id == registrations.c.id) & (
        mine.c.deleted_at == registrations.c.deleted_at
    )


def _same_id(mine: FromClause, theirs: FromClause) -> ColumnElement[bool]:
    return (theirs.c.platform_client_id == mine.c.platform_client_id) & (
        theirs.c.deployment_id == mine.c.deployment_id
    )


def _only_waits(theirs: FromClause) -> ColumnElement[bool]:
    return (theirs.c.state == DeploymentState.WAITING) & theirs.c.registration_id.is_(None)
