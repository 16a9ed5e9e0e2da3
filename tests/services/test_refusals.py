"""The book of refusals: who is proven has a row; what anybody can send is counted by cause and minute."""

from __future__ import annotations

import asyncio
import os

import pytest

from gatelodge.lti.errors import (
    ClientUnknown,
    DatabaseUnavailable,
    IssuerUnknown,
    KeyUnknown,
    LoginParameterMissing,
    NonceSpent,
    StateMissing,
)
from gatelodge.lti.registration import Tool
from gatelodge.services.attempts import Attempt
from gatelodge.services.ports import Ids
from gatelodge.services.refusals import CAUSES_A_MINUTE, Refusals
from gatelodge.storage import refusals as stored
from gatelodge.storage.database import Database
from gatelodge.storage.errors import StorageUnavailable
from gatelodge.storage.refusals import RefusalRow
from tests.support.clock import Clock

pytestmark = pytest.mark.asyncio


@pytest.fixture
def clock() -> Clock:
    # A minute begins here.
    return Clock(1_800_000_000.0)


@pytest.fixture
def refusals(database: Database, clock: Clock) -> Refusals:
    return Refusals(database, clock, Ids(clock, os.urandom))


def attempt(tool: str | None = None, *, proven: bool = False) -> Attempt:
    made = Attempt()
    made.proven = proven
    if tool:
        made.tool = Tool(
            id=tool,
            key=tool,
            name=tool,
            launch_url="https://t.example/",
            client_id="t",
            claims=frozenset(),
            message_types=frozenset(),
            anonymous=False,
            id_token_algorithm="RS256",
            hand_off="redirect",
        )
    return made


def rows(database: Database, *, proven: bool) -> list[RefusalRow]:
    return database.read(
        lambda connection: stored.list_recent(connection, None, proven=proven, limit=1000)
    )


async def test_every_proven_refusal_has_a_row_and_a_reference_of_its_own(
    refusals: Refusals, database: Database
) -> None:
    refused = [
        await refusals.record("launch", NonceSpent(), attempt(proven=True)) for _ in range(3)
    ]

    kept = rows(database, proven=True)
    assert {row.trace_id for row in kept} == {each.trace_id for each in refused}
    assert len(kept) == 3


async def test_unproven_ones_are_counted_by_code_tool_and_minute(
    refusals: Refusals, database: Database, clock: Clock
) -> None:
    for _ in range(2):
        await refusals.record("login", IssuerUnknown(sent="a"), attempt("hello"))
    await refusals.record("login", IssuerUnknown(sent="b"), attempt("quiz"))
    await refusals.record("login", ClientUnknown(), attempt("hello"))
    clock.pass_seconds(60)
    await refusals.record("login", IssuerUnknown(sent="c"), attempt("hello"))
    await refusals.flush()

    counts = sorted((row.code, row.tool_id, row.count) for row in rows(database, proven=False))
    assert counts == [
        ("login.client_unknown", "hello", 1),
        ("login.issuer_unknown", "hello", 1),
        ("login.issuer_unknown", "hello", 2),
        ("login.issuer_unknown", "quiz", 1),
    ]


async def test_a_flood_at_once_is_counted_to_the_last(
    refusals: Refusals, database: Database
) -> None:
    refused = await asyncio.gather(
        *(refusals.record("login", IssuerUnknown(), attempt("hello")) for _ in range(500))
    )
    await refusals.flush()

    [row] = rows(database, proven=False)
    assert row.count == 500
    assert {each.trace_id for each in refused} == {row.trace_id}


async def test_what_is_counted_after_the_minute_still_belongs_to_it(
    refusals: Refusals, database: Database, clock: Clock
) -> None:
    for _ in range(5):
        await refusals.record("login", IssuerUnknown(), attempt())
    clock.pass_seconds(60)
    await refusals.record("login", StateMissing(), attempt())
    await refusals.flush()

    assert {row.code: row.count for row in rows(database, proven=False)} == {
        "login.issuer_unknown": 5,
        "launch.state_missing": 1,
    }


async def test_flushing_when_nothing_waits_writes_nothing(
    refusals: Refusals, database: Database
) -> None:
    await refusals.record("login", IssuerUnknown(), attempt())
    await refusals.flush()
    await refusals.flush()

    [row] = rows(database, proven=False)
    assert row.count == 1


async def test_causes_are_bounded_and_their_references_are_always_found(
    refusals: Refusals, database: Database
) -> None:
    refused = [
        await refusals.record("login", KeyUnknown(), attempt(f"tool-{number}"))
        for number in range(CAUSES_A_MINUTE + 50)
    ]
    await refusals.flush()

    kept = rows(database, proven=False)
    assert len(kept) == CAUSES_A_MINUTE
    assert sum(row.count for row in kept) == CAUSES_A_MINUTE + 50
    assert {each.trace_id for each in refused} == {row.trace_id for row in kept}


async def test_without_a_database_the_person_is_given_a_reference_nevertheless(
    refusals: Refusals, database: Database
) -> None:
    database.close()

    for proven in (True, False):
        refused = await refusals.record("login", LoginParameterMissing(), attempt(proven=proven))
        assert len(refused.trace_id) == 9


async def test_what_could_not_be_counted_is_counted_when_the_database_is_back(
    database: Database, clock: Clock
) -> None:
    broken = Interrupted(database)
    refusals = Refusals(broken, clock, Ids(clock, os.urandom))  # type: ignore[arg-type]
    broken.is_away = True
    for _ in range(3):
        await refusals.record("login", IssuerUnknown(), attempt())
    with pytest.raises(StorageUnavailable):
        await refusals.flush()
    broken.is_away = False
    await refusals.flush()

    [row] = rows(database, proven=False)
    assert row.count == 3


async def test_who_is_refused_because_the_database_is_away_does_not_wait_for_it_again(
    database: Database, clock: Clock
) -> None:
    silent = Silent(database)
    refusals = Refusals(silent, clock, Ids(clock, os.urandom))  # type: ignore[arg-type]
    for proven in (True, False, True):
        recording = refusals.record("launch", DatabaseUnavailable(), attempt(proven=proven))
        refused = await asyncio.wait_for(recording, 1)
    silent.answers.set()
    await refusals.flush()

    [row] = rows(database, proven=False)
    assert (row.count, row.trace_id) == (3, refused.trace_id)


class Silent:
    """A database that says nothing until it is allowed to."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.answers = asyncio.Event()

    async def run_write(self, work: object) -> object:
        await self.answers.wait()
        return await self._database.run_write(work)  # type: ignore[arg-type]


class Interrupted:
    """A database that is away for a while."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.is_away = False

    async def run_write(self, work: object) -> object:
        if self.is_away:
            raise StorageUnavailable("The database doesn't answer.")
        return await self._database.run_write(work)  # type: ignore[arg-type]
