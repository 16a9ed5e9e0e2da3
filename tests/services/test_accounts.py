"""Who may come in, how they prove it, and the roles they hold."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress

import pytest

from gatelodge.services.accounts import CLAIMS, GIVEN
from gatelodge.services.caller import Caller, Role
from gatelodge.services.errors import (
    AccountDisabled,
    AccountNotFound,
    Invalid,
    LastOperator,
    NotAllowed,
    SignInRefused,
    TenantNotFound,
    TooManySignIns,
)
from gatelodge.services.sessions import Standing
from gatelodge.services.sign_in_limits import MOST_RECORDED, PER_ADDRESS, PER_EMAIL, WINDOW
from gatelodge.storage import audit, tables
from gatelodge.storage.errors import EmailTaken, ReferenceMissing
from tests.services.house import OTTO, House

PASSWORD = "a lantern over nine bridges"
ENTRA = "https://login.microsoftonline.com/t1/v2.0"
HERE = "192.0.2.7"


def add_ada(house: House, *, tenant: str | None = "northfield", role: Role = Role.ADMIN) -> str:
    return house.accounts.add_local(
        OTTO, tenant, role, name="Ada", email="Ada@n.example", password=PASSWORD
    ).id


def add_otto(house: House, email: str = "otto@h.example") -> str:
    return house.accounts.add_local(
        OTTO, None, Role.OPERATOR, name="Otto", email=email, password=PASSWORD
    ).id


def sign_in(house: House, password: str = PASSWORD, email: str = "ada@n.example") -> str:
    return house.accounts.sign_in_locally(email, password, HERE)


def come(house: House, *standings: Standing, subject: str = "s1", **said: str) -> str:
    said = {"name": "Ada", "email": "ada@n.example", **said}
    return house.accounts.from_identity(
        ENTRA, subject, name=said["name"], email=said["email"], standings=standings
    )


def at(tenant_id: str, role: Role = Role.ADMIN) -> Standing:
    return Standing(role, tenant_id, None)


def held(house: House, account_id: str) -> list[tuple[str, str | None, str]]:
    view = house.accounts.find(OTTO, account_id)
    return sorted((each.role, each.tenant_slug, each.source) for each in view.roles)


def events(house: House) -> list[tuple[str, str, str]]:
    found = house.database.read(lambda connection: audit.list_recent(connection, None, limit=1000))
    return [(each.tag, each.subject, each.details) for each in reversed(found)]


# ---------------------------------------------------------------- local sign-in


def test_somebody_signs_in_with_e_mail_and_password(house: House) -> None:
    account_id = add_ada(house)

    assert sign_in(house) == account_id


@pytest.mark.parametrize("email", ["ADA@N.EXAMPLE", "  ada@n.example ", "\uff41da@n.example"])
def test_capitals_blanks_and_wide_letters_of_an_e_mail_don_t_matter(
    house: House, email: str
) -> None:
    account_id = add_ada(house)

    assert sign_in(house, email=email) == account_id


def test_a_password_is_the_same_from_every_keyboard(house: House) -> None:
    account_id = house.accounts.add_local(
        OTTO, "northfield", Role.ADMIN, name="A", email="a@n.example", password="über zwölf Brücken"
    ).id

    assert sign_in(house, "u\u0308ber zwo\u0308lf Bru\u0308cken", "a@n.example") == account_id


@pytest.mark.parametrize(
    "email", ["ada@n.example", "nobody@n.example", "", "\0", "\ud800", "x" * 9999]
)
def test_whoever_can_t_prove_it_gets_one_and_the_same_answer(house: House, email: str) -> None:
    add_ada(house)

    with pytest.raises(SignInRefused) as refused:
        sign_in(house, "wrong", email)

    assert str(refused.value) == "The e-mail address or the password isn't right."


def test_a_disabled_account_gets_the_same_answer(house: House) -> None:
    house.accounts.disable(OTTO, add_ada(house))

    with pytest.raises(SignInRefused) as refused:
        sign_in(house)

    assert refused.type is SignInRefused


def test_an_unknown_e_mail_costs_the_work_of_a_wrong_password(house: House) -> None:
    add_ada(house)

    compared = []
    for email in ("ada@n.example", "nobody@n.example"):
        before = house.hasher.compared
        with pytest.raises(SignInRefused):
            sign_in(house, "wrong", email)
        compared.append(house.hasher.compared - before)

    assert compared == [1, 1]


def test_a_hash_that_is_weaker_than_todays_is_made_anew(house: House) -> None:
    account_id = add_ada(house)
    house.hasher._parameters.time_cost = 2

    assert sign_in(house) == account_id

    [row] = house.database.read(
        lambda connection: connection.execute(tables.local_logins.select()).mappings().all()
    )
    assert "t=2" in row["password_hash"]


def test_the_password_itself_is_not_kept(house: House) -> None:
    add_ada(house)

    [row] = house.database.read(
        lambda connection: connection.execute(tables.local_logins.select()).mappings().all()
    )

    assert PASSWORD not in str(row)
    assert row["password_hash"].startswith("$argon2id$")


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("", "empty"),
        ("short", "fewer than 12"),
        ("x" * 201, "longer than 200"),
        ("aaaaaaaaaaaaaaaa", "easy to guess"),
        ("ADA@long-name.example", "easy to guess"),
    ],
)
def test_a_password_that_protects_nothing_is_refused(house: House, password: str, why: str) -> None:
    with pytest.raises(Invalid, match=why) as refused:
        house.accounts.add_local(
            OTTO,
            "northfield",
            Role.ADMIN,
            name="Ada",
            email="ada@long-name.example",
            password=password,
        )

    assert refused.value.field == "password"


@pytest.mark.parametrize(
    "email",
    [
        *("", "ada", "a@b@c.example", "a b@c.example", "x" * 250 + "@c.de"),
        *("(@x.de", "a@(", "<a@b.de", "a@[", "a..b@c.de", "a(b)@c.de"),
    ],
)
def test_what_is_no_e_mail_address_is_refused(house: House, email: str) -> None:
    with pytest.raises(Invalid) as refused:
        house.accounts.add_local(
            OTTO, "northfield", Role.ADMIN, name="Ada", email=email, password=PASSWORD
        )

    assert refused.value.field == "email"


def test_an_e_mail_signs_in_one_account_only(house: House) -> None:
    add_ada(house)

    with pytest.raises(EmailTaken):
        add_ada(house, tenant="southbank")

    assert len(house.accounts.list(OTTO)) == 1


def test_a_new_password_ends_the_old_one_and_every_session(house: House) -> None:
    account_id = add_ada(house)
    token = house.sessions.begin(account_id)

    house.accounts.set_password(OTTO, account_id, "another lantern, other bridges")

    assert house.sessions.find(token) is None
    with pytest.raises(SignInRefused):
        sign_in(house)
    assert sign_in(house, "another lantern, other bridges") == account_id


# ---------------------------------------------------------------- limits


def fail(house: House, times: int, email: str = "ada@n.example", address: str = HERE) -> None:
    for _ in range(times):
        with pytest.raises(SignInRefused):
            house.accounts.sign_in_locally(email, "wrong", address)


def test_after_ten_wrong_passwords_even_the_right_one_has_to_wait(house: House) -> None:
    add_ada(house)
    fail(house, PER_EMAIL)

    with pytest.raises(TooManySignIns) as refused:
        sign_in(house)

    assert WINDOW - 60 < refused.value.seconds <= WINDOW


def test_the_limit_forgets(house: House) -> None:
    account_id = add_ada(house)
    fail(house, PER_EMAIL + 1)

    house.clock.now += WINDOW

    assert sign_in(house) == account_id


def test_who_comes_in_begins_to_count_anew(house: House) -> None:
    account_id = add_ada(house)
    for _ in range(3):
        fail(house, PER_EMAIL - 1)
        assert sign_in(house) == account_id


def test_one_address_can_t_try_everybodys(house: House) -> None:
    limits = house.limits
    for each in range(PER_ADDRESS):
        limits.count(f"{each}@n.example", HERE)

    with pytest.raises(TooManySignIns):
        limits.count("another@n.example", HERE)

    limits.count("another@n.example", "192.0.2.8")


def test_a_school_behind_one_address_comes_in(house: House) -> None:
    for each in range(2 * PER_ADDRESS):
        house.limits.count(f"{each}@n.example", HERE)
        house.limits.forgive(f"{each}@n.example", HERE)


def test_addresses_of_one_ipv6_network_count_as_one(house: House) -> None:
    for each in range(PER_ADDRESS):
        house.limits.count(f"{each}@n.example", f"2001:db8::{each:x}")

    with pytest.raises(TooManySignIns):
        house.limits.count("another@n.example", "2001:db8::ffff:1")


def test_neither_e_mail_nor_address_stands_in_the_counts(house: House) -> None:
    fail(house, 1)

    rows = house.database.read(
        lambda connection: connection.execute(tables.sign_in_counts.select()).all()
    )

    assert rows
    assert not any(each in str(rows) for each in ("ada", HERE))


def test_tries_at_the_same_time_are_all_counted(house: House) -> None:
    def tried(_: int) -> bool:
        try:
            house.limits.count("ada@n.example", HERE)
        except TooManySignIns:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        allowed = list(pool.map(tried, range(3 * PER_EMAIL)))

    assert sum(allowed) == PER_EMAIL


def test_who_comes_in_and_who_tries_don_t_block_each_other(house: House) -> None:
    def comes(_: int) -> None:
        for _ in range(20):
            with suppress(TooManySignIns):
                house.limits.count("ada@n.example", HERE)
            house.limits.forgive("ada@n.example", HERE)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(comes, range(8)))


# ---------------------------------------------------------------- audit


def test_who_was_refused_is_in_the_audit_without_what_was_typed(house: House) -> None:
    account_id = add_ada(house)
    fail(house, 1)
    fail(house, 1, email="stranger@n.example")

    known, unknown = events(house)[-2:]

    assert known[:2] == ("account.sign_in_refused", account_id)
    assert unknown[:2] == ("account.sign_in_refused", "unknown")
    assert "sign_in.refused" in known[2]
    assert "example" not in str(events(house))


def test_a_flood_is_one_event(house: House) -> None:
    fail(house, PER_EMAIL + 20)

    refused = [details for tag, _, details in events(house) if tag == "account.sign_in_refused"]

    assert len(refused) == PER_EMAIL + 1
    assert "sign_in.too_many" in refused[-1]


def test_refusals_of_strangers_are_events_up_to_a_number(house: House) -> None:
    account_id = add_ada(house)
    for _ in range(MOST_RECORDED + 5):
        house.accounts.record_refused("sign_in.state_forged", provider="entra")
    house.accounts.record_refused("sign_in.other")
    house.accounts.record_refused("sign_in.state_forged", account_id=account_id)

    refused = [each for tag, *each in events(house) if tag == "account.sign_in_refused"]

    assert len(refused) == MOST_RECORDED + 2


def test_a_flood_of_sign_ins_waits_in_a_short_line(house: House) -> None:
    house.hasher.gate.clear()

    def tries(number: int) -> type[Exception]:
        with pytest.raises(SignInRefused) as refused:
            house.accounts.sign_in_locally(f"{number}@n.example", "wrong", f"192.0.2.{number}")
        return refused.type

    house.accounts._passwords._hash_of_nobody()
    with ThreadPoolExecutor(20) as pool:
        answers = [pool.submit(tries, number) for number in range(20)]
        first = next(as_completed(answers)).result()
        house.hasher.gate.set()
        every = [each.result() for each in answers]

    assert first is TooManySignIns
    assert every.count(SignInRefused) >= 10


# ---------------------------------------------------------------- identities of providers


def test_who_comes_from_a_provider_gets_an_account_at_once(house: House) -> None:
    account_id = come(house, at(house.northfield.id))

    assert held(house, account_id) == [("admin", "northfield", CLAIMS)]
    assert come(house, at(house.northfield.id)) == account_id


def test_a_borrowed_e_mail_opens_no_account(house: House) -> None:
    local = add_ada(house)
    first = come(house, at(house.northfield.id))

    imitation = come(house, at(house.southbank.id, Role.EDUCATOR), subject="s2")

    assert len({local, first, imitation}) == 3
    assert held(house, imitation) == [("educator", "southbank", CLAIMS)]


def test_the_same_subject_of_another_issuer_is_somebody_else(house: House) -> None:
    here = come(house, at(house.northfield.id))
    there = house.accounts.from_identity(
        "https://idp.example", "s1", name="Ada", email=None, standings=[]
    )

    assert here != there


def test_roles_follow_the_claims(house: House) -> None:
    account_id = come(house, at(house.northfield.id), at(house.southbank.id, Role.EDUCATOR))

    come(house, at(house.northfield.id, Role.EDUCATOR))

    assert held(house, account_id) == [("educator", "northfield", CLAIMS)]


def test_what_a_person_gave_stays_whatever_the_claims_say(house: House) -> None:
    account_id = come(house, at(house.northfield.id))
    house.accounts.set_roles(OTTO, account_id, "southbank", [Role.EDUCATOR])
    come(house, at(house.southbank.id, Role.EDUCATOR))

    come(house)

    assert held(house, account_id) == [("educator", "southbank", GIVEN)]


def test_saving_roles_doesn_t_make_those_of_claims_outlive_the_claim(house: House) -> None:
    account_id = come(house, at(house.northfield.id))
    house.accounts.set_roles(OTTO, account_id, "northfield", [Role.ADMIN, Role.EDUCATOR])
    before = held(house, account_id)

    come(house)

    assert before == [("admin", "northfield", CLAIMS), ("educator", "northfield", GIVEN)]
    assert held(house, account_id) == [("educator", "northfield", GIVEN)]


def test_a_role_of_claims_is_kept_by_taking_and_giving_it(house: House) -> None:
    account_id = come(house, at(house.northfield.id))
    for roles in ([], [Role.ADMIN]):
        house.accounts.set_roles(OTTO, account_id, "northfield", roles)

    come(house, at(house.northfield.id))
    come(house)

    assert held(house, account_id) == [("admin", "northfield", GIVEN)]


def test_a_role_of_an_unknown_tenant_is_refused(house: House) -> None:
    with pytest.raises(ReferenceMissing):
        come(house, at("no-such-tenant"))


def test_an_unchanged_coming_is_no_change_of_roles(house: House) -> None:
    come(house, at(house.northfield.id))
    before = len(events(house))

    come(house, at(house.northfield.id))

    assert len(events(house)) == before


def test_a_disabled_account_stays_out_whatever_its_provider_says(house: House) -> None:
    account_id = come(house, at(house.northfield.id))
    house.accounts.disable(OTTO, account_id)

    with pytest.raises(AccountDisabled):
        come(house, at(house.northfield.id))


def test_names_that_hide_letters_are_made_safe(house: House) -> None:
    account_id = come(house, name="Ada\u202e\n\0 " + "x" * 10_000, email="a\0@n.example")

    view = house.accounts.find(OTTO, account_id)
    assert view.name == "Ada " + "x" * 96
    assert view.email == "a@n.example"


def test_two_first_comings_at_once_make_one_account(house: House) -> None:
    with ThreadPoolExecutor(4) as pool:
        found = set(pool.map(lambda _: come(house, at(house.northfield.id)), range(4)))

    assert len(found) == 1
    assert len(house.accounts.list(OTTO)) == 1


# ---------------------------------------------------------------- who may do what


def test_an_administrator_adds_people_to_the_own_tenant_only(house: House) -> None:
    added = house.accounts.add_local(
        house.ada, "northfield", Role.EDUCATOR, name="Ben", email="b@n.example", password=PASSWORD
    )

    assert held(house, added.id) == [("educator", "northfield", GIVEN)]
    with pytest.raises(TenantNotFound):
        house.accounts.add_local(
            house.cleo,
            "northfield",
            Role.EDUCATOR,
            name="Ben",
            email="x@n.example",
            password=PASSWORD,
        )


@pytest.mark.parametrize(("tenant", "role"), [(None, Role.OPERATOR), ("northfield", Role.OPERATOR)])
def test_an_administrator_makes_no_operator(house: House, tenant: str | None, role: Role) -> None:
    with pytest.raises(NotAllowed):
        house.accounts.add_local(
            house.ada, tenant, role, name="Mallory", email="m@n.example", password=PASSWORD
        )


def test_an_educator_sees_and_changes_no_account(house: House) -> None:
    account_id = add_ada(house)

    for asked in (
        lambda: house.accounts.list(house.ben),
        lambda: house.accounts.find(house.ben, account_id),
        lambda: house.accounts.set_roles(house.ben, account_id, "northfield", [Role.ADMIN]),
        lambda: house.accounts.disable(house.ben, account_id),
    ):
        with pytest.raises(NotAllowed):
            asked()


def test_an_administrator_knows_the_people_of_the_own_tenant(house: House) -> None:
    north = add_ada(house)
    house.accounts.set_roles(OTTO, north, "southbank", [Role.EDUCATOR])
    add_otto(house)

    [seen] = house.accounts.list(house.ada)

    assert seen.id == north
    assert [each.tenant_slug for each in seen.roles] == ["northfield"]


def test_people_of_another_tenant_are_unknown(house: House) -> None:
    account_id = add_ada(house)

    with pytest.raises(AccountNotFound):
        house.accounts.find(house.cleo, account_id)
    with pytest.raises(AccountNotFound):
        house.accounts.set_roles(house.cleo, account_id, "southbank", [Role.EDUCATOR])


def test_roles_of_a_tenant_are_set_as_a_whole(house: House) -> None:
    account_id = add_ada(house)
    house.accounts.add_local(
        OTTO, "northfield", Role.ADMIN, name="Abe", email="abe@n.example", password=PASSWORD
    )
    house.accounts.set_roles(OTTO, account_id, "southbank", [Role.EDUCATOR])

    house.accounts.set_roles(house.ada, account_id, "northfield", [Role.EDUCATOR])

    assert held(house, account_id) == [
        ("educator", "northfield", GIVEN),
        ("educator", "southbank", GIVEN),
    ]


def test_the_last_operator_stays(house: House) -> None:
    account_id = add_otto(house)

    with pytest.raises(LastOperator):
        house.accounts.disable(OTTO, account_id)
    with pytest.raises(LastOperator):
        house.accounts.set_roles(OTTO, account_id, None, [])


def test_of_two_operators_who_leave_at_once_one_stays(house: House) -> None:
    both = [add_otto(house), add_otto(house, "olga@h.example")]

    def left(account_id: str) -> bool:
        try:
            house.accounts.disable(OTTO, account_id)
        except LastOperator:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(left, both)) == [False, True]


def test_disabling_ends_sessions_and_enabling_lets_in_again(house: House) -> None:
    account_id = add_ada(house)
    token = house.sessions.begin(account_id)

    house.accounts.disable(OTTO, account_id)
    house.accounts.enable(OTTO, account_id)

    assert house.sessions.find(token) is None
    assert house.sessions.find(house.sessions.begin(sign_in(house)))


def test_one_chooses_ones_own_language(house: House) -> None:
    account_id = add_ada(house)
    token = house.sessions.begin(account_id)

    house.accounts.set_language(Caller.admin(account_id, house.northfield.id), "ar")

    visitor = house.sessions.find(token)
    assert visitor
    assert visitor.language == "ar"


def test_every_change_of_an_account_is_in_the_audit(house: House) -> None:
    before = len(events(house))
    account_id = add_ada(house)
    house.accounts.set_roles(OTTO, account_id, "northfield", [Role.EDUCATOR])
    house.accounts.set_password(OTTO, account_id, "another lantern, other bridges")
    house.accounts.disable(OTTO, account_id)
    house.accounts.enable(OTTO, account_id)

    assert [tag for tag, *_ in events(house)[before:]] == [
        "account.added",
        "account.roles_changed",
        "account.roles_changed",
        "account.password_changed",
        "account.disabled",
        "account.enabled",
    ]
    assert "Ada" not in str(events(house))
