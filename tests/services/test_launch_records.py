from __future__ import annotations

import asyncio

import msgspec
import pytest

from gatelodge.services.errors import Invalid, LaunchNotFound, NotAllowed, TenantNotFound
from gatelodge.services.launch_records import AcceptedLaunch, LaunchRecords, RefusedLaunch
from gatelodge.services.launches import PERSONAL_PURPOSE
from gatelodge.services.registrations import RegistrationView
from gatelodge.storage import catalogue, refusals
from gatelodge.storage.launch_writer import LaunchWriter
from gatelodge.storage.launches import LaunchRow
from gatelodge.storage.refusals import RefusalRow
from tests.services.house import MOODLE, OTTO, House

FACTS = {
    "person": {"id": "mia-in-our-words", "anonymous": False},
    "context": {"id": "course", "title": "Biology 101", "label": None},
    "resource_link": {"id": "link", "title": "Cells"},
    "platform": {"issuer": MOODLE["issuer"], "person_id": "3"},
}
PERSONAL = {"person": {"name": "Mia Learner"}, "custom": {"house": "Oak"}}


@pytest.fixture
def records(house: House) -> LaunchRecords:
    return LaunchRecords(house.database, house.sealer, house.audit)


def launched(house: House, view: RegistrationView, *, personal: bool = True) -> str:
    registration = view.overview.registration
    launch_id = house.ids.nonce()
    sealed = house.sealer.seal(
        msgspec.json.encode(PERSONAL), purpose=PERSONAL_PURPOSE, about=launch_id
    )
    row = LaunchRow(
        id=launch_id,
        tenant_id=registration.tenant_id,
        registration_id=registration.id,
        tool_id=registration.tool_id,
        platform_client_id=registration.platform_client_id,
        deployment_row_id="deployment",
        message_type="LtiResourceLinkRequest",
        subject="mia-in-our-words",
        context_id="course",
        resource_link_id="link",
        launched_at=int(house.clock()),
        trace="state.read 100\ntoken.header 400 RS256",
        facts=msgspec.json.encode({"launch": FACTS, "addresses": {}}).decode(),
        code_hash=bytes(32),
        code_expires_at=int(house.clock()) + 60,
        sealed_personal=sealed if personal else None,
        seen_version=house.database.read(catalogue.version),
    )
    assert asyncio.run(LaunchWriter(house.database).admit(row)) == "admitted"
    house.clock.now += 1
    return launch_id


def refused(house: House, view: RegistrationView | None = None, *, count: int = 1) -> str:
    """A refused launch; an unproven one when nobody's registration is named."""
    registration = view.overview.registration if view else None
    row = RefusalRow(
        id=house.ids.new(),
        trace_id=house.ids.trace_id(),
        occurred_at=int(house.clock()),
        last_at=int(house.clock()),
        count=count,
        proven=view is not None,
        code="launch.audience_mismatch",
        tenant_id=registration.tenant_id if registration else None,
        registration_id=registration.id if registration else None,
        tool_id=house.hello.id,
        platform_client_id=registration.platform_client_id if registration else None,
        trace="state.read 100\n!launch.audience_mismatch 1500",
        details=msgspec.json.encode({"sent": "X", "expected": "Y", "note": None}).decode(),
        group_key=None if view else "cause and minute",
    )
    if view:
        house.database.write(lambda connection: refusals.add_proven(connection, row))
    else:
        house.database.write(
            lambda connection: refusals.add_unproven(
                connection, row.trace_id, row, count, last_at=row.last_at
            )
        )
    house.clock.now += 1
    return row.trace_id


def test_accepted_and_refused_launches_are_listed_newest_first(
    house: House, records: LaunchRecords
) -> None:
    view = house.register(house.ada)
    first, second, third = launched(house, view), refused(house, view), refused(house, count=7)

    found = records.list(OTTO)

    assert [each.named for each in found] == [third, second, first]
    assert [(each.code, each.proven, each.count) for each in found] == [
        ("launch.audience_mismatch", False, 7),
        ("launch.audience_mismatch", True, 1),
        (None, True, 1),
    ]
    assert (found[2].tenant, found[2].tool, found[2].registration) == (
        "northfield",
        "hello",
        "Moodle",
    )


def test_a_list_can_be_narrowed_and_cut(house: House, records: LaunchRecords) -> None:
    view = house.register(house.ada)
    launches = [launched(house, view) for _ in range(3)]
    trace_id = refused(house, view)
    refused(house)

    assert [each.named for each in records.list(OTTO, limit=2)][1] == trace_id
    assert len(records.list(OTTO, refused_only=True)) == 2
    assert len(records.list(OTTO, tenant="northfield")) == len(launches) + 1
    assert records.list(OTTO, tenant="southbank") == []


