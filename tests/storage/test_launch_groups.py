from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from sqlalchemy import text

from gatelodge.storage import catalogue, launch_groups, launches
from gatelodge.storage.database import Database
from gatelodge.storage.errors import StorageUnavailable
from gatelodge.storage.launch_groups import GroupWriter
from gatelodge.storage.launches import LaunchRow
from tests.storage.cast import NOW, Cast, a_launch, new_id
from tests.support.postgres import Postgres, opened


@pytest.fixture
def writer(database: Database) -> GroupWriter:
    return GroupWriter(database)


def stored_ids(database: Database) -> set[str]:
    found = database.read(lambda connection: launches.list_recent(connection, None, limit=10_000))
    return {each.id for each in found}


def test_a_launch_is_stored_as_it_was_given(database: Database, writer: GroupWriter) -> None:
    row = a_launch(facts='{"name": "Åsa, 学校 😀"}')

    assert writer.write([row]) == ["admitted"]

    stored = database.read(lambda connection: launches.get(connection, None, row.id))
    assert stored is not None
    names = set(stored.__slots__) & set(row.__struct_fields__)
    assert {name: getattr(stored, name) for name in names} == {
        name: getattr(row, name) for name in names
    }
    assert (stored.redeemed_at, stored.revoked_at) == (None, None)


def test_a_nonce_is_spent_once(writer: GroupWriter) -> None:
    row = a_launch()

    assert writer.write([row]) == ["admitted"]
    assert writer.write([row, a_launch()]) == ["spent", "admitted"]


def test_of_equal_nonces_in_one_group_the_first_wins(
    database: Database, writer: GroupWriter
) -> None:
    first = a_launch(subject="first")
    second = replace(first, subject="second", code_hash=b"second" * 5)

    found = writer.write([a_launch(), first, second, a_launch(), first])

    stored = database.read(lambda connection: launches.get(connection, None, first.id))
    assert found == ["admitted", "admitted", "spent", "admitted", "spent"]
    assert stored is not None
    assert stored.subject == "first"


def test_what_is_personal_stays_with_its_own_launch(
    database: Database, writer: GroupWriter
) -> None:
    earlier = a_launch(sealed_personal=b"earlier")
    writer.write([earlier])
    group = [
        a_launch(sealed_personal=b"one"),
        replace(earlier, sealed_personal=b"replayed"),
        a_launch(seen_version=99, sealed_personal=b"stale"),
        a_launch(sealed_personal=None),
        a_launch(sealed_personal=b"five"),
    ]

    found = writer.write(group)

    kept = [
        database.read(lambda connection, each=each: launches.personal(connection, None, each.id))
        for each in group
    ]
    assert found == ["admitted", "spent", "stale", "admitted", "admitted"]
    assert kept == [b"one", b"earlier", None, None, b"five"]


def test_what_was_judged_by_an_older_catalogue_is_not_written(
    cast: Cast, writer: GroupWriter
) -> None:
    before = cast.version()
    cast.write(catalogue.touch, "tool:hello")
    old, new = a_launch(seen_version=before), a_launch(seen_version=before + 1)

    assert writer.write([old, new]) == ["stale", "admitted"]
    assert stored_ids(cast.database) == {new.id}
    assert writer.write([replace(old, seen_version=before + 1)]) == ["admitted"]


def test_what_was_judged_by_a_catalogue_that_was_put_back_is_not_written(
    cast: Cast, writer: GroupWriter
) -> None:
    assert writer.write([a_launch(seen_version=cast.version() + 1)]) == ["stale"]


def test_a_bad_row_does_not_take_the_others_along(database: Database, writer: GroupWriter) -> None:
    bad: Any = a_launch(message_type=None)
    good = [a_launch(), a_launch()]

    first, failed, last = writer.write([good[0], bad, good[1]])

    assert (first, last) == ("admitted", "admitted")
    assert isinstance(failed, StorageUnavailable)
    assert failed.__cause__ is not None
    assert stored_ids(database) == {row.id for row in good}


