from __future__ import annotations

import asyncio
import sqlite3
import stat
import threading
import time
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, select, text
from sqlalchemy.exc import DBAPIError

from gatelodge.storage import tenants, tools
from gatelodge.storage.database import Database
from gatelodge.storage.errors import StorageUnavailable, UnstorableValue
from gatelodge.storage.tables import tenants as tenants_table
from gatelodge.storage.tenants import Tenant
from tests.storage.cast import NORTHFIELD, a_tool
from tests.support.postgres import Postgres, opened


def add_northfield(connection: Connection) -> None:
    tenants.add(connection, NORTHFIELD)


def slugs(connection: Connection) -> list[str]:
    return [each.slug for each in tenants.list_all(connection)]


# ---------------------------------------------------------------- transactions


def test_an_error_nobody_foresaw_tells_no_value(database: Database) -> None:
    values = {"name": "Mia Learner"}

    def broken(connection: Connection) -> None:
        connection.execute(text("INSERT INTO nowhere VALUES (:name)"), values)

    with pytest.raises(DBAPIError) as raised:
        database.write(broken)

    written = "".join(traceback.format_exception(raised.value))
    assert "nowhere" in written
    assert "Mia Learner" not in written


def test_what_is_written_can_be_read(database: Database) -> None:
    database.write(add_northfield)

    assert database.read(slugs) == ["northfield"]


def test_a_write_that_fails_leaves_nothing_behind(database: Database) -> None:
    def add_and_fail(connection: Connection) -> None:
        add_northfield(connection)
        raise LookupError("something else went wrong")

    with pytest.raises(LookupError, match="something else"):
        database.write(add_and_fail)

    assert database.read(slugs) == []


def test_a_read_cannot_write(database: Database) -> None:
    with pytest.raises(StorageUnavailable, match="cannot be written to"):
        database.read(add_northfield)

    assert database.read(slugs) == []


def test_a_write_may_not_wait_for_another_on_the_one_writing_thread(sqlite_address: str) -> None:
    with opened(sqlite_address) as database, pytest.raises(RuntimeError, match="may not wait"):
        database.write(lambda _: database.write(add_northfield))


def test_the_loop_goes_on_while_the_database_works(database: Database) -> None:
    async def read_and_write() -> tuple[bool, list[str]]:
        may_end = threading.Event()
        reading = asyncio.create_task(database.run_read(lambda _: may_end.wait(10)))
        await database.run_write(add_northfield)
        may_end.set()
        return await reading, await database.run_read(slugs)

    was_set, found = asyncio.run(read_and_write())

    assert was_set
    assert found == ["northfield"]


def test_many_threads_write_at_once(database: Database) -> None:
    def add(number: int) -> None:
        tenant = Tenant(f"id-{number:03}", f"slug-{number}", "A school", b"", 0)
        database.write(lambda connection: tenants.add(connection, tenant))

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(add, range(64)))

    assert len(database.read(slugs)) == 64


# ---------------------------------------------------------------- values


@pytest.mark.parametrize("text", ["one\0two", "half \ud800 a character"])
def test_text_that_no_database_takes_is_refused_alike(database: Database, text: str) -> None:
    tenant = Tenant("id", "slug", text, b"", 0)

    with pytest.raises(UnstorableValue, match="A text holds") as caught:
        database.write(lambda connection: tenants.add(connection, tenant))

    assert caught.value.code == "storage.unstorable_value"


def test_what_no_database_can_hold_is_not_found(database: Database) -> None:
    def by_slug(connection: Connection) -> Tenant | None:
        return tenants.get_by_slug(connection, "no\0such")

    assert database.find(by_slug) is None
    assert asyncio.run(database.run_find(by_slug)) is None


def test_text_too_long_for_an_index_is_refused_alike(database: Database) -> None:
    tenant = Tenant("id", "ä" * 600, "A school", b"", 0)

    with pytest.raises(UnstorableValue, match="longer than 1,024 bytes"):
        database.write(lambda connection: tenants.add(connection, tenant))


def test_a_word_with_a_space_is_refused(database: Database) -> None:
    tool = a_tool(claims=frozenset({"given name"}))

    with pytest.raises(UnstorableValue, match="has a space"):
        database.write(
            lambda connection: tools.add(connection, tool, secret_hash=b"", created_at=0)
        )


