"""The list of registrations: found, counted and ordered, each tenant's own."""

from __future__ import annotations

import pytest

from gatelodge.lti.registration import DeploymentState, Registration, RegistrationState
from gatelodge.storage import (
    refusals,
    registration_index,
    registration_list,
    registrations,
    search_words,
)
from gatelodge.storage.registration_list import Filters
from tests.storage.cast import NORTHFIELD, NOW, SOUTHBANK, Cast, a_launch, a_refusal, new_id
from tests.storage.test_launches import admit

HOUR = 3600


def register(cast: Cast, name: str, **changes: object) -> Registration:
    """One of Northfield's, on a client of its own."""
    client = cast.add_client(client_id=f"id-of-{name}", platform=changes.pop("platform", "moodle"))
    return cast.add_registration(cast.tool, client, name=name, **changes)


def names(cast: Cast, filters: Filters | None = None, **how: object) -> list[str]:
    rows = cast.read(registration_list.page, NORTHFIELD.id, filters or Filters(), **how)
    return [row.name for row in rows]


def test_a_page_is_in_the_order_of_the_names_and_shows_the_tenants_own(cast: Cast) -> None:
    register(cast, "Canvas")
    register(cast, "Zoo")

    assert names(cast) == ["Canvas", "Northfield's Moodle", "Zoo"]
    assert names(cast, offset=1, limit=1) == ["Northfield's Moodle"]


@pytest.mark.parametrize("order", ["name", "launch"])
def test_a_page_is_the_same_from_either_end(cast: Cast, order: str) -> None:
    for number in range(9):
        register(cast, f"Moodle {number}")
    everything = names(cast, order=order)

    pages = [names(cast, order=order, offset=at, limit=3, total=10) for at in range(0, 12, 3)]

    assert [each for page in pages for each in page] == everything
    assert list(map(len, pages)) == [3, 3, 3, 1]


def test_a_row_has_what_the_list_shows(cast: Cast) -> None:
    admit(cast, a_launch(cast.north, launched_at=NOW + 7, seen_version=cast.version()))

    [row] = cast.read(registration_list.page, NORTHFIELD.id, Filters())

    assert (row.tenant_name, row.name, row.tool_name) == (
        "Northfield",
        "Northfield's Moodle",
        "Hello",
    )
    assert (row.platform, row.issuer, row.client_id) == ("moodle", "https://lms.example", "north")
    assert (row.state, row.last_launch_at) == ("active", NOW + 7)


def test_who_launched_last_comes_first_and_who_never_did_last(cast: Cast) -> None:
    early, late = register(cast, "Early"), register(cast, "Late")
    admit(cast, a_launch(early, launched_at=NOW, seen_version=cast.version()))
    admit(cast, a_launch(late, launched_at=NOW + 9, seen_version=cast.version()))
    cast.write(registration_index.note_last_launches)

    assert names(cast, order="launch") == ["Late", "Early", "Northfield's Moodle"]


def test_names_are_in_the_order_that_people_expect(cast: Cast) -> None:
    for name in ("zoo", "Éclair", "Week 10", "école", "Week 2", "Zebra"):
        register(cast, name)

    assert names(cast) == [
        "Éclair",
        "école",
        "Northfield's Moodle",
        "Week 2",
        "Week 10",
        "Zebra",
        "zoo",
    ]


def found(cast: Cast, words: str, filters: Filters | None = None, **how: object) -> list[str]:
    cast_words = search_words.words_of(words)
    how = {"limit": 10, **how}
    matches = cast.read(
        registration_list.search, NORTHFIELD.id, cast_words, filters or Filters(), **how
    )
    ids = [each.id for each in sorted(matches, key=lambda each: each.sort_name)]
    return [row.name for row in cast.read(registration_list.in_order, NORTHFIELD.id, ids)]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("moodle", ["Northfield's Moodle"]),
        ("mood north", ["Northfield's Moodle"]),
        ("ÉVÉNEMENT", ["Événement 100%"]),
        ("evene", ["Événement 100%"]),
        ("100%", ["Événement 100%"]),
        ("id-of", ["Événement 100%"]),
        ("https://LMS.example", ["Événement 100%", "Northfield's Moodle"]),
        ("moodle 100", []),
        ("oodle", []),
        ("_", []),
        ("south", []),
    ],
)
def test_beginnings_of_words_are_looked_for_in_name_issuer_and_client_id(
    cast: Cast, words: str, expected: list[str]
) -> None:
    register(cast, "Événement 100%")

    assert found(cast, words) == expected


def test_client_ids_are_looked_at_only_for_those_who_may_see_them(cast: Cast) -> None:
    register(cast, "Canvas")

    assert found(cast, "north", client_ids=False) == ["Northfield's Moodle"]
    assert found(cast, "id-of-canvas", client_ids=True) == ["Canvas"]
    assert found(cast, "id-of-canvas", client_ids=False) == []


