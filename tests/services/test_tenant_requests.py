"""Institutions that ask to be registered: who may, how often, and what a decision brings about."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest

from gatelodge.lti.errors import GatelodgeError
from gatelodge.services.addresses import Addresses
from gatelodge.services.caller import Caller, Role
from gatelodge.services.errors import (
    Invalid,
    NotAllowed,
    TenantIdentityNotFound,
    TenantNotFound,
    TenantRequestDecided,
    TenantRequestNotFound,
)
from gatelodge.services.mails import Letter, Outbox
from gatelodge.services.provider_sign_in import Proven
from gatelodge.services.providers import Provider
from gatelodge.services.sessions import Standing
from gatelodge.services.sign_in_errors import SignInStateLost, TooManyTenantRequests
from gatelodge.services.tenant_identities import TenantIdentities
from gatelodge.services.tenant_requests import (
    LIFETIME,
    PER_ADDRESS,
    PER_INSTITUTION,
    Door,
    Mode,
    State,
    TenantRequests,
)
from gatelodge.storage import accounts, mails
from gatelodge.storage import tenant_requests as stored
from gatelodge.storage.accounts import AccountRow, RoleRow
from gatelodge.storage.tenant_requests import Institution
from tests.services.house import OTTO, House
from tests.support.asking import BROWSER, ENTRA, LAKESIDE, proven


def requests_of(house: House, mode: Mode = Mode.ASK, *, mail: bool = False) -> TenantRequests:
    outbox = Outbox(house.database, house.clock, house.ids, house.sealer, is_on=mail)
    return TenantRequests(
        house.database,
        house.clock,
        house.ids,
        house.sealer,
        house.audit,
        house.tenants,
        outbox,
        Addresses(house.base),
        mode=mode,
    )


def ask(
    asking: TenantRequests,
    who: Proven | None = None,
    *,
    name: str = "Lakeside College",
    note: str = "",
    address: str = "192.0.2.1",
) -> State:
    door = asking.door(who or proven(), BROWSER)
    assert door is not None
    sealed = door.sealed
    return asking.ask(ENTRA, sealed, BROWSER, name=name, note=note, language="de", address=address)


def only(asking: TenantRequests) -> str:
    [row] = asking.search(OTTO, "", None, limit=10, offset=0)[0]
    return row.id


def tenant_of(house: House, who: Proven | None = None) -> str | None:
    institution = (who or proven()).institution
    assert institution is not None
    found = house.database.read(lambda connection: stored.tenant_of(connection, institution))
    return found and found.id


def letters(house: House) -> list[Letter]:
    found = []
    while row := house.database.write(
        lambda connection: mails.claim(connection, "me", now=house.clock(), lease=1000)
    ):
        plain = house.sealer.open(row.sealed, purpose="mail", about=row.id)
        found.append(msgspec.json.decode(plain, type=Letter))
    return found


# ----------------------------------------------------------------------- who may ask


def test_an_administrator_of_an_unknown_institution_may_ask(house: House) -> None:
    door = requests_of(house).door(proven(), BROWSER)

    assert door is not None
    assert (door.name, door.state, bool(door.sealed)) == ("", None, True)


def test_a_name_that_people_can_read_is_suggested(house: House) -> None:
    door = requests_of(house).door(proven("lakeside.example"), BROWSER)

    assert door is not None
    assert door.name == "lakeside.example"


@pytest.mark.parametrize(
    "who",
    [
        proven(role=Role.EDUCATOR),
        proven(role=Role.OPERATOR),
        proven(None),
        proven("x" * 256),
        proven("lake\0side"),
    ],
    ids=["educator", "operator", "no claim", "endless", "unprintable"],
)
def test_nobody_else_may(house: House, who: Proven) -> None:
    assert requests_of(house).door(who, BROWSER) is None


def test_the_settings_can_forbid_it(house: House) -> None:
    assert requests_of(house, Mode.OFF).door(proven(), BROWSER) is None


# ----------------------------------------------------------------------- asking


def test_what_was_asked_waits_for_the_operator(house: House) -> None:
    asking = requests_of(house)

    state = ask(asking, note="We use Moodle.\nCall me.")

    view = asking.show(OTTO, only(asking))
    assert state is State.WAITING
    assert view.row.name == "Lakeside College"
    assert (view.details.name, view.details.email) == ("Lena Lake", "lena@lakeside.example")
    assert view.details.note == "We use Moodle.\nCall me."
    assert asking.count_waiting(OTTO) == 1
    assert tenant_of(house) is None
    assert house.tags()[-1] == "tenant_request.made"


def test_nothing_personal_is_kept_open(house: House) -> None:
    asking = requests_of(house)
    ask(asking, note="Call me.")

    row = asking.show(OTTO, only(asking)).row

    assert b"Lena" not in row.sealed
    assert b"Call me" not in row.sealed


def test_a_second_one_is_told_that_it_is_looked_at(house: House) -> None:
    asking = requests_of(house)
    before = asking.door(proven(subject="paul"), BROWSER)
    assert before is not None
    ask(asking)

    door = asking.door(proven(subject="paul"), BROWSER)
    state = asking.ask(
        ENTRA, before.sealed, BROWSER, name="Ours", note="", language="en", address="192.0.2.9"
    )

    assert door is not None
    assert (door.state, door.name, door.sealed) == (State.WAITING, "Lakeside College", "")
    assert state is State.WAITING
    assert only(asking)


@pytest.mark.parametrize("mode", [Mode.ASK, Mode.AT_ONCE])
def test_of_many_at_once_one_request_is_made(house: House, mode: Mode) -> None:
    asking = requests_of(house, mode)
    doors = [asking.door(proven(subject=f"p{n}"), BROWSER) for n in range(8)]

    def send(door: Door | None) -> State:
        assert door is not None
        return asking.ask(
            ENTRA, door.sealed, BROWSER, name="Ours", note="", language="en", address="192.0.2.9"
        )

    with ThreadPoolExecutor(8) as people:
        states = list(people.map(send, doors))

    assert set(states) == {State.WAITING if mode is Mode.ASK else State.APPROVED}
    assert only(asking)


@pytest.mark.parametrize(
    ("browser", "provider", "later"),
    [
        ("c" * 64, ENTRA, 0),
        (BROWSER, msgspec.structs.replace(ENTRA, key="other"), 0),
        (BROWSER, ENTRA, LIFETIME + 1),
    ],
    ids=["another browser", "another provider", "too old"],
)
def test_the_proof_is_good_for_its_browser_its_provider_and_half_an_hour(
    house: House, browser: str, provider: Provider, later: int
) -> None:
    asking = requests_of(house)
    door = asking.door(proven(), BROWSER)
    assert door is not None
    house.clock.now += later

    with pytest.raises(SignInStateLost):
        asking.ask(
            provider, door.sealed, browser, name="x", note="", language="en", address="192.0.2.1"
        )


@pytest.mark.parametrize("sealed", ["", "x", "é", "A" * 5000])
def test_rubbish_proves_nothing(house: House, sealed: str) -> None:
    with pytest.raises(SignInStateLost):
        requests_of(house).ask(
            ENTRA, sealed, BROWSER, name="x", note="", language="en", address="192.0.2.1"
        )


def test_all_that_is_wrong_is_told_at_once(house: House) -> None:
    with pytest.raises(Invalid) as found:
        ask(requests_of(house), name=" ", note="x" * 1001)

    assert [found.value.field, *(each.field for each in found.value.others)] == ["name", "note"]


def test_one_address_asks_only_so_often(house: House) -> None:
    asking = requests_of(house)
    for number in range(PER_ADDRESS):
        ask(asking, proven(f"college-{number}"))

    with pytest.raises(TooManyTenantRequests) as refused:
        ask(asking, proven("one-more"))

    assert 0 < refused.value.seconds <= 3600
    assert ask(asking, proven("elsewhere"), address="198.51.100.7") is State.WAITING
    house.clock.now += 3600
    assert ask(asking, proven("one-more")) is State.WAITING


def test_one_institution_asks_only_so_often_again(house: House) -> None:
    asking = requests_of(house)
    for number in range(PER_INSTITUTION):
        ask(asking, address=f"192.0.2.{number}")
        [row, *_] = asking.search(OTTO, "", State.WAITING, limit=10, offset=0)[0]
        asking.decline(OTTO, row.id, "No.")

    with pytest.raises(TooManyTenantRequests):
        ask(asking, address="198.51.100.7")


# ----------------------------------------------------------------------- deciding


def test_approved_its_people_belong_to_the_new_tenant(house: House) -> None:
    asking = requests_of(house)
    ask(asking)

    tenant = asking.approve(OTTO, only(asking), "Lakeside", "lakeside")

    assert house.tenants.find(OTTO, "lakeside").id == tenant.id
    assert tenant_of(house) == tenant_of(house, proven(subject="paul")) == tenant.id
    assert asking.count_waiting(OTTO) == 0
    assert house.tags()[-2:] == ["tenant.added", "tenant_request.approved"]


def test_another_institution_does_not_come_along(house: House) -> None:
    asking = requests_of(house)
    ask(asking)
    asking.approve(OTTO, only(asking), "Lakeside", "lakeside")

    assert tenant_of(house, proven("another")) is None
    lookalike = Institution("entra", "https://evil.example", LAKESIDE)
    other_provider = Institution("other", f"https://login.example/{LAKESIDE}", LAKESIDE)
    for each in (lookalike, other_provider):
        found = house.database.read(
            lambda connection, each=each: stored.tenant_of(connection, each)
        )
        assert found is None


def test_joined_its_people_belong_to_a_tenant_that_was_there(house: House) -> None:
    asking = requests_of(house)
    ask(asking)

    asking.join(OTTO, only(asking), "northfield")

    assert tenant_of(house) == house.northfield.id


def test_a_tenant_that_is_not_there_is_joined_by_nobody(house: House) -> None:
    asking = requests_of(house)
    ask(asking)

    with pytest.raises(TenantNotFound):
        asking.join(OTTO, only(asking), "nowhere")

    assert asking.count_waiting(OTTO) == 1


def test_a_short_name_that_is_taken_leaves_the_request_waiting(house: House) -> None:
    asking = requests_of(house)
    ask(asking)

    with pytest.raises(GatelodgeError, match="short name"):
        asking.approve(OTTO, only(asking), "Lakeside", "northfield")

    assert asking.count_waiting(OTTO) == 1
    assert tenant_of(house) is None


def test_declined_the_word_is_read_and_it_can_be_asked_again(house: House) -> None:
    asking = requests_of(house)
    ask(asking)

    asking.decline(OTTO, only(asking), "Write to us first.")

    door = asking.door(proven(), BROWSER)
    assert door is not None
    assert (door.state, door.word) == (State.DECLINED, "Write to us first.")
    assert house.tags()[-1] == "tenant_request.declined"
    assert ask(asking) is State.WAITING


def test_of_two_operators_one_decides(house: House) -> None:
    asking = requests_of(house)
    ask(asking)
    request_id = only(asking)

    def decide(number: int) -> str:
        try:
            if number % 2:
                asking.decline(OTTO, request_id, "No.")
            else:
                asking.approve(OTTO, request_id, "Lakeside", "lakeside")
        except TenantRequestDecided:
            return "late"
        return "first"

    with ThreadPoolExecutor(4) as operators:
        found = sorted(operators.map(decide, range(4)))

    assert found == ["first", "late", "late", "late"]
    is_approved = asking.show(OTTO, request_id).row.state == State.APPROVED
    slugs = {each.slug for each in house.tenants.list(OTTO)}
    assert ("lakeside" in slugs) == is_approved == (tenant_of(house) is not None)


@pytest.mark.parametrize("who", ["ada", "ben"])
def test_only_the_operator_sees_and_decides(house: House, who: str) -> None:
    asking = requests_of(house)
    ask(asking)
    request_id = only(asking)
    caller: Caller = getattr(house, who)

    for attempt in (
        lambda: asking.search(caller, "", None, limit=1, offset=0),
        lambda: asking.show(caller, request_id),
        lambda: asking.count_waiting(caller),
        lambda: asking.approve(caller, request_id, "x", None),
        lambda: asking.join(caller, request_id, "northfield"),
        lambda: asking.decline(caller, request_id, "x"),
    ):
        with pytest.raises(NotAllowed):
            attempt()


def test_what_is_not_there_is_not_found(house: House) -> None:
    asking = requests_of(house)

    for attempt in (
        lambda: asking.show(OTTO, "x"),
        lambda: asking.approve(OTTO, "x", "Name", None),
        lambda: asking.join(OTTO, "x", "northfield"),
        lambda: asking.decline(OTTO, "x", "No."),
    ):
        with pytest.raises(TenantRequestNotFound):
            attempt()


# ----------------------------------------------------------------------- at once


def test_at_once_nobody_has_to_approve(house: House) -> None:
    asking = requests_of(house, Mode.AT_ONCE)

    state = ask(asking)

    row = asking.show(OTTO, only(asking)).row
    assert state is State.APPROVED
    assert row.decided_by == "worker"
    assert tenant_of(house) == row.tenant_id
    assert ask(asking) is State.APPROVED


@pytest.mark.parametrize("name", ["Northfield", LAKESIDE, "大学", "x" * 100])
def test_at_once_nobody_chooses_the_short_name(house: House, name: str) -> None:
    """People of other providers could be recognised by it."""
    asking = requests_of(house, Mode.AT_ONCE)

    ask(asking, name=name)

    tenant_id = tenant_of(house)
    assert tenant_id is not None
    tenant = house.tenants.find(OTTO, tenant_id)
    assert tenant.name == name
    assert len(tenant.slug) <= 40
    assert tenant.slug not in (name.lower(), "institution")


# ----------------------------------------------------------------------- being told


def test_who_asked_is_greeted_once(house: House) -> None:
    asking = requests_of(house)
    ask(asking)
    assert asking.greet(proven()) is None
    asking.approve(OTTO, only(asking), "Lakeside", "lakeside")

    assert asking.greet(proven(subject="paul")) is None
    assert asking.greet(proven()) == "Lakeside College"
    assert asking.greet(proven()) is None


def test_operators_and_the_asker_are_told_by_mail_and_nothing_typed_is_in_it(house: House) -> None:
    asking = requests_of(house, mail=True)
    otto = AccountRow(house.ids.new(), "Otto", "otto@gate.example", "ar", 0, None)
    role = RoleRow(house.ids.new(), otto.id, "operator", None, "given", 0)
    house.database.write(
        lambda connection: (accounts.add(connection, otto), accounts.give_role(connection, role))
    )
    ask(asking, name="Buy cheap things", note="at https://evil.example")
    request_id = only(asking)
    [asked] = letters(house)
    asking.decline(OTTO, request_id, "Buy nothing.")
    [declined] = letters(house)

    assert (asked.to, asked.language, asked.account_id) == ("otto@gate.example", "ar", otto.id)
    assert f"/portal/requests/{request_id}" in str(asked.paragraphs[0])
    assert (declined.to, declined.language) == ("lena@lakeside.example", "de")
    told = " ".join(
        map(str, (asked.subject, *asked.paragraphs, declined.subject, *declined.paragraphs))
    )
    assert "Buy" not in told
    assert "evil" not in told


def test_who_has_no_address_is_told_at_the_next_sign_in_only(house: House) -> None:
    asking = requests_of(house, mail=True)
    ask(asking, proven(email=None))

    asking.approve(OTTO, only(asking), "Lakeside", "lakeside")

    assert letters(house) == []
    assert asking.greet(proven(email=None)) == "Lakeside College"


# ----------------------------------------------------------------------- lists and keeping


def test_those_that_wait_come_first_and_are_found_by_name(house: House) -> None:
    asking = requests_of(house)
    for number, name in enumerate(("First", "Second", "Third")):
        ask(asking, proven(f"value-{number}"), name=name)
    [third, *_] = asking.search(OTTO, "third", None, limit=9, offset=0)[0]
    asking.decline(OTTO, third.id, "No.")

    rows, total = asking.search(OTTO, "", None, limit=2, offset=0)
    waiting, _ = asking.search(OTTO, "", State.WAITING, limit=9, offset=0)
    by_value, _ = asking.search(OTTO, "value-0", None, limit=9, offset=0)

    assert ([each.name for each in rows], total) == (["Second", "First"], 3)
    assert [each.name for each in waiting] == ["Second", "First"]
    assert [each.name for each in by_value] == ["First"]


def test_after_ninety_days_nothing_is_kept_of_who_asked_and_its_people_still_come_in(
    house: House,
) -> None:
    asking = requests_of(house)
    ask(asking)
    tenant = asking.approve(OTTO, only(asking), "Lakeside", "lakeside")
    house.clock.pass_days(91)

    gone = house.database.write(
        lambda connection: stored.purge(connection, house.clock() - 90 * 86400)
    )

    assert gone == 1
    assert asking.search(OTTO, "", None, limit=1, offset=0) == ([], 0)
    assert tenant_of(house) == tenant.id


# ----------------------------------------------------------------------- what leads people here


def test_what_claims_gave_ends_with_what_led_there(house: House) -> None:
    asking, identities = requests_of(house), TenantIdentities(house.database, house.audit)
    ask(asking)
    [request] = asking.search(OTTO, "", None, limit=1, offset=0)[0]
    asking.join(OTTO, request.id, "northfield")
    [identity] = identities.list(OTTO, house.northfield.id)
    lena = account_of(house, proven(), given=Role.EDUCATOR)
    stranger = account_of(house, proven("elsewhere"))

    identities.remove(OTTO, house.northfield.id, identity.id)

    assert roles_at(house, lena) == [("educator", "given")]
    assert roles_at(house, stranger) == [("admin", "claims")]
    assert identities.list(OTTO, house.northfield.id) == []
    assert asking.door(proven(), BROWSER) is not None
    assert house.tags()[-1] == "tenant.identity_removed"


def test_of_two_who_remove_it_at_once_one_does(house: House) -> None:
    asking, identities = requests_of(house), TenantIdentities(house.database, house.audit)
    ask(asking)
    [request] = asking.search(OTTO, "", None, limit=1, offset=0)[0]
    asking.join(OTTO, request.id, "northfield")
    [identity] = identities.list(OTTO, house.northfield.id)

    def remove(_: int) -> bool:
        try:
            identities.remove(OTTO, house.northfield.id, identity.id)
        except TenantIdentityNotFound:
            return False
        return True

    with ThreadPoolExecutor(4) as crowd:
        done = list(crowd.map(remove, range(4)))

    assert sorted(done) == [False, False, False, True]
    assert house.tags().count("tenant.identity_removed") == 1


@pytest.mark.parametrize("who", ["ada", "ben", "cleo"])
def test_only_the_operator_sees_what_leads_where(house: House, who: str) -> None:
    caller = getattr(house, who)
    identities = TenantIdentities(house.database, house.audit)

    for call in (identities.show, identities.remove):
        with pytest.raises(NotAllowed):
            call(caller, house.northfield.id, "x")
    with pytest.raises(NotAllowed):
        identities.list(caller, house.northfield.id)


def account_of(house: House, who: Proven, *, given: Role | None = None) -> str:
    """With what the claims give at Northfield, and a role that a person gave."""
    standing = Standing(Role.ADMIN, house.northfield.id, "Northfield")
    account_id = house.accounts.from_identity(
        who.issuer, who.subject, name="Lena", email=None, standings=[standing]
    )
    if given:
        house.database.write(
            lambda connection: house.accounts.give_within(
                connection, "otto", account_id, given, house.northfield.id
            )
        )
    return account_id


def roles_at(house: House, account_id: str) -> list[tuple[str, str]]:
    held = house.database.read(lambda connection: accounts.roles_of(connection, [account_id]))
    return [(each.role, each.source) for each in held]
