"""Platform clients that the operator shares among tenants, and whose their deployments are.

Some LMSs give one client ID to all institutions (Blackboard, Schoology, Canvas with inherited
keys). There the deployment names the tenant, so the operator alone says which is whose.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from hashlib import sha256
from typing import Any

import msgspec
from msgspec import structs

from gatelodge.lti.registration import PlatformClient
from gatelodge.services.audit import Audit, Tag
from gatelodge.services.caller import Caller
from gatelodge.services.errors import (
    ClientChangedMeanwhile,
    ClientExists,
    ClientInUse,
    DeploymentNotFound,
    DeploymentRequestNotFound,
    SharedClientNotFound,
)
from gatelodge.services.inputs import Faults, Inputs
from gatelodge.services.ports import Clock, Ids
from gatelodge.services.registrations import read_algorithms, read_leeway, read_platform
from gatelodge.services.signing_keys import SigningKeys
from gatelodge.storage import (
    deployment_requests,
    deployments,
    platform_clients,
    shared_clients,
    sharing,
)
from gatelodge.storage.database import Connection, Database
from gatelodge.storage.errors import DeploymentTaken
from gatelodge.storage.shared_clients import (
    RequestedDeployment,
    SharedClientOverview,
    SharedRegistration,
    WaitingDeployment,
)

MOST_SHOWN = 200
"""Registrations, requests and waiting deployments of one client that are shown at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientDetails:
    """What can be changed of a shared client, as a person gives it: nothing is checked yet."""

    platform: str
    authorization_url: str
    token_url: str
    key_set_url: str
    token_audience: str | None = None
    algorithms: tuple[str, ...] = ("RS256",)
    leeway: int = 60
    service_origins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SharedClientView:
    """``seen`` stands for all that can be changed, as it is now."""

    overview: SharedClientOverview
    registrations: Sequence[SharedRegistration]
    waiting: Sequence[WaitingDeployment]
    requests: Sequence[RequestedDeployment]
    seen: str
    warnings: tuple[str, ...] = ()

    @property
    def client(self) -> PlatformClient:
        return self.overview.client


@dataclass(frozen=True, slots=True)
class Assignment:
    """A deployment that waits, and to which registrations it could go; those that ask for it first."""

    deployment: WaitingDeployment
    registrations: Sequence[SharedRegistration]
    requests: Sequence[RequestedDeployment]


