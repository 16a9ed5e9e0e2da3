from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest

from gatelodge.storage import launch_writer, launches
from gatelodge.storage.database import Database
from gatelodge.storage.errors import StorageUnavailable, UnstorableValue
from gatelodge.storage.launch_groups import GroupWriter, Outcome
from gatelodge.storage.launch_writer import LaunchWriter
from gatelodge.storage.launches import LaunchRow
from tests.storage.cast import a_launch
from tests.support.postgres import opened

T = TypeVar("T")


def run(database: Database, journey: Callable[[LaunchWriter], Awaitable[T]]) -> T:
    async def begin() -> T:
        return await journey(LaunchWriter(database))

    return asyncio.run(begin())


@pytest.fixture
def group_sizes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    sizes: list[int] = []
    write = GroupWriter.write

    def written(writer: GroupWriter, rows: list[LaunchRow]) -> object:
        sizes.append(len(rows))
        return write(writer, rows)

    monkeypatch.setattr(GroupWriter, "write", written)
    return sizes


def test_launches_of_one_tick_are_written_together(
    database: Database, group_sizes: list[int]
) -> None:
    async def journey(writer: LaunchWriter) -> list[str]:
        return await asyncio.gather(*(writer.admit(a_launch()) for _ in range(20)))

    assert run(database, journey) == ["admitted"] * 20
    assert group_sizes == [20]


async def one_by_one(writer: LaunchWriter, count: int) -> list[asyncio.Task[Outcome]]:
    """Each tick of the loop brings one launch."""
    admitting = []
    for _ in range(count):
        admitting.append(asyncio.create_task(writer.admit(a_launch())))
        await asyncio.sleep(0)
    return admitting


def test_launches_that_come_tick_after_tick_are_written_together(
    database: Database, group_sizes: list[int]
) -> None:
    async def journey(writer: LaunchWriter) -> list[str]:
        return await asyncio.gather(*await one_by_one(writer, 12))

    assert run(database, journey) == ["admitted"] * 12
    assert group_sizes == [12]


def test_when_there_are_enough_they_wait_for_no_others(
    database: Database, group_sizes: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launch_writer, "ENOUGH", 4)

    async def journey(writer: LaunchWriter) -> list[str]:
        return await asyncio.gather(*await one_by_one(writer, 20))

    assert run(database, journey) == ["admitted"] * 20
    assert group_sizes[0] in (4, 5)


