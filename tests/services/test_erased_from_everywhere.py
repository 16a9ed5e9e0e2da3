"""After an erasure nobody who has the database and the keys reads anything of the person."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any, LiteralString

import msgspec
import psycopg
import pytest

from gatelodge.services.attachments import File
from gatelodge.services.caller import Caller, Role
from gatelodge.services.person_requests import PersonView
from gatelodge.services.problems import NewReport
from gatelodge.services.sealing import Sealer
from gatelodge.services.tenant_requests import REQUEST_PURPOSE, WORD_PURPOSE, Details
from gatelodge.storage import tenant_requests
from gatelodge.storage.tenant_requests import Institution, RequestRow
from tests.services.data import MENTORS_MIA, launch, work
from tests.services.opened import NO_WORDS, SEALED, columns_of_bytes, opened, places_of
from tests.services.test_persons import add_account, erased, found
from tests.support.browsers import browsing
from tests.support.campuses import *  # noqa: F403
from tests.support.gateways import OTTO, SECRET_KEY, Campus, open_campus
from tests.support.lms import CLAIM, Lms
from tests.support.postgres import upgrade
from tests.support.postgres_server import Server, own_server

MIA = "mia-number-7"
EMAIL = "mia.learner@northfield.example"
NAME = "Mia Learner"
NAMES = (NAME, "Learner, Mia", EMAIL, MIA)
PERSONAL = {
    "sub": MIA,
    "name": NAME,
    "given_name": "Mia",
    "family_name": "Learner",
    "email": EMAIL,
    CLAIM + "lis": {"person_sourcedid": "sis-of-mia-7"},
}
SAID = f"{NAME} <{EMAIL.upper()}> has the number {MIA}, and Learner, Mia can't open Week 2."


@pytest.fixture
def mailing(address: str, lmss: tuple[Lms, Lms], tmp_path: Path) -> Iterator[Campus]:
    """Its mails wait for a server that isn't there; once on SQLite and once on PostgreSQL."""
    mail = {"smtp_url": "smtp+plain://127.0.0.1:9", "mail_from": "gatelodge@lti.example"}
    campus = open_campus(address, tmp_path, *lmss, **mail).settle()
    yield campus
    campus.gateway.close()


REFUSED = (
    {CLAIM + "version": "odd"},
    {CLAIM + "roles": NAME},
    {CLAIM + "deployment_id": "unknown"},
    {CLAIM + "deployment_id": None},
    {"sub": [MIA]},
    {"email": {NAME: [EMAIL]}, "sub": MIA + "\0"},
    {"aud": EMAIL},
    {"exp": 1_000_000_000},
    {CLAIM + "message_type": "odd"},
    {CLAIM + "context": {"id": [NAME]}},
    {CLAIM + "resource_link": {"id": None, "title": NAME}},
)


def launch_in_vain(campus: Campus) -> None:
    async def click() -> None:
        async with browsing(campus) as browser:
            for claims in REFUSED:
                answer = await browser.launch(**{**PERSONAL, **claims})
                assert answer.status_code >= 400, claims

    asyncio.run(click())


def ask_to_be_registered(campus: Campus, email: str) -> None:
    """What is left of a request of Northfield's that was approved."""
    ids, sealer = campus.gateway.ids, Sealer([SECRET_KEY])
    request_id, now = ids.new(), int(campus.clock())
    details = Details(NAME, email, "en", f"Ask for {NAME}.")
    sealed = sealer.seal(msgspec.json.encode(details), purpose=REQUEST_PURPOSE, about=request_id)
    word = sealer.seal(f"Welcome, {NAME}.".encode(), purpose=WORD_PURPOSE, about=request_id)
    institution = Institution("campus", "https://id.example", "northfield")
    row = RequestRow(
        request_id, *institution, MIA, "Northfield", "approved", sealed, word, now, now, "x",
        campus.tenant(), None,
    )  # fmt: skip
    campus.database.write(lambda connection: tenant_requests.add(connection, row))