class SharedClients:
    def __init__(
        self,
        database: Database,
        clock: Clock,
        ids: Ids,
        audit: Audit,
        signing_keys: SigningKeys,
        *,
        development: bool,
    ) -> None:
        self._database = database
        self._clock = clock
        self._ids = ids
        self._audit = audit
        self._signing_keys = signing_keys
        self._development = development

    # ------------------------------------------------------------------- looking

    def search(
        self, caller: Caller, search: str, *, limit: int, offset: int
    ) -> tuple[Sequence[SharedClientOverview], int]:
        """A page of them, those with something to decide first, and how many there are in all."""
        caller.must_operate()
        return self._database.read(
            lambda connection: (
                shared_clients.search_overviews(connection, search, limit=limit, offset=offset),
                shared_clients.count_found(connection, search),
            )
        )

    def show(self, caller: Caller, client: str) -> SharedClientView:
        caller.must_operate()
        return self._database.read(lambda connection: _view(connection, client))

    def search_waiting(
        self, caller: Caller, search: str, *, limit: int, offset: int
    ) -> tuple[Sequence[WaitingDeployment], int]:
        """Deployments of all shared clients that are nobody's yet, and how many there are in all."""
        caller.must_operate()
        return self._database.read(
            lambda connection: (
                shared_clients.search_waiting(connection, search, limit=limit, offset=offset),
                shared_clients.count_waiting(connection, search),
            )
        )

    def assignment(self, caller: Caller, client: str, deployment: str) -> Assignment:
        caller.must_operate()

        def read(connection: Connection) -> Assignment:
            waiting = _waiting(connection, client, deployment)
            requests = shared_clients.requests_on(
                connection, client, deployment_id=waiting.deployment_id, limit=MOST_SHOWN
            )
            asking = {each.registration_id for each in requests}
            candidates = shared_clients.registrations_on(connection, client, limit=MOST_SHOWN)
            candidates.sort(key=lambda each: each.id not in asking)
            return Assignment(waiting, candidates, requests)

        return self._database.read(read)

    # ------------------------------------------------------------------- adding and changing

    def check(self, caller: Caller, details: ClientDetails) -> None:
        """Tells what can't be changed so, before anything is tried."""
        caller.must_operate()
        _read(Inputs(development=self._development), details)

    def check_new(
        self, caller: Caller, issuer: str, client_id: str, details: ClientDetails
    ) -> None:
        """Tells what can't be added so."""
        caller.must_operate()
        inputs = Inputs(development=self._development)
        issuer, client_id, _ = _read_all(inputs, issuer, client_id, details)
        self._database.read(lambda connection: _must_be_new(connection, issuer, client_id))

    def add(
        self, caller: Caller, issuer: str, client_id: str, details: ClientDetails
    ) -> SharedClientView:
        caller.must_operate()
        inputs = Inputs(development=self._development)
        issuer, client_id, details = _read_all(inputs, issuer, client_id, details)
        row_id = self._ids.new()

        def write(connection: Connection) -> None:
            _must_be_new(connection, issuer, client_id)
            client = PlatformClient(
                id=row_id,
                issuer=issuer,
                client_id=client_id,
                tenant_id=None,
                **_columns(details),
            )
            platform_clients.add(connection, client, created_at=self._clock())
            self._record(caller, connection, Tag.PLATFORM_CLIENT_ADDED, row_id)

        self._database.write(write)
        self._signing_keys.ensure(row_id)
        return replace(self.show(caller, row_id), warnings=tuple(inputs.warnings))

    def take_over(self, caller: Caller, issuer: str, client_id: str) -> SharedClientView:
        """One tenant's own becomes shared, as it is: with its keys, registrations and deployments."""
        caller.must_operate()
        inputs = Inputs()
        issuer, client_id = (
            inputs.issuer("issuer", issuer),
            inputs.identifier("client_id", client_id),
        )

        def write(connection: Connection) -> SharedClientView:
            found = platform_clients.find(connection, issuer, client_id)
            if found is None:
                raise SharedClientNotFound(client_id)
            if sharing.share(connection, found.id):
                self._audit.record(
                    caller,
                    connection,
                    Tag.PLATFORM_CLIENT_SHARED,
                    found.id,
                    tenant_id=found.tenant_id,
                )
            return _view(connection, found.id)

        return self._database.write(write)

    def change(
        self, caller: Caller, client: str, details: ClientDetails, *, seen: str | None = None
    ) -> SharedClientView:
        """The next launch goes by it. Issuer and client ID stay: they say which client it is."""
        caller.must_operate()
        inputs = Inputs(development=self._development)
        details = _read(inputs, details)

        def write(connection: Connection) -> SharedClientView:
            before = _view(connection, client)
            if seen not in (None, before.seen):
                raise ClientChangedMeanwhile("Somebody else changed this client meanwhile.")
            changed = structs.replace(before.client, **_columns(details))
            if changed != before.client:
                platform_clients.update_addresses(connection, None, changed)
                self._record(caller, connection, Tag.PLATFORM_CLIENT_CHANGED, changed.id)
            return _view(connection, client)

        return replace(self._database.write(write), warnings=tuple(inputs.warnings))

    def delete(self, caller: Caller, client: str) -> PlatformClient:
        """Only one that no registration uses; deployments that wait there are forgotten with it."""
        caller.must_operate()

        def write(connection: Connection) -> PlatformClient:
            found = _view(connection, client).client
            if not platform_clients.delete(connection, None, found.id, now=self._clock()):
                raise ClientInUse("This client has registrations; delete them first.")
            self._record(caller, connection, Tag.PLATFORM_CLIENT_DELETED, found.id)
            return found

        return self._database.write(write)

    # ------------------------------------------------------------------- requests of tenants

    def grant(self, caller: Caller, client: str, request: str) -> RequestedDeployment:
        """The deployment is the tenant's that asked; launches from it go there from now on."""
        caller.must_operate()

        def write(connection: Connection) -> RequestedDeployment:
            asked = _request(connection, client, request)
            given = deployments.give(
                connection,
                asked.platform_client_id,
                asked.deployment_id,
                asked.registration_id,
                new_id=self._ids.new(),
                now=self._clock(),
            )
            if given is None:
                raise DeploymentTaken(
                    f"The deployment ID {asked.deployment_id!r} was decided on before."
                )
            deployment_requests.remove(connection, None, asked.id)
            self._audit.record(
                caller,
                connection,
                Tag.DEPLOYMENT_APPROVED,
                given,
                tenant_id=asked.tenant_id,
                registration=asked.registration_id,
            )
            return asked

        return self._database.write(write)

    def dismiss(self, caller: Caller, client: str, request: str) -> RequestedDeployment:
        """The deployment isn't the tenant's that asked."""
        caller.must_operate()

        def write(connection: Connection) -> RequestedDeployment:
            asked = _request(connection, client, request)
            deployment_requests.remove(connection, None, asked.id)
            self._audit.record(
                caller,
                connection,
                Tag.DEPLOYMENT_REQUEST_DISMISSED,
                asked.id,
                tenant_id=asked.tenant_id,
                registration=asked.registration_id,
            )
            return asked

        return self._database.write(write)

    def _record(self, caller: Caller, connection: Connection, tag: Tag, client: str) -> None:
        self._audit.record(caller, connection, tag, client, tenant_id=None)


