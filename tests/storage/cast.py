"""Northfield and Southbank, and what they have registered: a small world for tests of storage."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import count
from typing import TypeVar

from msgspec import structs
from sqlalchemy import Connection

from gatelodge.lti.registration import (
    Deployment,
    DeploymentState,
    PlatformClient,
    Registration,
    RegistrationState,
    Tool,
    UnknownDeployments,
)
from gatelodge.storage import (
    catalogue,
    deployments,
    platform_clients,
    registrations,
    tenants,
    tools,
)
from gatelodge.storage.database import Database
from gatelodge.storage.deployment_requests import DeploymentRequest
from gatelodge.storage.launches import LaunchRow
from gatelodge.storage.refusals import RefusalRow
from gatelodge.storage.registration_drafts import RegistrationDraft
from gatelodge.storage.signing_keys import SigningKey
from gatelodge.storage.tenants import Tenant

T = TypeVar("T")

NOW = 1_800_000_000
NORTHFIELD = Tenant("tenant-northfield", "northfield", "Northfield", b"sealed north", NOW)
SOUTHBANK = Tenant("tenant-southbank", "southbank", "Southbank", b"sealed south", NOW)

_numbers = count(1)


def new_id() -> str:
    """Later ids are greater, as those of the product are."""
    return f"{next(_numbers):026d}"


def a_tool(**changes: object) -> Tool:
    row_id = new_id()
    tool = Tool(
        id=row_id,
        key=f"tool-{row_id}",
        name="Hello",
        launch_url="https://hello.example/launch",
        client_id=f"client-{row_id}",
        claims=frozenset({"name", "email"}),
        message_types=frozenset({"LtiResourceLinkRequest"}),
        anonymous=False,
        id_token_algorithm="RS256",
        hand_off="redirect",
    )
    return structs.replace(tool, **changes)


def a_client(**changes: object) -> PlatformClient:
    row_id = new_id()
    client = PlatformClient(
        id=row_id,
        issuer="https://lms.example",
        client_id=f"lms-{row_id}",
        authorization_url="https://lms.example/auth",
        token_url="https://lms.example/token",
        key_set_url="https://lms.example/keys",
        token_audience=None,
        platform="moodle",
        tenant_id=NORTHFIELD.id,
        service_origins=("https://services.lms.example",),
    )
    return structs.replace(client, **changes)


def a_registration(tool: Tool, client: PlatformClient, **changes: object) -> Registration:
    registration = Registration(
        id=new_id(),
        tenant_id=client.tenant_id or NORTHFIELD.id,
        tool_id=tool.id,
        platform_client_id=client.id,
        name="Moodle",
        state=RegistrationState.ACTIVE,
        unknown_deployments=UnknownDeployments.HOLD,
    )
    return structs.replace(registration, **changes)


def a_deployment(
    client: PlatformClient, registration: Registration | None, **changes: object
) -> Deployment:
    deployment = Deployment(
        id=new_id(),
        platform_client_id=client.id,
        deployment_id="1",
        registration_id=registration.id if registration else None,
        state=DeploymentState.APPROVED if registration else DeploymentState.WAITING,
    )
    return structs.replace(deployment, **changes)


def a_launch(registration: Registration | None = None, **changes: object) -> LaunchRow:
    launch = LaunchRow(
        id=new_id(),
        tenant_id=registration.tenant_id if registration else NORTHFIELD.id,
        registration_id=registration.id if registration else "registration",
        tool_id=registration.tool_id if registration else "tool",
        platform_client_id=registration.platform_client_id if registration else "client",
        deployment_row_id="deployment",
        message_type="LtiResourceLinkRequest",
        subject="person-1",
        context_id="context-1",
        resource_link_id=None,
        launched_at=NOW,
        trace='["issuer_known"]',
        facts='{"roles": ["Lärende"]}',
        code_hash=os.urandom(32),
        code_expires_at=NOW + 60,
        sealed_personal=b"sealed",
        seen_version=0,
    )
    return structs.replace(launch, **changes)


def a_refusal(**changes: object) -> RefusalRow:
    refusal = RefusalRow(
        id=new_id(),
        trace_id="7F3K-4MB9",
        occurred_at=NOW,
        last_at=NOW,
        count=1,
        proven=True,
        code="launch.audience_mismatch",
        tenant_id=NORTHFIELD.id,
        registration_id=None,
        tool_id=None,
        platform_client_id=None,
        trace="[]",
        details="{}",
        group_key=None,
    )
    return replace(refusal, **changes)  # type: ignore[arg-type]


def a_key(owner: str | None = None, **changes: object) -> SigningKey:
    day = 24 * 3600
    key = SigningKey(
        id=new_id(),
        platform_client_id=owner,
        algorithm="RS256",
        public_jwk='{"kty": "RSA"}',
        sealed_private=b"sealed",
        published_at=NOW,
        signs_from=NOW + day,
        signs_until=NOW + 91 * day,
        published_until=NOW + 105 * day,
    )
    return replace(key, **changes)  # type: ignore[arg-type]


def a_draft(**changes: object) -> RegistrationDraft:
    """Northfield's, of a registration and a client that aren't there yet."""
    draft = RegistrationDraft(
        id=new_id(),
        tenant_id=NORTHFIELD.id,
        registration_id=new_id(),
        platform_client_id=new_id(),
        account="ada",
        step=1,
        version=1,
        content="{}",
        created_at=NOW,
        updated_at=NOW,
    )
    return replace(draft, **changes)  # type: ignore[arg-type]


def a_request(registration: Registration, **changes: object) -> DeploymentRequest:
    request = DeploymentRequest(
        id=new_id(),
        tenant_id=registration.tenant_id,
        registration_id=registration.id,
        platform_client_id=registration.platform_client_id,
        deployment_id="1",
        requested_at=NOW,
    )
    return replace(request, **changes)  # type: ignore[arg-type]


class Cast:
    """Each of the two has registered the same tool on a client of its own, with deployment "1"."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.tool = a_tool(key="hello")
        self.north_client = a_client(client_id="north")
        self.south_client = a_client(client_id="south", tenant_id=SOUTHBANK.id)
        self.north = a_registration(self.tool, self.north_client, name="Northfield's Moodle")
        self.south = a_registration(self.tool, self.south_client, name="Southbank's Moodle")
        self.north_deployment = a_deployment(self.north_client, self.north)
        self.south_deployment = a_deployment(self.south_client, self.south)
        self.write(self._settle)

    def read(self, function: Callable[..., T], *args: object, **kwargs: object) -> T:
        """``cast.read(tools.get_by_key, None, "hello")``."""
        return self.database.read(lambda connection: function(connection, *args, **kwargs))

    def write(self, function: Callable[..., T], *args: object, **kwargs: object) -> T:
        return self.database.write(lambda connection: function(connection, *args, **kwargs))

    def add_tool(self, *, offered_to: Sequence[str] = (), **changes: object) -> Tool:
        tool = a_tool(for_everyone=not offered_to, **changes)
        new = {"secret_hash": b"hash", "created_at": NOW, "tenant_ids": offered_to}
        self.write(tools.add, tool, **new)
        return tool

    def add_client(self, **changes: object) -> PlatformClient:
        client = a_client(**changes)
        self.write(platform_clients.add, client, created_at=NOW)
        return client

    def add_registration(
        self, tool: Tool, client: PlatformClient, **changes: object
    ) -> Registration:
        registration = a_registration(tool, client, **changes)
        self.write(registrations.add, registration, created_at=NOW)
        return registration

    def add_deployment(
        self, client: PlatformClient, registration: Registration | None, **changes: object
    ) -> Deployment:
        deployment = a_deployment(client, registration, **changes)
        self.write(deployments.add, deployment, first_seen_at=NOW)
        return deployment

    def version(self) -> int:
        return self.read(catalogue.version)

    def _settle(self, connection: Connection) -> None:
        for tenant in (NORTHFIELD, SOUTHBANK):
            tenants.add(connection, tenant)
        tools.add(connection, self.tool, secret_hash=b"hash", created_at=NOW)
        for client in (self.north_client, self.south_client):
            platform_clients.add(connection, client, created_at=NOW)
        for registration in (self.north, self.south):
            registrations.add(connection, registration, created_at=NOW)
        for deployment in (self.north_deployment, self.south_deployment):
            deployments.add(connection, deployment, first_seen_at=NOW)
