from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import Connection, event

from gatelodge.lti.registration import DeploymentState, RegistrationState, UnknownDeployments
from gatelodge.storage import (
    catalogue,
    deployments,
    platform_clients,
    registrations,
    signing_keys,
    tenants,
    tools,
)
from gatelodge.storage.database import Database
from gatelodge.storage.values import TenantFacts
from tests.storage.cast import NORTHFIELD, NOW, Cast, a_client, a_key, a_tool
from tests.support.postgres import opened

# ---------------------------------------------------------------- what the launch path reads


def test_a_tool_is_read_as_it_was_added(cast: Cast) -> None:
    assert cast.read(catalogue.tool_by_key, "hello") == cast.tool
    assert cast.read(catalogue.tool_by_key, "Hello") is None


def test_a_client_is_read_by_id_and_by_its_pair(cast: Cast) -> None:
    client = cast.north_client

    assert cast.read(catalogue.client_by_id, client.id) == client
    assert cast.read(catalogue.client_by_issuer_and_id, client.issuer, "north") == client
    assert cast.read(catalogue.client_by_issuer_and_id, client.issuer, "North") is None


def test_a_deployment_leads_to_registration_and_tenant(cast: Cast) -> None:
    found = cast.read(catalogue.placement, cast.north_client.id, "1")

    assert found == (
        cast.north_deployment,
        cast.north,
        TenantFacts(NORTHFIELD.id, "Northfield", b"sealed north"),
    )
    assert cast.read(catalogue.placement, cast.north_client.id, "2") is None


def test_a_waiting_deployment_leads_nowhere(cast: Cast) -> None:
    waiting = cast.add_deployment(cast.north_client, None, deployment_id="2")

    assert cast.read(catalogue.placement, cast.north_client.id, "2") == (waiting, None, None)


def test_a_registration_is_read_with_its_client_and_tenant(cast: Cast) -> None:
    found = cast.read(catalogue.registration_by_id, cast.north.id)

    assert found is not None
    assert (found.registration, found.client) == (cast.north, cast.north_client)
    assert found.tenant.identity_key == b"sealed north"
    assert cast.read(catalogue.registration_by_id, "unknown") is None


@pytest.mark.parametrize("clients", [0, 1, 2, 3])
def test_of_the_clients_that_use_a_tool_at_most_two_are_read(cast: Cast, clients: int) -> None:
    tool, issuer = cast.add_tool(), "https://other.example"
    added = [cast.add_client(issuer=issuer) for _ in range(clients)]
    for client in added:
        cast.add_registration(tool, client)

    found = cast.read(catalogue.clients_for_tool, issuer, tool.id)

    assert len(found) == min(clients, 2)
    assert set(found) <= set(added)


def test_a_client_that_serves_many_tenants_is_still_one(cast: Cast) -> None:
    shared = cast.add_client(tenant_id=None, issuer="https://cloud.example")
    cast.add_registration(cast.tool, shared)
    cast.add_registration(cast.tool, shared, tenant_id=cast.south.tenant_id)

    assert cast.read(catalogue.clients_for_tool, shared.issuer, cast.tool.id) == [shared]
    assert len(cast.read(catalogue.registrations_of_client, shared.id)) == 2


def test_what_is_in_the_bin_is_not_read(cast: Cast) -> None:
    cast.write(registrations.delete, None, cast.north.id, now=NOW)

    client = cast.north_client
    assert cast.read(catalogue.client_by_id, client.id) is None
    assert cast.read(catalogue.client_by_issuer_and_id, client.issuer, "north") is None
    assert cast.read(catalogue.placement, client.id, "1") is None
    assert cast.read(catalogue.registration_by_id, cast.north.id) is None
    assert cast.read(catalogue.registrations_of_client, client.id) == []
    assert cast.read(catalogue.clients_for_tool, client.issuer, cast.tool.id) == [cast.south_client]


READS: list[Callable[[Cast, Connection], object]] = [
    lambda _, connection: catalogue.tool_by_key(connection, "hello"),
    lambda cast, connection: catalogue.client_by_id(connection, cast.north_client.id),
    lambda cast, connection: catalogue.client_by_issuer_and_id(
        connection, cast.north_client.issuer, "north"
    ),
    lambda cast, connection: catalogue.clients_for_tool(
        connection, cast.north_client.issuer, cast.tool.id
    ),
    lambda cast, connection: catalogue.placement(connection, cast.north_client.id, "1"),
    lambda cast, connection: catalogue.registration_by_id(connection, cast.north.id),
    lambda cast, connection: catalogue.registrations_of_client(connection, cast.north_client.id),
]


