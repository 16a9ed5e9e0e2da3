from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select
from sqlalchemy.event import listen

from gatelodge.services.attachments import File
from gatelodge.services.audit import Tag
from gatelodge.services.caller import Caller
from gatelodge.services.errors import GatelodgeError, Invalid, NotAllowed
from gatelodge.services.problem_book import MAILS_A_DESK, State
from gatelodge.services.problem_errors import (
    NoRoomForFiles,
    ReportChanged,
    ReportNotFound,
    TooManyReports,
)
from gatelodge.services.problem_pages import PER_CLIENT
from gatelodge.services.problems import LONGEST_TEXT, MOST_COUNTED, PAGE, PER_ACCOUNT, NewReport
from gatelodge.storage import problem_reports, refusals, tables
from gatelodge.storage.database import Connection
from tests.services.house import OTTO, House
from tests.services.reports import Desks
from tests.storage.cast import a_refusal
from tests.support.pictures import png


@pytest.fixture
def desks(house: House) -> Desks:
    return Desks(house)


# ----------------------------------------------------------------------- whose it is


def test_an_educators_report_is_the_institutions_to_answer(desks: Desks) -> None:
    reference = desks.report(desks.ben)

    assert desks.inbox(desks.ada) == [reference]
    assert desks.inbox(desks.cleo) == []
    assert desks.inbox(desks.otto) == []
    assert desks.mails() == [("ada@people.example", f"A problem was reported: {reference}")]


def test_an_administrators_report_is_the_operators_to_answer(desks: Desks) -> None:
    reference = desks.report(desks.ada)

    assert desks.inbox(desks.otto) == [reference]
    assert desks.inbox(desks.ada) == [reference]
    assert desks.mails() == [("otto@people.example", f"A problem was reported: {reference}")]
    assert (desks.problems.count_new(desks.ada), desks.problems.count_new(desks.otto)) == (0, 1)


