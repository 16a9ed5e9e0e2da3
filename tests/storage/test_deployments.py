from __future__ import annotations

import pytest

from gatelodge.lti.registration import DeploymentState
from gatelodge.storage import deployments, platform_clients, sharing
from gatelodge.storage.errors import ReferenceMissing
from tests.storage.cast import NORTHFIELD, NOW, SOUTHBANK, Cast

WAITING, APPROVED = DeploymentState.WAITING, DeploymentState.APPROVED


def test_a_deployment_of_a_private_client_is_its_tenants(cast: Cast) -> None:
    cast.add_deployment(cast.north_client, None, deployment_id="2")

    found = cast.read(deployments.list_all, NORTHFIELD.id, state=WAITING)

    assert [(each.deployment.deployment_id, each.tenant_id) for each in found] == [
        ("2", NORTHFIELD.id)
    ]


def test_on_a_shared_client_only_the_operator_sees_what_waits(cast: Cast) -> None:
    shared = cast.add_client(tenant_id=None)
    registration = cast.add_registration(cast.tool, shared, tenant_id=SOUTHBANK.id)
    waiting = cast.add_deployment(shared, None)

    assert cast.read(deployments.get, SOUTHBANK.id, waiting.id) is None
    assert not cast.write(
        deployments.decide, SOUTHBANK.id, waiting.id, APPROVED, registration.id, now=NOW
    )
    assert cast.write(deployments.decide, None, waiting.id, APPROVED, registration.id, now=NOW)

    known = cast.read(deployments.get, SOUTHBANK.id, waiting.id)
    assert known is not None
    assert (known.tenant_id, known.decided_at) == (SOUTHBANK.id, NOW)


def test_a_deployment_goes_to_a_registration_of_its_own_client_only(cast: Cast) -> None:
    with pytest.raises(ReferenceMissing):
        cast.write(
            deployments.decide, None, cast.north_deployment.id, APPROVED, cast.south.id, now=NOW
        )


def test_those_that_wait_are_counted_per_client(cast: Cast) -> None:
    for number in range(3):
        cast.add_deployment(cast.north_client, None, deployment_id=f"new-{number}")

    assert cast.read(deployments.count_waiting, cast.north_client.id) == 3
    assert cast.read(deployments.count_waiting, cast.south_client.id) == 0


def test_what_has_waited_for_long_is_forgotten(cast: Cast) -> None:
    cast.add_deployment(cast.north_client, None, deployment_id="2")

    assert cast.write(deployments.purge_waiting, NOW) == 0
    assert cast.write(deployments.purge_waiting, NOW + 1) == 1
    assert cast.read(deployments.find, cast.north_client.id, "2") is None
    assert cast.read(deployments.find, cast.north_client.id, "1") is not None


def test_what_waits_on_a_client_is_the_operators_once_it_is_shared(cast: Cast) -> None:
    waiting = cast.add_deployment(cast.north_client, None, deployment_id="2")

    assert cast.write(sharing.share, cast.north_client.id)
    assert not cast.write(sharing.share, cast.north_client.id)

    assert cast.read(deployments.get, NORTHFIELD.id, waiting.id) is None
    assert cast.read(deployments.get, NORTHFIELD.id, cast.north_deployment.id) is not None
    client = cast.read(platform_clients.get, NORTHFIELD.id, cast.north_client.id)
    assert client is not None
    assert client.tenant_id is None
