"""What the launch path keeps in memory: found on demand, bounded, and true after every refresh."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from gatelodge.lti.registration import DeploymentState, PlatformClient
from gatelodge.services.catalogue import Catalogue
from gatelodge.services.registrations import RegistrationView
from gatelodge.services.tenants import IDENTITY_PURPOSE
from gatelodge.storage import catalogue as stored
from gatelodge.storage.database import Database
from gatelodge.storage.values import TenantFacts
from tests.services.house import MOODLE, OTTO, House

pytestmark = pytest.mark.asyncio


class Watched:
    """The database, with its reads counted; ``after`` is done when the next one has been read.

    ``between`` is done before the version is read.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self.reads = 0
        self.after: Callable[[], Awaitable[object]] | None = None
        self.between: Callable[[], Awaitable[object]] | None = None

    async def run_find(self, work: Any) -> Any:
        self.reads += 1
        found = await self._database.run_find(work)
        if self.after:
            after, self.after = self.after, None
            await after()
        return found

    async def run_read(self, work: Any) -> Any:
        if self.between and work is stored.version:
            between, self.between = self.between, None
            await between()
        return await self._database.run_read(work)


class Rig:
    """A catalogue over a house, and what it forgot."""

    def __init__(self, house: House, *, entries: int = 1000) -> None:
        self.house = house
        self.database = Watched(house.database)
        self.forgotten: list[str | None] = []
        self.all_forgotten = 0
        self.catalogue = Catalogue(
            self.database,  # type: ignore[arg-type]
            open_identity_key=self._open,
            forget_keys=self.forgotten.append,
            forget_all_keys=self._forget_all,
            entries=entries,
        )

    def _open(self, tenant: TenantFacts) -> bytes:
        return self.house.sealer.open(
            tenant.identity_key, purpose=IDENTITY_PURPOSE, about=tenant.id
        )

    def _forget_all(self) -> None:
        self.all_forgotten += 1

    async def client(self) -> PlatformClient:
        client = await self.catalogue.client(MOODLE["issuer"], MOODLE["client_id"])
        assert client is not None
        return client


@pytest.fixture
def rig(house: House) -> Rig:
    return Rig(house)


@pytest.fixture
def view(house: House) -> RegistrationView:
    return house.register(deployment_ids=("1",))


async def test_what_was_read_once_is_not_read_again(rig: Rig, view: RegistrationView) -> None:
    await rig.catalogue.refresh()
    for _ in range(3):
        client = await rig.client()
        assert await rig.catalogue.tool("hello") == rig.house.hello
        assert await rig.catalogue.client_by_id(client.id) == client
        assert await rig.catalogue.registration(view.id) == view.overview.registration
        assert await rig.catalogue.clients_of_issuer(client.issuer, rig.house.hello) == [client]
        assert await rig.catalogue.placement(client, "1") is not None

    assert rig.database.reads == 5


async def test_a_placement_has_the_registration_and_the_tenants_opened_key(
    rig: Rig, view: RegistrationView
) -> None:
    placement = await rig.catalogue.placement(await rig.client(), "1")

    assert placement is not None
    assert placement.registration == view.overview.registration
    assert placement.tenant is not None
    assert (placement.tenant.id, placement.tenant.name) == (rig.house.northfield.id, "Northfield")
    assert len(placement.tenant.identity_key) == 32
    assert placement.tenant.identity_key != rig.house.northfield.identity_key


async def test_each_of_a_clients_deployments_is_read_once_and_their_tenant_kept_once(
    rig: Rig, house: House
) -> None:
    house.register(deployment_ids=("1", "2", "3"))
    client = await rig.client()
    reads = rig.database.reads

    found = [
        placement
        for number in ("1", "2", "3", "2", "3", "1")
        if (placement := await rig.catalogue.placement(client, number))
    ]

    assert [each.deployment.deployment_id for each in found] == ["1", "2", "3", "2", "3", "1"]
    assert rig.database.reads == reads + 3
    assert len({id(each.tenant) for each in found}) == 1


async def test_what_is_not_there_is_looked_for_every_time(rig: Rig) -> None:
    await rig.catalogue.refresh()
    assert await rig.catalogue.client(MOODLE["issuer"], MOODLE["client_id"]) is None
    rig.house.register()

    assert await rig.catalogue.client(MOODLE["issuer"], MOODLE["client_id"]) is not None


async def test_a_name_that_no_database_holds_is_not_there(rig: Rig, view: RegistrationView) -> None:
    client = await rig.client()

    for name in ("\0", "\ud800", "x" * 5000):
        assert await rig.catalogue.tool(name) is None
        assert await rig.catalogue.client(name, name) is None
        assert await rig.catalogue.client_by_id(name) is None
        assert await rig.catalogue.registration(name) is None
        assert await rig.catalogue.clients_of_issuer(name, rig.house.hello) == []
        assert await rig.catalogue.placement(client, name) is None


