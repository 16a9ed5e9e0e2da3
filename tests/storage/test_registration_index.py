"""What the list is found by follows whatever changes a registration."""

from __future__ import annotations

from collections import Counter

import pytest
from msgspec import structs
from sqlalchemy import Connection, select

from gatelodge.lti.registration import RegistrationState, UnknownDeployments
from gatelodge.storage import platform_clients, registration_index, registration_list, registrations
from gatelodge.storage.registration_list import Filters
from gatelodge.storage.tables import registration_counts, registration_words
from gatelodge.storage.tables import registrations as rows
from tests.storage.cast import NORTHFIELD, NOW, Cast, a_launch
from tests.storage.test_launches import admit


def kept(connection: Connection) -> tuple[Counter[tuple[str, ...]], Counter[tuple[str, ...]]]:
    """The counts as they are kept, and as they are counted now."""
    counts: Counter[tuple[str, ...]] = Counter()
    for *place, count in connection.execute(select(registration_counts)):
        counts[tuple(place)] = count
    there: Counter[tuple[str, ...]] = Counter()
    for row in connection.execute(select(rows)):
        state = "bin" if row.deleted_at is not None else row.state
        there[(row.tenant_id, state, row.platform, row.tool_id)] += 1
    return +counts, there


def words(cast: Cast, registration_id: str) -> set[str]:
    query = select(registration_words.c.word).where(
        registration_words.c.registration_id == registration_id
    )
    return set(cast.read(lambda connection: connection.execute(query).scalars().all()))


def switch_off(cast: Cast) -> None:
    off, on = RegistrationState.DISABLED, RegistrationState.ACTIVE
    cast.write(registrations.set_state, NORTHFIELD.id, cast.north.id, off, before=on)


def throw_away(cast: Cast) -> None:
    cast.write(registrations.delete, NORTHFIELD.id, cast.north.id, now=NOW)


def restore(cast: Cast) -> None:
    throw_away(cast)
    cast.write(registrations.restore, NORTHFIELD.id, cast.north.id)


def purge(cast: Cast) -> None:
    throw_away(cast)
    cast.write(registrations.purge_bin, NOW + 1)


def move_to_canvas(cast: Cast) -> None:
    client = structs.replace(cast.north_client, platform="canvas")
    cast.write(platform_clients.update_addresses, NORTHFIELD.id, client)


def nothing(_: Cast) -> None:
    pass


@pytest.mark.parametrize(
    ("change", "counted"),
    [
        (nothing, {"active": 1}),
        (switch_off, {"disabled": 1}),
        (throw_away, {}),
        (restore, {"active": 1}),
        (purge, {}),
    ],
)
def test_the_counts_are_those_of_the_rows(cast: Cast, change: object, counted: object) -> None:
    change(cast)  # type: ignore[operator]

    counts, there = cast.read(kept)
    assert counts == there
    assert cast.read(registration_list.count_by_state, NORTHFIELD.id, Filters()) == counted


def test_another_lms_is_counted_and_narrowed_by(cast: Cast) -> None:
    move_to_canvas(cast)

    counts, there = cast.read(kept)
    assert counts == there
    canvas = Filters(platform="canvas")
    assert cast.read(registration_list.count_by_state, NORTHFIELD.id, canvas) == {"active": 1}
    assert len(cast.read(registration_list.page, NORTHFIELD.id, canvas)) == 1


def test_a_change_that_is_undone_is_not_counted(cast: Cast) -> None:
    def fail(connection: Connection) -> None:
        registrations.delete(connection, NORTHFIELD.id, cast.north.id, now=NOW)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        cast.write(fail)

    counts, there = cast.read(kept)
    assert counts == there


def test_new_names_issuers_and_client_ids_are_found_by_and_old_ones_no_more(cast: Cast) -> None:
    before = words(cast, cast.north.id)
    cast.write(
        registrations.change,
        NORTHFIELD.id,
        cast.north.id,
        name="Éclair",
        unknown_deployments=UnknownDeployments.HOLD,
    )
    cast.write(
        platform_clients.rename,
        NORTHFIELD.id,
        cast.north_client.id,
        issuer="https://new.example",
        client_id="c-9",
    )

    assert before == {"northfield", "s", "moodle", "https", "lms", "example", "north"}
    assert words(cast, cast.north.id) == {"eclair", "https", "new", "example", "c", "9"}


def test_nothing_is_left_of_what_has_gone_for_good(cast: Cast) -> None:
    purge(cast)

    assert words(cast, cast.north.id) == set()


def test_last_launches_are_noted_in_rounds_as_far_as_they_go(cast: Cast) -> None:
    for at in range(5):
        admit(cast, a_launch(cast.north, launched_at=NOW + at, seen_version=cast.version()))
    assert not cast.read(registration_index.knows_last_launches)

    came_to, rounds = None, []
    while came_to := cast.write(registration_index.note_last_launches, after=came_to, limit=2):
        rounds.append(came_to)

    assert len(rounds) == 3
    assert cast.read(registration_index.knows_last_launches)


def test_a_launch_that_another_process_committed_late_is_noted_too(cast: Cast) -> None:
    late = cast.add_registration(cast.tool, cast.add_client(client_id="late"), name="Late")
    admit(cast, a_launch(late, launched_at=NOW, seen_version=cast.version()))
    admit(cast, a_launch(cast.north, launched_at=NOW, seen_version=cast.version()))
    cast.write(registration_index.note_last_launches)
    cast.write(lambda c: c.execute(rows.update().where(rows.c.id == late.id).values(last_launch=0)))

    cast.write(registration_index.note_last_launches)

    page = cast.read(registration_list.page, NORTHFIELD.id, Filters(), order="launch")
    assert [row.name for row in page] == ["Northfield's Moodle", "Late"]
    query = select(rows.c.last_launch).where(rows.c.id == late.id)
    assert cast.read(lambda c: c.execute(query).scalar()) > 0