@pytest.mark.parametrize("read", READS)
def test_each_read_of_the_launch_path_is_one_query(
    cast: Cast, read: Callable[[Cast, Connection], object]
) -> None:
    statements: list[str] = []

    def count(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    def counted(connection: Connection) -> object:
        event.listen(connection, "before_cursor_execute", count)
        return read(cast, connection)

    assert cast.database.read(counted)
    assert len(statements) == 1


# ---------------------------------------------------------------- changes

WRITES: dict[str, tuple[Callable[[Cast], object], set[str]]] = {
    "tenants.add": (
        lambda cast: cast.write(tenants.add, replace(NORTHFIELD, id="new", slug="new")),
        {"tenant"},
    ),
    "tools.add": (lambda cast: cast.add_tool(), {"tool"}),
    "tenants.rename": (lambda cast: cast.write(tenants.rename, NORTHFIELD.id, "New"), {"tenant"}),
    "tenants.suspend": (
        lambda cast: cast.write(tenants.suspend, NORTHFIELD.id, now=NOW),
        {"tenant"},
    ),
    "tenants.resume": (lambda cast: cast.write(tenants.resume, NORTHFIELD.id), {"tenant"}),
    "tools.change": (lambda cast: cast.write(tools.change, cast.tool, ()), {"tool"}),
    "tools.remove": (lambda cast: cast.write(tools.remove, cast.tool), {"tool"}),
    "tools.set_secret_hash": (
        lambda cast: cast.write(tools.set_secret_hash, "hello", b"new"),
        {"tool"},
    ),
    "platform_clients.add": (lambda cast: cast.add_client(), {"client", "issuer"}),
    "platform_clients.update_addresses": (
        lambda cast: cast.write(platform_clients.update_addresses, None, cast.north_client),
        {"client"},
    ),
    "platform_clients.delete": (
        lambda cast: cast.write(platform_clients.delete, None, cast.add_client().id, now=NOW),
        {"client", "issuer"},
    ),
    "registrations.add": (
        lambda cast: cast.add_registration(cast.add_tool(), cast.north_client),
        {"registration", "client", "issuer"},
    ),
    "registrations.set_state": (
        lambda cast: cast.write(
            registrations.set_state,
            None,
            cast.north.id,
            RegistrationState.DISABLED,
            before=RegistrationState.ACTIVE,
        ),
        {"registration", "client", "issuer"},
    ),
    "registrations.change": (
        lambda cast: cast.write(
            registrations.change,
            None,
            cast.north.id,
            name="New",
            unknown_deployments=UnknownDeployments.HOLD,
        ),
        {"registration", "client", "issuer"},
    ),
    "platform_clients.rename": (
        lambda cast: cast.write(
            platform_clients.rename,
            None,
            cast.north_client.id,
            issuer="https://new.example",
            client_id="new",
        ),
        {"client", "issuer"},
    ),
    "registrations.delete": (
        lambda cast: cast.write(registrations.delete, None, cast.north.id, now=NOW),
        {"registration", "client", "issuer"},
    ),
    "deployments.add": (
        lambda cast: cast.add_deployment(cast.north_client, None, deployment_id="2"),
        {"client"},
    ),
    "deployments.decide": (
        lambda cast: cast.write(
            deployments.decide,
            None,
            cast.north_deployment.id,
            DeploymentState.BLOCKED,
            cast.north.id,
            now=NOW,
        ),
        {"client"},
    ),
    "signing_keys.add": (lambda cast: cast.write(signing_keys.add, a_key()), {"keys"}),
}


@pytest.mark.parametrize("name", WRITES)
def test_every_change_is_announced(cast: Cast, name: str) -> None:
    write, kinds = WRITES[name]
    before = cast.version()

    write(cast)

    changes = cast.read(catalogue.changes_since, before)
    assert changes is not None
    assert {subject.partition(":")[0] for _, subject in changes} >= kinds
    assert [number for number, _ in changes] == [*range(before + 1, cast.version() + 1)]


def test_restoring_announces_what_deleting_did(cast: Cast) -> None:
    before = cast.version()
    cast.write(registrations.delete, None, cast.north.id, now=NOW)
    between = cast.version()
    cast.write(registrations.restore, None, cast.north.id)

    deleted = cast.read(catalogue.changes_since, before)
    restored = cast.read(catalogue.changes_since, between)
    assert deleted is not None
    assert restored is not None
    assert {each for _, each in deleted} == {each for _, each in restored}


def test_revoking_a_key_is_announced(cast: Cast) -> None:
    key = a_key(cast.north_client.id)
    cast.write(signing_keys.add, key)
    before = cast.version()

    cast.write(signing_keys.revoke, key.id, NOW)

    assert cast.read(catalogue.changes_since, before) == [
        (before + 1, f"keys:{cast.north_client.id}")
    ]


def test_a_change_that_is_undone_was_never_announced(cast: Cast) -> None:
    before = cast.version()

    with pytest.raises(LookupError):
        cast.write(_add_tool_and_fail)

    assert cast.version() == before
    assert cast.read(catalogue.changes_since, before) == []


def _add_tool_and_fail(connection: Connection) -> None:
    tools.add(connection, a_tool(), secret_hash=b"", created_at=NOW)
    raise LookupError


def test_who_is_too_far_behind_is_told(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "KEPT_CHANGES", 3)
    cast.write(catalogue.touch, *(f"tool:{number}" for number in range(5)))

    newest = cast.version()
    kept = cast.read(catalogue.changes_since, newest - 3)

    assert kept is not None
    assert [subject for _, subject in kept] == ["tool:2", "tool:3", "tool:4"]
    assert cast.read(catalogue.changes_since, newest - 4) is None


def test_who_is_ahead_has_another_database_in_mind(cast: Cast) -> None:
    """An older copy was put back: what was read before does not hold any more."""
    assert cast.read(catalogue.changes_since, cast.version() + 1) is None


def test_versions_are_seen_in_their_order(address: str, cast: Cast) -> None:
    """Nobody who has seen a version finds an earlier one afterwards."""
    before = cast.version()
    seen: list[list[int]] = []
    done = threading.Event()

    def watch() -> None:
        while not done.is_set():
            changes = cast.read(catalogue.changes_since, before) or []
            seen.append([number for number, _ in changes])

    def add_clients(database: Database) -> None:
        for _ in range(15):
            client = a_client()
            database.write(
                lambda connection, client=client: platform_clients.add(
                    connection, client, created_at=NOW
                )
            )

    with opened(address) as one, opened(address) as other, ThreadPoolExecutor() as pool:
        watching = pool.submit(watch)
        list(pool.map(add_clients, [one, other, one, other]))
        done.set()
        watching.result()

    assert cast.version() == before + 120
    for each in seen:
        assert each == [*range(before + 1, before + 1 + len(each))]