async def test_a_refresh_tells_whether_anything_has_changed(
    rig: Rig, view: RegistrationView
) -> None:
    assert await rig.catalogue.refresh()
    assert not await rig.catalogue.refresh()
    rig.house.registrations.disable(OTTO, view.id)
    assert await rig.catalogue.refresh()
    assert not await rig.catalogue.refresh()


async def test_a_refresh_drops_what_has_changed_and_nothing_else(
    rig: Rig, view: RegistrationView
) -> None:
    await rig.catalogue.refresh()
    await rig.client()
    await rig.catalogue.tool("hello")
    rig.house.registrations.disable(OTTO, view.id)
    await rig.catalogue.refresh()
    reads = rig.database.reads

    await rig.catalogue.tool("hello")
    assert rig.database.reads == reads
    await rig.client()
    assert rig.database.reads == reads + 1


async def test_a_client_that_was_added_anew_stands_in_for_the_one_before(
    rig: Rig, view: RegistrationView
) -> None:
    before = await rig.client()
    rig.house.registrations.delete(OTTO, view.id)
    again = rig.house.register()
    await rig.catalogue.refresh()

    found = await rig.catalogue.client_by_id(before.id)

    assert found == again.overview.client
    assert found != before


async def test_a_deleted_client_is_not_there(rig: Rig, view: RegistrationView) -> None:
    before = await rig.client()
    rig.house.registrations.delete(OTTO, view.id)
    await rig.catalogue.refresh()

    assert await rig.catalogue.client_by_id(before.id) is None
    assert await rig.catalogue.placement(before, "1") is None
    assert await rig.catalogue.registration(view.id) is None


async def test_what_was_read_while_a_refresh_went_by_is_not_kept(
    rig: Rig, view: RegistrationView
) -> None:
    """It may be older than the version that is claimed from then on."""
    await rig.catalogue.refresh()
    client = await rig.client()
    [known] = view.deployments

    async def block() -> None:
        rig.house.deployments.block(OTTO, known.id)
        await rig.catalogue.refresh()

    rig.database.after = block
    stale = await rig.catalogue.placement(client, "1")
    fresh = await rig.catalogue.placement(client, "1")

    assert stale is not None
    assert fresh is not None
    assert stale.deployment.state is DeploymentState.APPROVED
    assert fresh.deployment.state is DeploymentState.BLOCKED


async def test_what_was_read_while_all_was_forgotten_is_not_kept(
    rig: Rig, view: RegistrationView
) -> None:
    [known] = view.deployments

    async def read_and_block() -> None:
        await rig.catalogue.placement(await rig.client(), "1")
        rig.house.deployments.block(OTTO, known.id)

    rig.catalogue.version = -2  # further behind than any change that is kept
    rig.database.between = read_and_block
    await rig.catalogue.refresh()

    fresh = await rig.catalogue.placement(await rig.client(), "1")
    assert fresh is not None
    assert fresh.deployment.state is DeploymentState.BLOCKED


async def test_launches_that_come_together_leave_one_placement(
    rig: Rig, view: RegistrationView
) -> None:
    client = await rig.client()

    await asyncio.gather(*(rig.catalogue.placement(client, "1") for _ in range(5)))

    known = rig.catalogue._clients[client.id]
    assert known.sole is not None
    assert known.others is None


async def test_only_so_many_entries_are_kept_the_oldest_goes_first(house: House) -> None:
    rig = Rig(house, entries=2)
    for number in range(3):
        house.tools.add(OTTO, f"tool-{number}", "Tool", "https://t.example/")
    await rig.catalogue.refresh()
    for number in (0, 1, 2):
        await rig.catalogue.tool(f"tool-{number}")
    reads = rig.database.reads

    await rig.catalogue.tool("tool-2")
    await rig.catalogue.tool("tool-1")
    assert rig.database.reads == reads
    await rig.catalogue.tool("tool-0")
    assert rig.database.reads == reads + 1


async def test_of_an_issuer_with_several_clients_two_tell_that_there_are_several(
    rig: Rig,
) -> None:
    for number in range(3):
        rig.house.register(client_id=f"client-{number}", name=f"M{number}")

    found = await rig.catalogue.clients_of_issuer(MOODLE["issuer"], rig.house.hello)

    assert len(found) == 2


async def test_changed_keys_are_forgotten_by_their_owner(rig: Rig, view: RegistrationView) -> None:
    await rig.catalogue.refresh()
    rig.forgotten.clear()
    rig.house.signing_keys.rotate(OTTO, view.id)
    rig.house.signing_keys.rotate(OTTO)
    await rig.catalogue.refresh()

    assert set(rig.forgotten) == {view.overview.client.id, None}


async def test_who_is_too_far_behind_forgets_everything(rig: Rig) -> None:
    assert rig.catalogue.version == -1

    await rig.catalogue.refresh()

    assert rig.all_forgotten == 1


async def test_refreshes_that_come_at_once_read_the_changes_once(
    rig: Rig, view: RegistrationView
) -> None:
    changed = await asyncio.gather(*(rig.catalogue.refresh() for _ in range(10)))

    assert sum(changed) == 1