def fill(campus: Campus) -> tuple[str, str]:
    """Mia in each place that a person can stand in; the ids of her account and of Ole's."""
    gateway, northfield = campus.gateway, campus.tenant()
    launch(campus, **PERSONAL)
    launch(campus, **{**PERSONAL, CLAIM + "context": {"id": "c", "title": f"Sandbox of {NAME}"}})
    mentor = {"sub": "mentor", "name": "Ole", "email": "ole@northfield.example"}
    launch(campus, **mentor, **MENTORS_MIA)
    launch(
        campus,
        **mentor,
        **{CLAIM + "resource_link": {"id": "r", "title": f"Essay by {NAME}"}},
    )
    launch_in_vain(campus)

    mia = add_account(campus, NAME, EMAIL, ("educator", northfield))
    ole = add_account(campus, "Ole", "ole@northfield.example", ("admin", northfield))
    add_account(campus, "Otto", "otto@host.example", ("operator", None))
    as_mia, as_ole = Caller.educator(mia, northfield), Caller.admin(ole, northfield)
    gateway.sessions.begin(mia, id_token=f"token of {NAME}")
    files = [File("mine.png", b"\x89PNG\r\n\x1a\n"), File("me.txt", b"nothing of hers")]
    reported = gateway.problems.report(
        as_mia, NewReport("a", text=SAID, wanted=f"from {NAME}", files=files)
    )
    named = [
        File(f"{NAME}.txt", b"a log"),
        File("log.txt", f"user={EMAIL}".encode()),
        File("ole.txt", b"of Ole alone"),
    ]
    gateway.problems.report(as_ole, NewReport("b", text=f"Ole says: {SAID}", files=named))
    gateway.problems.answer(
        as_ole, reported, seen=1, state="in_work", text=f"Hello {NAME}.", note=False
    )
    gateway.problems.answer(as_ole, reported, seen=2, state="in_work", text=SAID, note=True)
    page = gateway.problem_pages.token("7F3K-4MB9", client_id="x", tenant_id=northfield)
    gateway.problem_pages.report(page, SAID, address="192.0.2.1")
    gateway.invitations.make(as_ole, "northfield", Role.EDUCATOR, f"for {NAME}")
    ask_to_be_registered(campus, EMAIL)
    gateway.drafts.begin(as_mia_admin(mia, northfield), {"tool": "hello", "name": "Week 2"})
    gateway.tenant_exports.ask(as_ole, "northfield")
    work(campus)
    found(campus, EMAIL, as_ole)
    return mia, ole


def as_mia_admin(mia: str, tenant_id: str) -> Caller:
    """What she did when she was an administrator."""
    return Caller.admin(mia, tenant_id)


def erase_mia(campus: Campus, who: Caller) -> PersonView:
    return erased(campus, found(campus, EMAIL, who), who)


@pytest.mark.parametrize("by", ["admin", "operator"])
def test_nothing_of_the_person_can_be_read(mailing: Campus, by: str) -> None:
    campus = mailing
    mia, ole = fill(campus)
    places = places_of(campus, *NAMES)
    assert len(places) > 15, places
    who = OTTO if by == "operator" else Caller.admin(ole, campus.tenant())
    view = found(campus, EMAIL, who)
    assert view.sought is not None
    [subject] = [each for each, one in view.sought.people.items() if one.person_id == MIA]

    receipt = erased(campus, view, who)

    assert receipt.request.state == "erased"
    assert places_of(campus, *NAMES, "sis-of-mia-7", subject) == set()
    ids_of_nobody = {"audit_events.actor", "audit_events.subject"}
    assert places_of(campus, mia) <= ids_of_nobody
    counts = receipt.counts
    assert (counts.launches, counts.personal, counts.mentions) == (2, 2, 3)
    assert (counts.accounts, counts.texts, counts.files) == (1, 7, 4)


def test_what_others_wrote_stays_without_the_name(mailing: Campus) -> None:
    campus = mailing
    _, ole = fill(campus)
    as_ole = Caller.admin(ole, campus.tenant())

    erase_mia(campus, as_ole)

    texts = [text for _, text in opened_texts(campus)]
    without = "[…] <[…]> has the number […], and […] can't open Week 2."
    assert sum(without in each for each in texts) == 4
    [its_own] = [
        each.reference
        for each in campus.gateway.problems.inbox(as_ole, search="Week").lines
        if each.sender is None and each.summary.startswith("[…]")
    ]
    assert campus.gateway.problems.show(as_ole, its_own).text == without
    assert campus.gateway.problems.inbox(as_ole, search="learner").lines == ()
    [mine] = campus.gateway.problems.mine(as_ole).lines
    kept = campus.gateway.problems.show_mine(as_ole, mine.reference).files
    assert [each.name for each in kept] == ["ole.txt"]


def opened_texts(campus: Campus) -> list[tuple[str, str]]:
    return [each for each in opened(campus) if each[0].startswith(("problem", "report"))]


def test_the_neighbours_texts_are_none_of_an_administrators_business(mailing: Campus) -> None:
    campus = mailing
    fill(campus)
    cleo = add_account(
        campus, "Cleo", "cleo@southbank.example", ("admin", campus.tenant("southbank"))
    )
    southbank = Caller.admin(cleo, campus.tenant("southbank"))
    campus.gateway.problems.report(southbank, NewReport("c", text=SAID))
    before = places_of(campus, *NAMES)

    view = found(campus, EMAIL, southbank)

    assert view.sought is not None
    assert (len(view.sought.people), view.sought.texts) == (0, 1)
    erased(campus, view, southbank)
    assert places_of(campus, *NAMES) == before


def test_who_is_known_from_texts_alone_can_be_erased(mailing: Campus) -> None:
    page = mailing.gateway.problem_pages.token(
        "7F3K-4MB9", client_id="x", tenant_id=mailing.tenant()
    )
    mailing.gateway.problem_pages.report(page, SAID, address="192.0.2.1")
    ada = Caller.admin("ada", mailing.tenant())

    view = found(mailing, EMAIL, ada)
    assert view.sought is not None
    assert view.sought.texts == 1
    erased(mailing, view, ada)

    assert places_of(mailing, EMAIL) == set()