def test_an_institution_s_files_have_a_bound(desks: Desks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gatelodge.services.problems.MOST_BYTES_OF_A_TENANT", 10)
    desks.report(desks.ben, files=[File("a.txt", b"123"), File("b.txt", b"123")])

    with pytest.raises(NoRoomForFiles):
        desks.report(desks.ben, files=[File("a.txt", b"12345")])

    assert len(desks.inbox(desks.ada)) == 1
    desks.report(desks.ben)
    desks.report(desks.cleo, files=[File("a.txt", b"12345")])
    desks.report(desks.otto, files=[File("a.txt", b"123456789012")])


def test_nobody_finds_a_report_of_others_however_they_ask(desks: Desks) -> None:
    reference = desks.report(desks.ben, files=[File("a.txt", b"mine")])
    [file] = desks.problems.show(desks.ada, reference).files
    asked = {
        "show": lambda who: desks.problems.show(who, reference),
        "show_mine": lambda who: desks.problems.show_mine(who, reference),
        "file": lambda who: desks.problems.file(who, reference, file.id),
        "answer": lambda who: desks.problems.answer(
            who, reference, seen=1, state="solved", text="x", note=False
        ),
        "reply": lambda who: desks.problems.reply(who, reference, seen=1, text="x"),
        "pass_on": lambda who: desks.problems.pass_on(who, reference, seen=1, text="x"),
    }

    for name, ask in asked.items():
        for who in (desks.cleo, desks.otto):
            with pytest.raises(ReportNotFound):
                ask(who)
        if name in ("show", "answer", "pass_on"):
            with pytest.raises(NotAllowed):
                ask(desks.ben)
    assert desks.problems.show(desks.ada, reference).version == 1


def test_of_a_suspended_institution_open_reports_are_the_operators(
    desks: Desks, house: House
) -> None:
    references = [desks.report(desks.ben) for _ in range(3)]
    desks.answer(desks.ada, references[0], state="solved")
    desks.answer(desks.ada, references[1])

    house.tenants.suspend(OTTO, "northfield")

    assert desks.inbox(desks.otto) == references[:0:-1]
    assert desks.problems.count_new(desks.otto) == 1
    assert desks.inbox(desks.cleo) == []


# ----------------------------------------------------------------------- reporting


def test_a_form_that_is_sent_twice_makes_one_report(desks: Desks) -> None:
    new = NewReport(once="form", text="It says no.")

    first = desks.problems.report(desks.ben, new)

    assert desks.problems.report(desks.ben, new) == first
    assert desks.problems.report(desks.ada, new) != first
    assert len(desks.mails()) == 2


def test_of_two_clicks_at_once_one_makes_the_report(desks: Desks) -> None:
    new = NewReport(once="form", text="It says no.")

    with ThreadPoolExecutor(2) as pool:
        made = list(pool.map(lambda _: desks.problems.report(desks.ben, new), range(2)))

    assert len(set(made)) == 1
    assert desks.inbox(desks.ada) == made[:1]


def test_nobody_fills_the_inbox_alone(desks: Desks) -> None:
    for _ in range(PER_ACCOUNT):
        desks.report(desks.ben)

    with pytest.raises(TooManyReports):
        desks.report(desks.ben)
    desks.report(desks.ada)
    desks.house.clock.now += 3600
    desks.report(desks.ben)


def test_a_desk_is_not_mailed_about_each_of_many(desks: Desks) -> None:
    for number in range(MAILS_A_DESK + 5):
        desks.from_page(address=f"192.0.2.{number}")

    assert len(desks.mails()) == MAILS_A_DESK
    assert desks.problems.count_new(desks.ada) == MAILS_A_DESK + 5
    says = ["last mail of its kind" in str(each.paragraphs[-1]) for each in desks.letters()]
    assert says == [False] * (MAILS_A_DESK - 1) + [True]


def test_strangers_silence_nobody_else(desks: Desks) -> None:
    for number in range(MAILS_A_DESK + 5):
        desks.from_page(address=f"192.0.2.{number}")
    sent = len(desks.mails())

    reference = desks.report(desks.ben)
    desks.problems.reply(desks.ben, reference, seen=1, text="More.")
    desks.pass_on(desks.ada, reference)

    assert [subject for _, subject in desks.mails()[sent:]] == [
        f"A problem was reported: {reference}",
        f"More about the problem {reference}",
        f"A problem was passed on to you: {reference}",
    ]


@pytest.mark.parametrize("text", ["", "  \n ", "x" * (LONGEST_TEXT + 1), "\x00\u202e"])
def test_a_report_says_something_and_not_too_much(desks: Desks, text: str) -> None:
    with pytest.raises(Invalid) as refused:
        desks.report(desks.ben, text)

    assert refused.value.field == "text"
    assert desks.inbox(desks.ada) == []


def test_all_that_is_wrong_is_told_at_once(desks: Desks) -> None:
    new = NewReport("x", wanted="x" * 201, launch="nowhere", files=[File("x.exe", b"MZ")])

    with pytest.raises(Invalid) as refused:
        desks.problems.report(desks.ben, new)

    fields = [each.field for each in (refused.value, *refused.value.others)]
    assert fields == ["launch", "wanted", "text", "files"]
    assert desks.inbox(desks.ada) == []


def test_what_a_report_is_about_is_looked_up_for_who_reports(desks: Desks, house: House) -> None:
    registration = house.register(tenant="southbank", issuer="https://south.example")
    row = a_refusal(
        trace_id="7F3K-4MB9",
        tenant_id=house.southbank.id,
        registration_id=registration.id,
        trace="!launch.audience_mismatch 1500",
    )
    house.database.write(lambda connection: refusals.add_proven(connection, row))

    with pytest.raises(Invalid) as refused:
        desks.report(desks.ben, launch="7F3K-4MB9")
    assert refused.value.field == "launch"
    with pytest.raises(GatelodgeError):
        desks.report(desks.ben, registration=registration.id)
    reference = desks.report(desks.cleo, launch="7f3k 4mb9")
    found = desks.problems.show(desks.cleo, reference)
    assert (found.launch, found.line.registration) == ("7F3K-4MB9", "Moodle")


def test_what_was_typed_is_nowhere_to_be_read_in_the_database(desks: Desks) -> None:
    reference = desks.report(
        desks.ben, "Zebra called Quagga", wanted="Okapi", files=[File("Kudu.txt", b"Gnu is here")]
    )
    desks.answer(desks.ada, reference, "Impala answers")

    def everything(connection: Connection) -> bytes:
        found = b""
        for table in tables.metadata.sorted_tables:
            for row in connection.execute(select(table)):
                found += b" ".join(
                    bytes(each) if isinstance(each, bytes | memoryview) else str(each).encode()
                    for each in row
                )
        return found.lower()

    kept = desks.house.database.read(everything)
    for word in (b"zebra", b"quagga", b"okapi", b"kudu", b"gnu is", b"impala"):
        assert word not in kept


# ----------------------------------------------------------------------- the inbox


def test_reports_are_found_by_words_that_were_typed(desks: Desks) -> None:
    first = desks.report(desks.ben, "The gradebook of Zoë stays empty")
    second = desks.report(desks.ben, "Nothing opens", wanted="Open the gradebook")

    assert desks.inbox(desks.ada, search="GRADEBOOK") == [second, first]
    assert desks.inbox(desks.ada, search="zoe gradebook") == [first]
    assert desks.inbox(desks.ada, search=first) == [first]
    assert desks.inbox(desks.ada, search="ben nothing") == [second]
    assert desks.inbox(desks.ada, search="nowhere") == []
    assert desks.inbox(desks.cleo, search="gradebook") == []


def test_reports_are_listed_by_state(desks: Desks) -> None:
    first, second = desks.report(desks.ben), desks.report(desks.ben)
    desks.answer(desks.ada, first, "Done.", state="solved")

    assert desks.inbox(desks.ada, state="solved") == [first]
    assert desks.inbox(desks.ada, state="new") == [second]
    assert desks.inbox(desks.ada, state="nonsense") == [second, first]
    assert desks.problems.count_new(desks.ada) == 1


def test_the_inbox_comes_a_page_at_a_time(desks: Desks) -> None:
    made = [desks.from_page(address=f"192.0.2.{number}") for number in range(PAGE + 3)]

    first = desks.problems.inbox(desks.ada)
    second = desks.problems.inbox(desks.ada, before=first.older)

    found = [each.reference for each in (*first.lines, *second.lines)]
    assert (len(first.lines), second.older) == (PAGE, None)
    assert found == made[::-1]


def test_thousands_of_reports_fill_the_inbox_and_hide_none(desks: Desks, house: House) -> None:
    mine = desks.report(desks.ben, "The quiz in Ethnobotany is closed.")
    for number in range(2_000):
        # As fast as the limits let anybody send them.
        house.clock.now += 3600 / PER_CLIENT
        desks.from_page(f"Spam {number}.", address=f"198.51.{number // 250}.{number % 250}")

    asked: list[int] = []
    listen(house.database.engines.readers, "before_cursor_execute", lambda *_: asked.append(1))
    first = desks.problems.inbox(desks.ada)
    counted = desks.problems.count_new(desks.ada)
    found = desks.inbox(desks.ada, search="ethnobotany")

    assert (len(first.lines), counted, found) == (PAGE, MOST_COUNTED, [mine])
    assert len(asked) < 10


# ----------------------------------------------------------------------- answering


def test_the_sender_reads_answers_and_no_notes_and_is_mailed(desks: Desks) -> None:
    reference = desks.report(desks.ben)
    desks.answer(desks.ada, reference, "Try it now.", state="waiting")
    desks.problems.answer(
        desks.ada, reference, seen=2, state="waiting", text="He is slow.", note=True
    )

    seen = desks.mine(desks.ben, reference)

    assert [(each.kind, each.by, each.text) for each in seen.messages] == [
        ("answer", "Ada", "Try it now.")
    ]
    assert seen.line.state is State.WAITING
    assert desks.mails()[1:] == [("ben@people.example", f"An answer to your report {reference}")]


def test_what_desks_tell_each_other_stays_with_them(desks: Desks) -> None:
    reference = desks.report(desks.ben)
    for who, text in ((desks.ada, "Ada's note"), (desks.otto, "Otto's note")):
        seen = desks.problems.show(who, reference).version if who is desks.otto else 1
        desks.problems.answer(who, reference, seen=seen, state="in_work", text=text, note=True)
        if who is desks.ada:
            desks.pass_on(desks.ada, reference, "He is a nuisance.")
    desks.answer(desks.otto, reference, "Mended.", state="solved")

    def said_to(who: Caller) -> list[tuple[str, str | None, str]]:
        is_sender = who is desks.ben
        seen = desks.mine(who, reference) if is_sender else desks.problems.show(who, reference)
        return [(each.kind, each.by, each.text) for each in seen.messages]

    assert said_to(desks.ben) == [("passed_on", "Ada", ""), ("answer", None, "Mended.")]
    assert said_to(desks.ada) == [
        ("note", "Ada", "Ada's note"),
        ("passed_on", "Ada", "He is a nuisance."),
        ("answer", None, "Mended."),
    ]
    assert said_to(desks.otto) == [
        ("passed_on", "Ada", "He is a nuisance."),
        ("note", "Otto", "Otto's note"),
        ("answer", "Otto", "Mended."),
    ]


def test_more_from_the_sender_makes_it_new_again(desks: Desks) -> None:
    reference = desks.report(desks.ben)
    desks.answer(desks.ada, reference, "Try it now.", state="waiting")

    desks.problems.reply(desks.ben, reference, seen=2, text="It still says no.")

    seen = desks.problems.show(desks.ada, reference)
    assert (seen.line.state, seen.messages[-1].text) == (State.NEW, "It still says no.")
    assert desks.mails()[-1] == ("ada@people.example", f"More about the problem {reference}")


def test_of_two_who_answer_at_once_one_is_told_to_look_again(desks: Desks) -> None:
    reference = desks.report(desks.ben)

    def answer(text: str) -> str:
        try:
            desks.problems.answer(
                desks.ada, reference, seen=1, state="in_work", text=text, note=False
            )
        except ReportChanged:
            return "late"
        return "answered"

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(answer, ["one", "two"]))

    assert outcomes == ["answered", "late"]
    assert len(desks.problems.show(desks.ada, reference).messages) == 1
    assert len(desks.mails()) == 2


