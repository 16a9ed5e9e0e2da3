"""A key set that we couldn't fetch marks what needs it; what a stranger says marks nothing."""

from __future__ import annotations

import pytest

from gatelodge.lti.errors import ClientUnknown, KeySetInvalid, KeySetUnreachable, SignatureInvalid
from gatelodge.services.registration_details import RegistrationDetails
from gatelodge.services.registration_list import RegistrationList, Standing, Wanted
from gatelodge.services.registrations import RegistrationView
from gatelodge.storage import refusals
from tests.services.house import OTTO, House
from tests.services.test_launch_records import launched
from tests.services.test_shared_clients import join, share
from tests.storage.cast import a_refusal

DOWN = KeySetUnreachable.code


@pytest.fixture
def listing(house: House) -> RegistrationList:
    return RegistrationList(house.database, house.clock, house.ids, house.drafts)


def refuse(
    house: House, view: RegistrationView, code: str = DOWN, *, count: int = 1, tool: str = ""
) -> str:
    """Refused before the signature, so that the client is known and the registration isn't."""
    house.clock.now += 60
    client = view.overview.client
    row = a_refusal(
        id=house.ids.new(),
        trace_id=house.ids.trace_id(),
        occurred_at=int(house.clock()),
        code=code,
        tenant_id=client.tenant_id,
        tool_id=tool or view.overview.tool.id,
        platform_client_id=client.id,
        trace="",
    )
    house.database.write(
        lambda connection: refusals.add_unproven(
            connection, house.ids.new(), row, count, last_at=row.last_at
        )
    )
    return row.trace_id


@pytest.mark.parametrize("code", [KeySetUnreachable.code, KeySetInvalid.code])
def test_a_key_set_that_we_could_not_use_is_why_a_registration_fails(
    house: House, listing: RegistrationList, code: str
) -> None:
    refuse(house, house.register(house.ada), code)

    [line] = listing.look(house.ada, Wanted()).lines

    assert (line.standing, line.failures.code) == (Standing.FAILING, code)


@pytest.mark.parametrize("code", [ClientUnknown.code, SignatureInvalid.code])
def test_what_a_stranger_can_bring_about_marks_nothing(
    house: House, listing: RegistrationList, code: str
) -> None:
    refuse(house, house.register(house.ada), code, count=1000)

    [line] = listing.look(house.ada, Wanted()).lines

    assert (line.standing, line.failures.total) == (Standing.ACTIVE, 0)


def test_however_many_launches_came_a_minute_counts_once(
    house: House, listing: RegistrationList
) -> None:
    view = house.register(house.ada)
    for count in (1, 5000):
        refuse(house, view, count=count)

    [line] = listing.look(house.ada, Wanted()).lines

    assert line.failures.total == 2


def test_a_launch_that_came_in_since_makes_it_a_warning_and_a_day_nothing(
    house: House, listing: RegistrationList
) -> None:
    view = house.register(house.ada)
    refuse(house, view)
    house.clock.now += 60
    launched(house, view)

    [warned] = listing.look(house.ada, Wanted()).lines
    house.clock.pass_days(2)
    [well] = listing.look(house.ada, Wanted()).lines

    assert (warned.standing, well.standing) == (Standing.WARNING, Standing.ACTIVE)


def test_another_tool_or_another_client_is_not_marked(
    house: House, listing: RegistrationList
) -> None:
    view = house.register(house.ada)
    house.register(house.cleo, "southbank", issuer="https://south.example")
    other = house.tools.add(OTTO, "other", "Other", "https://other.example/launch").tool

    refuse(house, view, tool=other.id)

    assert [each.standing for each in listing.look(OTTO, Wanted()).lines] == [Standing.ACTIVE] * 2


def test_on_a_shared_client_each_institution_is_told(
    house: House, listing: RegistrationList
) -> None:
    shared = share(house)
    for who in ("northfield", "southbank"):
        registration = join(house, shared, who, f"of-{who}")

    refuse(house, house.registrations.show(OTTO, registration))

    for caller in (house.ada, house.cleo):
        [line] = listing.look(caller, Wanted()).lines
        assert line.standing is Standing.FAILING


def test_it_stands_among_the_latest_launches_of_the_registration(
    house: House, listing: RegistrationList
) -> None:
    view = house.register(house.ada)
    reference = refuse(house, view)

    found = RegistrationDetails(house.database, house.registrations, listing).show(
        house.ada, view.id
    )

    assert [(each.named, each.code) for each in found.latest] == [(reference, DOWN)]
