"""One registration with all that is known of it: keys, deployments, latest launches, history.

An educator sees whether it works, and neither its keys nor who changed it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from gatelodge import platforms
from gatelodge.lti.registration import DeploymentState, RegistrationState
from gatelodge.platforms import Platform
from gatelodge.services.audit import Tag
from gatelodge.services.caller import Caller, Role
from gatelodge.services.errors import RegistrationNotFound
from gatelodge.services.launch_records import Record, records_of
from gatelodge.services.registration_list import Line, RegistrationList
from gatelodge.services.registrations import Registrations, RegistrationView
from gatelodge.storage import accounts, audit, key_set_failures, launches, overviews, refusals
from gatelodge.storage.audit import AuditEvent
from gatelodge.storage.database import Connection, Database
from gatelodge.storage.overviews import RegistrationOverview

LATEST = 8
"""Launches and refusals that the details show."""

_EVENTS = 30


@dataclass(frozen=True, slots=True)
class Change:
    """``who`` is a person's name, or None for the operator's people, whom a tenant doesn't know.

    ``by_command`` says that it was done on the command line; ``deployment`` is the LMS's id of it.
    """

    at: int
    tag: str
    who: str | None
    by_command: bool
    deployment: str | None
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Details:
    """``view`` and ``changes`` are None for who may only see that it works.

    ``line`` is None for what is in the bin.
    """

    id: str
    name: str
    tool: str
    tenant: str
    platform: Platform
    state: RegistrationState
    is_shared: bool
    added_at: int
    deleted_at: int | None
    line: Line | None
    view: RegistrationView | None
    changes: tuple[Change, ...] | None
    latest: tuple[Record, ...]

    @property
    def is_in_bin(self) -> bool:
        return self.deleted_at is not None

    @property
    def waiting(self) -> int:
        placed = self.view.deployments if self.view else ()
        return sum(each.deployment.state is DeploymentState.WAITING for each in placed)


class RegistrationDetails:
    def __init__(
        self, database: Database, registrations: Registrations, listing: RegistrationList
    ) -> None:
        self._database = database
        self._registrations = registrations
        self._listing = listing

    def show(self, caller: Caller, registration_id: str) -> Details:
        """In the bin or not; an educator sees none that is in the bin."""
        line = self._listing.standing(caller, registration_id)
        if caller.role is Role.EDUCATOR:
            if line is None:
                raise RegistrationNotFound(registration_id)
            return self._database.read(
                lambda connection: _details(caller, connection, registration_id, line, None)
            )
        view = self._registrations.show(caller, registration_id)
        return self._database.read(
            lambda connection: _details(caller, connection, registration_id, line, view)
        )


def _details(
    caller: Caller,
    connection: Connection,
    registration_id: str,
    line: Line | None,
    view: RegistrationView | None,
) -> Details:
    found = overviews.get_registration(connection, caller.tenant_scope, registration_id)
    if found is None:
        raise RegistrationNotFound(registration_id)
    names = overviews.names_of(
        connection, tenants=[found.registration.tenant_id], registrations=(), tools=()
    )
    return Details(
        id=found.id,
        name=found.registration.name,
        tool=found.tool.name,
        tenant=names.tenants.get(found.registration.tenant_id, ""),
        platform=platforms.get(found.client.platform),
        state=found.registration.state,
        is_shared=found.client.tenant_id is None,
        added_at=found.created_at,
        deleted_at=found.deleted_at,
        line=line,
        view=view,
        changes=None if view is None else _changes(caller, connection, view),
        latest=_latest(connection, found),
    )


def _latest(connection: Connection, found: RegistrationOverview) -> tuple[Record, ...]:
    tenant_id = found.registration.tenant_id
    accepted = launches.list_recent(connection, None, limit=LATEST, registration_id=found.id)
    refused = refusals.list_recent(connection, None, limit=LATEST, registration_id=found.id)
    refused += key_set_failures.of_client(
        connection, tenant_id, found.client.id, found.tool.id, limit=LATEST
    )
    return tuple(records_of(connection, accepted, refused)[:LATEST])


# ----------------------------------------------------------------------- history


def _changes(caller: Caller, connection: Connection, view: RegistrationView) -> tuple[Change, ...]:
    deployments = {each.id: each.deployment.deployment_id for each in view.deployments}
    events = audit.list_about(connection, [view.id, *deployments], limit=_EVENTS)
    names = _names(caller, connection, {each.actor for each in events})
    return tuple(_change(each, names, deployments) for each in events)


def _change(event: AuditEvent, names: Mapping[str, str], deployments: Mapping[str, str]) -> Change:
    details = msgspec.json.decode(event.details)
    fields = details.get("fields") or ""
    return Change(
        at=event.occurred_at,
        tag=event.tag,
        who=names.get(event.actor),
        by_command=event.actor.startswith("cli:"),
        deployment=deployments.get(event.subject),
        fields=tuple(fields.split()) if event.tag == Tag.REGISTRATION_CHANGED else (),
    )


def _names(caller: Caller, connection: Connection, actors: Collection[str]) -> dict[str, str]:
    """Names of the actors that the caller may know: all of them for the operator, else the tenant's own."""
    held: Sequence[accounts.HeldRole] = accounts.roles_of(connection, actors)
    known = {
        each.account_id for each in held if caller.is_operator or each.tenant_id == caller.tenant_id
    }
    found = {actor: accounts.get(connection, actor) for actor in sorted(known)}
    return {actor: row.name for actor, row in found.items() if row}