def test_who_stands_elsewhere_too_wrote_nothing_here(mailing: Campus) -> None:
    campus = mailing
    here, there = ("educator", campus.tenant()), ("educator", campus.tenant("southbank"))
    mia = add_account(campus, NAME, EMAIL, here, there)
    at_northfield = Caller.educator(mia, here[1])
    campus.gateway.problems.report(at_northfield, NewReport("a", text="Nothing opens."))
    at_southbank = Caller.educator(mia, there[1])
    kept = campus.gateway.problems.report(at_southbank, NewReport("b", text=SAID))
    ada = Caller.admin("ada", campus.tenant())

    erased(campus, found(campus, EMAIL, ada), ada)

    [line] = campus.gateway.problems.inbox(ada).lines
    assert line.sender is None
    assert campus.gateway.problems.inbox(ada, search="learner").lines == ()
    assert campus.gateway.problems.inbox(ada, search=line.reference).lines == (line,)
    assert [each.reference for each in campus.gateway.problems.mine(at_southbank).lines] == [kept]


def test_a_report_of_somebody_erased_is_still_found_by_its_words(campus: Campus) -> None:
    mia = add_account(campus, NAME, EMAIL, ("educator", campus.tenant()))
    as_mia = Caller.educator(mia, campus.tenant())
    reference = campus.gateway.problems.report(as_mia, NewReport("a", text="No essay opens."))
    ada = Caller.admin("ada", campus.tenant())

    erase_mia(campus, ada)

    for search in ("essay", reference):
        [line] = campus.gateway.problems.inbox(ada, search=search).lines
        assert (line.reference, line.sender) == (reference, None)
    assert campus.gateway.problems.inbox(ada, search="learner").lines == ()


def test_every_column_of_bytes_is_opened_or_holds_no_words() -> None:
    assert columns_of_bytes() == SEALED.keys() | NO_WORDS.keys()


# ----------------------------------------------------------------------- bytes of files


def files_with(folder: Path, *values: str) -> dict[str, int]:
    """How often files below a folder hold any of these."""
    counted = {
        str(each.relative_to(folder)): sum(each.read_bytes().count(one.encode()) for one in values)
        for each in folder.rglob("*")
        if each.is_file()
    }
    return {name: count for name, count in counted.items() if count}


def test_no_file_of_sqlites_holds_the_person(campus: Campus) -> None:
    _, ole = fill(campus)
    assert files_with(campus.directory, *NAMES)

    erase_mia(campus, Caller.admin(ole, campus.tenant()))

    assert files_with(campus.directory, *NAMES) == {}


def test_no_file_of_sqlites_holds_what_is_over(campus: Campus) -> None:
    launch_in_vain(campus)
    for number in range(300):
        launch(campus, **{**PERSONAL, CLAIM + "context": {"id": "c", "title": f"{NAME} {number}"}})
    add_account(campus, "Ole", "ole@northfield.example", ("admin", campus.tenant()))
    assert files_with(campus.directory, *NAMES)

    campus.clock.pass_seconds(181 * 24 * 3600)
    campus.gateway.worker.run_due()

    assert files_with(campus.directory, *NAMES) == {}
    assert files_with(campus.directory, "ole@northfield.example")


@pytest.mark.postgresql
def test_postgresql_holds_a_number_in_a_launch_and_its_log_and_dumps_nothing(
    lmss: tuple[Lms, Lms], tmp_path: Path
) -> None:
    """What decision 0027 and the page on privacy say about it."""
    with own_server("--wal-segsize=1", autovacuum="off") as server:
        upgrade(server.address)
        campus = open_campus(server.address, tmp_path, *lmss).settle()
        try:
            _, ole = fill(campus)
            assert any(each in dumped(server) for each in NAMES)

            erase_mia(campus, Caller.admin(ole, campus.tenant()))
            campus.gateway.worker.run_due()

            assert not any(each in dumped(server) for each in NAMES)
            assert files_with(tmp_path, *NAMES) == {}
            run(server, "CHECKPOINT")
            tables_of = {path: name for name, path in run(server, PATHS)}
            holding = {
                tables_of.get(name, name.partition("/")[0])
                for name in files_with(server.data, *NAMES)
            }
            assert holding <= {"launches", "pg_wal"}
        finally:
            campus.gateway.close()


PATHS = "SELECT relname, pg_relation_filepath(oid) FROM pg_class WHERE relfilenode <> 0"


def run(server: Server, statement: LiteralString) -> list[Any]:
    with psycopg.connect(server.address, autocommit=True) as connection:
        answer = connection.execute(statement)
        return answer.fetchall() if answer.description else []


def dumped(server: Server) -> str:
    """The whole database as text."""
    file = server.folder / "dump"
    server.run("pg_dump", "--file", str(file), server.address)
    return file.read_text()
