"""Deployments: which registration a deployment ID of an LMS leads to, decided by a person.

On a shared platform client only the operator decides: the deployment names the tenant there.
"""

from collections.abc import Sequence

from gatelodge.lti.registration import DeploymentState, RegistrationState
from gatelodge.services.audit import Audit, Tag
from gatelodge.services.caller import Caller
from gatelodge.services.errors import DeploymentNotFound, Invalid, NotAllowed, RegistrationNotFound
from gatelodge.services.ports import Clock
from gatelodge.storage import (
    catalogue,
    deployment_requests,
    deployments,
    overviews,
    platform_clients,
    registrations,
)
from gatelodge.storage.database import Connection, Database
from gatelodge.storage.errors import DeploymentTaken
from gatelodge.storage.overviews import DeploymentOverview
from gatelodge.storage.paging import every


class Deployments:
    def __init__(self, database: Database, clock: Clock, audit: Audit) -> None:
        self._database = database
        self._clock = clock
        self._audit = audit

    def list(
        self, caller: Caller, *, state: DeploymentState | None = None
    ) -> list[DeploymentOverview]:
        caller.must_administer()
        return self._database.read(
            lambda connection: list(
                every(
                    lambda after: overviews.list_deployments(
                        connection, caller.tenant_scope, state=state, after=after
                    )
                )
            )
        )

    def page(
        self, caller: Caller, *, state: DeploymentState | None, limit: int, offset: int
    ) -> tuple[Sequence[DeploymentOverview], int]:
        """Those that have waited longest first, and how many there are in all."""
        caller.must_administer()

        def read(connection: Connection) -> tuple[Sequence[DeploymentOverview], int]:
            scope = caller.tenant_scope
            rows = overviews.list_deployments(
                connection, scope, state=state, limit=limit, offset=offset
            )
            return rows, overviews.count_deployments(connection, scope, state=state)

        return self._database.read(read)

    def approve(
        self, caller: Caller, deployment: str, registration: str | None = None
    ) -> DeploymentOverview:
        """``deployment`` is the id of the row; without a registration, the only one there can be."""
        caller.must_administer()

        def write(connection: Connection) -> DeploymentOverview:
            found = _get(caller, connection, deployment)
            _must_decide(caller, connection, found)
            home = _home(caller, connection, found, registration)
            return self._decide(caller, connection, found, DeploymentState.APPROVED, home)

        return self._database.write(write)

    def block(self, caller: Caller, deployment: str) -> DeploymentOverview:
        caller.must_administer()

        def write(connection: Connection) -> DeploymentOverview:
            found = _get(caller, connection, deployment)
            _must_decide(caller, connection, found)
            home = found.deployment.registration_id
            return self._decide(caller, connection, found, DeploymentState.BLOCKED, home)

        return self._database.write(write)

    def _decide(
        self,
        caller: Caller,
        connection: Connection,
        found: DeploymentOverview,
        state: DeploymentState,
        home: str | None,
    ) -> DeploymentOverview:
        scope = caller.tenant_scope
        deployments.decide(connection, scope, found.id, state, home, now=self._clock())
        if state is DeploymentState.APPROVED and home is not None:
            deployment_requests.settle(connection, home, found.deployment.deployment_id)
        tag = Tag.DEPLOYMENT_APPROVED
        if state is DeploymentState.BLOCKED:
            tag = Tag.DEPLOYMENT_BLOCKED
        decided = _get(caller, connection, found.id)
        self._audit.record(
            caller, connection, tag, found.id, tenant_id=decided.tenant_id, registration=home
        )
        return decided


def _get(caller: Caller, connection: Connection, deployment: str) -> DeploymentOverview:
    found = overviews.get_deployment(connection, caller.tenant_scope, deployment.strip())
    if found is None:
        raise DeploymentNotFound(deployment)
    return found


def _must_decide(caller: Caller, connection: Connection, found: DeploymentOverview) -> None:
    if caller.is_operator:
        return
    client = platform_clients.get(
        connection, caller.tenant_scope, found.deployment.platform_client_id
    )
    if client is None or client.tenant_id != caller.tenant_scope:
        raise NotAllowed("Only the operator decides on deployments of a shared platform client.")


def _home(
    caller: Caller, connection: Connection, found: DeploymentOverview, named: str | None
) -> str:
    """The registration that the deployment will belong to."""
    present = found.deployment.registration_id
    if named is None:
        return present or _only_registration(connection, found)
    registration = registrations.get(connection, caller.tenant_scope, named.strip())
    if registration is None or registration.state is RegistrationState.BIN:
        raise RegistrationNotFound(named)
    if registration.platform_client_id != found.deployment.platform_client_id:
        raise Invalid(
            "registration",
            f"The registration {registration.name!r} is on another platform client, "
            "so this deployment can't be its own.",
        )
    is_waiting = found.deployment.state is DeploymentState.WAITING
    if present not in (None, registration.id) and not is_waiting:
        raise DeploymentTaken(
            f"The deployment belongs to the registration {found.registration_name!r} already."
        )
    return registration.id


def _only_registration(connection: Connection, found: DeploymentOverview) -> str:
    candidates = catalogue.registrations_of_client(connection, found.deployment.platform_client_id)
    if len(candidates) != 1:
        count = "several registrations" if candidates else "no registration"
        raise Invalid(
            "registration",
            f"The platform client of this deployment has {count}, so say to which it belongs.",
            hint="See them: gatelodge registration list. Then say --registration ID.",
        )
    return candidates[0].id
