"""The list of registrations: what needs somebody comes first, and says why."""

from __future__ import annotations

import pytest

from gatelodge.services.background import DAY
from gatelodge.services.errors import NotAllowed, TenantNotFound
from gatelodge.services.registration_list import (
    MANY,
    PAGE,
    Line,
    Listing,
    RegistrationList,
    Show,
    Sort,
    Standing,
    Wanted,
)
from gatelodge.services.registrations import RegistrationView
from gatelodge.storage import refusals
from gatelodge.storage.database import Connection
from gatelodge.storage.refusals import RefusalRow
from tests.services.house import OTTO, House
from tests.services.test_deployments import waiting
from tests.services.test_launch_records import launched

MEND, SLIP = "launch.audience_mismatch", "launch.nonce_spent"


@pytest.fixture
def listing(house: House) -> RegistrationList:
    return RegistrationList(house.database, house.clock, house.ids, house.drafts)


def register(house: House, name: str, **values: str) -> RegistrationView:
    return house.register(house.ada, name=name, client_id=f"id-{name}", **values)


def refuse(house: House, view: RegistrationView, code: str = MEND, times: int = 1) -> None:
    """Proven refusals of this registration, now."""
    house.clock.now += 1

    def write(connection: Connection) -> None:
        for _ in range(times):
            now = int(house.clock())
            row = RefusalRow(
                id=house.ids.new(),
                trace_id=house.ids.trace_id(),
                occurred_at=now,
                last_at=now,
                count=1,
                proven=True,
                code=code,
                tenant_id=view.overview.registration.tenant_id,
                registration_id=view.id,
                tool_id=None,
                platform_client_id=None,
                trace="",
                details="{}",
                group_key=None,
            )
            refusals.add_proven(connection, row)

    house.database.write(write)


def launch(house: House, view: RegistrationView) -> None:
    house.clock.now += 1
    launched(house, view)


def names(found: Listing) -> list[str]:
    return [each.name for each in found.lines]


def the(found: Listing, name: str) -> Line:
    [line] = [each for each in found.lines if each.name == name]
    return line


def test_what_needs_somebody_comes_first_and_each_says_how_it_is_doing(
    house: House, listing: RegistrationList
) -> None:
    views = {name: register(house, name) for name in ("Good", "Off", "Slip", "Some", "Dead")}
    house.registrations.disable(house.ada, views["Off"].id)
    refuse(house, views["Slip"], SLIP, times=3)
    refuse(house, views["Some"])
    launch(house, views["Some"])
    refuse(house, views["Dead"])
    asks = register(house, "Asks")
    waiting(house, asks, "99", home=asks.id)
    house.drafts.begin(house.ada, {"tool": "hello", "name": "Half", "platform": "moodle"})

    found = listing.look(house.ada, Wanted())

    assert [(each.name, each.standing) for each in found.lines] == [
        ("Dead", Standing.FAILING),
        ("Some", Standing.WARNING),
        ("Asks", Standing.WAITING),
        ("Half", Standing.DRAFT),
        ("Good", Standing.ACTIVE),
        ("Slip", Standing.ACTIVE),
        ("Off", Standing.DISABLED),
    ]
    assert found.counts == {Show.ALL: 7, Show.ATTENTION: 3, Show.DRAFTS: 1, Show.DISABLED: 1}
    assert (found.total, found.first, found.last, found.pages, found.waiting) == (7, 1, 7, 1, 1)
    assert the(found, "Dead").failures.code == MEND
    assert the(found, "Slip").failures.total == 3


def test_many_failures_are_failing_even_where_others_come_through(
    house: House, listing: RegistrationList
) -> None:
    view = register(house, "Moodle")
    refuse(house, view, times=MANY)
    launch(house, view)

    assert listing.look(house.ada, Wanted()).lines[0].standing is Standing.FAILING


def test_failures_stand_under_their_hour_and_are_gone_after_a_day(
    house: House, listing: RegistrationList
) -> None:
    view = register(house, "Moodle")
    refuse(house, view, times=2)
    house.clock.now += 2 * 3600
    refuse(house, view)

    [line] = listing.look(house.ada, Wanted()).lines
    house.clock.pass_days(1)
    [later] = listing.look(house.ada, Wanted()).lines

    assert (line.failures.hours[-1], line.failures.hours[-3], line.failures.total) == (1, 2, 3)
    assert (later.failures.total, later.standing) == (0, Standing.ACTIVE)


@pytest.mark.parametrize(
    ("show", "expected"),
    [
        (Show.ATTENTION, ["Dead"]),
        (Show.DRAFTS, ["Half"]),
        (Show.DISABLED, ["Off"]),
    ],
)
def test_the_list_shows_what_was_asked_for(
    house: House, listing: RegistrationList, show: Show, expected: list[str]
) -> None:
    house.registrations.disable(house.ada, register(house, "Off").id)
    refuse(house, register(house, "Dead"))
    register(house, "Good")
    house.drafts.begin(house.ada, {"tool": "hello", "name": "Half", "platform": "moodle"})

    assert names(listing.look(house.ada, Wanted(show=show))) == expected


