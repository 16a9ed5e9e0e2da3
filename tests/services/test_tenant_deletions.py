"""A tenant goes when the operator has decided and the time of waiting is over, and nothing stays but ids."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import msgspec
import pytest

from gatelodge.services.caller import Caller
from gatelodge.services.errors import Invalid, NotAllowed, TenantNotFound, TenantStateForbids
from gatelodge.services.problems import NewReport
from gatelodge.services.sealing import Sealer
from gatelodge.services.tenant_requests import REQUEST_PURPOSE, Details
from gatelodge.storage import accounts, tables, tenant_deletions, tenant_requests
from gatelodge.storage.database import Connection
from gatelodge.storage.tenant_requests import Institution, RequestRow
from tests.services.data import NAMES, launch, places_of, work
from tests.services.opened import places_of as opened_places_of
from tests.services.test_persons import add_account
from tests.support.browsers import browsing
from tests.support.campuses import *  # noqa: F403
from tests.support.gateways import OTTO, SECRET_KEY, Campus, open_campus
from tests.support.lms import Lms

DAY = 24 * 3600


def ada(campus: Campus) -> Caller:
    return Caller.admin("ada", campus.tenant())


def status_of_a_launch(campus: Campus) -> int:
    async def click() -> int:
        async with browsing(campus) as browser:
            return (await browser.launch()).status_code

    return asyncio.run(click())


def test_asking_stops_nothing_until_the_operator_decides(campus: Campus) -> None:
    service = campus.gateway.tenant_deletions

    service.ask(ada(campus), "northfield", "Northfield")

    assert status_of_a_launch(campus) == 303
    [waiting] = service.list(OTTO)
    assert (waiting.name, waiting.deletion.due_at) == ("Northfield", None)


def test_the_decision_stops_launches_at_once(campus_on_both: Campus) -> None:
    campus = campus_on_both
    campus.gateway.tenant_deletions.decide(OTTO, "northfield", "northfield ")

    assert status_of_a_launch(campus) == 403
    with pytest.raises(TenantStateForbids):
        campus.gateway.tenants.resume(OTTO, "northfield")


def test_the_name_has_to_be_typed(campus: Campus) -> None:
    service = campus.gateway.tenant_deletions

    with pytest.raises(Invalid):
        service.ask(ada(campus), "northfield", "Southbank")
    with pytest.raises(Invalid):
        service.decide(OTTO, "northfield", "")


def test_an_administrator_asks_for_her_own_alone_and_decides_nothing(campus: Campus) -> None:
    service = campus.gateway.tenant_deletions
    cleo = Caller.admin("cleo", campus.tenant("southbank"))

    with pytest.raises(TenantNotFound):
        service.ask(cleo, "northfield", "Northfield")
    with pytest.raises(NotAllowed):
        service.decide(ada(campus), "northfield", "Northfield")
    with pytest.raises(NotAllowed):
        service.ask(Caller.educator("ben", campus.tenant()), "northfield", "Northfield")
    with pytest.raises(NotAllowed):
        service.list(ada(campus))


def test_it_is_asked_for_once_and_decided_once(campus_on_both: Campus) -> None:
    service, admin = campus_on_both.gateway.tenant_deletions, ada(campus_on_both)
    service.ask(admin, "northfield", "Northfield")
    with pytest.raises(TenantStateForbids):
        service.ask(admin, "northfield", "Northfield")
    service.decide(OTTO, "northfield", "Northfield")
    with pytest.raises(TenantStateForbids):
        service.decide(OTTO, "northfield", "Northfield")


def test_what_is_taken_back_is_not_done(campus: Campus) -> None:
    service = campus.gateway.tenant_deletions
    service.decide(OTTO, "northfield", "Northfield")
    with pytest.raises(NotAllowed):
        service.take_back(ada(campus), "northfield")

    service.take_back(OTTO, "northfield")
    campus.gateway.tenants.resume(OTTO, "northfield")
    campus.clock.now += 31 * DAY
    work(campus)

    assert status_of_a_launch(campus) == 303


def test_what_has_begun_is_not_taken_back(campus: Campus) -> None:
    service = campus.gateway.tenant_deletions
    service.decide(OTTO, "northfield", "Northfield")
    campus.clock.now += 30 * DAY + 1

    with pytest.raises(TenantStateForbids):
        service.take_back(OTTO, "northfield")


def fill(campus: Campus) -> str:
    """Something in every table that a tenant can have rows in; its people's account is the answer."""
    gateway, northfield = campus.gateway, campus.tenant()
    launch(campus)
    account = add_account(campus, "Mia Learner", NAMES[1], ("admin", northfield))
    gateway.sessions.begin(account)
    mia = Caller.admin(account, northfield)
    gateway.drafts.begin(mia, {"tool": "hello", "name": "Begun by Mia Learner"})
    gateway.problems.report(mia, NewReport(gateway.ids.secret(), text="It says no."))
    gateway.tenant_exports.ask(mia, northfield)
    gateway.persons.find(mia, "mia-number-7")
    binned = campus.register(name="Old", client_id="old", deployment_ids=("9",))
    gateway.registrations.delete(OTTO, binned.id)
    return account