def test_an_answer_says_or_changes_something(desks: Desks) -> None:
    reference = desks.report(desks.ben)

    with pytest.raises(Invalid):
        desks.answer(desks.ada, reference, "", state="new")


def test_of_somebody_without_an_account_all_who_answer_read_and_nobody_is_mailed(
    desks: Desks,
) -> None:
    reference = desks.from_page()
    desks.answer(desks.ada, reference, "I called her.", state="solved")

    seen = desks.problems.show(desks.ada, reference)

    assert not seen.can_be_told
    assert [each.kind for each in seen.messages] == ["answer"]
    assert len(desks.mails()) == 1


def test_what_is_passed_on_is_the_operators_and_still_seen_by_the_tenant(desks: Desks) -> None:
    reference = desks.report(desks.ben)
    desks.pass_on(desks.ada, reference, "This is yours.")

    assert desks.inbox(desks.otto) == [reference]
    assert desks.problems.show(desks.ada, reference).line.is_passed_on
    assert desks.problems.count_new(desks.ada) == 0
    assert desks.problems.count_new(desks.otto) == 1
    assert desks.mails()[-1] == (
        "otto@people.example",
        f"A problem was passed on to you: {reference}",
    )
    desks.answer(desks.otto, reference, "Mended.", state="solved")
    assert desks.mine(desks.ben, reference).messages[-1].text == "Mended."
    with pytest.raises(ReportChanged):
        desks.pass_on(desks.ada, reference)


