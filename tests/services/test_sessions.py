"""Who is signed in, in which standing, and when that is over."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from gatelodge.services.caller import Caller, Role
from gatelodge.services.errors import AccountNotFound, NoStanding, SessionNotFound
from gatelodge.services.sessions import LONGEST, Standing, Visitor
from gatelodge.storage import accounts, tables
from gatelodge.storage.accounts import AccountRow, RoleRow
from gatelodge.storage.database import Connection
from tests.services.house import OTTO, House

HOUR = 3600


def account(house: House, *roles: tuple[Role, str | None], name: str = "Ada") -> str:
    account_id = house.ids.new()

    def write(connection: Connection) -> None:
        accounts.add(connection, AccountRow(account_id, name, "a@n.example", None, 1, None))
        for role, tenant_id in roles:
            row = RoleRow(house.ids.new(), account_id, role, tenant_id, "given", 1)
            accounts.give_role(connection, row)

    house.database.write(write)
    return account_id


def ada(house: House) -> str:
    """She administers Northfield, and is an educator in Southbank."""
    return account(house, (Role.EDUCATOR, house.southbank.id), (Role.ADMIN, house.northfield.id))


def found(house: House, token: str) -> Visitor:
    visitor = house.sessions.find(token)
    assert visitor is not None
    return visitor


def test_a_session_tells_who_came_and_where_they_stand(house: House) -> None:
    account_id = ada(house)

    visitor = found(house, house.sessions.begin(account_id))

    assert (visitor.account_id, visitor.name, visitor.email) == (account_id, "Ada", "a@n.example")
    assert visitor.caller == Caller.admin(account_id, house.northfield.id)
    assert visitor.standing == Standing(Role.ADMIN, house.northfield.id, "Northfield")
    assert [each.tenant_name for each in visitor.standings] == ["Northfield", "Southbank"]


def test_an_operator_stands_in_no_tenant(house: House) -> None:
    account_id = account(house, (Role.OPERATOR, None), name="Otto")

    visitor = found(house, house.sessions.begin(account_id))

    assert visitor.caller == Caller.operator(account_id)


@pytest.mark.parametrize("token", ["", "nothing", "x" * 100_000, "\0", "\ud800"])
def test_a_token_that_is_nobodys_finds_nobody(house: House, token: str) -> None:
    house.sessions.begin(ada(house))

    assert house.sessions.find(token) is None


def test_the_token_itself_is_not_kept(house: House) -> None:
    token = house.sessions.begin(ada(house))

    rows = house.database.read(
        lambda connection: connection.execute(tables.sessions.select()).mappings().all()
    )

    assert token not in str(rows)
    assert token.encode() not in rows[0]["token_hash"]


def test_an_account_without_a_role_gets_no_session(house: House) -> None:
    account_id = account(house)

    with pytest.raises(NoStanding):
        house.sessions.begin(account_id)


def test_an_unknown_account_gets_no_session(house: House) -> None:
    with pytest.raises(AccountNotFound):
        house.sessions.begin("nobody")


def test_a_role_that_is_not_held_can_t_be_chosen(house: House) -> None:
    account_id = ada(house)

    with pytest.raises(NoStanding):
        house.sessions.begin(account_id, standing=Standing(Role.ADMIN, house.southbank.id, "x"))


def test_a_session_ends_when_nobody_uses_it_for_an_hour(house: House) -> None:
    token = house.sessions.begin(ada(house))

    house.clock.now += HOUR

    assert house.sessions.find(token) is None


def test_using_a_session_keeps_it(house: House) -> None:
    token = house.sessions.begin(ada(house))

    for _ in range(4):
        house.clock.now += 0.75 * HOUR
        assert house.sessions.find(token)


def test_after_twelve_hours_every_session_ends(house: House) -> None:
    token = house.sessions.begin(ada(house))

    answers = []
    for _ in range(25):
        house.clock.now += LONGEST / 24
        answers.append(house.sessions.find(token) is not None)

    assert answers == [True] * 23 + [False] * 2


def test_that_it_is_used_is_written_once_a_minute(house: House) -> None:
    token = house.sessions.begin(ada(house))
    begun = int(house.clock.now)

    def seen_after(seconds: int) -> int:
        house.clock.now = begun + seconds
        return house.sessions.list(found(house, token))[0].seen_at - begun

    assert [seen_after(each) for each in (30, 59, 61, 100, 122)] == [0, 0, 61, 61, 122]


def test_a_disabled_account_loses_its_sessions(house: House) -> None:
    account_id = ada(house)
    token = house.sessions.begin(account_id)

    house.database.write(lambda connection: accounts.set_disabled(connection, account_id, 5))

    assert house.sessions.find(token) is None
    with pytest.raises(AccountNotFound):
        house.sessions.begin(account_id)


def test_a_role_that_is_taken_takes_its_sessions_with_it(house: House) -> None:
    account_id = ada(house)
    north = house.sessions.begin(account_id)
    southbank = Standing(Role.EDUCATOR, house.southbank.id, "Southbank")
    south = house.sessions.begin(account_id, standing=southbank)

    house.database.write(
        lambda connection: accounts.take_role(
            connection, account_id, Role.ADMIN, house.northfield.id
        )
    )

    assert house.sessions.find(north) is None
    assert found(house, south).standings == (southbank,)


def test_a_suspended_tenant_is_no_place_to_stand(house: House) -> None:
    account_id = ada(house)
    token = house.sessions.begin(account_id)

    house.database.write(
        lambda connection: connection.execute(
            update(tables.tenants)
            .where(tables.tenants.c.id == house.northfield.id)
            .values(suspended_at=5)
        )
    )

    assert house.sessions.find(token) is None
    assert found(house, house.sessions.begin(account_id)).caller.tenant_id == house.southbank.id


def test_a_suspension_ends_the_sessions_there_for_good(house: House) -> None:
    account_id = ada(house)
    north = house.sessions.begin(account_id)
    southbank = Standing(Role.EDUCATOR, house.southbank.id, "Southbank")
    south = house.sessions.begin(account_id, standing=southbank)

    house.tenants.suspend(OTTO, "northfield")
    house.tenants.resume(OTTO, "northfield")

    assert house.sessions.find(north) is None
    assert found(house, south).standing == southbank


def test_choosing_another_standing_changes_the_token(house: House) -> None:
    before = house.sessions.begin(ada(house))
    visitor = found(house, before)

    after = house.sessions.choose(visitor, visitor.standings[1])

    assert house.sessions.find(before) is None
    assert found(house, after).standing == visitor.standings[1]
    assert found(house, after).session_id == visitor.session_id


def test_only_a_standing_that_is_held_can_be_chosen(house: House) -> None:
    visitor = found(house, house.sessions.begin(ada(house)))

    with pytest.raises(NoStanding):
        house.sessions.choose(visitor, Standing(Role.OPERATOR, None, None))


def test_forms_belong_to_one_session_in_one_standing(house: House) -> None:
    account_id = ada(house)
    first = found(house, house.sessions.begin(account_id))
    second = found(house, house.sessions.begin(account_id))
    elsewhere = found(house, house.sessions.choose(second, second.standings[1]))

    assert len({first.csrf, second.csrf, elsewhere.csrf}) == 3


def test_signing_out_ends_the_session_and_tells_where_it_came_from(house: House) -> None:
    token = house.sessions.begin(ada(house), "entra", id_token="e30.e30.x")

    ended = house.sessions.end(token)

    assert ended
    assert (ended.provider, ended.id_token) == ("entra", "e30.e30.x")
    assert house.sessions.find(token) is None
    assert house.sessions.end(token) is None


def test_what_the_provider_gave_is_sealed(house: House) -> None:
    house.sessions.begin(ada(house), "entra", id_token="e30.e30.x")

    [row] = house.database.read(
        lambda connection: connection.execute(tables.sessions.select()).mappings().all()
    )

    assert b"e30" not in row["sealed_hint"]


def test_a_list_shows_ones_own_sessions_newest_first(house: House) -> None:
    account_id = ada(house)
    house.sessions.begin(account(house, (Role.ADMIN, house.southbank.id), name="Cleo"))
    house.sessions.begin(account_id, "entra", user_agent="Firefox\n" * 100)
    visitor = found(house, house.sessions.begin(account_id, user_agent="Phone"))

    listed = house.sessions.list(visitor)

    assert [(each.user_agent[:14], each.is_current) for each in listed] == [
        ("Phone", True),
        ("FirefoxFirefox", False),
    ]
    assert len(listed[1].user_agent) == 200
    assert listed[1].provider == "entra"


def test_sessions_that_are_over_are_not_listed(house: House) -> None:
    account_id = ada(house)
    house.sessions.begin(account_id)
    house.clock.now += HOUR
    visitor = found(house, house.sessions.begin(account_id))

    assert len(house.sessions.list(visitor)) == 1


def test_one_may_end_ones_own_other_sessions(house: House) -> None:
    account_id = ada(house)
    other = house.sessions.begin(account_id)
    visitor = found(house, house.sessions.begin(account_id))

    house.sessions.end_other(visitor, found(house, other).session_id)

    assert house.sessions.find(other) is None


def test_nobody_elses_session_can_be_ended(house: House) -> None:
    cleo = house.sessions.begin(account(house, (Role.ADMIN, house.southbank.id), name="Cleo"))
    visitor = found(house, house.sessions.begin(ada(house)))

    with pytest.raises(SessionNotFound):
        house.sessions.end_other(visitor, found(house, cleo).session_id)

    assert house.sessions.find(cleo)


def test_coming_and_going_are_in_the_audit(house: House) -> None:
    account_id = ada(house)
    first = house.sessions.begin(account_id)
    visitor = found(house, house.sessions.begin(account_id))
    house.sessions.end_other(visitor, found(house, first).session_id)
    house.sessions.end(house.sessions.choose(visitor, visitor.standings[1]))

    assert house.tags()[-4:] == [
        "account.signed_in",
        "account.signed_in",
        "account.session_ended",
        "account.signed_out",
    ]
