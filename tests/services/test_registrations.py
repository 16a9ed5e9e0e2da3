from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from gatelodge.lti.errors import GatelodgeError
from gatelodge.services.errors import (
    ClientDiffers,
    ClientExists,
    ClientTaken,
    Invalid,
    NoBaseAddress,
    NotAllowed,
    RegistrationNotFound,
    StateForbids,
    TenantNotFound,
    ToolNotFound,
)
from gatelodge.services.registrations import RegistrationView
from gatelodge.storage.database import Database
from gatelodge.storage.errors import DeploymentTaken, InTheWay, RegistrationTaken
from tests.services.house import OTTO, House


def deployment_ids(view: RegistrationView) -> list[tuple[str, str]]:
    return [
        (each.deployment.deployment_id, each.deployment.state.value) for each in view.deployments
    ]


def names(house: House, caller: object = OTTO, **options: bool) -> list[str]:
    return [each.registration.name for each in house.registrations.list(caller, **options)]


# ----------------------------------------------------------------------- adding


def test_a_registration_tells_the_addresses_for_its_lms(house: House) -> None:
    view = house.register()

    assert view.login_url == "https://lti.example/lti/hello/login"
    assert view.launch_url == "https://lti.example/lti/hello/launch"
    assert view.own_login_url == f"https://lti.example/lti/hello/{view.id}/login"
    assert view.own_launch_url == f"https://lti.example/lti/hello/{view.id}/launch"
    assert view.keyset_url == f"https://lti.example/lti/keys/{view.id}"
    assert house.tags()[-1] == "registration.added"


def test_a_registration_has_a_key_that_signs_at_once(house: House) -> None:
    view = house.register()

    [key] = house.signing_keys.public_key_set(view.id)["keys"]
    client = view.overview.client
    now = house.clock()
    assert house.signing_keys.signing_key(client.id, "RS256", now).id == key["kid"]


def test_deployments_that_are_named_are_approved(house: House) -> None:
    view = house.register(deployment_ids=("1", "2", "1"))

    assert deployment_ids(view) == [("1", "approved"), ("2", "approved")]


def test_an_administrator_adds_registrations_to_their_own_tenant_only(house: House) -> None:
    assert house.register(house.ada).overview.tenant_slug == "northfield"

    with pytest.raises(TenantNotFound):
        house.register(house.ada, tenant="southbank", client_id="2")


def test_an_educator_has_no_business_with_registrations(house: House) -> None:
    view = house.register()

    for use in (
        lambda: house.register(house.ben),
        lambda: house.registrations.list(house.ben),
        lambda: house.registrations.show(house.ben, view.id),
        lambda: house.registrations.delete(house.ben, view.id),
    ):
        with pytest.raises(NotAllowed):
            use()


def test_another_tenants_own_tool_is_unknown(house: House) -> None:
    house.tools.add(OTTO, "quiz", "Quiz", "https://quiz.example/", tenants=["southbank"])

    for caller in (house.ada, OTTO):
        with pytest.raises(ToolNotFound):
            house.register(caller, tool="quiz")


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"name": ""}, "The name is empty."),
        ({"platform": "noodle"}, "There is no LMS 'noodle' in the catalogue."),
        ({"issuer": "https://moodle example"}, "The issuer 'https://moodle example' has a blank"),
        ({"client_id": "a b"}, "The client ID 'a b' has characters that no such id has."),
        ({"deployment_ids": ("1", "")}, "The deployment ID is empty."),
        ({"deployment_ids": ("1" * 256,)}, "The deployment ID is longer than 255 characters."),
        ({"key_set_url": "http://moodle.example/"}, "The keyset URL 'http://moodle.example/' is"),
        ({"token_url": "moodle"}, "The access token URL 'moodle' isn't a full address"),
        ({"authorization_url": "x:"}, "The platform authentication URL 'x:' isn't a full address"),
        ({"token_audience": "a b"}, "The token audience 'a b' has characters"),
        ({"unknown_deployments": "guess"}, "Unknown deployments can be held, approved or refused"),
        ({"algorithms": ("none",)}, "There is no algorithm 'none'; choose of RS256,"),
        ({"leeway": 301}, "The leeway is 0 to 300 seconds, not 301."),
        ({"leeway": -1}, "The leeway is 0 to 300 seconds, not -1."),
        ({"service_origins": ("https://a.example/x",)}, "The service origin"),
    ],
)
def test_what_cannot_be_a_registration_is_one_sentence(
    house: House, values: dict[str, object], sentence: str
) -> None:
    with pytest.raises(Invalid) as invalid:
        house.register(**values)

    assert str(invalid.value).startswith(sentence)
    assert names(house) == []


