"""Whoever edits the audit log in the database can't do so unseen."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Update, delete, insert, select, update

from gatelodge.services.audit import Audit, Tag
from gatelodge.services.audit_chain import AuditChain
from gatelodge.services.caller import Caller
from gatelodge.services.errors import NotAllowed
from gatelodge.services.sealing import Sealer
from gatelodge.storage import tables
from tests.services.house import OTTO, House

EVENTS = tables.audit_events
CHAIN = tables.audit_chain
DAY = 24 * 3600


@pytest.fixture
def chain(house: House) -> AuditChain:
    return AuditChain(house.database, house.clock, house.sealer)


def happen(house: House, times: int) -> None:
    def write(connection: Any) -> None:
        for number in range(times):
            house.audit.record(
                OTTO, connection, Tag.TENANT_RENAMED, f"thing {number}", tenant_id=None
            )

    house.database.write(write)


def by_hand(house: House, query: Any) -> None:
    """What somebody does who has the database's password."""
    house.database.write(lambda connection: connection.execute(query))


def numbers(house: House) -> list[int]:
    query = select(EVENTS.c.number).order_by(EVENTS.c.number)
    return list(house.database.read(lambda connection: connection.execute(query).scalars()))


def test_untouched_it_is_whole(house: House, chain: AuditChain) -> None:
    happen(house, 450)

    verdict = chain.check(OTTO)

    assert verdict.is_whole
    assert verdict.kept == len(numbers(house))
    assert numbers(house) == list(range(1, verdict.kept + 1))


def test_it_goes_on_where_it_ended(house: House, chain: AuditChain) -> None:
    happen(house, 3)
    before = chain.check(OTTO).kept
    happen(house, 3)

    assert chain.check(OTTO).kept == before + 3
    assert chain.check(OTTO).is_whole


def test_nothing_at_all_is_whole(empty_house: House) -> None:
    chain = AuditChain(empty_house.database, empty_house.clock, empty_house.sealer)

    assert chain.check(OTTO).is_whole


def of(number: int, /, **values: Any) -> Update:
    return update(EVENTS).where(EVENTS.c.number == number).values(**values)


@pytest.mark.parametrize(
    "edit",
    [
        pytest.param(of(5, actor="somebody else"), id="another did it"),
        pytest.param(of(5, occurred_at=1), id="at another time"),
        pytest.param(of(5, tenant_id="another"), id="in another tenant"),
        pytest.param(of(5, subject="another"), id="to another thing"),
        pytest.param(of(5, details="{}  "), id="otherwise"),
        pytest.param(of(5, link=b"\0" * 32), id="another link"),
        pytest.param(of(5, number=500), id="another number"),
        pytest.param(of(5, number=None), id="no number"),
        pytest.param(delete(EVENTS).where(EVENTS.c.number == 5), id="not at all"),
    ],
)
def test_what_was_edited_shows(house: House, chain: AuditChain, edit: Any) -> None:
    happen(house, 20)
    chain.check(OTTO)

    by_hand(house, edit)

    verdict = chain.check(OTTO)
    assert not verdict.is_whole
    assert verdict.broken_at == 5


_OF_EVENTS = {
    "numbers": ("occurred_at", "number"),
    "bytes": ("mark", "link"),
    "texts": ("id", "tenant_id", "actor", "tag", "subject", "details"),
}
_OF_THE_ROW = {
    "numbers": ("before", "last", "checked_at", "checked_to", "broken_at"),
    "bytes": ("before_link", "last_link", "seal"),
}
_MAY_BE_NOTHING = {"tenant_id", "number", "link", "checked_at", "checked_to", "broken_at"}
_TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)


def value_for(kind: str, column: str) -> st.SearchStrategy[Any]:
    values: st.SearchStrategy[Any] = {
        "numbers": st.integers(1000, 2**62),
        "bytes": st.binary(max_size=40),
        "texts": _TEXT,
    }[kind]
    return st.one_of(st.none(), values) if column in _MAY_BE_NOTHING else values


def edits(columns: dict[str, tuple[str, ...]]) -> st.SearchStrategy[tuple[str, Any]]:
    return st.one_of(
        st.tuples(st.just(column), value_for(kind, column))
        for kind, names in columns.items()
        for column in names
    )


@given(number=st.integers(1, 12), edit=edits(_OF_EVENTS))
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_no_value_of_any_event_can_be_edited(
    house: House, chain: AuditChain, number: int, edit: tuple[str, Any]
) -> None:
    column, value = edit
    if len(numbers(house)) < 12:
        happen(house, 12)
    assert chain.check(OTTO).is_whole
    [before] = house.database.read(
        lambda c: list(c.execute(select(EVENTS).where(EVENTS.c.number == number)).mappings())
    )
    if before[column] == value:
        return

    by_hand(house, of(number, **{column: value}))
    chain.look(house.clock())
    broken_at = chain.verdict(OTTO).broken_at

    # What is put back as it was is whole again, for the next example.
    now_id = value if column == "id" else before["id"]
    by_hand(house, update(EVENTS).where(EVENTS.c.id == now_id).values(before))
    assert broken_at == number


@given(edit=edits(_OF_THE_ROW))
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_nor_any_of_the_row_that_says_where_the_chain_ends(
    house: House, chain: AuditChain, edit: tuple[str, Any]
) -> None:
    column, value = edit
    assert chain.check(OTTO).is_whole
    [before] = house.database.read(lambda c: list(c.execute(select(CHAIN)).mappings()))
    if before[column] == value:
        return

    by_hand(house, update(CHAIN).values({column: value}))

    assert chain.verdict(OTTO).broken_at is not None
    assert chain.check(OTTO).broken_at is not None
    by_hand(house, update(CHAIN).values(before))


