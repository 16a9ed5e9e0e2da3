"""One registration opened: its keys, deployments, latest launches and history, to whom they belong."""

from __future__ import annotations

import pytest

from gatelodge.lti.registration import RegistrationState
from gatelodge.services.caller import Role
from gatelodge.services.errors import RegistrationNotFound
from gatelodge.services.registration_details import Details, RegistrationDetails
from gatelodge.services.registration_list import RegistrationList
from gatelodge.services.registrations import RegistrationView
from gatelodge.storage import accounts
from gatelodge.storage.accounts import AccountRow, RoleRow
from gatelodge.storage.database import Connection
from tests.services.house import OTTO, House
from tests.services.test_deployments import waiting
from tests.services.test_launch_records import launched, refused


@pytest.fixture
def details(house: House) -> RegistrationDetails:
    listing = RegistrationList(house.database, house.clock, house.ids, house.drafts)
    return RegistrationDetails(house.database, house.registrations, listing)


@pytest.fixture
def view(house: House) -> RegistrationView:
    return house.register(house.ada, deployment_ids=("1",))


def give_name(house: House, account_id: str, role: Role, tenant_id: str | None) -> None:
    """The account of one of the cast, under their name."""
    name = account_id.capitalize()

    def write(connection: Connection) -> None:
        accounts.add(connection, AccountRow(account_id, name, None, None, 0, None))
        accounts.give_role(
            connection, RoleRow(house.ids.new(), account_id, role, tenant_id, "given", 0)
        )

    house.database.write(write)


def whats(found: Details) -> list[tuple[str, str | None]]:
    assert found.changes is not None
    return [(each.tag, each.who) for each in found.changes]


def test_everything_that_belongs_to_it_is_shown(
    house: House, details: RegistrationDetails, view: RegistrationView
) -> None:
    waiting(house, view, "9", home=view.id)
    launch, refusal = launched(house, view), refused(house, view)
    refused(house, house.register(house.cleo, "southbank", client_id="other"))

    found = details.show(house.ada, view.id)

    assert (found.name, found.tool, found.platform.name) == ("Moodle", "Hello", "Moodle")
    assert found.view is not None
    assert found.view.overview.client.client_id == "Xk3pQ9dZ1LmN0aB"
    assert (found.waiting, found.is_in_bin, found.is_shared) == (1, False, False)
    assert {each.named for each in found.latest} == {launch, refusal}


def test_the_history_names_the_people_of_the_tenant_and_no_others(
    house: House, details: RegistrationDetails, view: RegistrationView
) -> None:
    give_name(house, "ada", Role.ADMIN, house.northfield.id)
    give_name(house, "otto", Role.OPERATOR, None)
    house.registrations.disable(OTTO, view.id)
    [placed] = view.deployments
    house.deployments.block(house.ada, placed.id)

    for_ada, for_otto = details.show(house.ada, view.id), details.show(OTTO, view.id)

    added, blocked = ("registration.added", "Ada"), ("deployment.blocked", "Ada")
    assert whats(for_ada) == [blocked, ("registration.disabled", None), added]
    assert whats(for_otto) == [blocked, ("registration.disabled", "Otto"), added]
    assert for_ada.changes is not None
    assert for_ada.changes[0].deployment == "1"


def test_an_educator_sees_neither_keys_nor_history(
    house: House, details: RegistrationDetails, view: RegistrationView
) -> None:
    found = details.show(house.ben, view.id)

    assert (found.view, found.changes) == (None, None)
    assert found.line is not None
    assert found.line.client_id is None


def test_what_is_in_the_bin_is_shown_to_who_may_restore_it(
    house: House, details: RegistrationDetails, view: RegistrationView
) -> None:
    house.registrations.delete(house.ada, view.id)

    found = details.show(house.ada, view.id)

    assert (found.line, found.state) == (None, RegistrationState.BIN)
    assert found.is_in_bin
    with pytest.raises(RegistrationNotFound):
        details.show(house.ben, view.id)


@pytest.mark.parametrize("who", ["cleo", "ben of southbank"])
def test_another_tenants_registration_is_not_there(
    house: House, details: RegistrationDetails, view: RegistrationView, who: str
) -> None:
    caller = house.cleo if who == "cleo" else type(house.ben).educator("ben", house.southbank.id)

    with pytest.raises(RegistrationNotFound):
        details.show(caller, view.id)