def test_after_the_time_nothing_stays_but_ids_in_the_log(campus_on_both: Campus) -> None:
    campus = campus_on_both
    northfield, registration = campus.tenant(), campus.registration()
    account = fill(campus)
    ole = {"sub": "ole", "name": "Ole", "email": "ole@southbank.example"}
    launch(campus, tenant="southbank", **ole)
    gateway = campus.gateway
    gateway.tenant_deletions.decide(OTTO, "northfield", "Northfield")
    work(campus)
    assert gateway.tenants.find(OTTO, "northfield")

    campus.clock.now += 30 * DAY + 1
    work(campus)

    log = {"audit_events.tenant_id", "audit_events.subject", "audit_events.actor"}
    told = {"changes.subject"}  # which ids changed, for the processes beside; 10,000 are kept
    assert places_of(campus, northfield, registration, account) <= log | told
    assert places_of(campus, "Northfield", *NAMES) == set()
    with pytest.raises(TenantNotFound):
        gateway.tenants.find(OTTO, "northfield")
    launch(campus, tenant="southbank", **ole)


@pytest.fixture
def mailing(address: str, lmss: tuple[Lms, Lms], tmp_path: Path) -> Iterator[Campus]:
    """Its mails wait for a server that isn't there; once on SQLite and once on PostgreSQL."""
    mail = {"smtp_url": "smtp+plain://127.0.0.1:9", "mail_from": "gatelodge@lti.example"}
    campus = open_campus(address, tmp_path, *lmss, **mail).settle()
    yield campus
    campus.gateway.close()


def decline(campus: Campus, institution: Institution, asker: str) -> None:
    ids, now = campus.gateway.ids, int(campus.clock())
    request_id, details = ids.new(), Details(asker, f"{asker}@x.example", "en", "")
    sealed = Sealer([SECRET_KEY]).seal(
        msgspec.json.encode(details), purpose=REQUEST_PURPOSE, about=request_id
    )
    row = RequestRow(
        request_id, *institution, asker, institution.value, "declined", sealed, None, now, now,
        "otto", None, None,
    )  # fmt: skip
    campus.database.write(lambda connection: tenant_requests.add(connection, row))


def test_nothing_of_people_who_were_there_stays_either(mailing: Campus) -> None:
    """What was declined before, who lost their role, and a mail on its way."""
    campus, gateway = mailing, mailing.gateway
    northfield, ours = campus.tenant(), Institution("campus", "https://id.example", "n-field")
    fill(campus)
    left = add_account(campus, "Lena Left", "lena@northfield.example", ("educator", northfield))
    gateway.accounts.set_roles(OTTO, left, "northfield", [])
    decline(campus, ours, "first-asker")
    decline(campus, ours._replace(value="elsewhere"), "other-asker")
    campus.database.write(
        lambda connection: tenant_requests.lead(
            connection, gateway.ids.new(), ours, northfield, now=0
        )
    )
    gateway.worker.run_due()
    gateway.tenant_deletions.decide(OTTO, "northfield", "Northfield")
    assert campus.rows()["mails"] == 1

    campus.clock.now += 31 * DAY
    work(campus)
    mails, requests = campus.rows()["mails"], opened_places_of(campus, "first-asker")
    campus.clock.now += 60 * DAY
    gateway.worker.run_due()

    assert (mails, requests) == (0, set())
    assert opened_places_of(campus, "Lena Left", "lena@northfield.example", *NAMES) == set()