def test_a_chain_whose_end_was_taken_away_isn_t_begun_anew(house: House, chain: AuditChain) -> None:
    happen(house, 5)
    chain.check(OTTO)

    by_hand(house, delete(CHAIN))

    assert not chain.check(OTTO).is_whole
    happen(house, 5)
    assert not chain.check(OTTO).is_whole


def test_events_that_were_edited_can_t_be_linked_anew(house: House, chain: AuditChain) -> None:
    happen(house, 5)
    chain.check(OTTO)

    by_hand(house, of(3, actor="somebody else"))
    by_hand(house, update(EVENTS).values(number=None, link=None))
    by_hand(house, delete(CHAIN))

    assert chain.check(OTTO).broken_at == 3


def test_an_event_that_waits_for_its_link_can_t_be_made_up(house: House, chain: AuditChain) -> None:
    happen(house, 5)
    kept = chain.check(OTTO).kept
    made_up = {
        "id": "f" * 32,
        "occurred_at": 1,
        "actor": "ada",
        "tag": "tenant.renamed",
        "subject": "thing",
        "details": "{}",
        "mark": b"\1" * 32,
    }

    by_hand(house, insert(EVENTS).values(made_up))

    assert chain.check(OTTO).broken_at == kept + 1


def test_events_that_changed_places_show(house: House, chain: AuditChain) -> None:
    happen(house, 20)
    chain.check(OTTO)

    for number, to in ((5, 500), (6, 5), (500, 6)):
        by_hand(house, of(number, number=to))

    assert chain.check(OTTO).broken_at == 5


def test_the_newest_can_t_be_cut_off(house: House, chain: AuditChain) -> None:
    happen(house, 20)
    kept = chain.check(OTTO).kept

    by_hand(house, delete(EVENTS).where(EVENTS.c.number == kept))
    assert chain.check(OTTO).broken_at == kept

    by_hand(house, update(CHAIN).values(last=kept - 1))
    assert not chain.check(OTTO).is_whole


def test_the_oldest_can_t_be_cut_off(house: House, chain: AuditChain) -> None:
    happen(house, 20)
    chain.check(OTTO)
    link = select(EVENTS.c.link).where(EVENTS.c.number == 4).scalar_subquery()

    by_hand(house, update(CHAIN).values(before=4, before_link=link))
    by_hand(house, delete(EVENTS).where(EVENTS.c.number <= 4))

    assert not chain.check(OTTO).is_whole


def test_an_event_that_somebody_made_up_shows(house: House, chain: AuditChain) -> None:
    happen(house, 5)
    kept = chain.check(OTTO).kept
    made_up = {
        "id": "0" * 32,
        "occurred_at": 1,
        "actor": "ada",
        "tag": "tenant.renamed",
        "subject": "thing",
        "details": "{}",
        "mark": b"",
        "number": kept + 1,
        "link": b"\1" * 32,
    }

    by_hand(house, insert(EVENTS).values(made_up))
    by_hand(house, update(CHAIN).values(last=kept + 1, last_link=b"\1" * 32))

    assert not chain.check(OTTO).is_whole


def test_what_is_broken_doesn_t_heal(house: House, chain: AuditChain) -> None:
    happen(house, 5)
    chain.check(OTTO)
    by_hand(house, update(CHAIN).values(seal=b"\0" * 32))

    happen(house, 5)

    assert not chain.check(OTTO).is_whole
    assert not chain.check(OTTO).is_whole


def test_what_is_old_is_let_go_and_the_rest_is_whole(house: House, chain: AuditChain) -> None:
    happen(house, 5)
    old = chain.check(OTTO).kept
    house.clock.pass_days(100)
    happen(house, 7)
    chain.check(OTTO)

    def forget(connection: Any) -> int:
        return chain.forget(connection, house.clock.now - 50 * DAY, limit=1000)

    assert house.database.write(forget) == old
    assert house.database.write(forget) == 0

    verdict = chain.check(OTTO)
    assert verdict.is_whole
    assert verdict.kept == 7
    assert numbers(house)[0] == old + 1


def test_evidence_isn_t_let_go(house: House, chain: AuditChain) -> None:
    happen(house, 20)
    kept = chain.check(OTTO).kept
    by_hand(house, of(5, actor="somebody else"))
    house.clock.pass_days(100)

    house.database.write(lambda connection: chain.forget(connection, house.clock.now, limit=1000))

    assert numbers(house) == list(range(5, kept + 1))
    assert chain.check(OTTO).broken_at == 5


def test_several_processes_make_one_chain(house: House) -> None:
    chains = [AuditChain(house.database, house.clock, house.sealer) for _ in range(4)]
    happen(house, 300)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda each: each.extend(0), chains))

    verdict = chains[0].check(OTTO)
    assert verdict.is_whole
    assert numbers(house) == list(range(1, verdict.kept + 1))


def test_a_new_secret_key_goes_on_from_the_old_one(house: House) -> None:
    old, new = "a secret key that is long enough for tests", "n" + "ew" * 20
    happen(house, 5)
    AuditChain(house.database, house.clock, Sealer([old])).check(OTTO)
    house.audit = Audit(house.clock, house.ids, Sealer([new, old]))
    happen(house, 5)

    both = AuditChain(house.database, house.clock, Sealer([new, old]))
    alone = AuditChain(house.database, house.clock, Sealer([new]))

    assert both.check(OTTO).is_whole
    assert not alone.check(OTTO).is_whole


def test_who_may_ask(house: House, chain: AuditChain) -> None:
    chain.check(OTTO)

    assert chain.verdict(house.ada).is_whole
    with pytest.raises(NotAllowed):
        chain.verdict(Caller.educator("ben", house.northfield.id))
    with pytest.raises(NotAllowed):
        chain.check(house.ada)
