"""The list of launches: every one of them on one page, narrowed, and each tenant's own."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gatelodge.services import launch_pages
from gatelodge.services.errors import NotAllowed
from gatelodge.services.launch_pages import FIRST, LaunchPage, LaunchPages, Outcome, Wanted
from gatelodge.services.registrations import RegistrationView
from tests.services.house import OTTO, House
from tests.services.test_launch_records import launched, refused


@pytest.fixture
def pages(house: House, monkeypatch: pytest.MonkeyPatch) -> LaunchPages:
    monkeypatch.setattr(launch_pages, "PAGE", 3)
    return LaunchPages(house.database)


def named(page: LaunchPage) -> list[str]:
    return [each.named for each in page.records]


def all_pages(house: House, pages: LaunchPages, wanted: Wanted) -> list[list[str]]:
    found, place = [], FIRST
    while place is not None:
        page = pages.look(OTTO, wanted, place)
        found.append(named(page))
        place = page.older
    return found


def a_mixed_day(house: House, view: RegistrationView) -> list[str]:
    """Newest first: accepted, proven and unproven ones in turn."""
    made = []
    for _ in range(3):
        made += [launched(house, view), refused(house, view), refused(house, count=4)]
    return made[::-1]


def test_every_launch_stands_on_one_page_and_the_newest_first(
    house: House, pages: LaunchPages
) -> None:
    made = a_mixed_day(house, house.register(house.ada))

    found = all_pages(house, pages, Wanted())

    assert found == [made[:3], made[3:6], made[6:]]


def test_what_comes_while_somebody_reads_moves_nothing(house: House, pages: LaunchPages) -> None:
    view = house.register(house.ada)
    made = a_mixed_day(house, view)
    older = pages.look(OTTO, Wanted()).older
    assert older is not None
    launched(house, view)
    refused(house, view)

    assert named(pages.look(OTTO, Wanted(), older)) == made[3:6]


def test_accepted_and_refused_ones_are_told_apart(house: House, pages: LaunchPages) -> None:
    made = a_mixed_day(house, house.register(house.ada))

    accepted = all_pages(house, pages, Wanted(Outcome.ACCEPTED))
    refusals = all_pages(house, pages, Wanted(Outcome.REFUSED))

    assert accepted == [made[2::3]]
    assert [each for page in refusals for each in page] == [
        each for each in made if each not in accepted[0]
    ]


def test_a_cause_has_refusals_only(house: House, pages: LaunchPages) -> None:
    view = house.register(house.ada)
    launched(house, view)
    reference = refused(house, view)

    code = "launch.audience_mismatch"
    assert named(pages.look(house.ada, Wanted(code=code))) == [reference]
    assert named(pages.look(house.ada, Wanted(Outcome.ACCEPTED, code=code))) == [reference]
    assert named(pages.look(house.ada, Wanted(code="launch.expired"))) == []


def test_one_registration_has_its_own(house: House, pages: LaunchPages) -> None:
    view, other = house.register(house.ada), house.register(house.ada, client_id="other")
    wanted = {launched(house, view), refused(house, view)}
    launched(house, other)
    refused(house, other)

    page = pages.look(house.ada, Wanted(registration=view.id))

    assert set(named(page)) == wanted
    assert page.registration_name == "Moodle"
    code = "launch.audience_mismatch"
    assert len(named(pages.look(house.ada, Wanted(registration=view.id, code=code)))) == 1


def test_nobody_sees_another_tenants(house: House, pages: LaunchPages) -> None:
    view = house.register(house.ada)
    a_mixed_day(house, view)
    place = pages.look(house.ada, Wanted()).older
    assert place is not None

    assert pages.look(house.cleo, Wanted()).records == ()
    assert pages.look(house.cleo, Wanted(), replace(place, launch=10**9)).records == ()
    assert pages.look(house.cleo, Wanted(registration=view.id)) == LaunchPage((), None, None)
    with pytest.raises(NotAllowed):
        pages.look(house.ben, Wanted())
