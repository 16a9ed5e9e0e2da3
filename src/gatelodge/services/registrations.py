"""Registrations: one tenant's tool on one platform client. Added, switched off, deleted, restored.

A platform client that exists elsewhere is out of a tenant's reach, and the tenant does not learn
whose it is; the operator may share it. What a launch makes of a registration is decided in `lti`.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, NamedTuple

from gatelodge import platforms
from gatelodge.lti.registration import (
    Deployment,
    DeploymentState,
    PlatformClient,
    Registration,
    RegistrationState,
    Tool,
    UnknownDeployments,
)
from gatelodge.lti.tokens import ALGORITHMS
from gatelodge.services.addresses import Addresses
from gatelodge.services.audit import Audit, Tag
from gatelodge.services.caller import Caller
from gatelodge.services.errors import (
    ClientDiffers,
    ClientExists,
    ClientTaken,
    Invalid,
    NoBaseAddress,
    RegistrationNotFound,
    StateForbids,
    ToolNotFound,
)
from gatelodge.services.inputs import Inputs
from gatelodge.services.ports import Clock, Ids
from gatelodge.services.signing_keys import SigningKeys
from gatelodge.services.tenants import find_tenant
from gatelodge.storage import (
    catalogue,
    deployment_requests,
    deployments,
    overviews,
    platform_clients,
    registrations,
    sharing,
    tenants,
    tools,
)
from gatelodge.storage.database import Connection, Database
from gatelodge.storage.deployment_requests import DeploymentRequest
from gatelodge.storage.errors import DeploymentTaken
from gatelodge.storage.overviews import DeploymentOverview, RegistrationOverview
from gatelodge.storage.paging import every
from gatelodge.storage.tenants import Tenant

LONGEST_LEEWAY = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRegistration:
    """As a person gives it: nothing is checked yet. ``tenant`` is a short name or an id."""

    tenant: str
    tool: str
    name: str
    issuer: str
    client_id: str
    authorization_url: str
    token_url: str
    key_set_url: str
    token_audience: str | None = None
    platform: str = "other"
    deployment_ids: tuple[str, ...] = ()
    shared: bool = False
    unknown_deployments: str = UnknownDeployments.HOLD
    algorithms: tuple[str, ...] = ("RS256",)
    leeway: int = 60
    service_origins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOnShared:
    """On a client that the operator shares; ``platform_client`` is the id of its row."""

    tenant: str
    tool: str
    name: str
    platform_client: str
    deployment_ids: tuple[str, ...] = ()


class GivenOut(NamedTuple):
    """Ids that an LMS has been told before there were such rows: by a draft."""

    registration_id: str
    platform_client_id: str


class ClientStanding(StrEnum):
    FREE = "free"
    OWN = "own"
    SHARED = "shared"
    TAKEN = "taken"


@dataclass(frozen=True, slots=True)
class RegistrationView:
    """A registration with all that belongs to it, and the addresses to give to its LMS.

    The ``own_`` addresses are for an LMS that sends no client id, or shares issuer and numbering
    with others.
    """

    overview: RegistrationOverview
    deployments: tuple[DeploymentOverview, ...]
    login_url: str
    launch_url: str
    own_login_url: str
    own_launch_url: str
    keyset_url: str
    warnings: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return self.overview.id


_MAY_FOLLOW: Final = {
    Tag.REGISTRATION_DISABLED: {
        RegistrationState.ACTIVE: RegistrationState.DISABLED,
    },
    Tag.REGISTRATION_ENABLED: {
        RegistrationState.DRAFT: RegistrationState.ACTIVE,
        RegistrationState.DISABLED: RegistrationState.ACTIVE,
    },
}
"""What becomes of each state, by what is done. The bin is entered from everywhere and left whole."""


class Registrations:
    def __init__(
        self,
        database: Database,
        clock: Clock,
        ids: Ids,
        audit: Audit,
        signing_keys: SigningKeys,
        addresses: Addresses,
        *,
        development: bool,
    ) -> None:
        self._database = database
        self._clock = clock
        self._ids = ids
        self._audit = audit
        self._signing_keys = signing_keys
        self._addresses = addresses
        self._development = development

    # ------------------------------------------------------------------- adding

    def add(self, caller: Caller, new: NewRegistration) -> RegistrationView:
        caller.must_administer()
        self._must_have_addresses()
        new, warnings = self.read(caller, new)
        added = self._database.write(lambda connection: self.write(caller, connection, new))
        # Outside the transaction: making a key takes long, and nothing is lost if it fails here,
        # since a client without a key gets one when its key set is first asked for.
        self._signing_keys.ensure(added.platform_client_id)
        return replace(self.show(caller, added.id), warnings=warnings)

    def read(self, caller: Caller, new: NewRegistration) -> tuple[NewRegistration, tuple[str, ...]]:
        """What was given, checked and trimmed, with what there is to say about it."""
        if new.shared:
            caller.must_operate()
        inputs = Inputs(development=self._development)
        return _read(inputs, new), tuple(inputs.warnings)

    def write(
        self,
        caller: Caller,
        connection: Connection,
        new: NewRegistration,
        given_out: GivenOut | None = None,
    ) -> Registration:
        """Within a transaction; ``new`` has been read."""
        given_out = given_out or GivenOut(self._ids.new(), self._ids.new())
        tenant = find_tenant(caller, connection, new.tenant)
        tool = _tool_of(connection, tenant, new.tool)
        client = self._client(caller, connection, tenant, new, given_out)
        registration = self._registration(connection, tenant, tool, client, new, given_out)
        self._audit.record(
            caller,
            connection,
            Tag.REGISTRATION_ADDED,
            registration.id,
            tenant_id=tenant.id,
            tool=tool.id,
            platform_client=client.id,
        )
        for deployment_id in new.deployment_ids:
            self.place(caller, connection, registration, deployment_id)
        return registration

    def write_on_shared(
        self,
        caller: Caller,
        connection: Connection,
        new: NewOnShared,
        given_out: GivenOut,
    ) -> Registration:
        """Within a transaction: on a client that the operator shares, with deployments asked for.

        They count for nothing until the operator has assigned them: anybody could name another's. What
        the operator has called this tenant's before, and is in the bin, it has back at once.
        """
        inputs = Inputs(development=self._development)
        name = inputs.name("name", new.name)
        asked = [inputs.identifier("deployment_id", each) for each in new.deployment_ids]
        tenant = find_tenant(caller, connection, new.tenant)
        tool = _tool_of(connection, tenant, new.tool)
        client = platform_clients.get(connection, None, new.platform_client)
        if client is None or client.tenant_id is not None:
            raise Invalid("shared_client", "The operator doesn't share this client ID any more.")
        registration = Registration(
            id=given_out.registration_id,
            tenant_id=tenant.id,
            tool_id=tool.id,
            platform_client_id=client.id,
            name=name,
            state=RegistrationState.ACTIVE,
            unknown_deployments=UnknownDeployments.HOLD,
        )
        registrations.add(connection, registration, created_at=self._clock())
        self._audit.record(
            caller,
            connection,
            Tag.REGISTRATION_ADDED,
            registration.id,
            tenant_id=tenant.id,
            tool=tool.id,
            platform_client=client.id,
        )
        for deployment_id in dict.fromkeys(asked):
            if self._has_back(caller, connection, registration, deployment_id):
                continue
            request = DeploymentRequest(
                id=self._ids.new(),
                tenant_id=tenant.id,
                registration_id=registration.id,
                platform_client_id=client.id,
                deployment_id=deployment_id,
                requested_at=int(self._clock()),
            )
            deployment_requests.add(connection, request)
            self._audit.record(
                caller,
                connection,
                Tag.DEPLOYMENT_REQUESTED,
                request.id,
                tenant_id=tenant.id,
                registration=registration.id,
            )
        return registration

    def _has_back(
        self,
        caller: Caller,
        connection: Connection,
        registration: Registration,
        deployment_id: str,
    ) -> bool:
        client = registration.platform_client_id
        owner = deployments.find_last_owner(connection, client, deployment_id)
        if owner != registration.tenant_id:
            return False
        given = deployments.give(
            connection,
            client,
            deployment_id,
            registration.id,
            new_id=self._ids.new(),
            now=self._clock(),
        )
        if given is None:
            return False
        self._audit.record(
            caller,
            connection,
            Tag.DEPLOYMENT_APPROVED,
            given,
            tenant_id=registration.tenant_id,
            registration=registration.id,
        )
        return True

    def shared_clients(self, caller: Caller, platform: str) -> list[PlatformClient]:
        """Those of this LMS that the operator shares: their client ids are no secret."""
        caller.must_administer()
        return self._database.read(
            lambda connection: platform_clients.list_shared(connection, platform)
        )

    def standing_of(self, caller: Caller, issuer: str, client_id: str) -> ClientStanding:
        """Whether issuer and client id are free. Whose they are is told to the operator alone."""
        caller.must_administer()
        found = self._database.find(
            lambda connection: platform_clients.find(connection, issuer, client_id)
        )
        if found is None:
            return ClientStanding.FREE
        if found.tenant_id is None:
            return ClientStanding.SHARED
        return (
            ClientStanding.OWN if found.tenant_id == caller.tenant_scope else ClientStanding.TAKEN
        )

    def _client(
        self,
        caller: Caller,
        connection: Connection,
        tenant: Tenant,
        new: NewRegistration,
        given_out: GivenOut,
    ) -> PlatformClient:
        existing = platform_clients.find(connection, new.issuer, new.client_id)
        if existing is None:
            owner = None if new.shared else tenant.id
            client = _new_client(given_out.platform_client_id, owner, new)
            platform_clients.add(connection, client, created_at=self._clock())
            return client
        _may_join(caller, connection, existing, tenant, new)
        if not catalogue.registrations_of_client(connection, existing.id):
            renewed = _new_client(existing.id, existing.tenant_id, new)
            platform_clients.update_addresses(connection, existing.tenant_id, renewed)
            return renewed
        _must_be_same(existing, new)
        if new.shared and sharing.share(connection, existing.id):
            self._audit.record(
                caller,
                connection,
                Tag.PLATFORM_CLIENT_SHARED,
                existing.id,
                tenant_id=existing.tenant_id,
            )
        return existing

    def _registration(
        self,
        connection: Connection,
        tenant: Tenant,
        tool: Tool,
        client: PlatformClient,
        new: NewRegistration,
        given_out: GivenOut,
    ) -> Registration:
        registration = Registration(
            id=given_out.registration_id,
            tenant_id=tenant.id,
            tool_id=tool.id,
            platform_client_id=client.id,
            name=new.name,
            state=RegistrationState.ACTIVE,
            unknown_deployments=UnknownDeployments(new.unknown_deployments),
        )
        registrations.add(connection, registration, created_at=self._clock())
        return registration

    def place(
        self, caller: Caller, connection: Connection, registration: Registration, named: str
    ) -> None:
        """Approve a deployment for a registration, unless it belongs to another one."""
        caller.must_administer()
        known = deployments.find(connection, registration.platform_client_id, named)
        now = self._clock()
        if known is None:
            placed = Deployment(
                id=self._ids.new(),
                platform_client_id=registration.platform_client_id,
                deployment_id=named,
                registration_id=registration.id,
                state=DeploymentState.APPROVED,
            )
            deployments.add(connection, placed, first_seen_at=now, decided_at=now)
        elif not _is_taken(known.deployment):
            # The tenant was let onto the client before; where the deployment waited doesn't matter.
            approved, home = DeploymentState.APPROVED, registration.id
            deployments.decide(connection, None, known.id, approved, home, now=now)
        else:
            raise DeploymentTaken(f"The deployment ID {named!r} belongs to another registration.")

    # ------------------------------------------------------------------- looking

    def list(self, caller: Caller, *, include_bin: bool = False) -> list[RegistrationOverview]:
        caller.must_administer()
        return self._database.read(
            lambda connection: list(
                every(
                    lambda after: overviews.list_registrations(
                        connection, caller.tenant_scope, include_bin=include_bin, after=after
                    )
                )
            )
        )

    def show(self, caller: Caller, registration_id: str) -> RegistrationView:
        caller.must_administer()
        self._must_have_addresses()
        return self._database.read(
            lambda connection: self._view(caller, connection, registration_id)
        )

    def _view(
        self, caller: Caller, connection: Connection, registration_id: str
    ) -> RegistrationView:
        found = overviews.get_registration(connection, caller.tenant_scope, registration_id)
        if found is None:
            raise RegistrationNotFound(registration_id)
        placed = every(
            lambda after: overviews.list_deployments(
                connection, caller.tenant_scope, registration_id=found.id, after=after
            )
        )
        key = found.tool.key
        return RegistrationView(
            overview=found,
            deployments=tuple(placed),
            login_url=self._addresses.login(key),
            launch_url=self._addresses.launch(key),
            own_login_url=self._addresses.login(key, found.id),
            own_launch_url=self._addresses.launch(key, found.id),
            keyset_url=self._addresses.key_set(found.id),
        )

    def _must_have_addresses(self) -> None:
        if not self._addresses.base:
            raise NoBaseAddress

    # ------------------------------------------------------------------- changing

    def disable(self, caller: Caller, registration_id: str) -> RegistrationOverview:
        return self._change(caller, registration_id, Tag.REGISTRATION_DISABLED)

    def enable(self, caller: Caller, registration_id: str) -> RegistrationOverview:
        return self._change(caller, registration_id, Tag.REGISTRATION_ENABLED)

    def delete(self, caller: Caller, registration_id: str) -> RegistrationOverview:
        """Into the bin; its launches are refused from now on, and its client ID is free again."""
        return self._change(caller, registration_id, Tag.REGISTRATION_DELETED)

    def restore(self, caller: Caller, registration_id: str) -> RegistrationOverview:
        """Out of the bin, as it was, unless something has taken its place."""
        return self._change(caller, registration_id, Tag.REGISTRATION_RESTORED)

    def _change(self, caller: Caller, registration_id: str, tag: Tag) -> RegistrationOverview:
        caller.must_administer()

        def write(connection: Connection) -> RegistrationOverview:
            before = _get(caller, connection, registration_id)
            if not self._changed(caller, connection, before, tag):
                raise StateForbids(_cannot(before, tag))
            self._audit.record(
                caller, connection, tag, before.id, tenant_id=before.registration.tenant_id
            )
            return _get(caller, connection, before.id)

        return self._database.write(write)

    def _changed(
        self, caller: Caller, connection: Connection, before: RegistrationOverview, tag: Tag
    ) -> bool:
        scope = caller.tenant_scope
        state = before.registration.state
        match tag:
            case Tag.REGISTRATION_DELETED:
                return registrations.delete(connection, scope, before.id, now=self._clock())
            case Tag.REGISTRATION_RESTORED:
                return registrations.restore(connection, scope, before.id)
            case _:
                after = _MAY_FOLLOW[tag].get(state)
                return after is not None and registrations.set_state(
                    connection, scope, before.id, after, before=state
                )


# ----------------------------------------------------------------------- reading what is given


def _read(inputs: Inputs, new: NewRegistration) -> NewRegistration:
    read = replace(
        new,
        name=inputs.name("name", new.name),
        platform=read_platform(new.platform),
        issuer=inputs.issuer("issuer", new.issuer),
        client_id=inputs.identifier("client_id", new.client_id),
        authorization_url=inputs.address("authorization_url", new.authorization_url),
        token_url=inputs.address("token_url", new.token_url),
        key_set_url=inputs.address("key_set_url", new.key_set_url),
        token_audience=new.token_audience
        and inputs.identifier("token_audience", new.token_audience),
        deployment_ids=tuple(
            dict.fromkeys(inputs.identifier("deployment_id", each) for each in new.deployment_ids)
        ),
        unknown_deployments=read_unknown_deployments(new.unknown_deployments),
        algorithms=read_algorithms(new.algorithms),
        leeway=read_leeway(new.leeway),
        service_origins=tuple(
            inputs.origin("service_origin", each) for each in new.service_origins
        ),
    )
    _warn(inputs, read)
    return read


def read_platform(named: str) -> str:
    try:
        return platforms.get(named.strip().lower()).id
    except platforms.UnknownPlatform as error:
        raise Invalid("platform", str(error)) from None


def read_unknown_deployments(policy: str) -> str:
    if policy not in list(UnknownDeployments):
        raise Invalid(
            "unknown_deployments",
            f"Unknown deployments can be held, approved or refused, and not {policy!r}.",
            hint="Say hold, approve or refuse.",
        )
    return policy


def read_algorithms(algorithms: tuple[str, ...]) -> tuple[str, ...]:
    for each in algorithms:
        if each not in ALGORITHMS:
            raise Invalid(
                "algorithm", f"There is no algorithm {each!r}; choose of {', '.join(ALGORITHMS)}."
            )
    return tuple(dict.fromkeys(algorithms)) or ("RS256",)


def read_leeway(seconds: int) -> int:
    if not 0 <= seconds <= LONGEST_LEEWAY:
        raise Invalid("leeway", f"The leeway is 0 to {LONGEST_LEEWAY} seconds, not {seconds}.")
    return seconds


def _warn(inputs: Inputs, new: NewRegistration) -> None:
    guessed = platforms.guess(new.issuer)
    if new.platform == "other" and guessed and guessed.id != "other":
        inputs.warnings.append(
            f"The issuer looks like {guessed.name}'s. If it is, choose the LMS {guessed.id!r}."
        )
    platform = platforms.get(new.platform)
    hints = (platforms.identifier_hint(platform, new.client_id, d) for d in new.deployment_ids)
    inputs.warnings.extend(filter(None, hints))


# ----------------------------------------------------------------------- what is there


def _new_client(row_id: str, tenant_id: str | None, new: NewRegistration) -> PlatformClient:
    return PlatformClient(
        id=row_id,
        issuer=new.issuer,
        client_id=new.client_id,
        authorization_url=new.authorization_url,
        token_url=new.token_url,
        key_set_url=new.key_set_url,
        token_audience=new.token_audience,
        platform=new.platform,
        tenant_id=tenant_id,
        algorithms=new.algorithms,
        leeway=new.leeway,
        service_origins=new.service_origins,
    )


def _tool_of(connection: Connection, tenant: Tenant, key: str) -> Tool:
    found = tools.get_by_key(connection, tenant.id, key.strip())
    if found is None:
        raise ToolNotFound(key)
    return found


def _may_join(
    caller: Caller,
    connection: Connection,
    existing: PlatformClient,
    tenant: Tenant,
    new: NewRegistration,
) -> None:
    """Refuse to build on a platform client that is not the tenant's own, unless the operator shares it."""
    if existing.tenant_id == tenant.id or new.shared:
        return
    pair = f"The issuer {existing.issuer!r} with the client ID {existing.client_id!r}"
    if not caller.is_operator:
        raise ClientTaken(f"{pair} is in use on this gateway already.")
    if existing.tenant_id is None:
        raise ClientExists(f"{pair} is shared among tenants already.")
    owner = tenants.get(connection, existing.tenant_id)
    raise ClientExists(f"{pair} belongs to the tenant {owner and owner.slug!r}.")


