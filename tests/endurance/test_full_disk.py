"""A disk without room for another byte.

A limit on the size of files stands for the disk: it can be set and lifted while a process runs, by any account.
"""

from __future__ import annotations

import asyncio
import resource
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import psycopg
import pytest

from tests.endurance.crowd import UNAVAILABLE, Crowd
from tests.endurance.fleet import Fleet, Replica, running
from tests.endurance.records import launch_ids
from tests.endurance.scale import times
from tests.support.gateways import Campus
from tests.support.postgres_server import Server, account

pytestmark = pytest.mark.asyncio

ROUNDS = times(10)
A_FILE_OF_THE_LOG = 1_048_576
"""Of PostgreSQL's write-ahead log. They are written in place; no other file of a small database is as large."""

Report = Callable[[object], None]


@pytest.mark.parametrize("kind", ["sqlite"])
async def test_while_the_disk_is_full_launches_are_told_and_then_they_go_on(
    campus_today: Campus, report: Report
) -> None:
    async with running(campus_today, 1) as fleet:
        await full_now_and_then(campus_today, fleet, lambda: full(fleet.replicas[0]), report)


@pytest.mark.postgresql
async def test_while_the_disk_of_postgresql_is_full_launches_are_told_and_then_they_go_on(
    campus_on_server: Campus, server: Server, report: Report
) -> None:
    async with running(campus_on_server, 2) as fleet:
        await full_now_and_then(campus_on_server, fleet, lambda: full_table(server), report)


async def full_now_and_then(
    campus: Campus,
    fleet: Fleet,
    full_disk: Callable[[], AbstractContextManager[None]],
    report: Report,
) -> None:
    recoveries = []
    crowd = Crowd(campus, fleet)
    for _ in range(ROUNDS):
        await crowd.come(lambda: False, most=20)
        filling = asyncio.create_task(for_a_second(full_disk))
        await crowd.come(filling.done, most=150)
        await filling
        recoveries.append(await crowd.first_admitted())
        await crowd.look_back()
    crowd.require_each_once(launch_ids(campus.address))

    recovered = max(recoveries)
    report(f"full {ROUNDS} times, recovered within {recovered:.1f} s, {crowd.counts}")
    assert crowd.counts.answers[UNAVAILABLE]
    crowd.require_told_in_time(recovered)
    crowd.require_nothing_lost_or_twice()


async def for_a_second(full_disk: Callable[[], AbstractContextManager[None]]) -> None:
    with full_disk():
        await asyncio.sleep(1)


@contextmanager
def full(replica: Replica) -> Iterator[None]:
    """No file of this process can grow, nor be written beyond the size that its log has: not the database, nor the log."""
    _, most = resource.prlimit(replica.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(replica.pid, resource.RLIMIT_FSIZE, (len(replica.log), most))
    yield
    resource.prlimit(replica.pid, resource.RLIMIT_FSIZE, (most, most))


@contextmanager
def full_table(server: Server) -> Iterator[None]:
    """The table of launches has no room left, and cannot grow; what PostgreSQL writes beside it can be written."""
    limit(server, str(grown(server, A_FILE_OF_THE_LOG)))
    yield
    limit(server, "unlimited")


def grown(server: Server, least: int) -> int:
    """The table's size, after versions of its rows that nobody will see and nobody clears away."""
    with psycopg.connect(server.address) as connection:
        while (size := size_of_launches(connection)) < least:
            connection.execute("UPDATE launches SET trace = trace")
        connection.rollback()
    return size


def size_of_launches(connection: psycopg.Connection) -> int:
    [[size]] = connection.execute("SELECT pg_relation_size('launches')").fetchall()
    return int(size)


def limit(server: Server, size: str) -> None:
    """For the processes that it will start, and those that it has; by their own account, since root may lack the right."""
    limit_process(str(server.pid), size)
    children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
    for each in children:
        limit_process(each, size)


def limit_process(pid: str, size: str) -> None:
    # It may have ended by itself.
    subprocess.run(
        ["prlimit", "--pid", pid, f"--fsize={size}:"],
        user=account(),
        check=False,
        capture_output=True,
    )
