"""Whoever edits the audit log in the database can't do so unseen."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Update, delete, insert, select, update

from gatelodge.services.audit import Tag
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
    old, new = "o" + "ld" * 20, "n" + "ew" * 20
    happen(house, 5)
    AuditChain(house.database, house.clock, Sealer([old])).check(OTTO)
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
