"""One person is found by what an LMS, a tool or their mail knows them by, and erased from everywhere."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from gatelodge.services.caller import Caller
from gatelodge.services.errors import (
    Invalid,
    NotAllowed,
    PersonRequestNotFound,
    TooManyPersonRequests,
)
from gatelodge.services.person_requests import PersonView
from gatelodge.services.persons import WINDOW, Overtaken
from gatelodge.storage import accounts, persons, tables
from gatelodge.storage.accounts import AccountRow, RoleRow
from gatelodge.storage.database import Connection
from tests.services.data import EMAIL, MENTORS_MIA, MIA, NAMES, launch, places_of, work
from tests.support.campuses import *  # noqa: F403
from tests.support.gateways import OTTO, Campus


def ada(campus: Campus) -> Caller:
    return Caller.admin("ada", campus.tenant())


def found(campus: Campus, wanted: str, who: Caller | None = None) -> PersonView:
    request = campus.gateway.persons.find(who or ada(campus), wanted).request
    work(campus)
    return campus.gateway.persons.show(who or ada(campus), request.id)


def erased(campus: Campus, view: PersonView, who: Caller | None = None) -> PersonView:
    assert view.sought is not None
    chosen = [each.id for each in view.sought.accounts]
    campus.gateway.persons.erase(who or ada(campus), view.request.id, view.sought.people, chosen)
    work(campus)
    return campus.gateway.persons.show(who or ada(campus), view.request.id)


def add_account(campus: Campus, name: str, email: str, *roles: tuple[str, str | None]) -> str:
    ids = campus.gateway.ids
    account = AccountRow(ids.new(), name, email, None, 0, None)

    def write(connection: Connection) -> None:
        accounts.add(connection, account)
        accounts.add_identity(
            connection, ids.new(), account.id, "https://id.example", f"of {name}", created_at=0
        )
        accounts.add_local_login(connection, account.id, email, "hash", now=0)
        for role, tenant_id in roles:
            accounts.give_role(
                connection, RoleRow(ids.new(), account.id, role, tenant_id, "given", 0)
            )

    campus.database.write(write)
    return account.id


@pytest.mark.parametrize("wanted", [MIA, EMAIL, EMAIL.upper()])
def test_a_person_is_found_by_number_and_by_address(campus: Campus, wanted: str) -> None:
    launch(campus)
    launch(campus)
    launch(campus, sub="somebody-else", email="other@northfield.example")

    view = found(campus, wanted)

    assert view.request.state == "found"
    assert view.sought is not None
    [person] = view.sought.people.values()
    assert (person.person_id, person.personal) == (MIA, 2)


def test_a_person_is_found_by_the_name_that_tools_know(campus: Campus) -> None:
    launch(campus)
    by_number = found(campus, MIA)
    assert by_number.sought is not None
    [subject] = by_number.sought.people

    by_subject = found(campus, subject)

    assert by_subject.sought is not None
    assert list(by_subject.sought.people) == [subject]


def test_nobody_is_found_at_the_neighbours(campus: Campus) -> None:
    launch(campus, tenant="southbank")
    add_account(campus, "Mia", EMAIL, ("educator", campus.tenant("southbank")))

    view = found(campus, EMAIL)

    assert view.sought is not None
    assert (view.sought.people, view.sought.accounts) == ({}, ())


def test_after_the_erasure_nothing_holds_the_person(campus_on_both: Campus) -> None:
    campus = campus_on_both
    launch(campus)
    launch(campus, sub="somebody-else", name="Ole", email="ole@northfield.example")
    account = add_account(campus, "Mia Learner", EMAIL, ("educator", campus.tenant()))
    campus.gateway.sessions.begin(account)
    campus.gateway.tenant_exports.ask(ada(campus), "northfield")
    view = found(campus, EMAIL)
    assert view.sought is not None
    [subject] = view.sought.people

    receipt = erased(campus, view)

    assert receipt.request.state == "erased"
    assert receipt.counts.launches == receipt.counts.personal == receipt.counts.accounts == 1
    assert places_of(campus, *NAMES, subject, "of Mia Learner") == set()
    # Ids of an account lead nowhere when it is gone.
    assert places_of(campus, account) <= {"audit_events.actor", "audit_events.subject"}
    [kept] = found(campus, "somebody-else").sought.people.values()  # type: ignore[union-attr]
    assert kept.personal == 1


def test_after_the_erasure_the_file_holds_nothing_either(campus: Campus) -> None:
    launch(campus)
    file = campus.directory / "gatelodge.db"
    files = [file, file.with_name("gatelodge.db-wal")]
    assert any(MIA.encode() in each.read_bytes() for each in files if each.exists())

    erased(campus, found(campus, EMAIL))

    assert not any(MIA.encode() in each.read_bytes() for each in files if each.exists())


def test_others_launches_name_the_person_no_more(campus: Campus) -> None:
    launch(campus)
    launch(
        campus,
        sub="her-mentor",
        email="mentor@northfield.example",
        **MENTORS_MIA,
    )
    view = found(campus, MIA)
    assert view.sought is not None
    [subject] = [each for each, one in view.sought.people.items() if one.person_id == MIA]

    receipt = erased(campus, view)

    assert receipt.counts.mentions == 1
    assert places_of(campus, subject) == set()


def test_who_stands_elsewhere_loses_the_place_here_alone(campus: Campus) -> None:
    there = ("educator", campus.tenant("southbank"))
    account = add_account(campus, "Mia", EMAIL, ("educator", campus.tenant()), there)

    receipt = erased(campus, found(campus, EMAIL))

    assert (receipt.counts.accounts, receipt.counts.places) == (0, 1)
    roles = campus.database.read(lambda connection: accounts.roles_of(connection, [account]))
    assert [(each.role, each.tenant_id) for each in roles] == [there]


def test_an_operator_is_never_erased(campus: Campus) -> None:
    account = add_account(campus, "Olga", EMAIL, ("operator", None))

    receipt = erased(campus, found(campus, EMAIL, OTTO), OTTO)

    assert (receipt.counts.accounts, receipt.counts.kept) == (0, 1)
    assert campus.database.read(lambda connection: accounts.get(connection, account))


def test_of_two_administrators_who_erase_each_other_one_stays(campus_on_both: Campus) -> None:
    campus, gateway = campus_on_both, campus_on_both.gateway
    there = ("admin", campus.tenant())
    both = {
        name: add_account(campus, name, f"{name}@northfield.example", there)
        for name in ("abe", "amy")
    }
    begun = [
        (Caller.admin(both[who], campus.tenant()), found(campus, f"{whom}@northfield.example"))
        for who, whom in (("abe", "amy"), ("amy", "abe"))
    ]

    for who, view in begun:
        assert view.sought is not None
        chosen = [each.id for each in view.sought.accounts]
        gateway.persons.erase(who, view.request.id, [], chosen)
    work(campus)

    receipts = [gateway.persons.show(OTTO, view.request.id) for _, view in begun]
    assert sorted((each.counts.accounts, each.counts.kept) for each in receipts) == [(0, 1), (1, 0)]
    assert [each.roles[0].role for each in gateway.accounts.list(ada(campus))] == ["admin"]


def test_the_only_administrator_stays_even_if_they_stand_elsewhere(campus: Campus) -> None:
    there = ("admin", campus.tenant())
    elsewhere = ("educator", campus.tenant("southbank"))
    account = add_account(campus, "Mia", EMAIL, there, elsewhere)

    receipt = erased(campus, found(campus, EMAIL))

    assert (receipt.counts.places, receipt.counts.kept) == (0, 1)
    roles = campus.database.read(lambda connection: accounts.roles_of(connection, [account]))
    assert {(each.role, each.tenant_id) for each in roles} == {there, elsewhere}


@pytest.mark.parametrize("state", ["finding", "found", "erasing"])
def test_a_search_that_no_key_opens_any_more_holds_up_no_other(
    campus_on_both: Campus, state: str
) -> None:
    campus, people = campus_on_both, campus_on_both.gateway.persons
    dead = people.find(ada(campus), "somebody").request.id
    campus.database.write(
        lambda connection: connection.execute(
            update(tables.person_requests).values(sealed=b"damaged", state=state)
        )
    )
    campus.clock.now += 1

    assert found(campus, MIA).request.state == "found"
    with pytest.raises(PersonRequestNotFound):
        people.show(ada(campus), dead)


def test_nobody_erases_their_own_account(campus: Campus) -> None:
    account = add_account(campus, "Ada", EMAIL, ("admin", campus.tenant()))
    herself = Caller.admin(account, campus.tenant())
    view = found(campus, EMAIL, herself)

    with pytest.raises(Invalid):
        campus.gateway.persons.erase(herself, view.request.id, [], [account])


def test_somebody_elses_search_is_as_unknown_as_none(campus: Campus) -> None:
    view = found(campus, MIA)
    cleo = Caller.admin("cleo", campus.tenant("southbank"))
    people = campus.gateway.persons

    for ask in (
        lambda: people.show(cleo, view.request.id),
        lambda: people.erase(cleo, view.request.id, [], []),
        lambda: people.receipt(cleo, view.request.id),
    ):
        with pytest.raises(PersonRequestNotFound):
            ask()
    with pytest.raises(NotAllowed):
        people.find(Caller.educator("ben", campus.tenant()), MIA)


def test_what_was_not_found_is_not_erased(campus: Campus) -> None:
    launch(campus)
    account = add_account(campus, "Ole", "ole@northfield.example", ("educator", campus.tenant()))
    view = found(campus, "nobody-at-all")

    with pytest.raises(Invalid):
        campus.gateway.persons.erase(ada(campus), view.request.id, ["x"], [account])


def test_only_so_many_are_looked_for_at_once(campus: Campus) -> None:
    for number in range(5):
        campus.gateway.persons.find(ada(campus), f"number-{number}")

    with pytest.raises(TooManyPersonRequests):
        campus.gateway.persons.find(ada(campus), "one-more")


def test_the_receipt_tells_numbers_and_nobody(campus: Campus) -> None:
    launch(campus)
    receipt = erased(campus, found(campus, EMAIL))

    text = campus.gateway.persons.receipt(ada(campus), receipt.request.id)

    assert "Launches without a person now: 1" in text
    assert not any(each in text for each in NAMES)


def test_a_long_erasure_goes_on_where_it_stopped(
    campus: Campus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gatelodge.services.persons.WINDOW", 1)
    for _ in range(3):
        launch(campus)
    view = found(campus, MIA)
    assert view.sought is not None
    campus.gateway.persons.erase(ada(campus), view.request.id, view.sought.people, [])

    assert WINDOW > 1
    assert campus.gateway.persons._go_on(view.request.id)
    half = campus.gateway.persons.show(ada(campus), view.request.id)
    work(campus)
    whole = campus.gateway.persons.show(ada(campus), view.request.id)

    assert (half.request.state, half.counts.launches) == ("erasing", 1)
    assert (whole.request.state, whole.counts.launches) == ("erased", 3)


def test_of_two_that_erase_the_same_window_one_counts(
    campus: Campus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gatelodge.services.persons.WINDOW", 1)
    launch(campus)
    launch(campus)
    view = found(campus, MIA)
    assert view.sought is not None
    service = campus.gateway.persons
    begun = service.erase(ada(campus), view.request.id, view.sought.people, []).request
    assert service._go_on(begun.id)

    with pytest.raises(Overtaken):
        campus.database.write(lambda connection: service._erase(connection, begun))

    assert service.show(ada(campus), begun.id).counts.launches == 1


def test_a_search_that_led_to_nothing_goes_and_a_receipt_stays(campus: Campus) -> None:
    launch(campus)
    forgotten = found(campus, "nobody-at-all").request.id
    receipt = erased(campus, found(campus, MIA)).request.id

    gone = campus.database.write(
        lambda connection: persons.purge_searches(connection, campus.clock() + 1)
    )

    assert gone == 1
    listed = [each.id for each in campus.gateway.persons.list(ada(campus))]
    assert (forgotten in listed, receipt in listed) == (False, True)
