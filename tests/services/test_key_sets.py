"""Platforms' key sets: fetched when they must be, by one request at a time, and believed no longer than they may be."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from gatelodge.lti.errors import (
    KeySetInvalid,
    KeySetUnreachable,
    KeyUnknown,
    Refusal,
)
from gatelodge.lti.registration import PlatformClient
from gatelodge.lti.tokens import UnverifiedToken
from gatelodge.outbound.errors import TimedOut
from gatelodge.services.key_sets import KeySets
from gatelodge.services.telemetry import Telemetry
from gatelodge.storage.database import Database
from tests.support.clock import Clock
from tests.support.databases import BOTH
from tests.support.lms import public_jwk

pytestmark = pytest.mark.asyncio

HOUR, DAY = 3600, 24 * 3600
URL = "https://lms.example/keys"
LMS = PlatformClient(
    id="c",
    issuer="https://lms.example",
    client_id="client-1",
    authorization_url="https://lms.example/auth",
    token_url="https://lms.example/token",
    key_set_url=URL,
    token_audience=None,
    platform="other",
    tenant_id=None,
)


@dataclass
class Answer:
    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


def keys(*names: str, **headers: str) -> Answer:
    body = json.dumps({"keys": [public_jwk(name) for name in names]}).encode()
    return Answer(body, headers={name.replace("_", "-"): each for name, each in headers.items()})


@dataclass
class Network:
    """What stands at the address: an answer, or what goes wrong. ``before`` is done while it is asked."""

    at: Answer | Exception
    fetches: int = 0
    deadlines: set[float] = field(default_factory=set)
    before: Callable[[], Awaitable[object]] | None = None

    async def get(self, url: str, *, accept: str, deadline: float) -> Answer:
        assert (url, accept) == (URL, "application/json")
        self.fetches += 1
        self.deadlines.add(deadline)
        await asyncio.sleep(0)
        if self.before:
            await self.before()
        if isinstance(self.at, Exception):
            raise self.at
        return self.at


@dataclass
class Room:
    database: Database
    clock: Clock
    network: Network
    key_sets: KeySets

    async def restarted(self) -> Room:
        await self.key_sets.close()
        key_sets = KeySets(self.database, self.network, self.clock, Telemetry())
        return Room(self.database, self.clock, self.network, key_sets)

    async def finds(self, key_id: str = "first") -> bool:
        """Whether the key is believed; any refusal but an unknown key is raised."""
        token = UnverifiedToken("", "", "", algorithm="RS256", key_id=key_id)
        try:
            await self.key_sets.key_for(LMS, token)
        except KeyUnknown:
            return False
        return True


@pytest.fixture
def kind() -> str:
    """What is kept differs in nothing; the tests that recall it run on both databases."""
    return "sqlite"


@pytest.fixture
def room(database: Database) -> Room:
    clock, network = Clock(), Network(keys("first"))
    return Room(database, clock, network, KeySets(database, network, clock, Telemetry()))


# ---------------------------------------------------------------- how long a set is fresh


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ({}, 600),
        ({"cache_control": "max-age=120"}, 120),
        ({"cache_control": "public, MAX-AGE=1800, immutable"}, 1800),
        ({"cache_control": "max-age=0"}, 60),
        ({"cache_control": "max-age=1"}, 60),
        ({"cache_control": "no-store"}, 600),
        ({"cache_control": "max-age=31536000"}, HOUR),
        ({"cache_control": "max-age=soon"}, 600),
        ({"cache_control": "s-maxage=120"}, 600),
        ({"cache_control": "max-age=99999999999999999999"}, HOUR),
    ],
)
async def test_a_set_is_used_as_long_as_its_headers_say_within_our_bounds(
    room: Room, said: dict[str, str], seconds: float
) -> None:
    room.network.at = keys("first", **said)
    await room.finds()

    room.clock.pass_seconds(seconds - 1)
    await room.finds()
    before = room.network.fetches
    room.clock.pass_seconds(1)
    await room.finds()

    assert (before, room.network.fetches) == (1, 2)


async def test_a_fetch_is_given_five_seconds(room: Room) -> None:
    await room.finds()

    assert room.network.deadlines == {5.0}


async def test_a_hundred_launches_that_come_at_once_make_one_fetch(room: Room) -> None:
    found = await asyncio.gather(*(room.finds() for _ in range(100)))

    assert all(found)
    assert room.network.fetches == 1


async def test_one_launch_that_is_given_up_does_not_end_the_fetch_of_the_others(
    room: Room,
) -> None:
    given_up, other = asyncio.create_task(room.finds()), asyncio.create_task(room.finds())

    async def give_up() -> None:
        given_up.cancel()
        await asyncio.sleep(0.01)

    room.network.before = give_up

    assert await other
    assert given_up.cancelled()
    assert room.network.fetches == 1


# ---------------------------------------------------------------- rotation


async def test_a_new_key_at_the_lms_works_at_the_next_launch(room: Room) -> None:
    await room.finds("first")
    room.network.at = keys("first", "second")

    assert await room.finds("second")


async def test_a_key_published_while_others_fetch_is_looked_for_once_more(room: Room) -> None:
    joined: list[asyncio.Task[bool]] = []

    async def publish() -> None:
        room.network.at = keys("first", "second")

    async def join_too_late() -> None:
        """What is answered now lacks the key that the next launch is signed with."""
        joined.append(asyncio.create_task(room.finds("second")))
        await asyncio.sleep(0.01)
        room.network.before = publish

    room.network.before = join_too_late
    assert await room.finds("first")

    assert await joined[0]
    assert room.network.fetches == 2


async def test_launches_do_not_wait_until_a_copy_of_the_set_is_kept(database: Database) -> None:
    silent = Silent(database)
    network, clock = Network(keys("first")), Clock()
    key_sets = KeySets(silent, network, clock, Telemetry())  # type: ignore[arg-type]
    room = Room(database, clock, network, key_sets)

    assert await asyncio.wait_for(room.finds(), 1)
    silent.answers.set()
    assert await (await room.restarted()).finds()
    assert network.fetches == 1


class Silent:
    """A database that can be read, and takes nothing until it is allowed to."""

    def __init__(self, database: Database) -> None:
        self.run_read = database.run_read
        self._run_write = database.run_write
        self.answers = asyncio.Event()

    async def run_write(self, work: Any) -> object:
        await self.answers.wait()
        return await self._run_write(work)


async def test_a_key_that_a_newer_set_lacks_is_dead_at_once(room: Room) -> None:
    await room.finds("first")
    room.network.at = keys("second")
    await room.finds("second")

    assert not await room.finds("first")


async def test_an_empty_newer_set_is_no_good_set_and_kills_nothing(room: Room) -> None:
    await room.finds("first")
    room.network.at = keys()
    await room.finds("second")

    assert await room.finds("first")


async def test_an_unknown_key_is_looked_for_at_most_three_times_a_minute(room: Room) -> None:
    for number in range(20):
        assert not await room.finds(f"made up {number}")
    in_the_first_minute = room.network.fetches
    room.clock.pass_seconds(60)
    await room.finds("made up")

    assert in_the_first_minute == 3
    assert room.network.fetches == 4


async def test_a_flood_of_unknown_keys_leaves_the_known_ones_working(room: Room) -> None:
    await room.finds("first")
    for number in range(20):
        await room.finds(f"made up {number}")

    assert await room.finds("first")


# ---------------------------------------------------------------- what goes wrong at the LMS

DOWN = [
    pytest.param(TimedOut("slow"), KeySetUnreachable, id="slow"),
    pytest.param(Answer(b"", status=500), KeySetUnreachable, id="status 500"),
    pytest.param(Answer(keys("first").body, status=404), KeySetUnreachable, id="status 404"),
    pytest.param(Answer(keys("first").body, status=203), KeySetUnreachable, id="status 203"),
    pytest.param(Answer(b"<html>sign in</html>"), KeySetInvalid, id="a page"),
    pytest.param(Answer(b""), KeySetInvalid, id="nothing"),
    pytest.param(Answer(b"\xff\xfe\x00"), KeySetInvalid, id="garbage"),
    pytest.param(Answer(b'{"keys": {}}'), KeySetInvalid, id="no list"),
    pytest.param(Answer(b'["keys"]'), KeySetInvalid, id="no object"),
]


@pytest.mark.parametrize(("wrong", "refusal"), DOWN)
async def test_without_any_good_set_the_launch_is_refused_and_told_why(
    room: Room, wrong: Answer | Exception, refusal: type[Refusal]
) -> None:
    room.network.at = wrong

    with pytest.raises(refusal) as refused:
        await room.finds()

    assert refused.value.sent == URL
    assert refused.value.note


@pytest.mark.parametrize(("wrong", "refusal"), DOWN)
async def test_the_last_good_set_is_believed_for_a_day_while_the_lms_is_down(
    room: Room, wrong: Answer | Exception, refusal: type[Refusal]
) -> None:
    await room.finds()
    room.network.at = wrong

    room.clock.pass_seconds(DAY)
    assert await room.finds()
    room.clock.pass_seconds(1)
    with pytest.raises(refusal):
        await room.finds()


async def test_an_lms_that_is_down_is_asked_three_times_a_minute_and_no_more(room: Room) -> None:
    room.network.at = TimedOut("slow")

    for _ in range(20):
        with pytest.raises(KeySetUnreachable):
            await room.finds()

    assert room.network.fetches == 3


async def test_an_lms_that_comes_back_is_heard_at_once(room: Room) -> None:
    room.network.at = TimedOut("slow")
    with pytest.raises(KeySetUnreachable):
        await room.finds()
    room.network.at = keys("first")

    assert await room.finds()


async def test_when_a_fetch_takes_longer_than_the_day_lasts_the_set_is_believed_no_more(
    room: Room,
) -> None:
    await room.finds()
    room.clock.pass_seconds(DAY)

    async def be_slow() -> None:
        room.clock.pass_seconds(5)

    room.network.before, room.network.at = be_slow, TimedOut("slow")

    with pytest.raises(KeySetUnreachable):
        await room.finds()


# ---------------------------------------------------------------- after a restart


@pytest.mark.parametrize("kind", BOTH)
async def test_a_fresh_set_is_recalled_after_a_restart(room: Room) -> None:
    await room.finds()
    again = await room.restarted()

    assert await again.finds()
    assert room.network.fetches == 1


@pytest.mark.parametrize("kind", BOTH)
async def test_while_the_lms_is_down_a_stale_set_is_recalled_for_the_rest_of_its_day(
    room: Room,
) -> None:
    await room.finds()
    room.network.at = TimedOut("slow")
    room.clock.pass_seconds(DAY - 10)

    assert await (await room.restarted()).finds()
    room.clock.pass_seconds(11)
    with pytest.raises(KeySetUnreachable):
        await (await room.restarted()).finds()


@pytest.mark.parametrize("kind", BOTH)
async def test_what_another_process_learnt_is_recalled(room: Room) -> None:
    room.network.at = keys("first", "second")
    await room.finds("second")

    assert await (await room.restarted()).finds("second")
    assert room.network.fetches == 1
