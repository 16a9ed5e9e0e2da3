import asyncio
import threading
import time
from collections.abc import Sequence

import pytest

from gatelodge.outbound.resolver import SystemResolver

pytestmark = pytest.mark.asyncio


class StuckNames:
    """Answers when it is let go."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.go = threading.Event()

    def __call__(self, host: str) -> Sequence[str]:
        self.asked.append(host)
        self.go.wait(5)
        return ["192.0.2.1"]


async def test_this_machine_knows_itself() -> None:
    assert {"127.0.0.1", "::1"} & {*await SystemResolver()("localhost")}


@pytest.mark.parametrize("host", ["nobody.invalid", "a" * 70, "a\x00b"])
async def test_a_name_that_cannot_be_found_is_an_error(host: str) -> None:
    with pytest.raises(OSError, match=r".+"):
        await SystemResolver()(host)


async def test_a_stuck_look_up_ends_at_the_limit_and_others_go_on() -> None:
    names = StuckNames()
    resolver = SystemResolver(
        limit=0.1, look_up=lambda host: names(host) if host == "stuck" else ["192.0.2.2"]
    )
    began = time.monotonic()

    stuck, quick = await asyncio.gather(
        resolver("stuck"), resolver("quick"), return_exceptions=True
    )

    assert isinstance(stuck, TimeoutError)
    assert quick == ["192.0.2.2"]
    assert time.monotonic() - began < 2
    names.go.set()


async def test_a_name_is_looked_up_once_for_all_who_wait() -> None:
    names = StuckNames()
    resolver = SystemResolver(look_up=names)

    waiting = [asyncio.create_task(resolver("lms")) for _ in range(20)]
    await asyncio.sleep(0.01)
    waiting[0].cancel()
    names.go.set()
    results = await asyncio.gather(*waiting, return_exceptions=True)

    assert names.asked == ["lms"]
    assert isinstance(results[0], asyncio.CancelledError)
    assert results[1:] == [["192.0.2.1"]] * 19


async def test_an_answer_is_not_kept() -> None:
    names = StuckNames()
    names.go.set()
    resolver = SystemResolver(look_up=names)

    await resolver("lms")
    await asyncio.sleep(0)
    await resolver("lms")

    assert names.asked == ["lms", "lms"]


async def test_only_so_many_names_are_looked_up_at_once() -> None:
    names = StuckNames()
    resolver = SystemResolver(limit=0.1, most=3, look_up=names)

    results = await asyncio.gather(
        *(resolver(f"name-{n}") for n in range(5)), return_exceptions=True
    )

    assert [type(each) for each in results] == [TimeoutError] * 3 + [OSError] * 2
    assert str(results[4]) == "too many names are being looked up"
    names.go.set()


async def test_a_late_answer_for_a_loop_that_is_gone_disturbs_nobody() -> None:
    names = StuckNames()

    def ask() -> None:
        with pytest.raises(TimeoutError):
            asyncio.run(SystemResolver(limit=0.05, look_up=names)("lms"))

    await asyncio.to_thread(ask)
    names.go.set()
    await asyncio.sleep(0.05)
