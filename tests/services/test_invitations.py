"""Invitations: who may make them, who may use them, and how often."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
import pytest
from sqlalchemy import select

from gatelodge.services.accounts import GIVEN
from gatelodge.services.caller import Caller, Role
from gatelodge.services.errors import (
    AccountDisabled,
    Invalid,
    InvitationDead,
    InvitationNotFound,
    LastAdmin,
    NotAllowed,
    SignInRefused,
    TenantNotFound,
    TooManyInvitations,
    TooManySignIns,
)
from gatelodge.services.invitations import KEPT_DAYS, LIFETIME, MOST_OPEN
from gatelodge.services.mails import Letter
from gatelodge.services.provider_claims import Said
from gatelodge.services.provider_sign_in import Proven
from gatelodge.services.providers import read_providers
from gatelodge.services.sessions import Standing
from gatelodge.services.sign_in_limits import PER_ADDRESS, PER_EMAIL
from gatelodge.storage import audit, invitations, persons, tables
from tests.services.house import OTTO, House

PASSWORD = "a lantern over nine bridges"
HERE = "192.0.2.7"
BEN = {"name": "Ben Sato", "email": "ben@n.example", "password": PASSWORD}
[CAMPUS] = read_providers(
    {
        "campus": {
            "name": "Campus",
            "issuer": "https://idp.example",
            "client_id": "gatelodge",
            "client_secret": "s",
            "tenant_claim": "org",
        }
    }
)


def add(house: House, name: str, tenant: str | None, role: Role) -> str:
    email = f"{name.lower()}@n.example"
    return house.accounts.add_local(
        OTTO, tenant, role, name=name, email=email, password=PASSWORD
    ).id


@pytest.fixture
def ada(house: House) -> Caller:
    return Caller.admin(add(house, "Ada", "northfield", Role.ADMIN), house.northfield.id)


@pytest.fixture
def otto(house: House) -> Caller:
    return Caller.operator(add(house, "Otto", None, Role.OPERATOR))


def invite(
    house: House, caller: Caller, role: Role = Role.EDUCATOR, tenant: str | None = "northfield"
) -> str:
    """The token."""
    made = house.invitations.make(caller, tenant, role)
    return made.address.removeprefix("https://lti.example/invitation/")


def proven(subject: str = "s1", name: str = "Ben") -> Proven:
    said = Said(
        name=name, email="ben@idp.example", institution=None, tenant=None, roles=frozenset()
    )
    return Proven(CAMPUS, CAMPUS.issuer, subject, said, "token", "/portal")


def held(house: House, account_id: str) -> list[tuple[str, str | None, str]]:
    view = house.accounts.find(OTTO, account_id)
    return sorted((each.role, each.tenant_slug, each.source) for each in view.roles)


def rows_of(house: House, query: Any) -> Any:
    return house.database.read(lambda connection: connection.execute(query).all())


def is_dead(house: House, token: str) -> bool:
    try:
        house.invitations.look(token, HERE)
    except InvitationDead:
        return True
    return False


def states(house: House, caller: Caller) -> list[tuple[str | None, bool]]:
    """Of each invitation: who accepted it, and whether it was revoked."""
    rows, _ = house.invitations.list(caller, limit=50, offset=0)
    return [(each.taker_name, each.invitation.revoked_at is not None) for each in rows]


# ---------------------------------------------------------------- making


def test_a_link_says_what_it_gives_by_whom_and_until_when(house: House, ada: Caller) -> None:
    offer = house.invitations.look(invite(house, ada), HERE)

    assert offer.standing == Standing(Role.EDUCATOR, house.northfield.id, "Northfield")
    assert offer.inviter == "Ada"
    assert offer.expires_at == pytest.approx(house.clock.now + LIFETIME, abs=2)


@pytest.mark.parametrize("role", [Role.ADMIN, Role.EDUCATOR])
def test_an_administrator_invites_up_to_the_own_role(house: House, ada: Caller, role: Role) -> None:
    assert house.invitations.look(invite(house, ada, role), HERE).standing.role == role


def test_nobody_invites_above_the_own_role_or_elsewhere(house: House, ada: Caller) -> None:
    with pytest.raises(NotAllowed):
        invite(house, ada, Role.OPERATOR, None)
    with pytest.raises(TenantNotFound):
        invite(house, ada, tenant="southbank")
    for ask in (
        lambda: invite(house, house.ben),
        lambda: house.invitations.list(house.ben, limit=1, offset=0),
        lambda: house.invitations.revoke(house.ben, "x"),
    ):
        with pytest.raises(NotAllowed):
            ask()


def test_the_operator_invites_everywhere(house: House, otto: Caller) -> None:
    here = invite(house, otto, Role.ADMIN, "southbank")
    host = invite(house, otto, Role.OPERATOR, None)

    assert house.invitations.look(here, HERE).standing.tenant_id == house.southbank.id
    assert house.invitations.look(host, HERE).standing == Standing(Role.OPERATOR, None, None)


def test_a_role_in_a_tenant_needs_one(house: House, otto: Caller) -> None:
    with pytest.raises(Invalid) as caught:
        invite(house, otto, Role.ADMIN, None)

    assert caught.value.field == "tenant"


def test_a_note_is_bounded(house: House, ada: Caller) -> None:
    with pytest.raises(Invalid):
        house.invitations.make(ada, "northfield", Role.EDUCATOR, "x" * 101)


def test_open_invitations_to_one_place_are_bounded(
    house: House, ada: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert MOST_OPEN == 200
    monkeypatch.setattr("gatelodge.services.invitations.MOST_OPEN", 2)
    first = house.invitations.make(ada, "northfield", Role.EDUCATOR)
    invite(house, ada)

    with pytest.raises(TooManyInvitations):
        invite(house, ada)
    house.invitations.revoke(ada, first.id)

    invite(house, ada)


def test_the_token_is_nowhere_in_the_database(house: House, ada: Caller) -> None:
    token = invite(house, ada)

    rows = [
        str(tuple(row))
        for table in tables.metadata.sorted_tables
        for row in rows_of(house, select(table))
    ]
    assert rows
    assert not any(token in row for row in rows)


# ---------------------------------------------------------------- accepting


def test_a_provider_s_word_is_enough_even_if_it_gives_no_role(house: House, ada: Caller) -> None:
    account_id, standing = house.invitations.accept_proven(invite(house, ada), proven(), [])

    assert standing == Standing(Role.EDUCATOR, house.northfield.id, "Northfield")
    assert held(house, account_id) == [("educator", "northfield", GIVEN)]


def test_the_role_stays_when_the_claims_go_on_giving_none(house: House, ada: Caller) -> None:
    account_id, _ = house.invitations.accept_proven(invite(house, ada), proven(), [])

    again = house.accounts.from_identity(CAMPUS.issuer, "s1", name="Ben", email=None, standings=[])

    assert again == account_id
    assert held(house, account_id) == [("educator", "northfield", GIVEN)]


def test_somebody_makes_a_local_login_of_their_own(house: House, ada: Caller) -> None:
    account_id, _ = house.invitations.accept_with_new_login(invite(house, ada), HERE, **BEN)

    assert held(house, account_id) == [("educator", "northfield", GIVEN)]
    assert house.accounts.sign_in_locally("ben@n.example", PASSWORD, HERE) == account_id


def test_somebody_with_a_local_login_brings_it_along(house: House, ada: Caller) -> None:
    cleo = add(house, "Cleo", "southbank", Role.ADMIN)

    account_id, _ = house.invitations.accept_with_password(
        invite(house, ada), "cleo@n.example", PASSWORD, HERE
    )

    assert account_id == cleo
    assert held(house, cleo) == [
        ("admin", "southbank", GIVEN),
        ("educator", "northfield", GIVEN),
    ]


def test_a_wrong_password_uses_nothing_up(house: House, ada: Caller) -> None:
    add(house, "Cleo", "southbank", Role.ADMIN)
    token = invite(house, ada)

    with pytest.raises(SignInRefused):
        house.invitations.accept_with_password(token, "cleo@n.example", "wrong", HERE)

    assert not is_dead(house, token)


def test_somebody_signed_in_accepts_as_who_they_are(house: House, ada: Caller) -> None:
    cleo = Caller.admin(add(house, "Cleo", "southbank", Role.ADMIN), house.southbank.id)

    standing = house.invitations.accept(cleo, invite(house, ada))

    assert standing.tenant_id == house.northfield.id
    assert ("educator", "northfield", GIVEN) in held(house, cleo.account)


def test_an_account_that_is_disabled_accepts_nothing(house: House, ada: Caller) -> None:
    ben, _ = house.invitations.accept_proven(invite(house, ada), proven(), [])
    house.accounts.disable(OTTO, ben)
    token = invite(house, ada, Role.ADMIN)

    with pytest.raises(AccountDisabled):
        house.invitations.accept_proven(token, proven(), [])

    assert not is_dead(house, token)
    assert held(house, ben) == [("educator", "northfield", GIVEN)]


def test_whoever_holds_the_role_already_leaves_it_to_somebody_else(
    house: House, ada: Caller
) -> None:
    token = invite(house, ada, Role.ADMIN)

    house.invitations.accept(ada, token)

    assert not is_dead(house, token)


# ---------------------------------------------------------------- dead ones


def test_an_invitation_is_good_once(house: House, ada: Caller) -> None:
    token = invite(house, ada)
    house.invitations.accept_proven(token, proven(), [])

    assert is_dead(house, token)
    with pytest.raises(InvitationDead):
        house.invitations.accept_proven(token, proven("s2"), [])
    with pytest.raises(InvitationDead):
        house.invitations.accept_with_new_login(token, HERE, **BEN)


def test_of_two_who_come_at_once_one_gets_it_and_nothing_is_kept_of_the_other(
    house: House, ada: Caller
) -> None:
    token = invite(house, ada)

    def accept(subject: str) -> bool:
        try:
            house.invitations.accept_proven(token, proven(subject), [])
        except InvitationDead:
            return False
        return True

    with ThreadPoolExecutor(8) as people:
        came = list(people.map(accept, [f"s{number}" for number in range(8)]))

    assert sum(came) == 1
    _, total = house.people.search(OTTO, "", limit=1, offset=0)
    assert total == 2  # Ada, and the one who got it


@pytest.mark.parametrize("token", ["", "x", "x" * 43, "x" * 10_000, "\ud800", "'"])
def test_what_was_never_made_is_dead(house: House, token: str) -> None:
    assert is_dead(house, token)


def test_it_is_over_after_three_days(house: House, ada: Caller) -> None:
    token = invite(house, ada)
    house.clock.now += LIFETIME - 1
    assert not is_dead(house, token)

    house.clock.now += 1

    assert is_dead(house, token)
    with pytest.raises(InvitationDead):
        house.invitations.accept_proven(token, proven(), [])


def test_a_revoked_one_is_dead_and_can_t_be_revoked_again(house: House, ada: Caller) -> None:
    token = invite(house, ada)
    [row], _ = house.invitations.list(ada, limit=1, offset=0)

    house.invitations.revoke(ada, row.invitation.id)

    assert is_dead(house, token)
    assert states(house, ada) == [(None, True)]
    with pytest.raises(InvitationNotFound):
        house.invitations.revoke(ada, row.invitation.id)


def test_another_tenant_sees_and_revokes_nothing(house: House, ada: Caller) -> None:
    made = house.invitations.make(ada, "northfield", Role.EDUCATOR)

    assert states(house, house.cleo) == []
    with pytest.raises(InvitationNotFound):
        house.invitations.revoke(house.cleo, made.id)
    assert states(house, OTTO) == [(None, False)]


def test_those_of_a_suspended_tenant_wait_until_it_goes_on(house: House, ada: Caller) -> None:
    token = invite(house, ada)
    house.tenants.suspend(OTTO, "northfield")
    assert is_dead(house, token)

    house.tenants.resume(OTTO, "northfield")

    assert not is_dead(house, token)


def test_it_is_worth_no_more_than_who_made_it(house: House, ada: Caller, otto: Caller) -> None:
    by_ada, by_otto = invite(house, ada), invite(house, otto)

    house.accounts.set_roles(OTTO, ada.account, "northfield", [Role.EDUCATOR])
    add(house, "Olga", None, Role.OPERATOR)
    house.accounts.disable(OTTO, otto.account)

    assert is_dead(house, by_ada)
    assert is_dead(house, by_otto)


def test_many_dead_links_from_one_address_are_sent_away_and_good_ones_are_not(
    house: House, ada: Caller
) -> None:
    token = invite(house, ada)
    for _ in range(PER_ADDRESS):
        assert is_dead(house, "never made")

    with pytest.raises(TooManySignIns):
        house.invitations.look("never made", HERE)

    assert not is_dead(house, token)


def test_whose_address_has_a_login_is_told_no_more_often_than_passwords_are_tried(
    house: House, ada: Caller
) -> None:
    add(house, "Ben", "southbank", Role.ADMIN)
    token = invite(house, ada)
    for _ in range(PER_EMAIL):
        with pytest.raises(Invalid):
            house.invitations.accept_with_new_login(token, HERE, **BEN)

    with pytest.raises(TooManySignIns):
        house.invitations.accept_with_new_login(token, HERE, **BEN)


# ---------------------------------------------------------------- what is told and kept


def letters(house: House) -> list[Letter]:
    rows = rows_of(house, select(tables.mails.c.id, tables.mails.c.sealed))
    return [
        msgspec.json.decode(house.sealer.open(sealed, purpose="mail", about=mail_id), type=Letter)
        for mail_id, sealed in rows
    ]


def test_the_inviter_is_told_and_sees_who_it_was(house: House, ada: Caller) -> None:
    house.invitations.accept_proven(invite(house, ada), proven(name="<b>Ben"), [])

    [letter] = letters(house)
    assert letter.to == "ada@n.example"
    assert "https://lti.example/portal/invitations" in " ".join(map(str, letter.paragraphs))
    assert "Ben" not in " ".join(map(str, [letter.subject, *letter.paragraphs]))
    assert states(house, ada) == [("<b>Ben", False)]


def test_all_of_it_is_audited_without_names(house: House, ada: Caller) -> None:
    house.invitations.accept_proven(invite(house, ada), proven(), [])
    house.invitations.revoke(ada, house.invitations.make(ada, "northfield", Role.ADMIN).id)

    events = house.database.read(lambda connection: audit.list_recent(connection, None, limit=100))
    told = {each.tag: each for each in events if each.tag.startswith("invitation.")}
    assert set(told) == {"invitation.made", "invitation.accepted", "invitation.revoked"}
    assert {each.tenant_id for each in told.values()} == {house.northfield.id}
    assert json.loads(told["invitation.accepted"].details) == {"role": "educator"}
    assert not any("Ben" in each.details for each in events)


def test_nothing_of_them_names_somebody_who_was_erased(house: House, ada: Caller) -> None:
    made = house.invitations.make(ada, "northfield", Role.EDUCATOR, "for Ben Sato")
    ben, _ = house.invitations.accept_proven(made.address.rpartition("/")[2], proven(), [])
    kept = invite(house, ada)

    house.database.write(lambda connection: persons.erase_accounts(connection, [ben]))

    assert states(house, ada) == [(None, False)]
    assert not is_dead(house, kept)


def test_what_is_over_is_kept_for_a_month(house: House, ada: Caller) -> None:
    invite(house, ada)
    house.clock.now += LIFETIME
    purge: Any = invitations.purge

    def purged() -> int:
        before = house.clock.now - KEPT_DAYS * 24 * 3600
        return house.database.write(lambda connection: purge(connection, before))

    assert purged() == 0
    house.clock.pass_days(KEPT_DAYS + 1)
    assert purged() == 1


# ---------------------------------------------------------------- the last administrator


def test_the_last_administrator_stays_one(house: House, ada: Caller) -> None:
    with pytest.raises(LastAdmin):
        house.accounts.set_roles(ada, ada.account, "northfield", [Role.EDUCATOR])

    assert held(house, ada.account) == [("admin", "northfield", GIVEN)]


def test_one_who_can_t_sign_in_doesn_t_count(house: House, ada: Caller) -> None:
    other = add(house, "Olga", "northfield", Role.ADMIN)
    house.accounts.disable(OTTO, other)

    with pytest.raises(LastAdmin):
        house.accounts.set_roles(ada, ada.account, "northfield", [])


def test_the_operator_may_take_it_from_the_last_one(house: House, ada: Caller) -> None:
    house.accounts.set_roles(OTTO, ada.account, "northfield", [])

    assert held(house, ada.account) == []


def test_two_who_take_it_from_each_other_at_once_leave_one(house: House, ada: Caller) -> None:
    olga = Caller.admin(add(house, "Olga", "northfield", Role.ADMIN), house.northfield.id)

    def take(pair: tuple[Caller, Caller]) -> bool:
        by, of = pair
        try:
            house.accounts.set_roles(by, of.account, "northfield", [])
        except LastAdmin:
            return False
        return True

    with ThreadPoolExecutor(2) as people:
        done = list(people.map(take, [(ada, olga), (olga, ada)]))

    assert sorted(done) == [False, True]