def test_a_tenant_sees_its_own_launches_only(house: House, records: LaunchRecords) -> None:
    view = house.register(house.ada)
    launch, trace_id = launched(house, view), refused(house, view)
    unproven = refused(house)

    assert len(records.list(house.ada)) == 2
    assert records.list(house.cleo) == []
    for named in (launch, trace_id, unproven):
        with pytest.raises(LaunchNotFound):
            records.show(house.cleo, named, unmask=True)
    with pytest.raises(TenantNotFound):
        records.list(house.cleo, tenant="northfield")
    with pytest.raises(NotAllowed):
        records.list(house.ben)


def test_a_launch_is_shown_step_by_step_and_masked(house: House, records: LaunchRecords) -> None:
    launch = launched(house, house.register(house.ada))

    found = records.show(house.ada, launch)

    assert isinstance(found, AcceptedLaunch)
    assert [(step.check, str(step.note or ""), step.passed) for step in found.steps] == [
        ("state.read", "", True),
        ("token.header", "RS256", True),
    ]
    assert found.personal == {"person": {"name": "•••"}, "custom": {"house": "•••"}}
    assert found.facts["platform"]["person_id"] == "•••"
    assert found.facts["context"]["title"] == "Biology 101"
    assert "launch.unmasked" not in house.tags()


def test_who_looks_at_personal_data_is_written_down(house: House, records: LaunchRecords) -> None:
    launch = launched(house, house.register(house.ada))

    found = records.show(house.ada, launch, unmask=True)

    assert isinstance(found, AcceptedLaunch)
    assert found.personal == PERSONAL
    assert found.facts["platform"]["person_id"] == "3"
    assert house.tags()[-1] == "launch.unmasked"


def test_where_nothing_personal_came_there_is_nothing_to_mask(
    house: House, records: LaunchRecords
) -> None:
    found = records.show(OTTO, launched(house, house.register(), personal=False), unmask=True)

    assert isinstance(found, AcceptedLaunch)
    assert found.personal is None


def test_a_refusal_is_explained_for_that_lms(house: House, records: LaunchRecords) -> None:
    found = records.show(house.ada, refused(house, house.register(house.ada)))

    assert isinstance(found, RefusedLaunch)
    assert found.heading == "Some details from LMS aren't valid"
    assert found.finding.startswith("The token was made for another client id than ours")
    assert (found.sent, found.expected, found.mender) == ("X", "Y", "administrator")
    assert str(found.advice).startswith("In Moodle, ")
    assert [step.passed for step in found.steps] == [True, False]


def test_a_trace_id_is_found_as_people_read_it_out(house: House, records: LaunchRecords) -> None:
    trace_id = refused(house)

    for spoken in (
        trace_id,
        trace_id.lower(),
        trace_id.replace("-", " "),
        trace_id.replace("0", "O"),
    ):
        assert records.show(OTTO, spoken).record.named == trace_id


@pytest.mark.parametrize("named", ["7F3K-4MB9", "", "x" * 500, "ä"])
def test_what_is_not_there_is_said(house: House, records: LaunchRecords, named: str) -> None:
    with pytest.raises(LaunchNotFound):
        records.show(OTTO, named)


@pytest.mark.parametrize("limit", [0, -1, 1001])
def test_a_list_has_bounds(house: House, records: LaunchRecords, limit: int) -> None:
    with pytest.raises(Invalid, match="The limit is 1 to 1000"):
        records.list(OTTO, limit=limit)


def test_an_educator_finds_a_refusal_by_its_reference_without_the_values(
    house: House, records: LaunchRecords
) -> None:
    found = records.show(house.ben, refused(house, house.register(house.ada)))

    assert isinstance(found, RefusedLaunch)
    assert (found.sent, found.expected, found.note) == (None, None, None)
    assert found.finding.startswith("The token was made for another client id than ours")
    assert [step.note for step in found.steps] == [None, None]


def test_an_educator_finds_no_accepted_launch_and_nothing_of_another_tenant(
    house: House, records: LaunchRecords
) -> None:
    view = house.register(house.ada)
    of_southbank = refused(house, house.register(house.cleo, "southbank", client_id="other"))

    for named in (launched(house, view), of_southbank):
        with pytest.raises(LaunchNotFound):
            records.show(house.ben, named)
    with pytest.raises(NotAllowed):
        records.show(house.ben, of_southbank, unmask=True)


def test_the_way_through_the_menus_of_that_lms_is_told(
    house: House, records: LaunchRecords
) -> None:
    found = records.show(house.ada, refused(house, house.register(house.ada)))

    assert isinstance(found, RefusedLaunch)
    assert found.platform is not None
    assert (found.platform.name, found.path[-1]) == ("Moodle", "Client ID")