def test_a_request_of_another_institution_stays(campus: Campus) -> None:
    ours = Institution("campus", "https://id.example", "n-field")
    decline(campus, ours._replace(value="elsewhere"), "other-asker")
    campus.database.write(
        lambda connection: tenant_requests.lead(
            connection, campus.gateway.ids.new(), ours, campus.tenant(), now=0
        )
    )
    campus.gateway.tenant_deletions.decide(OTTO, "northfield", "Northfield")
    campus.clock.now += 31 * DAY

    work(campus)

    assert campus.rows()["tenant_requests"] == 1


def test_people_go_while_nobody_else_changes_people(campus_on_both: Campus) -> None:
    campus = campus_on_both
    account = add_account(campus, "Mia Learner", NAMES[1], ("admin", campus.tenant()))
    northfield = campus.tenant()

    def remove() -> None:
        while campus.database.write(
            lambda connection: tenant_deletions.remove_some(connection, northfield)
        ):
            pass

    removing = Thread(target=remove)

    def sign_in(connection: Connection) -> bool:
        accounts.one_at_a_time(connection)
        removing.start()
        removing.join(0.5)
        accounts.rename(connection, account, "Mia", NAMES[1])
        return removing.is_alive()

    waited = campus.database.write(sign_in)
    removing.join()

    assert waited
    assert campus.rows()["people_words"] == 0


def test_the_slug_is_free_again(campus: Campus) -> None:
    campus.gateway.tenant_deletions.decide(OTTO, "northfield", "Northfield")
    campus.clock.now += 31 * DAY
    work(campus)

    assert campus.gateway.tenants.add(OTTO, "Northfield").slug == "northfield"


def test_a_process_that_dies_is_followed_by_one_that_goes_on(campus_on_both: Campus) -> None:
    campus = campus_on_both
    fill(campus)
    northfield = campus.tenant()
    for _ in range(5):
        campus.database.write(
            lambda connection: tenant_deletions.remove_some(connection, northfield, limit=1)
        )
    campus.gateway.tenant_deletions.decide(OTTO, "northfield", "Northfield")
    campus.clock.now += 31 * DAY

    work(campus)

    assert northfield not in [each.id for each in campus.gateway.tenants.list(OTTO)]


def test_the_file_holds_nothing_of_it(campus: Campus) -> None:
    launch(campus)
    campus.gateway.tenant_deletions.decide(OTTO, "northfield", "Northfield")
    campus.clock.now += 31 * DAY

    work(campus)

    file = campus.directory / "gatelodge.db"
    for each in (file, file.with_name("gatelodge.db-wal")):
        assert b"Northfield" not in (each.read_bytes() if each.exists() else b"")


def test_every_table_with_rows_of_tenants_is_emptied() -> None:
    emptied = {each.name for each in tenant_deletions.emptied()}
    special = {"launches", "launch_personal", "signing_keys", "tenants", "tenant_deletions"}
    of_people = {"accounts", "account_identities", "local_logins", "mails", "people_words"}
    of_nobody = {
        "tools",
        "tool_icons",
        "catalogue_version",
        "changes",
        "key_sets",
        "audit_chain",
        "periodic",
        "settings_check",
        "sign_in_counts",
        "setup_links",
    }

    known = emptied | special | of_people | of_nobody | tenant_deletions.KEPT
    assert {each.name for each in tables.metadata.sorted_tables} - known == set()