def test_what_looks_wrong_but_may_be_right_is_added_with_a_warning(house: House) -> None:
    view = house.register(platform="other", issuer="https://moodle.example/", client_id=" 1 ")

    client = view.overview.client
    assert (client.issuer, client.client_id) == ("https://moodle.example/", "1")
    assert [warning.partition(".")[0] for warning in view.warnings] == [
        "The issuer ends with a slash",
        "Blanks around the client ID were left out",
        "The issuer looks like Moodle's",
    ]


def test_without_a_base_address_nothing_is_added(database: Database) -> None:
    house = House(database, base="").settle()

    with pytest.raises(NoBaseAddress):
        house.register()

    assert names(house) == []


# ----------------------------------------------------------------------- one thing, once


def test_a_tool_is_registered_once_on_a_platform_client(house: House) -> None:
    house.register()

    with pytest.raises(RegistrationTaken):
        house.register()


def test_a_tenants_own_platform_client_takes_further_tools(house: House) -> None:
    house.tools.add(OTTO, "quiz", "Quiz", "https://quiz.example/")

    first, second = house.register(house.ada), house.register(house.ada, tool="quiz", name="Quiz")

    assert first.overview.client.id == second.overview.client.id


def test_a_second_registration_does_not_change_the_client_for_the_first(house: House) -> None:
    house.tools.add(OTTO, "quiz", "Quiz", "https://quiz.example/")
    house.register(house.ada)

    with pytest.raises(ClientDiffers, match=r"with another keyset URL\.$"):
        house.register(house.ada, tool="quiz", key_set_url="https://evil.example/keys")


def test_a_deployment_belongs_to_one_registration(house: House) -> None:
    house.tools.add(OTTO, "quiz", "Quiz", "https://quiz.example/")
    house.register(deployment_ids=("1",))

    with pytest.raises(DeploymentTaken, match="'1' belongs to another registration"):
        house.register(tool="quiz", deployment_ids=("2", "1"))

    assert names(house) == ["Moodle"]


def test_a_tenant_cannot_take_anothers_client_and_learns_nothing_of_them(house: House) -> None:
    house.register(house.ada, name="Northfield's Moodle", deployment_ids=("1",))

    with pytest.raises(ClientTaken) as taken:
        house.register(house.cleo, tenant="southbank", deployment_ids=("1",))

    told = f"{taken.value} {taken.value.hint}".lower()
    assert "northfield" not in told
    assert "ask the operator" in told


def test_the_operator_is_told_whose_a_client_is_and_how_to_share_it(house: House) -> None:
    house.register(house.ada)

    with pytest.raises(ClientExists, match="belongs to the tenant 'northfield'") as exists:
        house.register(tenant="southbank")

    assert "--shared" in exists.value.hint


def test_only_the_operator_shares(house: House) -> None:
    with pytest.raises(NotAllowed):
        house.register(house.ada, shared=True)


def test_a_client_shared_from_the_start_serves_several_tenants(house: House) -> None:
    first = house.register(shared=True, deployment_ids=("north",))
    second = house.register(tenant="southbank", shared=True, deployment_ids=("south",))

    assert first.overview.client == second.overview.client
    assert first.overview.client.tenant_id is None
    assert [names(house, each) for each in (house.ada, house.cleo)] == [["Moodle"], ["Moodle"]]


def test_a_private_client_becomes_shared_when_the_operator_says_so(house: House) -> None:
    mine = house.register(house.ada)

    house.register(tenant="southbank", shared=True)

    assert house.registrations.show(house.ada, mine.id).overview.client.tenant_id is None
    assert "platform_client.shared" in house.tags()


def test_on_a_shared_client_a_tenant_adds_nothing(house: House) -> None:
    house.register(shared=True)
    house.tools.add(OTTO, "quiz", "Quiz", "https://quiz.example/")

    for caller, tenant in ((house.ada, "northfield"), (house.cleo, "southbank")):
        with pytest.raises(ClientTaken):
            house.register(caller, tenant=tenant, tool="quiz")


