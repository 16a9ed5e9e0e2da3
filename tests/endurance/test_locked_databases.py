"""A database that another program has locked: everybody is told within seconds, and nothing is admitted twice."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import psycopg
import pytest

from tests.endurance.crowd import Crowd
from tests.endurance.fleet import running
from tests.endurance.records import launch_ids
from tests.endurance.scale import FULL
from tests.support.gateways import Campus

pytestmark = pytest.mark.asyncio


@pytest.mark.parametrize("seconds", [7, *([20] if FULL else [])])
async def test_while_the_database_is_locked_launches_wait_or_are_told(
    campus_today: Campus, seconds: int, report: Callable[[object], None]
) -> None:
    async with running(campus_today, 1) as fleet:
        crowd = Crowd(campus_today, fleet)
        await crowd.come(at(0.5), most=100)
        await crowd.look_back()
        locking = asyncio.create_task(lock(campus_today.address, seconds))
        await crowd.come(locking.done, most=1000, at_once=30)
        await locking
        recovered = await crowd.first_admitted()
        await crowd.look_back()
        crowd.require_each_once(launch_ids(campus_today.address))

    report(f"locked for {seconds} s, recovered after {recovered:.1f} s, {crowd.counts}")
    crowd.require_told_in_time(recovered)
    crowd.require_nothing_lost_or_twice()


async def lock(address: str, seconds: float) -> None:
    locked = _locked_file if address.startswith("sqlite") else _locked_table
    with locked(address):
        await asyncio.sleep(seconds)


@contextmanager
def _locked_file(address: str) -> Iterator[None]:
    path = address.removeprefix("sqlite:///")
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        yield
        connection.execute("ROLLBACK")


@contextmanager
def _locked_table(address: str) -> Iterator[None]:
    with psycopg.connect(address) as connection:
        connection.execute("LOCK TABLE launches IN ACCESS EXCLUSIVE MODE")
        yield


def at(seconds: float) -> Callable[[], bool]:
    latest = time.monotonic() + seconds
    return lambda: time.monotonic() > latest
