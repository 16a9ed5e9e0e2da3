from __future__ import annotations

import pytest

from gatelodge.lti.registration import DeploymentState, RegistrationState
from gatelodge.storage import (
    catalogue,
    deployments,
    platform_clients,
    registrations,
    signing_keys,
    tables,
)
from gatelodge.storage.errors import InTheWay, ReferenceMissing
from tests.storage.cast import NORTHFIELD, NOW, SOUTHBANK, Cast, a_key

ACTIVE, DISABLED, BIN = RegistrationState.ACTIVE, RegistrationState.DISABLED, RegistrationState.BIN


def state_of(cast: Cast, registration_id: str) -> RegistrationState | None:
    found = cast.read(registrations.get, None, registration_id)
    return found.state if found else None


def delete(cast: Cast, registration_id: str, *, now: int = NOW) -> bool:
    return cast.write(registrations.delete, None, registration_id, now=now)


def restore(cast: Cast, registration_id: str, *, tenant_id: str | None = None) -> bool:
    return cast.write(registrations.restore, tenant_id, registration_id)


# ---------------------------------------------------------------- within reach


def test_a_tenant_cannot_register_on_anothers_client(cast: Cast) -> None:
    with pytest.raises(ReferenceMissing, match="for this tenant"):
        cast.add_registration(cast.add_tool(), cast.south_client, tenant_id=NORTHFIELD.id)


def test_a_tenant_cannot_register_anothers_tool(cast: Cast) -> None:
    tool = cast.add_tool(offered_to=[SOUTHBANK.id])

    with pytest.raises(ReferenceMissing, match="for this tenant"):
        cast.add_registration(tool, cast.north_client)


def test_a_client_in_the_bin_takes_no_registration(cast: Cast) -> None:
    delete(cast, cast.north.id)

    with pytest.raises(ReferenceMissing):
        cast.add_registration(cast.tool, cast.north_client)


def test_a_state_changes_from_the_one_that_was_seen(cast: Cast) -> None:
    def change(state: RegistrationState, *, before: RegistrationState) -> bool:
        return cast.write(registrations.set_state, None, cast.north.id, state, before=before)

    assert change(DISABLED, before=ACTIVE)
    assert not change(DISABLED, before=ACTIVE)
    assert state_of(cast, cast.north.id) is DISABLED
    with pytest.raises(ValueError, match="with delete"):
        change(BIN, before=DISABLED)


# ---------------------------------------------------------------- deleting


def test_a_registration_takes_its_deployments_and_private_client_along(cast: Cast) -> None:
    assert delete(cast, cast.north.id)

    assert state_of(cast, cast.north.id) is BIN
    assert cast.read(deployments.find, cast.north_client.id, "1") is None
    assert cast.read(platform_clients.get, None, cast.north_client.id) is None
    assert cast.read(registrations.list_all, None) == [cast.south]
    assert not delete(cast, cast.north.id)


def test_a_client_with_another_live_registration_stays(cast: Cast) -> None:
    other = cast.add_registration(cast.add_tool(), cast.north_client)

    delete(cast, cast.north.id)

    assert cast.read(platform_clients.get, None, cast.north_client.id) == cast.north_client
    assert state_of(cast, other.id) is ACTIVE


def test_a_shared_client_stays(cast: Cast) -> None:
    shared = cast.add_client(tenant_id=None)
    registration = cast.add_registration(cast.tool, shared)

    delete(cast, registration.id)

    assert cast.read(platform_clients.get, None, shared.id) == shared


def test_deleted_and_added_anew_works(cast: Cast) -> None:
    delete(cast, cast.north.id)

    client = cast.add_client(client_id="north")
    registration = cast.add_registration(cast.tool, client)
    deployment = cast.add_deployment(client, registration)

    found = cast.read(catalogue.placement, client.id, "1")
    assert found is not None
    assert (found.deployment, found.registration) == (deployment, registration)


# ---------------------------------------------------------------- restoring


@pytest.mark.parametrize("state", [ACTIVE, DISABLED, RegistrationState.DRAFT])
def test_restoring_brings_everything_back_as_it_was(cast: Cast, state: RegistrationState) -> None:
    tool = cast.add_tool()
    registration = cast.add_registration(tool, cast.north_client, state=state)
    blocked = cast.add_deployment(
        cast.north_client, registration, deployment_id="2", state=DeploymentState.BLOCKED
    )
    unassigned = cast.add_deployment(
        cast.north_client, None, deployment_id="3", state=DeploymentState.BLOCKED
    )
    delete(cast, cast.north.id, now=NOW)
    delete(cast, registration.id, now=NOW + 5)

    assert restore(cast, registration.id)

    assert state_of(cast, registration.id) is state
    assert cast.read(platform_clients.get, None, cast.north_client.id) == cast.north_client
    for each in (blocked, unassigned):
        known = cast.read(deployments.find, cast.north_client.id, each.deployment_id)
        assert known is not None
        assert known.deployment == each
    assert state_of(cast, cast.north.id) is BIN
    assert cast.read(deployments.find, cast.north_client.id, "1") is None