def test_words_lms_and_tool_narrow_the_list_the_counts_and_the_drafts(
    house: House, listing: RegistrationList
) -> None:
    register(house, "Physics")
    register(house, "Art", platform="canvas")
    house.drafts.begin(house.ada, {"tool": "hello", "name": "Arthouse", "platform": "moodle"})

    assert names(listing.look(house.ada, Wanted(words="ART"))) == ["Arthouse", "Art"]
    assert listing.look(house.ada, Wanted(words="art")).counts[Show.ALL] == 2
    assert names(listing.look(house.ada, Wanted(words="id-phys"))) == ["Physics"]
    assert names(listing.look(house.ada, Wanted(platform="canvas"))) == ["Art"]
    assert len(listing.look(house.ada, Wanted(tool="hello")).lines) == 3
    assert listing.look(house.ada, Wanted(tool="nothing")).lines == ()


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        (Sort.NAME, ["Alpha", "Beta", "Gamma"]),
        (Sort.LAUNCH, ["Gamma", "Alpha", "Beta"]),
        (Sort.FAILURES, ["Beta", "Alpha", "Gamma"]),
    ],
)
def test_the_list_is_sorted_as_asked(
    house: House, listing: RegistrationList, sort: Sort, expected: list[str]
) -> None:
    alpha, beta, gamma = (register(house, name) for name in ("Alpha", "Beta", "Gamma"))
    launch(house, alpha)
    launch(house, gamma)
    refuse(house, alpha)
    refuse(house, beta, times=2)

    assert names(listing.look(house.ada, Wanted(sort=sort))) == expected


def test_pages_follow_one_another_without_gaps_across_the_states(
    house: House, listing: RegistrationList
) -> None:
    views = [register(house, f"R{number:03}") for number in range(PAGE + 7)]
    for view in views[::5]:
        refuse(house, view)
    for view in views[1::7]:
        house.registrations.disable(house.ada, view.id)

    for sort in Sort:
        first = listing.look(house.ada, Wanted(sort=sort))
        second = listing.look(house.ada, Wanted(sort=sort, page=2))
        beyond = listing.look(house.ada, Wanted(sort=sort, page=9))
        assert (len(first.lines), len(second.lines)) == (PAGE, 7)
        assert sorted(names(first) + names(second)) == [f"R{n:03}" for n in range(PAGE + 7)]
        assert (second.first, second.last, second.pages) == (PAGE + 1, PAGE + 7, 2)
        assert names(beyond) == names(second)


def test_an_empty_list_has_no_first_row(house: House, listing: RegistrationList) -> None:
    found = listing.look(house.ada, Wanted())

    assert (found.lines, found.first, found.last, found.pages) == ((), 0, -1, 1)


def test_each_tenant_sees_its_own_and_the_operator_all_or_one(
    house: House, listing: RegistrationList
) -> None:
    register(house, "North")
    house.register(tenant="southbank", name="South", client_id="id-south")

    assert names(listing.look(house.ada, Wanted())) == ["North"]
    assert names(listing.look(house.cleo, Wanted(tenant="northfield"))) == ["South"]
    assert [(each.name, each.tenant) for each in listing.look(OTTO, Wanted()).lines] == [
        ("North", "Northfield"),
        ("South", "Southbank"),
    ]
    assert names(listing.look(OTTO, Wanted(tenant="southbank"))) == ["South"]
    with pytest.raises(TenantNotFound):
        listing.look(OTTO, Wanted(tenant="nowhere"))


def test_an_educator_sees_whether_it_works_and_no_client_id(
    house: House, listing: RegistrationList
) -> None:
    refuse(house, register(house, "Moodle"))
    house.drafts.begin(house.ada, {"tool": "hello", "name": "Half", "platform": "moodle"})

    [line] = listing.look(house.ben, Wanted()).lines

    assert (line.name, line.standing, line.client_id) == ("Moodle", Standing.FAILING, None)
    assert listing.look(house.ben, Wanted(words="id-Mood")).lines == ()


def test_the_bin_tells_until_when_something_stays(house: House, listing: RegistrationList) -> None:
    view = register(house, "Moodle")
    house.registrations.delete(house.ada, view.id)

    [found], total = listing.look_into_bin(house.ada, limit=9, offset=0)

    assert (found.row.name, total) == ("Moodle", 1)
    assert found.until == found.row.deleted_at + 30 * DAY
    assert listing.look(house.ada, Wanted()).in_bin == 1
    assert listing.look_into_bin(house.cleo, limit=9, offset=0) == ([], 0)
    with pytest.raises(NotAllowed):
        listing.look_into_bin(house.ben, limit=9, offset=0)


def test_before_a_registration_is_deleted_it_is_told_what_stops(
    house: House, listing: RegistrationList
) -> None:
    view = register(house, "Moodle")
    launch(house, view)
    house.clock.pass_days(8)
    launch(house, view)
    launch(house, view)

    found = listing.what_stops(house.ada, view.id)

    assert found is not None
    assert (found.name, found.tool, found.launches, found.people) == ("Moodle", "Hello", 2, 1)
    assert not found.is_more
    assert listing.what_stops(house.cleo, view.id) is None
    with pytest.raises(NotAllowed):
        listing.what_stops(house.ben, view.id)
