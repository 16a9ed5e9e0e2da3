"""A disk without room for another byte, for the database and for the log.

A limit on the size of files stands for the disk: it can be set and lifted while the process runs, by any account.
"""

from __future__ import annotations

import asyncio
import resource
from collections.abc import Callable

import pytest

from tests.endurance.crowd import UNAVAILABLE, Crowd
from tests.endurance.fleet import Replica, running
from tests.endurance.records import launch_ids
from tests.endurance.scale import times
from tests.support.gateways import Campus

pytestmark = [pytest.mark.asyncio, pytest.mark.parametrize("kind", ["sqlite"])]

ROUNDS = times(10)


async def test_while_the_disk_is_full_launches_are_told_and_then_they_go_on(
    campus_today: Campus, report: Callable[[object], None]
) -> None:
    recoveries = []
    async with running(campus_today, 1) as fleet:
        crowd = Crowd(campus_today, fleet)
        for _ in range(ROUNDS):
            await crowd.come(lambda: False, most=20)
            filling = asyncio.create_task(fill(fleet.replicas[0], seconds=1))
            await crowd.come(filling.done, most=150)
            await filling
            recoveries.append(await crowd.first_admitted())
            await crowd.look_back()
        crowd.require_each_once(launch_ids(campus_today.address))

    recovered = max(recoveries)
    report(f"full {ROUNDS} times, recovered within {recovered:.1f} s, {crowd.counts}")
    assert crowd.counts.answers[UNAVAILABLE]
    crowd.require_told_in_time(recovered)
    crowd.require_nothing_lost_or_twice()


async def fill(replica: Replica, *, seconds: float) -> None:
    """No file of this process can grow, nor be written beyond the size that its log has."""
    _, most = resource.prlimit(replica.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(replica.pid, resource.RLIMIT_FSIZE, (len(replica.log), most))
    await asyncio.sleep(seconds)
    resource.prlimit(replica.pid, resource.RLIMIT_FSIZE, (most, most))