def test_what_is_not_in_the_bin_cannot_be_restored(cast: Cast) -> None:
    assert not restore(cast, cast.north.id)
    assert not restore(cast, "unknown")


def test_the_one_in_its_place_is_named(cast: Cast) -> None:
    delete(cast, cast.north.id)
    client = cast.add_client(client_id="north")
    anew = cast.add_registration(cast.tool, client, name="Moodle, anew")

    with pytest.raises(InTheWay, match=r"issuer and client id.*'Moodle, anew'") as caught:
        restore(cast, cast.north.id, tenant_id=NORTHFIELD.id)

    assert (caught.value.registration_id, caught.value.name) == (anew.id, "Moodle, anew")
    assert state_of(cast, cast.north.id) is BIN


def test_the_same_tool_on_the_same_client_is_in_the_way(cast: Cast) -> None:
    shared = cast.add_client(tenant_id=None)
    first = cast.add_registration(cast.tool, shared)
    delete(cast, first.id)
    cast.add_registration(cast.tool, shared, name="Second")

    with pytest.raises(InTheWay, match=r"The same tool.*'Second'"):
        restore(cast, first.id)


def test_another_tenant_in_the_place_is_not_named(cast: Cast) -> None:
    delete(cast, cast.north.id)
    client = cast.add_client(client_id="north", tenant_id=SOUTHBANK.id)
    taken = cast.add_registration(cast.tool, client, name="Southbank's secret")

    with pytest.raises(InTheWay) as caught:
        restore(cast, cast.north.id, tenant_id=NORTHFIELD.id)
    with pytest.raises(InTheWay, match="Southbank's secret") as told:
        restore(cast, cast.north.id)

    assert "Southbank" not in str(caught.value)
    assert (caught.value.registration_id, caught.value.name) == (None, None)
    assert told.value.registration_id == taken.id


def test_a_deployment_in_use_again_is_in_the_way(cast: Cast) -> None:
    shared = cast.add_client(tenant_id=None)
    first = cast.add_registration(cast.tool, shared)
    cast.add_deployment(shared, first, deployment_id="7")
    delete(cast, first.id)
    other = cast.add_registration(cast.add_tool(), shared, name="Other tool")
    cast.add_deployment(shared, other, deployment_id="7")

    with pytest.raises(InTheWay, match="deployments is in use again: 'Other tool'"):
        restore(cast, first.id)


def test_a_deployment_that_only_waits_gives_way(cast: Cast) -> None:
    shared = cast.add_client(tenant_id=None)
    registration = cast.add_registration(cast.tool, shared)
    deployment = cast.add_deployment(shared, registration, deployment_id="7")
    delete(cast, registration.id)
    cast.add_deployment(shared, None, deployment_id="7")
    unrelated = cast.add_deployment(shared, None, deployment_id="8")

    assert restore(cast, registration.id)

    found = cast.read(deployments.list_all, None)
    kept = [each.deployment for each in found if each.deployment.platform_client_id == shared.id]
    assert kept == [deployment, unrelated]


# ---------------------------------------------------------------- emptying


def test_the_bin_is_emptied_of_what_is_old(cast: Cast) -> None:
    cast.write(signing_keys.add, a_key(cast.north_client.id))
    cast.add_deployment(cast.north_client, None, deployment_id="2")
    delete(cast, cast.north.id, now=NOW)
    delete(cast, cast.south.id, now=NOW + 100)

    removed = cast.write(registrations.purge_bin, NOW + 50)

    assert removed == 2
    assert cast.read(registrations.get, None, cast.north.id) is None
    assert cast.read(signing_keys.list_all, cast.north_client.id) == []
    assert state_of(cast, cast.south.id) is BIN
    assert restore(cast, cast.south.id)


def test_the_bin_is_emptied_in_batches(cast: Cast) -> None:
    added = [cast.add_registration(cast.add_tool(), cast.add_client()) for _ in range(5)]
    for each in added:
        delete(cast, each.id)

    removed = [cast.write(registrations.purge_bin, NOW + 1, limit=2) for _ in range(4)]

    assert removed == [4, 4, 2, 0]


def test_a_client_stays_until_its_last_registration_is_gone(cast: Cast) -> None:
    other = cast.add_registration(cast.add_tool(), cast.north_client)
    delete(cast, cast.north.id, now=NOW)
    delete(cast, other.id, now=NOW + 100)

    cast.write(registrations.purge_bin, NOW + 50)

    assert restore(cast, other.id)
    assert cast.read(platform_clients.get, None, cast.north_client.id) == cast.north_client


def test_no_table_keeps_what_was_purged(cast: Cast) -> None:
    delete(cast, cast.north.id)
    cast.write(registrations.purge_bin, NOW + 1)

    for table in (tables.registrations, tables.platform_clients, tables.deployments):
        rows = cast.database.read(
            lambda connection, table=table: connection.execute(table.select()).all()
        )
        assert len(rows) == 1
