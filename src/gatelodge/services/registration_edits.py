"""Changing a registration that is there: every detail, without overwriting somebody else's change.

Who looks at a registration is given its version, and a change is taken only on top of that one.
What would cut off launches that work now, another issuer or client id, is asked first. A platform
client that the operator shares is the operator's to change.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Final

import msgspec
from msgspec import structs

from gatelodge.lti.registration import (
    PlatformClient,
    Registration,
    RegistrationState,
    UnknownDeployments,
)
from gatelodge.services.audit import Audit, Tag
from gatelodge.services.caller import Caller
from gatelodge.services.errors import (
    ClientTaken,
    CutsOff,
    Invalid,
    NotAllowed,
    RegistrationChanged,
    RegistrationNotFound,
)
from gatelodge.services.inputs import Inputs
from gatelodge.services.registrations import (
    Registrations,
    read_algorithms,
    read_leeway,
    read_platform,
    read_unknown_deployments,
)
from gatelodge.storage import catalogue, overviews, platform_clients, registrations
from gatelodge.storage.database import Connection, Database
from gatelodge.storage.errors import PlatformClientTaken
from gatelodge.storage.overviews import RegistrationOverview

CUTTING: Final = ("issuer", "client_id")
"""What a running launch is compared with: another value refuses it."""

_OF_REGISTRATION = ("name", "unknown_deployments")


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationDetails:
    """Everything that can be changed. As a person gives it, nothing of it is checked yet."""

    name: str
    unknown_deployments: str
    platform: str
    issuer: str
    client_id: str
    authorization_url: str
    token_url: str
    key_set_url: str
    token_audience: str | None
    leeway: int
    algorithms: tuple[str, ...]
    service_origins: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EditView:
    """``others`` are registrations on the same client, which change with it."""

    overview: RegistrationOverview
    details: RegistrationDetails
    version: str
    may_change_client: bool
    others: Sequence[Registration]

    @property
    def id(self) -> str:
        return self.overview.id


class RegistrationEdits:
    def __init__(
        self,
        database: Database,
        audit: Audit,
        registrations_service: Registrations,
        *,
        development: bool,
    ) -> None:
        self._database = database
        self._audit = audit
        self._registrations = registrations_service
        self._development = development

    def show(self, caller: Caller, registration_id: str) -> EditView:
        caller.must_administer()
        found = self._database.find(lambda connection: _view(caller, connection, registration_id))
        if found is None:
            raise RegistrationNotFound(registration_id)
        return found

    def review(self, caller: Caller, details: RegistrationDetails) -> RegistrationDetails:
        """As it would be saved. Raises `Invalid` for the first value that can't be."""
        caller.must_administer()
        return _read(Inputs(development=self._development), details)

    def save(
        self,
        caller: Caller,
        registration_id: str,
        details: RegistrationDetails,
        *,
        version: str,
        new_deployment: str = "",
        knowing: bool = False,
    ) -> tuple[str, ...]:
        """The names of what was changed. ``knowing``: that launches will be cut off.

        Raises `RegistrationChanged` for another version, and `CutsOff` for who doesn't know yet.
        """
        read = self.review(caller, details)
        inputs = Inputs(development=self._development)
        deployment = new_deployment and inputs.identifier("new_deployment", new_deployment)

        def write(connection: Connection) -> tuple[str, ...]:
            # The lock first: of two who save at once, the second then sees what the first did.
            catalogue.touch(connection, catalogue.registration_subject(registration_id))
            before = _get(caller, connection, registration_id)
            if before.version != version:
                raise RegistrationChanged("Somebody else changed this registration meanwhile.")
            changed = _changed(before.details, read)
            _may_change(before, changed, deployment)
            cutting = tuple(each for each in changed if each in CUTTING)
            if cutting and not knowing:
                raise CutsOff(cutting)
            self._write(caller, connection, before, read, changed)
            if deployment:
                registration = before.overview.registration
                self._registrations.place(caller, connection, registration, deployment)
                changed = (*changed, "deployment_id")
            if changed:
                self._record(caller, connection, before, changed)
            return changed

        try:
            return self._database.write(write)
        except PlatformClientTaken:
            raise ClientTaken(
                "This issuer and client ID are in use on this gateway already."
            ) from None

    def _write(
        self,
        caller: Caller,
        connection: Connection,
        before: EditView,
        after: RegistrationDetails,
        changed: Sequence[str],
    ) -> None:
        scope, client = caller.tenant_scope, before.overview.client
        registrations.change(
            connection,
            scope,
            before.id,
            name=after.name,
            unknown_deployments=UnknownDeployments(after.unknown_deployments),
        )
        if any(each not in _OF_REGISTRATION for each in changed):
            platform_clients.update_addresses(connection, scope, _client(client, after))
        if any(each in CUTTING for each in changed):
            platform_clients.rename(
                connection, scope, client.id, issuer=after.issuer, client_id=after.client_id
            )

    def _record(
        self, caller: Caller, connection: Connection, before: EditView, changed: Sequence[str]
    ) -> None:
        """Names of fields and no values: a history needs no more."""
        own = [before.overview.registration]
        if any(each not in (*_OF_REGISTRATION, "deployment_id") for each in changed):
            own += before.others
        for each in own:
            self._audit.record(
                caller,
                connection,
                Tag.REGISTRATION_CHANGED,
                each.id,
                tenant_id=each.tenant_id,
                fields=" ".join(changed),
            )


