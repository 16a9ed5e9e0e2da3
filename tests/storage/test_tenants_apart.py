"""Nothing crosses tenants: what Southbank asks for by Northfield's ids is not there."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from types import ModuleType

import pytest
from sqlalchemy import Select, select, update

from gatelodge.lti.registration import DeploymentState, RegistrationState, UnknownDeployments
from gatelodge.storage import (
    accounts,
    audit,
    deployment_requests,
    deployments,
    launches,
    overviews,
    platform_clients,
    refusals,
    registration_drafts,
    registrations,
    signing_keys,
    tables,
    tools,
)
from gatelodge.storage.audit import AuditEvent
from gatelodge.storage.launch_groups import GroupWriter
from gatelodge.storage.launches import LaunchRow
from tests.storage import people
from tests.storage.cast import (
    NORTHFIELD,
    NOW,
    SOUTHBANK,
    Cast,
    a_draft,
    a_key,
    a_launch,
    a_refusal,
    a_request,
)


def norths_for(tenant_id: str | None) -> Select[tuple[str]]:
    is_norths = tables.tools.c.key == "norths"
    return select(tables.tools.c.id).where(is_norths, tools.offered_to(tenant_id))


STATES = {"before": RegistrationState.ACTIVE}
MODULES = (
    accounts,
    audit,
    deployment_requests,
    deployments,
    launches,
    overviews,
    platform_clients,
    refusals,
    registration_drafts,
    registrations,
    tools,
)


@pytest.fixture
def northfield(cast: Cast) -> Cast:
    """Northfield has one of everything, Southbank only what it was born with."""
    people.add_ada(cast)
    cast.write(signing_keys.add, a_key(cast.north_client.id, id="north-key"))
    cast.write(registration_drafts.add, a_draft(id="draft"))
    cast.write(deployment_requests.add, a_request(cast.north, id="request"))
    cast.write(refusals.add_proven, a_refusal(trace_id="NORT-HFLD"))
    cast.write(audit.add, AuditEvent("audit", NOW, NORTHFIELD.id, "ada", "tool.added", "x", "{}"))
    launch: LaunchRow = a_launch(cast.north, id="north-launch", seen_version=cast.version())
    assert GroupWriter(cast.database).write([launch]) == ["admitted"]
    return cast


def norths_share(cast: Cast, count: Callable[[], int]) -> int:
    """How many fewer are counted when Northfield's deployment is gone."""
    before = count()
    gone = update(tables.deployments).where(tables.deployments.c.id == cast.north_deployment.id)
    cast.database.write(lambda connection: connection.execute(gone.values(deleted_at=NOW)))
    return before - count()