_SAME: Final = {
    "authorization_url": "platform authentication URL",
    "token_url": "access token URL",
    "key_set_url": "keyset URL",
    "token_audience": "token audience",
}


def _must_be_same(existing: PlatformClient, new: NewRegistration) -> None:
    """What is said of a client a second time must not change it for those who use it."""
    differing = [
        spoken for name, spoken in _SAME.items() if getattr(existing, name) != getattr(new, name)
    ]
    if differing:
        raise ClientDiffers(
            f"This platform client is here already, with another {' and another '.join(differing)}."
        )


def _is_taken(deployment: Deployment) -> bool:
    """A deployment that only waits belongs to nobody yet, wherever it waits."""
    is_waiting = deployment.state is DeploymentState.WAITING
    return deployment.registration_id is not None and not is_waiting


def _get(caller: Caller, connection: Connection, registration_id: str) -> RegistrationOverview:
    found = overviews.get_registration(connection, caller.tenant_scope, registration_id.strip())
    if found is None:
        raise RegistrationNotFound(registration_id)
    return found


_DONE: Final = {
    RegistrationState.DRAFT: "is still a draft",
    RegistrationState.ACTIVE: "is active already",
    RegistrationState.DISABLED: "is switched off already",
    RegistrationState.BIN: "is in the bin",
}


def _cannot(found: RegistrationOverview, tag: Tag) -> str:
    state = found.registration.state
    if tag is Tag.REGISTRATION_RESTORED:
        return f"The registration {found.registration.name!r} isn't in the bin."
    return f"The registration {found.registration.name!r} {_DONE[state]}."