def test_a_search_goes_by_its_rarest_word_and_ends_at_its_limit(cast: Cast) -> None:
    for number in range(4):
        register(cast, f"Moodle {number}")

    assert len(found(cast, "moodle", limit=3)) == 3
    assert found(cast, "moodle 2") == ["Moodle 2"]
    assert found(cast, "moodle", Filters(platform="canvas")) == []


def test_lms_and_tool_narrow_the_list_and_its_counts(cast: Cast) -> None:
    register(cast, "Canvas", platform="canvas")
    other = cast.add_tool(name="Other")
    register(cast, "Off", state=RegistrationState.DISABLED)

    assert names(cast, Filters(platform="canvas")) == ["Canvas"]
    assert names(cast, Filters(tool_id=other.id)) == []
    assert cast.read(registration_list.count_by_state, NORTHFIELD.id, Filters()) == {
        "active": 2,
        "disabled": 1,
    }
    assert cast.read(
        registration_list.count_by_state, NORTHFIELD.id, Filters(platform="canvas")
    ) == {"active": 1}
    [used] = cast.read(registration_list.tools_in_use, NORTHFIELD.id)
    assert (used.id, used.key, used.name) == (cast.tool.id, "hello", "Hello")


def test_the_operator_sees_all_tenants(cast: Cast) -> None:
    rows = cast.read(registration_list.page, None, Filters())

    assert [row.tenant_name for row in rows] == ["Northfield", "Southbank"]


def test_failures_are_counted_by_cause_and_hour_since_a_time(cast: Cast) -> None:
    before = a_refusal(registration_id=cast.north.id, occurred_at=NOW - 1)
    since = new_id()
    rows = [
        a_refusal(registration_id=cast.north.id, occurred_at=NOW),
        a_refusal(registration_id=cast.north.id, occurred_at=NOW + 10),
        a_refusal(registration_id=cast.north.id, occurred_at=NOW + HOUR),
        a_refusal(registration_id=cast.north.id, occurred_at=NOW, code="launch.expired"),
        a_refusal(registration_id=cast.south.id, occurred_at=NOW, tenant_id=SOUTHBANK.id),
        a_refusal(registration_id=None, occurred_at=NOW),
    ]
    for row in (before, *rows):
        cast.write(refusals.add_proven, row)

    found = cast.read(registration_list.failures, NORTHFIELD.id, since_id=since, since=NOW)

    assert {(row.code, row.hour, row.count, row.newest_id) for row in found} == {
        ("launch.audience_mismatch", 0, 2, rows[1].id),
        ("launch.audience_mismatch", 1, 1, rows[2].id),
        ("launch.expired", 0, 1, rows[3].id),
    }
    assert {row.registration_id for row in found} == {cast.north.id}


def test_deployments_that_wait_are_counted_for_their_registration(cast: Cast) -> None:
    waits = DeploymentState.WAITING
    cast.add_deployment(cast.north_client, cast.north, deployment_id="2", state=waits)
    cast.add_deployment(cast.south_client, cast.south, deployment_id="2", state=waits)

    assert cast.read(registration_list.count_waiting, NORTHFIELD.id) == {cast.north.id: 1}
    assert set(cast.read(registration_list.count_waiting, None)) == {cast.north.id, cast.south.id}


def test_launches_since_a_time_and_their_people_are_counted(cast: Cast) -> None:
    for at, subject in ((NOW - 9, "a"), (NOW, "a"), (NOW + 1, "a"), (NOW + 2, "b")):
        admit(
            cast, a_launch(cast.north, launched_at=at, subject=subject, seen_version=cast.version())
        )

    count = registration_list.count_launches
    assert cast.read(count, cast.north.id, since=NOW, most=100) == (3, 2)
    assert cast.read(count, cast.north.id, since=NOW, most=1) == (1, 1)


def test_what_was_deleted_last_comes_first_in_the_bin(cast: Cast) -> None:
    other = register(cast, "Other")
    cast.write(registrations.delete, NORTHFIELD.id, cast.north.id, now=NOW)
    cast.write(registrations.delete, NORTHFIELD.id, other.id, now=NOW + 1)
    cast.write(registrations.delete, SOUTHBANK.id, cast.south.id, now=NOW + 2)

    rows = cast.read(registration_list.list_bin, NORTHFIELD.id)

    assert [(row.name, row.deleted_at) for row in rows] == [
        ("Other", NOW + 1),
        ("Northfield's Moodle", NOW),
    ]
    assert cast.read(registration_list.count_bin, NORTHFIELD.id) == 2
    assert names(cast) == []
    assert cast.read(registration_list.due_in_bin, NOW + 1, limit=10) == [
        (cast.north.id, NORTHFIELD.id)
    ]
