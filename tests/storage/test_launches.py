from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from gatelodge.storage import launches
from gatelodge.storage.launch_groups import GroupWriter
from gatelodge.storage.launches import LaunchRow, NotTaken, TakenLaunch
from tests.storage.cast import NORTHFIELD, NOW, SOUTHBANK, Cast, a_launch

Take = Callable[..., TakenLaunch | NotTaken]


def admit(cast: Cast, *rows: LaunchRow) -> None:
    assert set(GroupWriter(cast.database).write(rows)) == {"admitted"}


@pytest.fixture
def launch(cast: Cast) -> LaunchRow:
    row = a_launch(cast.north, seen_version=cast.version())
    admit(cast, row)
    return row


@pytest.fixture
def take(cast: Cast, launch: LaunchRow) -> Take:
    def take(**changes: object) -> TakenLaunch | NotTaken:
        right = {
            "launch_id": launch.id,
            "code_hash": launch.code_hash,
            "tool_id": launch.tool_id,
            "access_hash": b"access",
            "access_expires_at": NOW + 3600,
            "now": NOW + 1.5,
        }
        return cast.write(launches.take, **(right | changes))

    return take


def has_access(cast: Cast, launch: LaunchRow, *, now: float = NOW + 2) -> bool:
    return cast.read(launches.find_by_access, launch.id, b"access", now) is not None


# ---------------------------------------------------------------- the hand-off


def test_the_first_who_redeems_is_given_the_launch(
    cast: Cast, launch: LaunchRow, take: Take
) -> None:
    taken = take()

    assert isinstance(taken, TakenLaunch)
    assert {name: getattr(launch, name) for name in taken.__slots__} == {
        name: getattr(taken, name) for name in taken.__slots__
    }
    assert cast.read(launches.find_by_access, launch.id, b"access", NOW + 2) == taken


def test_the_second_is_refused_and_takes_away_what_the_first_was_given(
    cast: Cast, launch: LaunchRow, take: Take
) -> None:
    take()

    assert take(access_hash=b"other", now=NOW + 10) == "spent"

    assert not has_access(cast, launch)
    assert cast.read(launches.find_by_access, launch.id, b"other", NOW + 2) is None
    stored = cast.read(launches.get, None, launch.id)
    assert stored is not None
    assert (stored.redeemed_at, stored.revoked_at) == (NOW + 1, NOW + 10)


def test_what_a_tenants_launches_gave_is_ended_with_all_that_live(cast: Cast, take: Take) -> None:
    unused, old = (
        a_launch(cast.north, launched_at=NOW + moved, seen_version=cast.version())
        for moved in (0, -9000)
    )
    elsewhere = a_launch(cast.south, seen_version=cast.version())
    admit(cast, old, unused, elsewhere)
    taken = take()
    assert isinstance(taken, TakenLaunch)

    ended = cast.write(launches.end_live, NORTHFIELD.id, since=NOW - 7200, now=NOW + 1, at_once=2)

    assert ended == 2
    assert cast.read(launches.find_by_access, taken.id, b"access", NOW + 2) is None
    secret = {"launch_id": unused.id, "code_hash": unused.code_hash}
    assert take(**secret) == "ended"
    stored = [cast.read(launches.get, None, each.id) for each in (old, elsewhere)]
    assert [each.revoked_at for each in stored if each] == [None, None]


def test_a_third_changes_nothing_more(cast: Cast, launch: LaunchRow, take: Take) -> None:
    take()
    take(now=NOW + 10)

    assert take(now=NOW + 20) == "spent"

    stored = cast.read(launches.get, None, launch.id)
    assert stored is not None
    assert (stored.redeemed_at, stored.revoked_at) == (NOW + 1, NOW + 10)


@pytest.mark.parametrize(
    "wrong",
    [{"code_hash": b"wrong" * 4}, {"tool_id": "other tool"}, {"launch_id": "unknown"}],
    ids=lambda wrong: next(iter(wrong)),
)
def test_a_wrong_code_is_unknown_and_does_no_harm(
    cast: Cast, launch: LaunchRow, take: Take, wrong: dict[str, object]
) -> None:
    assert take(**wrong) == "unknown"
    assert isinstance(take(), TakenLaunch)
    assert take(**wrong) == "unknown"

    assert has_access(cast, launch)