def test_while_a_group_is_written_the_next_launches_gather(
    database: Database, group_sizes: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    has_begun, may_write = threading.Event(), threading.Event()
    write = GroupWriter.write

    def slow(writer: GroupWriter, rows: list[LaunchRow]) -> object:
        has_begun.set()
        may_write.wait(10)
        return write(writer, rows)

    monkeypatch.setattr(GroupWriter, "write", slow)

    async def journey(writer: LaunchWriter) -> list[str]:
        first = asyncio.create_task(writer.admit(a_launch()))
        await asyncio.to_thread(has_begun.wait, 10)
        admitting = []
        for _ in range(9):
            admitting.append(asyncio.create_task(writer.admit(a_launch())))
            await asyncio.sleep(0.001)
        may_write.set()
        return await asyncio.gather(first, *admitting)

    assert run(database, journey) == ["admitted"] * 10
    assert sorted(group_sizes) == [1, 9]


def test_a_group_has_a_largest_size(
    database: Database, group_sizes: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launch_writer, "LARGEST_GROUP", 8)

    async def journey(writer: LaunchWriter) -> list[str]:
        return await asyncio.gather(*(writer.admit(a_launch()) for _ in range(20)))

    assert run(database, journey) == ["admitted"] * 20
    assert sorted(group_sizes) == [4, 8, 8]


def test_the_same_launch_twice_at_once_is_admitted_once(database: Database) -> None:
    row = a_launch()

    async def journey(writer: LaunchWriter) -> list[str]:
        return await asyncio.gather(*(writer.admit(row) for _ in range(5)))

    assert sorted(run(database, journey)) == ["admitted", *["spent"] * 4]


def test_text_that_no_database_takes_is_refused_before_it_joins_a_group(
    database: Database, group_sizes: list[int]
) -> None:
    async def journey(writer: LaunchWriter) -> list[object]:
        rows = [a_launch(facts="\0"), a_launch(subject="\ud800"), a_launch()]
        return await asyncio.gather(*map(writer.admit, rows), return_exceptions=True)

    found = run(database, journey)

    assert [type(each) for each in found] == [UnstorableValue, UnstorableValue, str]
    assert group_sizes == [1]


def test_draining_waits_for_everything(database: Database) -> None:
    async def journey(writer: LaunchWriter) -> list[bool]:
        await writer.drain()
        admitting = [asyncio.create_task(writer.admit(a_launch())) for _ in range(50)]
        await asyncio.sleep(0)
        await writer.drain()
        await asyncio.sleep(0)
        return [each.done() for each in admitting]

    assert all(run(database, journey))


def test_who_gives_up_waiting_does_not_disturb_the_others(database: Database) -> None:
    given_up, other = a_launch(), a_launch()

    async def journey(writer: LaunchWriter) -> str:
        impatient = asyncio.create_task(writer.admit(given_up))
        patient = asyncio.create_task(writer.admit(other))
        await asyncio.sleep(0)
        impatient.cancel()
        outcome = await patient
        await writer.drain()
        return outcome

    assert run(database, journey) == "admitted"
    stored = database.read(lambda connection: launches.get(connection, None, given_up.id))
    assert stored is not None


def test_after_closing_a_launch_is_told(database: Database) -> None:
    database.close()

    async def journey(writer: LaunchWriter) -> list[object]:
        admitting = asyncio.gather(*map(writer.admit, [a_launch()] * 3), return_exceptions=True)
        return await asyncio.wait_for(admitting, 5)

    found = run(database, journey)

    assert {type(each) for each in found} == {StorageUnavailable}


async def admitted_behind(database: Database, writer: LaunchWriter, held: float) -> list[float]:
    """The writer's thread is held for a while: after how many seconds each launch is told that it is too late."""

    async def told() -> float:
        begun = time.monotonic()
        with pytest.raises(StorageUnavailable):
            await writer.admit(a_launch())
        return time.monotonic() - begun

    sleeping = database.submit_launches(lambda: time.sleep(held))
    telling = []
    for _ in range(4):
        telling.append(asyncio.create_task(told()))
        await asyncio.sleep(0.05)
    answers = await asyncio.gather(*telling)
    await asyncio.wrap_future(sleeping)
    return answers


def test_a_launch_that_could_not_be_begun_in_time_is_told_though_the_writer_is_stuck(
    address: str,
) -> None:
    with opened(address, patience=0.3) as database:
        waited = run(database, lambda writer: admitted_behind(database, writer, 1.0))

        assert max(waited) < 0.7
        assert run(database, lambda writer: writer.admit(a_launch())) == "admitted"


def test_a_database_that_does_not_come_back_keeps_nobody_waiting(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    comes_back = threading.Event()
    write = GroupWriter.write

    def stuck(writer: GroupWriter, rows: list[LaunchRow]) -> object:
        comes_back.wait(10)
        return write(writer, rows)

    async def journey(writer: LaunchWriter) -> list[object]:
        admitting = []
        for _ in range(12):
            admitting.append(asyncio.create_task(writer.admit(a_launch())))
            await asyncio.sleep(0.05)
        told = await asyncio.wait_for(asyncio.gather(*admitting, return_exceptions=True), 1.5)
        comes_back.set()
        await writer.drain()
        return told

    monkeypatch.setattr(GroupWriter, "write", stuck)
    with opened(address, patience=0.3) as database:
        told = run(database, journey)

        assert {type(each) for each in told} == {StorageUnavailable}
        assert run(database, lambda writer: writer.admit(a_launch())) == "admitted"


@pytest.mark.parametrize("kind", ["sqlite"])
def test_when_there_is_no_space_left_launches_are_told_until_there_is_some(
    database: Database,
) -> None:
    def limit(pages: int) -> None:
        with database.launch_connection() as connection:
            connection.execute(f"PRAGMA max_page_count = {pages}")

    limit(1)
    with pytest.raises(StorageUnavailable, match="no space left"):
        run(database, lambda writer: admit_many(writer, 200))
    limit(1_000_000)

    assert run(database, lambda writer: writer.admit(a_launch())) == "admitted"


async def admit_many(writer: LaunchWriter, count: int) -> None:
    await asyncio.gather(*(writer.admit(a_launch()) for _ in range(count)))
