"""What replicas share beside the catalogue: key sets, periodic work, the check of the secret key."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from gatelodge.storage import key_sets, periodic, seal_check
from gatelodge.storage.database import Database
from gatelodge.storage.key_sets import StoredKeySet
from tests.storage.cast import NOW, Cast

URL = "https://lms.example/keys"


# ---------------------------------------------------------------- key sets


def put(cast: Cast, body: str, fetched_at: int) -> None:
    cast.write(
        key_sets.put, URL, body, fetched_at=fetched_at, fresh_until=fetched_at + 60, etag='"1"'
    )


def test_the_newest_key_set_is_kept(cast: Cast) -> None:
    put(cast, "first", NOW)
    put(cast, "second", NOW + 10)
    put(cast, "late", NOW + 5)

    found = cast.read(key_sets.get, URL)

    assert found == StoredKeySet(URL, "second", NOW + 10, NOW + 70, '"1"')
    assert cast.read(key_sets.get, "https://other.example/keys") is None


def test_a_key_set_that_nobody_fetches_is_let_go(cast: Cast) -> None:
    put(cast, "body", NOW)

    assert cast.write(key_sets.purge, NOW) == 0
    assert cast.write(key_sets.purge, NOW + 1) == 1


# ---------------------------------------------------------------- periodic work


def claim(database: Database, owner: str, now: float) -> bool:
    return database.write(
        lambda connection: periodic.claim(connection, "purge", owner, now=now, lease=60)
    )


def finish(database: Database, owner: str, due_at: float) -> bool:
    return database.write(
        lambda connection: periodic.finish(connection, "purge", owner, due_at=due_at)
    )


def test_one_of_many_does_the_work(database: Database) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda number: claim(database, f"owner-{number}", NOW), range(8)))

    assert sorted(found) == [*[False] * 7, True]


def test_work_comes_round_when_it_is_due_again(database: Database) -> None:
    assert claim(database, "one", NOW)
    assert finish(database, "one", NOW + 3600)

    assert not claim(database, "other", NOW + 3599)
    assert claim(database, "other", NOW + 3600)


def test_the_work_of_one_who_died_is_taken_over(database: Database) -> None:
    claim(database, "dead", NOW)

    assert not claim(database, "other", NOW + 59)
    assert claim(database, "other", NOW + 60)
    assert not finish(database, "dead", NOW + 3600)
    assert finish(database, "other", NOW + 3600)


# ---------------------------------------------------------------- the check of the secret key


def test_the_first_check_value_stays_until_it_is_replaced(cast: Cast) -> None:
    assert cast.read(seal_check.get, "seal") is None
    assert cast.write(seal_check.put_first, "seal", "one") == "one"
    assert cast.write(seal_check.put_first, "seal", "two") == "one"

    cast.write(seal_check.put, "seal", "three")

    assert cast.read(seal_check.get, "seal") == "three"
