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


def test_tenants_are_searched_page_by_page(house: House) -> None:
    house.tenants.add(OTTO, "100% North")
    house.tenants.suspend(OTTO, "northfield")

    page, total = house.tenants.search(OTTO, "NORTH", limit=1, offset=1)

    assert ([each.tenant.slug for each in page], total) == (["northfield"], 2)
    assert house.tenants.search(OTTO, "0%", limit=9, offset=0)[1] == 1
    assert house.tenants.search(OTTO, "h_f", limit=9, offset=0)[1] == 0
    assert house.tenants.search(OTTO, "", suspended=True, limit=9, offset=0)[1] == 1
    assert house.tenants.search(OTTO, "", suspended=False, limit=9, offset=0)[1] == 2


def test_a_tenant_is_shown_with_what_it_has(house: House) -> None:
    house.register(house.ada)
    house.registrations.delete(house.ada, house.register(house.ada, client_id="other").id)

    shown = house.tenants.show(OTTO, house.northfield.id)

    assert (shown.tenant, shown.registrations, shown.accounts) == (house.northfield, 1, 0)
    with pytest.raises(TenantNotFound):
        house.tenants.show(OTTO, "nowhere")


def test_only_the_operator_looks_through_tenants(house: House) -> None:
    for caller in (house.ada, house.ben, house.cleo):
        with pytest.raises(NotAllowed):
            house.tenants.search(caller, "", limit=9, offset=0)
        with pytest.raises(NotAllowed):
            house.tenants.show(caller, house.northfield.id)
