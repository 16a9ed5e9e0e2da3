"""A PostgreSQL that is restarted, dies, or stands still while people launch."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable

import psycopg
import pytest

from tests.endurance.crowd import Crowd
from tests.endurance.fleet import CHANCE, running
from tests.endurance.records import launch_ids
from tests.endurance.scale import FULL
from tests.support.gateways import Campus
from tests.support.postgres_server import Server

pytestmark = [pytest.mark.asyncio, pytest.mark.postgresql]

_SERVING = "SELECT pid FROM pg_stat_activity WHERE application_name = 'gatelodge'"

RESTARTS = ("fast", "killed", "immediate") * 4 if FULL else ("fast", "killed")


async def test_launches_go_on_or_are_told_while_postgresql_is_restarted(
    campus_on_server: Campus, server: Server, report: Callable[[object], None]
) -> None:
    recoveries = []
    async with running(campus_on_server, 2) as fleet:
        crowd = Crowd(campus_on_server, fleet)
        for how in RESTARTS:
            restarting = asyncio.create_task(restart(server, how))
            await crowd.come(restarting.done, most=150)
            await restarting
            recoveries.append(await crowd.first_admitted())
            await crowd.look_back()
        crowd.require_each_once(launch_ids(campus_on_server.address))

    recovered = max(recoveries)
    report(f"{len(RESTARTS)} restarts, recovered within {recovered:.1f} s, {crowd.counts}")
    crowd.require_told_in_time(recovered)
    crowd.require_nothing_lost_or_twice()


async def restart(server: Server, how: str) -> None:
    """Down for a moment, in one way or another, while people launch."""
    await asyncio.sleep(CHANCE.uniform(0.2, 0.5))
    if how == "killed":
        server.kill()
    else:
        await asyncio.to_thread(server.stop, "fast" if how == "fast" else "immediate")
    await asyncio.sleep(CHANCE.uniform(0.2, 0.5))
    await asyncio.to_thread(server.start_again)
    await asyncio.sleep(0.2)


@pytest.mark.parametrize("seconds", [15 if FULL else 2])
async def test_launches_wait_or_are_told_while_postgresql_stands_still(
    campus_on_server: Campus, server: Server, seconds: int, report: Callable[[object], None]
) -> None:
    async with running(campus_on_server, 2) as fleet:
        crowd = Crowd(campus_on_server, fleet)
        await crowd.come(lambda: False, most=20)
        freezing = asyncio.create_task(freeze(server, seconds))
        await crowd.come(freezing.done, most=300)
        await freezing
        recovered = await crowd.first_admitted()
        await crowd.look_back()
        crowd.require_each_once(launch_ids(campus_on_server.address))

    report(f"still for {seconds} s, recovered after {recovered:.1f} s, {crowd.counts}")
    crowd.require_told_in_time(recovered)
    crowd.require_nothing_lost_or_twice()


async def freeze(server: Server, seconds: float) -> None:
    """What serves the gateways stops where it is, and goes on later as if nothing had been."""
    with psycopg.connect(server.address) as connection:
        serving = [pid for (pid,) in connection.execute(_SERVING)]
    for pid in serving:
        os.kill(pid, signal.SIGSTOP)
    try:
        await asyncio.sleep(seconds)
    finally:
        for pid in serving:
            os.kill(pid, signal.SIGCONT)