def test_text_is_ordered_by_code_point_on_both(database: Database) -> None:
    names = ["b", "ä", "B", "a", "-", "Z", "€", "😀"]

    def add_all(connection: Connection) -> None:
        for name in names:
            connection.execute(
                insert(tenants_table).values(
                    id=name, slug=name, name=name, identity_key=b"", created_at=0.9
                )
            )

    database.write(add_all)

    ordered = select(tenants_table.c.name).order_by(tenants_table.c.name)
    found = database.read(lambda connection: connection.execute(ordered).scalars().all())
    assert found == sorted(names)


# ---------------------------------------------------------------- SQLite alone


@pytest.fixture
def sqlite_address(sqlite_template: Path, tmp_path: Path) -> str:
    path = tmp_path / "alone.db"
    path.write_bytes(sqlite_template.read_bytes())
    return f"sqlite:///{path}"


@pytest.fixture
def locked(sqlite_address: str) -> sqlite3.Connection:
    """Another program that keeps the file's write lock."""
    connection = sqlite3.connect(sqlite_address.removeprefix("sqlite:///"), isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    return connection


def test_a_database_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "new.db"

    with opened(f"sqlite:///{path}") as database:
        database.write(lambda connection: connection.execute(text("CREATE TABLE t (a)")))

        modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in tmp_path.glob("new.db*")}

    assert modes == dict.fromkeys(["new.db", "new.db-shm", "new.db-wal"], 0o600)


def test_connections_are_set_up_as_the_design_says(sqlite_address: str) -> None:
    def settings(connection: Connection) -> list[object]:
        names = ("journal_mode", "foreign_keys", "synchronous", "busy_timeout", "query_only")
        return [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names]

    with closing(Database.open(sqlite_address, synchronous="FULL")) as database:
        assert database.write(settings) == ["wal", 1, 2, 5000, 0]
        assert database.read(settings) == ["wal", 1, 2, 5000, 1]


def test_a_new_file_has_pages_for_several_launches_and_a_journal_of_64_megabytes(
    tmp_path: Path,
) -> None:
    def bytes_of(connection: Connection) -> tuple[int, int]:
        page = connection.exec_driver_sql("PRAGMA page_size").scalar_one()
        return page, page * connection.exec_driver_sql("PRAGMA wal_autocheckpoint").scalar_one()

    with opened(f"sqlite:///{tmp_path / 'new.db'}") as database:
        page, journal = database.write(bytes_of)

    assert page == 8192
    assert journal == pytest.approx(64 * 1024**2, rel=0.05)


def test_a_lock_that_somebody_keeps_is_told_and_not_waited_for(
    sqlite_address: str, locked: sqlite3.Connection
) -> None:
    with opened(sqlite_address, patience=0.3) as database, ThreadPoolExecutor(6) as pool:
        began = time.monotonic()
        tries = [pool.submit(database.write, add_northfield) for _ in range(6)]

        found = [each.exception() for each in tries]
        took = time.monotonic() - began
        readable = database.read(slugs)
        locked.rollback()
        database.write(add_northfield)

        assert all(isinstance(each, StorageUnavailable) for each in found)
        assert took < 2, "one after the other would have taken longer"
        assert (readable, database.read(slugs)) == ([], ["northfield"])


def test_what_waited_too_long_for_the_writing_thread_is_refused(sqlite_address: str) -> None:
    may_end = threading.Event()
    with opened(sqlite_address, patience=0.1) as database, ThreadPoolExecutor(2) as pool:
        slow = pool.submit(database.write, lambda _: may_end.wait(10))
        waiting = pool.submit(database.write, add_northfield)
        time.sleep(0.3)
        may_end.set()

        with pytest.raises(StorageUnavailable, match="too busy"):
            waiting.result()
        assert slow.result()


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StorageUnavailable, match=r"nowhere/x\.db.*No such file or directory"):
        Database.open(f"sqlite:///{tmp_path}/nowhere/x.db")


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("Dear diary, " * 100, encoding="utf-8")

    with (
        opened(f"sqlite:///{path}") as database,
        pytest.raises(StorageUnavailable, match="is not a database"),
    ):
        database.read(slugs)


