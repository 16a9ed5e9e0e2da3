"""The way in while there is no operator."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from gatelodge.services.caller import Role
from gatelodge.services.errors import Invalid, NotAllowed, OperatorExists, SetupLinkDead
from gatelodge.services.setup_links import LIFETIME
from gatelodge.storage import tables
from tests.services.house import OTTO, House

PASSWORD = "a lantern over nine bridges"
OLGA = {"name": "Olga", "email": "olga@h.example", "password": PASSWORD}


def made(house: House) -> str:
    return house.setup_links.make(OTTO).removeprefix("https://lti.example/set-up/")


def roles(house: House, account_id: str) -> list[tuple[str, str | None]]:
    view = house.accounts.find(OTTO, account_id)
    return [(each.role, each.tenant_name) for each in view.roles]


def test_a_link_makes_the_operator_and_the_first_tenant(empty_house: House) -> None:
    account_id = empty_house.setup_links.use(made(empty_house), **OLGA, tenant="Northfield")

    assert roles(empty_house, account_id) == [("operator", None), ("admin", "Northfield")]
    assert [each.slug for each in empty_house.tenants.list(OTTO)] == ["northfield"]
    assert empty_house.accounts.sign_in_locally("olga@h.example", PASSWORD, "::1") == account_id


def test_a_tenant_of_this_name_that_is_there_is_taken(house: House) -> None:
    account_id = house.setup_links.use(made(house), **OLGA, tenant="Northfield")

    assert roles(house, account_id) == [("operator", None), ("admin", "Northfield")]
    assert len(house.tenants.list(OTTO)) == 2


def test_a_name_in_any_letters_will_do(empty_house: House) -> None:
    empty_house.setup_links.use(made(empty_house), **OLGA, tenant="大学")

    [tenant] = empty_house.tenants.list(OTTO)
    assert (tenant.name, tenant.slug) == ("大学", "institution")


def test_a_link_is_good_once(house: House) -> None:
    token = made(house)
    house.setup_links.use(token, **OLGA, tenant="Northfield")

    assert not house.setup_links.is_good(token)
    with pytest.raises(SetupLinkDead):
        house.setup_links.use(token, **{**OLGA, "email": "m@h.example"}, tenant="Northfield")


def test_a_link_is_good_for_an_hour(house: House) -> None:
    token = made(house)
    assert house.setup_links.is_good(token)

    house.clock.now += LIFETIME

    assert not house.setup_links.is_good(token)
    with pytest.raises(SetupLinkDead):
        house.setup_links.use(token, **OLGA, tenant="Northfield")


def test_every_link_is_dead_once_there_is_an_operator(house: House) -> None:
    token = made(house)
    house.accounts.add_local(OTTO, None, Role.OPERATOR, **OLGA)

    assert not house.setup_links.is_needed()
    assert not house.setup_links.is_good(token)
    with pytest.raises(SetupLinkDead):
        house.setup_links.use(token, **{**OLGA, "email": "m@h.example"}, tenant="Northfield")
    with pytest.raises(OperatorExists):
        house.setup_links.make(OTTO)


def test_an_administrator_alone_is_no_operator(house: House) -> None:
    house.accounts.add_local(OTTO, "northfield", Role.ADMIN, **OLGA)

    assert house.setup_links.is_needed()


@pytest.mark.parametrize("token", ["", "wrong", "\0", "\ud800", "x" * 10_000])
def test_a_link_that_nobody_made_is_good_for_nothing(house: House, token: str) -> None:
    made(house)

    assert not house.setup_links.is_good(token)


def test_of_two_who_come_at_once_one_wins(house: House) -> None:
    links = [made(house), made(house)]

    def comes(number: int) -> bool:
        try:
            person = {**OLGA, "email": f"{number}@h.example"}
            house.setup_links.use(links[number % 2], **person, tenant=f"Tenant {number}")
        except SetupLinkDead:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        won = list(pool.map(comes, range(4)))

    assert sum(won) == 1
    assert len(house.accounts.list(OTTO)) == 1
    assert len(house.tenants.list(OTTO)) == 3


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("email", "olga"),
        ("email", "taken@n.example"),
        ("password", "short"),
        ("tenant", " "),
        ("tenant", "North\u202efield"),
    ],
)
def test_what_was_mistyped_costs_no_link(house: House, field: str, value: str) -> None:
    token = made(house)
    house.accounts.add_local(OTTO, "northfield", Role.ADMIN, **{**OLGA, "email": "taken@n.example"})

    with pytest.raises(Invalid) as refused:
        house.setup_links.use(token, **{**OLGA, "tenant": "Northfield", field: value})

    assert refused.value.field == field
    assert house.setup_links.is_good(token)


def test_the_token_itself_is_not_kept(house: House) -> None:
    token = made(house)

    rows = house.database.read(
        lambda connection: connection.execute(tables.setup_links.select()).all()
    )

    assert token not in str(rows)


def test_only_the_operator_makes_links(house: House) -> None:
    with pytest.raises(NotAllowed):
        house.setup_links.make(house.ada)


def test_making_and_using_are_in_the_audit(house: House) -> None:
    house.setup_links.use(made(house), **OLGA, tenant="Northfield")

    assert house.tags()[-5:] == [
        "setup_link.made",
        "account.added",
        "account.roles_changed",
        "account.roles_changed",
        "setup_link.used",
    ]