def test_an_unused_code_expires(cast: Cast, launch: LaunchRow, take: Take) -> None:
    assert take(now=launch.code_expires_at) == "expired"
    assert isinstance(take(now=launch.code_expires_at - 1), TakenLaunch)


def test_a_used_code_revokes_after_it_expired_too(
    cast: Cast, launch: LaunchRow, take: Take
) -> None:
    take()

    assert take(now=launch.code_expires_at + 100) == "spent"

    assert not has_access(cast, launch)


def test_access_ends_with_its_time_and_for_another_token(
    cast: Cast, launch: LaunchRow, take: Take
) -> None:
    take(access_expires_at=NOW + 100)

    assert has_access(cast, launch, now=NOW + 99)
    assert not has_access(cast, launch, now=NOW + 100)
    assert cast.read(launches.find_by_access, launch.id, b"wrong", NOW) is None


def test_of_sixteen_who_redeem_at_once_one_wins_and_keeps_nothing(
    cast: Cast, launch: LaunchRow, take: Take
) -> None:
    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda _: take(), range(16)))

    assert Counter(map(type, found)) == {TakenLaunch: 1, str: 15}
    assert set(found) - {each for each in found if isinstance(each, TakenLaunch)} == {"spent"}
    assert not has_access(cast, launch)


def test_a_launch_without_personal_data_is_taken_too(cast: Cast) -> None:
    row = a_launch(cast.north, sealed_personal=None, seen_version=cast.version())
    admit(cast, row)

    taken = cast.write(
        launches.take,
        launch_id=row.id,
        code_hash=row.code_hash,
        tool_id=row.tool_id,
        access_hash=b"access",
        access_expires_at=NOW + 1,
        now=NOW,
    )

    assert isinstance(taken, TakenLaunch)
    assert taken.sealed_personal is None


# ---------------------------------------------------------------- lists


def test_launches_are_listed_newest_first_a_page_at_a_time(cast: Cast) -> None:
    rows = [a_launch(cast.north, seen_version=cast.version()) for _ in range(5)]
    admit(cast, *rows)

    first = cast.read(launches.list_recent, NORTHFIELD.id, limit=3)
    second = cast.read(launches.list_recent, NORTHFIELD.id, limit=3, before=first[-1].number)

    assert [each.id for each in [*first, *second]] == [row.id for row in reversed(rows)]


def test_launches_are_listed_by_registration(cast: Cast) -> None:
    north, south = (
        a_launch(each, seen_version=cast.version()) for each in (cast.north, cast.south)
    )
    admit(cast, north, south)

    def ids(tenant_id: str | None, registration_id: str | None = None) -> list[str]:
        found = cast.read(launches.list_recent, tenant_id, registration_id=registration_id)
        return [each.id for each in found]

    assert ids(None) == [south.id, north.id]
    assert ids(SOUTHBANK.id) == [south.id]
    assert ids(None, cast.north.id) == [north.id]
    assert ids(SOUTHBANK.id, cast.north.id) == []


# ---------------------------------------------------------------- letting go


def test_personal_data_goes_and_the_launch_stays(cast: Cast, launch: LaunchRow) -> None:
    assert cast.write(launches.purge_personal, NOW) == 0
    assert cast.read(launches.personal, None, launch.id) == b"sealed"

    assert cast.write(launches.purge_personal, NOW + 1) == 1

    assert cast.read(launches.personal, None, launch.id) is None
    assert cast.read(launches.get, None, launch.id) is not None


def test_a_launch_goes_with_its_personal_data(cast: Cast, launch: LaunchRow) -> None:
    assert cast.write(launches.purge, NOW + 1) == 1

    assert cast.read(launches.get, None, launch.id) is None
    assert cast.write(launches.purge_personal, NOW + 1) == 0


@pytest.mark.parametrize("purge", [launches.purge, launches.purge_personal])
def test_purging_goes_in_batches_and_keeps_what_is_young(
    cast: Cast, purge: Callable[..., int]
) -> None:
    ages = [NOW - 3, NOW - 2, NOW - 2, NOW - 1, NOW, NOW + 1]
    admit(
        cast,
        *(a_launch(cast.north, launched_at=each, seen_version=cast.version()) for each in ages),
    )

    removed = [cast.write(purge, NOW, limit=3) for _ in range(3)]

    assert removed == [3, 1, 0]
    kept = [each.launched_at for each in cast.read(launches.list_recent, None)]
    assert kept[:2] == [NOW + 1, NOW]