def test_each_step_is_an_audit_event_without_words(desks: Desks, house: House) -> None:
    before = len(house.tags())
    reference = desks.report(desks.ben, files=[File("x.txt", b"x")])
    desks.answer(desks.ada, reference, "Try it.", state="in_work")
    [file] = desks.problems.show(desks.ada, reference).files
    desks.problems.file(desks.ada, reference, file.id)
    desks.pass_on(desks.ada, reference)

    assert house.tags()[before:] == [
        Tag.PROBLEM_REPORTED,
        Tag.PROBLEM_ANSWERED,
        Tag.PROBLEM_STATE_CHANGED,
        Tag.PROBLEM_FILE_TAKEN,
        Tag.PROBLEM_PASSED_ON,
        Tag.PROBLEM_STATE_CHANGED,
    ]


def test_a_file_comes_back_as_it_was_sent(desks: Desks) -> None:
    picture = png()
    reference = desks.report(desks.ben, files=[File("..\\shot.PNG", picture)])
    [file] = desks.problems.show(desks.ada, reference).files

    for who in (desks.ada, desks.ben):
        found = desks.problems.file(who, reference, file.id)
        assert found == ("shot.PNG", "image/png", picture)
    with pytest.raises(ReportNotFound):
        desks.problems.file(desks.ada, reference, "another")


def test_what_nobody_touches_goes_with_all_that_belongs_to_it(desks: Desks, house: House) -> None:
    old = desks.report(desks.ben, files=[File("x.txt", b"x")])
    desks.answer(desks.ada, old, "Try it.")
    house.clock.pass_days(10)
    kept = desks.report(desks.ben)

    before = house.clock() - 5 * 24 * 3600
    gone = house.database.write(lambda c: problem_reports.purge(c, before))

    assert (gone, desks.inbox(desks.ada)) == (1, [kept])
    for table in (tables.report_messages, tables.report_attachments):
        assert house.database.read(lambda c, t=table: c.execute(select(t)).all()) == []  # type: ignore[misc]
