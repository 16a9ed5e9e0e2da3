"""Who sees whom, and what they are told of them."""

from __future__ import annotations

import pytest
from sqlalchemy import event

from gatelodge.services.caller import Caller, Role
from gatelodge.services.errors import AccountNotFound, NotAllowed
from gatelodge.services.people import PersonView
from gatelodge.services.sessions import SEEN_EVERY, Standing
from tests.services.house import OTTO, House

PASSWORD = "a lantern over nine bridges"


def add(house: House, name: str, tenant: str = "northfield", role: Role = Role.EDUCATOR) -> str:
    return house.accounts.add_local(
        OTTO, tenant, role, name=name, email=f"{name.lower()}@n.example", password=PASSWORD
    ).id


def names(house: House, caller: Caller, asked: str = "", **page: int) -> list[str]:
    rows, _ = house.people.search(caller, asked, **{"limit": 50, "offset": 0, **page})
    return [each.name for each in rows]


def show(house: House, account_id: str, caller: Caller | None = None) -> PersonView:
    return house.people.show(caller or house.ada, account_id)


def test_an_administrator_sees_the_people_of_the_tenant_and_the_operator_all(house: House) -> None:
    add(house, "Ben")
    add(house, "Cleo", "southbank", Role.ADMIN)

    assert names(house, house.ada) == ["Ben"]
    assert names(house, house.cleo) == ["Cleo"]
    assert names(house, OTTO) == ["Ben", "Cleo"]


def test_educators_see_nobody(house: House) -> None:
    with pytest.raises(NotAllowed):
        names(house, house.ben)
    with pytest.raises(NotAllowed):
        show(house, add(house, "Ben"), house.ben)


def test_people_are_found_by_name_and_by_e_mail(house: House) -> None:
    for name in ("Ben", "Bea", "Zoe"):
        add(house, name)

    assert names(house, house.ada, "BE") == ["Bea", "Ben"]
    assert names(house, OTTO, "zoe@") == ["Zoe"]
    assert names(house, OTTO, "%") == []


def test_words_are_found_by_their_beginnings_without_capitals_and_accents(house: House) -> None:
    for name in ("Zoë Ångström", "Zoltán Nagy", "Ann Zola"):
        house.accounts.add_local(
            OTTO,
            "northfield",
            Role.EDUCATOR,
            name=name,
            email=f"{len(name)}@n.example",
            password=PASSWORD,
        )

    assert names(house, house.ada, "zo") == ["Ann Zola", "Zoë Ångström", "Zoltán Nagy"]
    assert names(house, house.ada, "ang ZOE") == ["Zoë Ångström"]
    assert names(house, house.ada, "zo", limit=1, offset=1) == ["Zoë Ångström"]
    assert names(house, house.ada, "oltan") == []


def test_a_list_follows_names_and_roles(house: House) -> None:
    standing = Standing(Role.ADMIN, house.northfield.id, None)

    def come(name: str, *standings: Standing) -> str:
        return house.accounts.from_identity(
            "https://idp.example", "s1", name=name, email="z@n.example", standings=standings
        )

    came = come("Zoe", standing)
    before = names(house, house.ada, "zoe"), names(house, house.cleo, "zoe")
    house.accounts.set_roles(OTTO, came, "southbank", [Role.ADMIN, Role.EDUCATOR])
    come("Yves")

    assert before == (["Zoe"], [])
    assert names(house, house.ada) == []
    assert names(house, house.cleo, "yves z@n") == ["Yves"]
    assert names(house, house.cleo, "zoe") == []
    assert names(house, OTTO) == ["Yves"]
    house.accounts.set_roles(OTTO, came, "southbank", [Role.EDUCATOR])
    assert names(house, house.cleo) == ["Yves"]
    house.accounts.set_roles(OTTO, came, "southbank", [])
    assert names(house, house.cleo, "yves") == []


def test_a_common_word_is_looked_for_no_further_than_a_bound(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gatelodge.storage.people.MOST_FOUND", 3)
    for number in range(6):
        add(house, f"Ben{number}")
    add(house, "Zoe")

    rows, total = house.people.search(house.ada, "ben", limit=50, offset=0)

    assert (len(rows), total) == (3, 3)
    assert names(house, house.ada, "example zoe") == ["Zoe"]


def test_people_come_a_page_at_a_time(house: House) -> None:
    for name in ("Ann", "Ben", "Cat"):
        add(house, name)

    rows, total = house.people.search(house.ada, "", limit=2, offset=0)

    assert ([each.name for each in rows], total) == (["Ann", "Ben"], 3)
    assert names(house, house.ada, offset=2) == ["Cat"]


def test_somebody_of_another_tenant_is_as_unknown_as_nobody(house: House) -> None:
    for account_id in (add(house, "Cleo", "southbank"), "nobody"):
        with pytest.raises(AccountNotFound):
            show(house, account_id)


def test_what_is_held_and_done_in_another_tenant_is_not_told(house: House) -> None:
    both = add(house, "Ben")
    house.accounts.set_roles(OTTO, both, "southbank", [Role.ADMIN])
    house.sessions.begin(both, None, Standing(Role.ADMIN, house.southbank.id, None))

    here, there = show(house, both), show(house, both, house.cleo)

    assert [each.role for each in here.roles] == ["educator"]
    assert here.seen_at is None
    assert there.seen_at is not None
    assert len(show(house, both, OTTO).roles) == 2


def test_it_is_told_how_somebody_signs_in(house: House) -> None:
    local = add(house, "Ben")
    known = house.accounts.from_identity(
        "https://idp.example",
        "s1",
        name="Ada",
        email=None,
        standings=[Standing(Role.ADMIN, house.northfield.id, None)],
    )

    assert (show(house, local).has_password, show(house, local).issuers) == (True, ())
    assert show(house, known).issuers == ("https://idp.example",)
    assert not show(house, known).has_password


def test_last_seen_is_the_sign_in_and_then_what_came_after(house: House) -> None:
    ben = add(house, "Ben")
    assert show(house, ben).seen_at is None
    token = house.sessions.begin(ben)
    began = show(house, ben).seen_at
    assert began

    house.clock.now += SEEN_EVERY + 1
    house.sessions.find(token)

    seen = show(house, ben).seen_at
    assert seen
    assert seen >= began + SEEN_EVERY


def test_a_page_of_many_takes_as_many_queries_as_one_of_few(house: House) -> None:
    asked: list[int] = []
    event.listen(
        house.database.engines.readers, "before_cursor_execute", lambda *_: asked.append(1)
    )
    add(house, "Ann")
    asked.clear()
    names(house, house.ada)
    few = len(asked)
    for number in range(5):
        add(house, f"Ben{number}")

    asked.clear()
    names(house, house.ada)

    assert len(asked) == few