def test_a_group_without_personal_data_is_written(database: Database, writer: GroupWriter) -> None:
    rows = [a_launch(sealed_personal=None, subject=None, context_id=None) for _ in range(3)]

    assert writer.write(rows) == ["admitted"] * 3

    assert database.write(lambda connection: launches.purge_personal(connection, NOW + 1)) == 0


def test_the_same_nonces_posted_to_two_gateways_win_once(address: str, database: Database) -> None:
    ids = [new_id() for _ in range(40)]
    with opened(address) as other, ThreadPoolExecutor(8) as pool:
        writers = [GroupWriter(database), GroupWriter(other)]

        def post(number: int) -> list[tuple[str, object]]:
            order = ids if number % 2 else list(reversed(ids))
            rows = [a_launch(id=each) for each in order]
            return list(zip(order, writers[number % 2].write(rows), strict=True))

        found = [each for answers in pool.map(post, range(8)) for each in answers]

    wins = Counter(row_id for row_id, outcome in found if outcome == "admitted")
    assert wins == dict.fromkeys(ids, 1)
    assert Counter(outcome for _, outcome in found) == {"admitted": 40, "spent": 280}


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    groups=st.lists(
        st.lists(st.tuples(st.integers(0, 4), st.sampled_from([0, 0, 0, 1])), max_size=8),
        max_size=4,
    )
)
def test_a_group_is_judged_as_if_written_row_by_row(
    database: Database, groups: list[list[tuple[int, int]]]
) -> None:
    writer, prefix = GroupWriter(database), new_id()
    spent: set[int] = set()

    def expected(number: int, seen: int) -> str:
        if seen:
            return "stale"
        if number in spent:
            return "spent"
        spent.add(number)
        return "admitted"

    for group in groups:
        rows = [a_launch(id=f"{prefix}-{number}", seen_version=seen) for number, seen in group]

        assert writer.write(rows) == [expected(number, seen) for number, seen in group]


# ---------------------------------------------------------------- PostgreSQL alone


@pytest.fixture
def pair(postgres: Postgres, postgres_template: str) -> Iterator[tuple[Database, Database]]:
    """Two gateways on one database."""
    with (
        postgres.new_database(template=postgres_template) as address,
        opened(address) as one,
        opened(address) as other,
    ):
        yield one, other


END_CONNECTIONS = text(
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


@pytest.mark.postgresql
def test_a_group_survives_a_restart_of_the_server(pair: tuple[Database, Database]) -> None:
    database, other = pair
    writer = GroupWriter(database)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: writer.write([a_launch()]), range(8)))
    other.read(lambda connection: connection.execute(END_CONNECTIONS))

    assert writer.write([a_launch(), a_launch()]) == ["admitted", "admitted"]


@pytest.mark.postgresql
def test_a_group_whose_answer_was_lost_is_admitted(
    pair: tuple[Database, Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server has written it, and the connection breaks before the answer comes."""
    database, _ = pair
    row, replayed = a_launch(), a_launch()
    writer = GroupWriter(database)
    writer.write([replayed])
    insert = launch_groups.insert_into_postgresql

    def insert_and_lose(connection: psycopg.Connection[Any], rows: list[LaunchRow]) -> object:
        monkeypatch.setattr(launch_groups, "insert_into_postgresql", insert)
        insert(connection, rows)
        connection.close()
        raise psycopg.OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(launch_groups, "insert_into_postgresql", insert_and_lose)

    found = writer.write([row, replace(replayed, code_hash=b"another" * 4), a_launch()])

    assert found == ["admitted", "spent", "admitted"]


@pytest.mark.postgresql
def test_when_the_server_is_gone_the_whole_group_is_told_at_once() -> None:
    with opened("postgresql://gatelodge@127.0.0.1:1/none") as database:
        found = GroupWriter(database).write([a_launch() for _ in range(50)])

    assert {type(each) for each in found} == {StorageUnavailable}
