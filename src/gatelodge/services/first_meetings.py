"""A signed launch names a deployment that nobody has seen: what becomes of it.

By default it waits for approval (design, section 4). On a client with one live registration it
waits there; on a shared client it waits for the operator, since only they may say whose it is.
"""

from gatelodge.lti.errors import DeploymentUnknown, RegistrationNotFound
from gatelodge.lti.notes import note
from gatelodge.lti.registration import (
    Deployment,
    DeploymentState,
    PlatformClient,
    Registration,
    UnknownDeployments,
)
from gatelodge.services.catalogue import Catalogue
from gatelodge.services.ports import Clock, Ids
from gatelodge.storage import catalogue as stored_catalogue
from gatelodge.storage import deployments as stored
from gatelodge.storage.catalogue import Placement
from gatelodge.storage.database import Connection, Database
from gatelodge.storage.errors import Conflict

MOST_WAITING = 200
"""Deployments of one client that wait at a time: whoever holds its key could name any number."""


class FirstMeetings:
    def __init__(self, database: Database, catalogue: Catalogue, clock: Clock, ids: Ids) -> None:
        self._database = database
        self._catalogue = catalogue
        self._clock = clock
        self._ids = ids

    async def meet(self, client: PlatformClient, deployment_id: str) -> Placement:
        """Note the deployment down, as the policy of its registration says."""
        registration = await self._registration(client)
        policy = registration.unknown_deployments if registration else UnknownDeployments.HOLD
        if policy is UnknownDeployments.REFUSE:
            raise DeploymentUnknown(sent=deployment_id)
        await self._note(client, deployment_id, registration, policy)
        await self._catalogue.refresh()
        placement = await self._catalogue.placement(client, deployment_id)
        if placement is None:
            raise DeploymentUnknown(sent=deployment_id)
        return placement

    async def _registration(self, client: PlatformClient) -> Registration | None:
        """The registration it must belong to; None where only the operator can say."""
        registrations = await self._database.run_read(
            lambda connection: stored_catalogue.registrations_of_client(connection, client.id)
        )
        if not registrations:
            raise RegistrationNotFound
        if client.tenant_id is None or len(registrations) > 1:
            return None
        return registrations[0]

    async def _note(
        self,
        client: PlatformClient,
        deployment_id: str,
        registration: Registration | None,
        policy: UnknownDeployments,
    ) -> None:
        approved = policy is UnknownDeployments.APPROVE and registration is not None
        row_id, now = self._ids.new(), int(self._clock())

        def add(connection: Connection) -> None:
            stored.add(
                connection,
                Deployment(
                    id=row_id,
                    platform_client_id=client.id,
                    deployment_id=deployment_id,
                    registration_id=registration.id if registration else None,
                    state=DeploymentState.APPROVED if approved else DeploymentState.WAITING,
                ),
                first_seen_at=now,
            )
            # Behind the lock that adding takes, so that of many at once none slips through.
            if stored.count_waiting(connection, client.id) > MOST_WAITING:
                raise DeploymentUnknown(sent=deployment_id, note=note("deployments.too_many"))

        try:
            await self._database.run_write(add)
        except Conflict:
            return  # two launches met it at once, and the other one noted it down
