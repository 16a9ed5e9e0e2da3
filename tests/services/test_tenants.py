from __future__ import annotations

import pytest

from gatelodge.services.errors import Invalid, NotAllowed, TenantNotFound
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