def test_even_the_operator_builds_on_a_shared_client_by_saying_so(house: House) -> None:
    house.register(shared=True)

    with pytest.raises(ClientExists, match="is shared among tenants already"):
        house.register(tenant="southbank")


def test_a_shared_client_that_nobody_uses_any_more_is_given_new_addresses(house: House) -> None:
    house.registrations.delete(OTTO, house.register(shared=True).id)

    again = house.register(shared=True, token_url="https://moodle.example/new/token")

    assert again.overview.client.token_url == "https://moodle.example/new/token"


# ----------------------------------------------------------------------- states, bin, restore


def test_a_registration_is_switched_off_and_on(house: House) -> None:
    view = house.register(house.ada)

    off = house.registrations.disable(house.ada, view.id)
    on = house.registrations.enable(house.ada, view.id)

    assert (off.registration.state, on.registration.state) == ("disabled", "active")
    assert house.tags()[-2:] == ["registration.disabled", "registration.enabled"]


def test_what_is_so_already_is_said(house: House) -> None:
    view = house.register()

    with pytest.raises(StateForbids, match="'Moodle' is active already"):
        house.registrations.enable(OTTO, view.id)
    with pytest.raises(StateForbids, match="'Moodle' isn't in the bin"):
        house.registrations.restore(OTTO, view.id)
    house.registrations.delete(OTTO, view.id)
    for change in (house.registrations.delete, house.registrations.disable):
        with pytest.raises(StateForbids, match="'Moodle' is in the bin"):
            change(OTTO, view.id)


def test_a_deleted_registration_is_in_the_bin_and_comes_back_as_it_was(house: House) -> None:
    view = house.register(house.ada, deployment_ids=("1", "2"))
    house.registrations.disable(house.ada, view.id)

    house.registrations.delete(house.ada, view.id)
    assert (names(house), names(house, include_bin=True)) == ([], ["Moodle"])
    with pytest.raises(RegistrationNotFound):
        house.signing_keys.public_key_set(view.id)

    house.registrations.restore(house.ada, view.id)
    back = house.registrations.show(house.ada, view.id)
    assert back.overview.registration.state == "disabled"
    assert deployment_ids(back) == [("1", "approved"), ("2", "approved")]


def test_deleting_and_adding_anew_works_and_undo_then_names_what_took_the_place(
    house: House,
) -> None:
    old = house.register(house.ada, deployment_ids=("1",))
    house.registrations.delete(house.ada, old.id)
    house.register(house.ada, name="Moodle again", deployment_ids=("1",))

    with pytest.raises(InTheWay, match="Moodle again"):
        house.registrations.restore(house.ada, old.id)


def test_a_client_that_was_let_go_may_be_another_tenants_and_undo_does_not_tell_whose(
    house: House,
) -> None:
    old = house.register(house.ada)
    house.registrations.delete(house.ada, old.id)
    house.register(house.cleo, tenant="southbank", name="Southbank's Moodle")

    with pytest.raises(InTheWay) as in_the_way:
        house.registrations.restore(house.ada, old.id)

    assert "Southbank" not in f"{in_the_way.value} {in_the_way.value.hint}"


def test_a_foreign_registration_is_as_unknown_as_none(house: House) -> None:
    view = house.register(house.ada)
    uses = (
        house.registrations.show,
        house.registrations.disable,
        house.registrations.enable,
        house.registrations.delete,
        house.registrations.restore,
    )

    for use in uses:
        with pytest.raises(RegistrationNotFound):
            use(house.cleo, view.id)

    assert names(house, house.cleo, include_bin=True) == []


def test_of_two_tenants_that_add_the_same_client_at_once_one_gets_it(house: House) -> None:
    def add(caller: object, tenant: str) -> str:
        try:
            house.register(caller, tenant=tenant)
        except GatelodgeError as error:
            return error.code
        return "added"

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(
            pool.map(add, (house.ada, house.cleo), (house.northfield.slug, house.southbank.slug))
        )

    assert outcomes in (["added", "platform_client.taken"], ["added", "registration.client_taken"])
