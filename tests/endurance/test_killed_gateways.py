"""Gateways that are killed in the middle of their work: SIGKILL, at random moments, under load."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from tests.endurance.crowd import VISITORS, Crowd
from tests.endurance.fleet import CHANCE, Fleet, running
from tests.endurance.records import launch_ids
from tests.endurance.scale import FULL, times
from tests.support.gateways import Campus

pytestmark = pytest.mark.asyncio

DEATHS = times(10)
VISITS_A_ROUND = 100 if FULL else 50

ON_ONE_FILE = (1, 2) if FULL else (2,)
ON_POSTGRESQL = (2, 3) if FULL else (2,)

Report = Callable[[object], None]


@pytest.mark.parametrize("kind", ["sqlite"])
@pytest.mark.parametrize("size", ON_ONE_FILE)
async def test_no_launch_is_lost_or_doubled_when_gateways_on_one_file_are_killed(
    campus_today: Campus, size: int, report: Report
) -> None:
    await killing(campus_today, size, report)


@pytest.mark.postgresql
@pytest.mark.parametrize("kind", ["postgresql"])
@pytest.mark.parametrize("size", ON_POSTGRESQL)
async def test_no_launch_is_lost_or_doubled_when_gateways_on_postgresql_are_killed(
    campus_today: Campus, size: int, report: Report
) -> None:
    await killing(campus_today, size, report)


async def killing(campus: Campus, size: int, report: Report) -> None:
    async with running(campus, size) as fleet:
        crowd = Crowd(campus, fleet)
        for _ in range(DEATHS):
            dying = asyncio.create_task(one_dies(fleet, crowd))
            await crowd.come(dying.done, most=VISITS_A_ROUND)
            await dying
            await crowd.look_back()
        crowd.require_each_once(launch_ids(campus.address))

    report(f"processes killed {DEATHS}, {crowd.counts}")
    crowd.require_nothing_lost_or_twice()


async def one_dies(fleet: Fleet, crowd: Crowd) -> None:
    """In the middle of the visits a replica is killed; it comes back while the others are visited."""
    visits = CHANCE.randint(VISITORS, VISITS_A_ROUND // 2)
    while len(crowd.visits) < visits:  # noqa: ASYNC110 - a crowd sends no messages
        await asyncio.sleep(0.001)
    await asyncio.sleep(CHANCE.uniform(0, 0.02))
    victim = fleet.any()
    await victim.kill()
    await victim.start()