# Each is asked for Northfield's things, with the tenant that asks. What is there is truthy.
GETS: dict[str, Callable[[Cast, str | None], object]] = {
    "accounts.list_all": lambda cast, who: cast.read(accounts.list_all, who),
    "accounts.count_holders": lambda cast, who: cast.read(
        accounts.count_holders, "admin", who or NORTHFIELD.id
    ),
    "accounts.mark_seen": lambda cast, who: cast.write(
        accounts.mark_seen, people.ADA.id, "admin", who or NORTHFIELD.id, NOW
    ),
    "accounts.take_claimed": lambda cast, who: (
        people.give_role(cast, id="claimed", role="educator", source="claims")
        and cast.write(accounts.take_claimed, who or NORTHFIELD.id, "https://idp")
    ),
    "accounts.take_role": lambda cast, who: cast.write(
        accounts.take_role, people.ADA.id, "admin", who or NORTHFIELD.id
    ),
    "audit.list_recent": lambda cast, who: cast.read(audit.list_recent, who),
    "deployments.get": lambda cast, who: cast.read(deployments.get, who, cast.north_deployment.id),
    "deployments.list_all": lambda cast, who: [
        each for each in cast.read(deployments.list_all, who) if each.id == cast.north_deployment.id
    ],
    "launches.get": lambda cast, who: cast.read(launches.get, who, "north-launch"),
    "launches.list_recent": lambda cast, who: cast.read(launches.list_recent, who),
    "launches.personal": lambda cast, who: cast.read(launches.personal, who, "north-launch"),
    "overviews.count_deployments": lambda cast, who: norths_share(
        cast, lambda: cast.read(overviews.count_deployments, who)
    ),
    "overviews.get_deployment": lambda cast, who: cast.read(
        overviews.get_deployment, who, cast.north_deployment.id
    ),
    "overviews.get_key": lambda cast, who: cast.read(overviews.get_key, who, "north-key"),
    "overviews.get_registration": lambda cast, who: cast.read(
        overviews.get_registration, who, cast.north.id
    ),
    "overviews.list_deployments": lambda cast, who: [
        each
        for each in cast.read(overviews.list_deployments, who)
        if each.id == cast.north_deployment.id
    ],
    "overviews.list_keys": lambda cast, who: cast.read(overviews.list_keys, who),
    "overviews.list_registrations": lambda cast, who: [
        each
        for each in cast.read(overviews.list_registrations, who, include_bin=True)
        if each.id == cast.north.id
    ],
    "platform_clients.get": lambda cast, who: cast.read(
        platform_clients.get, who, cast.north_client.id
    ),
    "platform_clients.list_all": lambda cast, who: [
        each
        for each in cast.read(platform_clients.list_all, who)
        if each.id == cast.north_client.id
    ],
    "platform_clients.update_addresses": lambda cast, who: cast.write(
        platform_clients.update_addresses, who, cast.north_client
    ),
    "platform_clients.delete": lambda cast, who: cast.write(
        platform_clients.delete, who, cast.add_client(id="unused").id, now=NOW
    ),
    "refusals.get_by_trace_id": lambda cast, who: cast.read(
        refusals.get_by_trace_id, who, "NORT-HFLD"
    ),
    "refusals.list_recent": lambda cast, who: cast.read(refusals.list_recent, who),
    "deployment_requests.get": lambda cast, who: cast.read(deployment_requests.get, who, "request"),
    "deployment_requests.list_all": lambda cast, who: cast.read(deployment_requests.list_all, who),
    "deployment_requests.remove": lambda cast, who: cast.write(
        deployment_requests.remove, who, "request"
    ),
    "registration_drafts.count": lambda cast, who: cast.read(
        registration_drafts.count, who or NORTHFIELD.id
    ),
    "registration_drafts.get": lambda cast, who: cast.read(registration_drafts.get, who, "draft"),
    "registration_drafts.list_all": lambda cast, who: cast.read(registration_drafts.list_all, who),
    "registration_drafts.save": lambda cast, who: cast.write(
        registration_drafts.save, who, "draft", "{}", step=2, version=1, now=NOW
    ),
    "registration_drafts.remove": lambda cast, who: cast.write(
        registration_drafts.remove, who, "draft"
    ),
    "registrations.get": lambda cast, who: cast.read(registrations.get, who, cast.north.id),
    "registrations.list_all": lambda cast, who: [
        each for each in cast.read(registrations.list_all, who) if each.id == cast.north.id
    ],
    "registrations.change": lambda cast, who: cast.write(
        registrations.change,
        who,
        cast.north.id,
        name="New",
        unknown_deployments=UnknownDeployments.HOLD,
    ),
    "registrations.list_beside": lambda cast, who: (
        cast.add_registration(cast.add_tool(), cast.north_client, tenant_id=NORTHFIELD.id)
        and cast.read(registrations.list_beside, who, cast.north)
    ),
    "platform_clients.rename": lambda cast, who: cast.write(
        platform_clients.rename,
        who,
        cast.north_client.id,
        issuer="https://new.example",
        client_id="new",
    ),
    "registrations.set_state": lambda cast, who: cast.write(
        registrations.set_state, who, cast.north.id, RegistrationState.DISABLED, **STATES
    ),
    "registrations.delete": lambda cast, who: cast.write(
        registrations.delete, who, cast.north.id, now=NOW
    ),
    "registrations.restore": lambda cast, who: (
        cast.write(registrations.delete, None, cast.north.id, now=NOW)
        and cast.write(registrations.restore, who, cast.north.id)
    ),
    "deployments.decide": lambda cast, who: cast.write(
        deployments.decide,
        who,
        cast.north_deployment.id,
        DeploymentState.BLOCKED,
        None,
        now=NOW,
    ),
    "tools.get_by_key": lambda cast, who: (
        cast.add_tool(key="norths", offered_to=[NORTHFIELD.id])
        and cast.read(tools.get_by_key, who, "norths")
    ),
    "tools.offered_to": lambda cast, who: (
        cast.add_tool(key="norths", offered_to=[NORTHFIELD.id])
        and cast.read(lambda connection: connection.execute(norths_for(who)).all())
    ),
    "tools.list_all": lambda cast, who: (
        cast.add_tool(key="norths", offered_to=[NORTHFIELD.id])
        and [each for each in cast.read(tools.list_all, who) if each.key == "norths"]
    ),
}


@pytest.mark.parametrize("who", [NORTHFIELD.id, None], ids=["owner", "operator"])
@pytest.mark.parametrize("name", GETS)
def test_the_owner_and_the_operator_find_it(northfield: Cast, name: str, who: str | None) -> None:
    assert GETS[name](northfield, who)


@pytest.mark.parametrize("name", GETS)
def test_another_tenant_does_not(northfield: Cast, name: str) -> None:
    assert not GETS[name](northfield, SOUTHBANK.id)


def takes_tenant(function: object) -> bool:
    return inspect.isfunction(function) and "tenant_id" in inspect.signature(function).parameters


@pytest.mark.parametrize("module", MODULES)
def test_every_function_that_takes_a_tenant_is_asked(module: ModuleType) -> None:
    room = module.__name__.rpartition(".")[2]

    names = {
        f"{room}.{name}"
        for name, function in vars(module).items()
        if not name.startswith("_")
        and takes_tenant(function)
        and function.__module__ == module.__name__
    }

    assert names <= GETS.keys()


def test_a_shared_client_is_seen_by_those_who_are_on_it(cast: Cast) -> None:
    shared = cast.add_client(tenant_id=None)
    cast.add_registration(cast.tool, shared, tenant_id=SOUTHBANK.id)

    assert cast.read(platform_clients.get, SOUTHBANK.id, shared.id) == shared
    assert cast.read(platform_clients.get, NORTHFIELD.id, shared.id) is None
    assert not cast.write(platform_clients.update_addresses, SOUTHBANK.id, shared)
    assert not cast.write(platform_clients.delete, SOUTHBANK.id, shared.id, now=NOW)