# ---------------------------------------------------------------- PostgreSQL alone


@pytest.fixture
def fresh_address(postgres: Postgres, postgres_template: str) -> Iterator[str]:
    with postgres.new_database(template=postgres_template) as address:
        yield address


def end_connections(database: Database) -> int:
    """As a restart of the server does, except for the connection that this is asked on."""
    query = text(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    return database.read(lambda connection: connection.execute(query).scalar_one())


@pytest.mark.postgresql
def test_connections_that_the_server_ended_are_replaced(fresh_address: str) -> None:
    with opened(fresh_address) as database, opened(fresh_address) as other:
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda _: database.read(lambda _: time.sleep(0.05)), range(4)))
        ended = end_connections(other)

        database.write(add_northfield)

        assert ended == 4
        assert [database.read(slugs) for _ in range(6)] == [["northfield"]] * 6


@pytest.mark.postgresql
@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("disk_full", "no space left"),
        ("internal_error", "a fault of its own"),
        ("data_corrupted", "a fault of its own"),
        ("index_corrupted", "a fault of its own"),
        ("io_error", "cannot be reached"),
    ],
)
def test_what_the_server_says_of_itself_is_told(
    fresh_address: str, condition: str, words: str
) -> None:
    with (
        opened(fresh_address) as database,
        pytest.raises(StorageUnavailable, match=words),
    ):
        database.read(lambda each: each.exec_driver_sql(f"DO $$ BEGIN RAISE {condition}; END $$"))


@pytest.mark.postgresql
def test_a_row_that_somebody_keeps_locked_is_told_and_not_waited_for(fresh_address: str) -> None:
    with opened(fresh_address) as holder, opened(fresh_address, patience=0.2) as database:
        is_locked, may_end = threading.Event(), threading.Event()

        def hold(connection: Connection) -> None:
            add_northfield(connection)
            is_locked.set()
            may_end.wait(10)

        thread = threading.Thread(target=holder.write, args=(hold,))
        thread.start()
        is_locked.wait(10)
        try:
            with pytest.raises(StorageUnavailable, match="locked by another"):
                database.write(add_northfield)
        finally:
            may_end.set()
            thread.join()


@pytest.mark.postgresql
def test_when_all_connections_are_taken_the_next_is_told(fresh_address: str) -> None:
    may_end = threading.Event()
    with opened(fresh_address, patience=0.2) as database, ThreadPoolExecutor(8) as pool:
        busy = [pool.submit(database.read, lambda _: may_end.wait(10)) for _ in range(8)]
        time.sleep(0.5)
        try:
            with pytest.raises(StorageUnavailable, match="no connection became free"):
                database.read(slugs)
        finally:
            may_end.set()
        assert all(each.result() for each in busy)


def test_a_server_that_does_not_answer_is_told_without_its_password() -> None:
    with (
        opened("postgresql://gatelodge:geheim@127.0.0.1:1/none") as database,
        pytest.raises(StorageUnavailable, match="cannot be reached") as caught,
    ):
        database.read(slugs)

    assert "geheim" not in f"{caught.value} {caught.value.hint}"


@pytest.mark.parametrize("address", ["", "mysql://host/db", "sqlite://", "sqlite:///:memory:", "?"])
def test_an_address_of_another_kind_is_refused(address: str) -> None:
    with pytest.raises(StorageUnavailable, match="neither of SQLite nor of PostgreSQL"):
        Database.open(address)


def test_after_closing_everything_is_refused(database: Database) -> None:
    database.close()

    with pytest.raises(StorageUnavailable, match="closed"):
        asyncio.run(database.run_write(add_northfield))


# ---------------------------------------------------------------- a database that does not come back


def test_who_asks_a_database_that_does_not_answer_is_told(address: str) -> None:
    comes_back = threading.Event()

    def stuck(_: Connection) -> None:
        comes_back.wait(10)

    async def ask(database: Database) -> None:
        for run in (database.run_read, database.run_find, database.run_write):
            with pytest.raises(StorageUnavailable):
                await asyncio.wait_for(run(stuck), 2)

    with opened(address, patience=0.2) as database:
        asyncio.run(ask(database))
        comes_back.set()

        database.write(add_northfield)
        assert database.read(slugs) == ["northfield"]
