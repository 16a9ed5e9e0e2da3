"""Rows as the values of `gatelodge.lti.registration`, and back.

A hundred thousand of these may be kept in memory. Texts that many of them share, ids that refer to
one another and addresses of one platform, are interned, so that each is there once.
"""

from functools import lru_cache
from sys import intern
from typing import Any, NamedTuple

from sqlalchemy import RowMapping

from gatelodge.lti.registration import (
    Deployment,
    DeploymentState,
    PlatformClient,
    Registration,
    RegistrationState,
    Tool,
    UnknownDeployments,
)
from gatelodge.storage.tables import deployments, platform_clients, registrations, tenants, tools


class TenantFacts(NamedTuple):
    """What a launch needs of a tenant; ``identity_key`` is sealed."""

    id: str
    name: str
    identity_key: bytes
    is_suspended: bool = False


def _interned(text: str | None) -> str | None:
    return None if text is None else intern(text)


@lru_cache(maxsize=1024)
def _shared(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Equal lists as one: platforms have few, and a hundred thousand clients."""
    return tuple(map(intern, texts))


def tenant_facts(row: RowMapping) -> TenantFacts:
    return TenantFacts(
        intern(row[tenants.c.id]),
        row[tenants.c.name],
        row[tenants.c.identity_key],
        row[tenants.c.suspended_at] is not None,
    )


def tool(row: RowMapping) -> Tool:
    return Tool(
        id=row[tools.c.id],
        key=row[tools.c.key],
        name=row[tools.c.name],
        launch_url=row[tools.c.launch_url],
        client_id=row[tools.c.client_id],
        claims=frozenset(row[tools.c.claims]),
        message_types=frozenset(row[tools.c.message_types]),
        anonymous=row[tools.c.anonymous],
        id_token_algorithm=row[tools.c.id_token_algorithm],
        hand_off=row[tools.c.hand_off],
        for_everyone=row[tools.c.for_everyone],
    )


def platform_client(row: RowMapping) -> PlatformClient:
    return PlatformClient(
        id=intern(row[platform_clients.c.id]),
        issuer=intern(row[platform_clients.c.issuer]),
        client_id=row[platform_clients.c.client_id],
        authorization_url=intern(row[platform_clients.c.authorization_url]),
        token_url=intern(row[platform_clients.c.token_url]),
        key_set_url=intern(row[platform_clients.c.key_set_url]),
        token_audience=row[platform_clients.c.token_audience],
        platform=intern(row[platform_clients.c.platform]),
        tenant_id=row[platform_clients.c.tenant_id],
        algorithms=_shared(row[platform_clients.c.algorithms]),
        leeway=row[platform_clients.c.leeway],
        service_origins=_shared(row[platform_clients.c.service_origins]),
    )


def registration(row: RowMapping) -> Registration:
    in_bin = row[registrations.c.deleted_at] is not None
    return Registration(
        id=intern(row[registrations.c.id]),
        tenant_id=intern(row[registrations.c.tenant_id]),
        tool_id=intern(row[registrations.c.tool_id]),
        platform_client_id=intern(row[registrations.c.platform_client_id]),
        name=row[registrations.c.name],
        state=RegistrationState.BIN if in_bin else RegistrationState(row[registrations.c.state]),
        unknown_deployments=UnknownDeployments(row[registrations.c.unknown_deployments]),
    )


def deployment(row: RowMapping) -> Deployment:
    return Deployment(
        id=row[deployments.c.id],
        platform_client_id=intern(row[deployments.c.platform_client_id]),
        deployment_id=row[deployments.c.deployment_id],
        registration_id=_interned(row[deployments.c.registration_id]),
        state=DeploymentState(row[deployments.c.state]),
    )


def columns_of(value: Any) -> dict[str, Any]:
    """The columns of one of these values; their fields have the columns' names."""
    return {name: getattr(value, name) for name in value.__slots__}