def _get(caller: Caller, connection: Connection, registration_id: str) -> EditView:
    found = _view(caller, connection, registration_id)
    if found is None:
        raise RegistrationNotFound(registration_id)
    return found


def _view(caller: Caller, connection: Connection, registration_id: str) -> EditView | None:
    scope = caller.tenant_scope
    found = overviews.get_registration(connection, scope, registration_id)
    if found is None or found.registration.state is RegistrationState.BIN:
        return None
    details = _details_of(found)
    owner = found.client.tenant_id
    return EditView(
        overview=found,
        details=details,
        version=_version(details),
        may_change_client=caller.is_operator or owner == caller.tenant_id,
        others=registrations.list_beside(connection, scope, found.registration),
    )


def _details_of(overview: RegistrationOverview) -> RegistrationDetails:
    registration, client = overview.registration, overview.client
    return RegistrationDetails(
        name=registration.name,
        unknown_deployments=registration.unknown_deployments,
        platform=client.platform,
        issuer=client.issuer,
        client_id=client.client_id,
        authorization_url=client.authorization_url,
        token_url=client.token_url,
        key_set_url=client.key_set_url,
        token_audience=client.token_audience,
        leeway=client.leeway,
        algorithms=client.algorithms,
        service_origins=client.service_origins,
    )


def _version(details: RegistrationDetails) -> str:
    """What it says is its version: who changes it back has changed nothing."""
    return hashlib.sha256(msgspec.json.encode(asdict(details))).hexdigest()[:32]


def _read(inputs: Inputs, details: RegistrationDetails) -> RegistrationDetails:
    audience = details.token_audience
    return RegistrationDetails(
        name=inputs.name("name", details.name),
        unknown_deployments=read_unknown_deployments(details.unknown_deployments),
        platform=read_platform(details.platform),
        issuer=inputs.issuer("issuer", details.issuer),
        client_id=inputs.identifier("client_id", details.client_id),
        authorization_url=inputs.address("authorization_url", details.authorization_url),
        token_url=inputs.address("token_url", details.token_url),
        key_set_url=inputs.address("key_set_url", details.key_set_url),
        token_audience=inputs.identifier("token_audience", audience) if audience else None,
        leeway=read_leeway(details.leeway),
        algorithms=read_algorithms(details.algorithms),
        service_origins=tuple(
            dict.fromkeys(inputs.origin("service_origin", each) for each in details.service_origins)
        ),
    )


def _changed(before: RegistrationDetails, after: RegistrationDetails) -> tuple[str, ...]:
    was = asdict(before)
    return tuple(name for name, value in asdict(after).items() if value != was[name])


def _may_change(before: EditView, changed: Sequence[str], deployment: str) -> None:
    of_client = [each for each in changed if each not in _OF_REGISTRATION]
    if before.may_change_client:
        return
    if of_client:
        raise NotAllowed("Only the operator changes a platform client that is shared.")
    if deployment:
        raise Invalid("new_deployment", "The operator assigns deployments of a shared client ID.")


def _client(before: PlatformClient, after: RegistrationDetails) -> PlatformClient:
    return structs.replace(
        before,
        platform=after.platform,
        authorization_url=after.authorization_url,
        token_url=after.token_url,
        key_set_url=after.key_set_url,
        token_audience=after.token_audience,
        leeway=after.leeway,
        algorithms=after.algorithms,
        service_origins=after.service_origins,
    )
