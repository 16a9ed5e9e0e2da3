from __future__ import annotations

import pytest

from gatelodge.services.errors import Invalid, NotAllowed, TenantNotFound, TenantStateForbids
from gatelodge.services.tenants import IDENTITY_PURPOSE
from gatelodge.storage.errors import TenantSlugTaken
from tests.services.house import OTTO, House


def test_a_tenant_gets_a_short_name_from_its_name(empty_house: House) -> None:
    tenant = empty_house.tenants.add(OTTO, " Northfield High ")

    assert (tenant.name, tenant.slug) == ("Northfield High", "northfield-high")
    assert empty_house.tenants.list(OTTO) == [tenant]
    assert empty_house.tags() == ["tenant.added"]


def test_each_tenant_has_an_identity_key_of_its_own_that_only_the_sealer_opens(
    house: House,
) -> None:
    keys = {
        house.sealer.open(tenant.identity_key, purpose=IDENTITY_PURPOSE, about=tenant.id)
        for tenant in house.tenants.list(OTTO)
    }

    assert [len(key) for key in keys] == [32, 32]


def test_a_short_name_is_given_once(house: House) -> None:
    with pytest.raises(TenantSlugTaken):
        house.tenants.add(OTTO, "NORTHFIELD")

    assert house.tenants.add(OTTO, "Northfield", "northfield-2").slug == "northfield-2"


def test_a_name_that_gives_no_short_name_needs_one(empty_house: House) -> None:
    with pytest.raises(Invalid, match="gives no short name") as invalid:
        empty_house.tenants.add(OTTO, "大学")

    assert invalid.value.hint == "Give one with --slug."


def test_only_the_operator_adds_tenants(house: House) -> None:
    for caller in (house.ada, house.ben, house.cleo):
        with pytest.raises(NotAllowed):
            house.tenants.add(caller, "Eastvale")


def test_everybody_but_the_operator_sees_their_own_tenant_alone(house: House) -> None:
    assert house.tenants.list(house.ada) == [house.northfield]
    assert house.tenants.list(house.cleo) == [house.southbank]
    assert house.tenants.list(OTTO) == [house.northfield, house.southbank]


def test_a_tenant_is_found_by_short_name_and_by_id(house: House) -> None:
    assert house.tenants.find(OTTO, "northfield") == house.northfield
    assert house.tenants.find(OTTO, house.northfield.id) == house.northfield


def test_a_foreign_tenant_is_as_unknown_as_none(house: House) -> None:
    for named in ("southbank", house.southbank.id, "nowhere"):
        with pytest.raises(TenantNotFound, match=f"There is no tenant '{named}'"):
            house.tenants.find(house.ada, named)


def test_a_tenant_is_renamed_and_keeps_its_short_name(house: House) -> None:
    renamed = house.tenants.rename(OTTO, "northfield", " Northfield University ")

    assert (renamed.name, renamed.slug) == ("Northfield University", "northfield")
    assert house.tenants.find(OTTO, "northfield") == renamed
    assert house.tags()[-1] == "tenant.renamed"


def test_the_name_it_has_already_changes_nothing(house: House) -> None:
    house.tenants.rename(OTTO, "northfield", "Northfield")

    assert "tenant.renamed" not in house.tags()


def test_a_tenant_is_suspended_and_resumed(house: House) -> None:
    suspended = house.tenants.suspend(OTTO, "northfield")
    resumed = house.tenants.resume(OTTO, "northfield")

    assert suspended.suspended_at == int(house.clock.now)
    assert (suspended.is_suspended, resumed.is_suspended) == (True, False)
    assert house.tags()[-2:] == ["tenant.suspended", "tenant.resumed"]


def test_what_is_so_already_cannot_be_done_again(house: House) -> None:
    with pytest.raises(TenantStateForbids, match="isn't suspended"):
        house.tenants.resume(OTTO, "northfield")
    house.tenants.suspend(OTTO, "northfield")

    with pytest.raises(TenantStateForbids, match="is suspended already"):
        house.tenants.suspend(OTTO, "northfield")


def test_only_the_operator_renames_suspends_and_resumes(house: House) -> None:
    for caller in (house.ada, house.ben, house.cleo):
        with pytest.raises(NotAllowed):
            house.tenants.rename(caller, "northfield", "Ours")
        with pytest.raises(NotAllowed):
            house.tenants.suspend(caller, "northfield")
        with pytest.raises(NotAllowed):
            house.tenants.resume(caller, "northfield")
    assert house.tags()[-1] == "tool.added"