# ----------------------------------------------------------------------- reading what is given


def _must_be_new(connection: Connection, issuer: str, client_id: str) -> None:
    found = platform_clients.find(connection, issuer, client_id)
    if found is not None:
        taken = ClientExists(
            f"The issuer {issuer!r} with the client ID {client_id!r} is here already."
        )
        taken.is_private = found.tenant_id is not None
        raise taken


def _read_all(
    inputs: Inputs, issuer: str, client_id: str, details: ClientDetails
) -> tuple[str, str, ClientDetails]:
    faults = Faults()
    read = (
        faults.of(inputs.issuer, "issuer", issuer),
        faults.of(inputs.identifier, "client_id", client_id),
        faults.of(_read, inputs, details),
    )
    faults.tell()
    return read


def _read(inputs: Inputs, details: ClientDetails) -> ClientDetails:
    audience = details.token_audience
    faults = Faults()
    read = ClientDetails(
        platform=faults.of(read_platform, details.platform),
        authorization_url=faults.of(inputs.address, "authorization_url", details.authorization_url),
        token_url=faults.of(inputs.address, "token_url", details.token_url),
        key_set_url=faults.of(inputs.address, "key_set_url", details.key_set_url),
        token_audience=audience and faults.of(inputs.identifier, "token_audience", audience),
        algorithms=faults.of(read_algorithms, details.algorithms),
        leeway=faults.of(read_leeway, details.leeway),
        service_origins=tuple(
            faults.of(inputs.origin, "service_origin", each) for each in details.service_origins
        ),
    )
    faults.tell()
    return read


def _columns(details: ClientDetails) -> dict[str, Any]:
    return {field.name: getattr(details, field.name) for field in fields(ClientDetails)}


def details_of(client: PlatformClient) -> ClientDetails:
    """As it is now, to be changed."""
    return ClientDetails(
        **{field.name: getattr(client, field.name) for field in fields(ClientDetails)}
    )


# ----------------------------------------------------------------------- what is there


def _view(connection: Connection, client: str) -> SharedClientView:
    overview = shared_clients.get_overview(connection, client)
    if overview is None:
        raise SharedClientNotFound(client)
    row_id = overview.client.id
    return SharedClientView(
        overview,
        registrations=shared_clients.registrations_on(connection, row_id, limit=MOST_SHOWN),
        waiting=shared_clients.search_waiting(
            connection, "", platform_client_id=row_id, limit=MOST_SHOWN, offset=0
        ),
        requests=shared_clients.requests_on(connection, row_id, limit=MOST_SHOWN),
        seen=sha256(msgspec.json.encode(overview.client)).hexdigest()[:32],
    )


def _waiting(connection: Connection, client: str, deployment: str) -> WaitingDeployment:
    found = shared_clients.get_waiting(connection, client, deployment)
    if found is None:
        raise DeploymentNotFound(deployment)
    return found


def _request(connection: Connection, client: str, request: str) -> RequestedDeployment:
    found = shared_clients.requests_on(connection, client, row_id=request, limit=1)
    if not found:
        raise DeploymentRequestNotFound(request)
    return found[0]
