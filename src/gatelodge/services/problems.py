"""Reporting a problem and answering it, for people who are signed in.

An educator's report goes to the administrators of the institution, an administrator's own to the
operator. How it is written into the book is in `problem_book`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from hashlib import sha256
from typing import TypeVar

from gatelodge.services.attachments import Attachment, File, read_attachments
from gatelodge.services.audit import Audit, Tag
from gatelodge.services.caller import Caller, Role
from gatelodge.services.errors import Invalid, LaunchNotFound, RegistrationNotFound
from gatelodge.services.inputs import Faults
from gatelodge.services.launch_records import AcceptedLaunch, LaunchRecords, RefusedLaunch
from gatelodge.services.problem_book import (
    OPERATOR,
    PASSED_ON,
    REPLIED,
    Entry,
    Kind,
    ProblemBook,
    Reach,
    State,
    Typed,
    desk_for,
    read_text,
)
from gatelodge.services.problem_errors import NoRoomForFiles, ReportChanged, ReportNotFound
from gatelodge.storage import accounts, overviews, registrations
from gatelodge.storage import problem_reports as stored
from gatelodge.storage.database import Connection, Database
from gatelodge.storage.problem_reports import AttachmentRow, MessageRow, Receiver, ReportRow

PAGE = 50
LONGEST_TEXT = 10_000
LONGEST_WISH = 200
MOST_BYTES_OF_A_TENANT = 1_000_000_000
MOST_BYTES_OF_NOBODY = 5_000_000_000
"""Of all files that are kept: of an institution's reports, and of those that are no institution's."""

PER_ACCOUNT = 10
"""Reports in an hour; each may carry three files."""

WORDS_PER_ACCOUNT = 60
MOST_COUNTED = 100

_SUMMARY = 140

Named = TypeVar("Named", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class NewReport:
    """As it was typed. ``once`` names the form, which is sent once however often it is clicked."""

    once: str
    kind: str = Kind.OTHER
    wanted: str = ""
    text: str = ""
    reach: str = ""
    launch: str = ""
    registration: str = ""
    files: Sequence[File] = ()


@dataclass(frozen=True, slots=True)
class ReportLine:
    """A line of a list; ``sender`` is None of who has no account, or none any more."""

    reference: str
    state: State
    kind: Kind
    summary: str
    sender: str | None
    registration: str | None
    created_at: int
    changed_at: int
    is_passed_on: bool


@dataclass(frozen=True, slots=True)
class Said:
    """Something that was written or done: ``kind`` is answer, reply, note, state or passed_on.

    ``by`` is None of who is gone, and of operators for everybody else.
    """

    kind: str
    by: str | None
    role: str | None
    text: str
    state: State | None
    at: int


@dataclass(frozen=True, slots=True)
class FileLine:
    id: str
    name: str
    size: int


@dataclass(frozen=True, slots=True)
class ReportView:
    """``can_be_told`` says that the sender has an account, and so reads answers."""

    line: ReportLine
    version: int
    wanted: str
    text: str
    reach: Reach | None
    launch: str | None
    registration_id: str | None
    messages: tuple[Said, ...]
    files: tuple[FileLine, ...]
    can_be_told: bool


@dataclass(frozen=True, slots=True)
class ReportPage:
    lines: tuple[ReportLine, ...]
    older: str | None


class Problems:
    def __init__(
        self, database: Database, audit: Audit, launch_records: LaunchRecords, book: ProblemBook
    ) -> None:
        self._database = database
        self._audit = audit
        self._launch_records = launch_records
        self._book = book

    # ------------------------------------------------------------------- reporting

    def about(
        self, caller: Caller, *, launch: str = "", registration: str = ""
    ) -> tuple[AcceptedLaunch | RefusedLaunch | None, str | None]:
        """What a report is going to be about: a launch, and the name of a registration."""
        found = self._launch_records.show(caller, launch) if launch else None
        if not registration:
            return found, found.record.registration if found else None
        named = self._database.read(
            lambda connection: registrations.get(connection, caller.tenant_scope, registration)
        )
        if named is None:
            raise RegistrationNotFound(registration)
        return found, named.name

    def report(self, caller: Caller, new: NewReport) -> str:
        """The reference; sent twice, it is the same report. Raises `Invalid` of all that is wrong."""
        faults = Faults()
        about = faults.of(self._about, caller, new)
        wanted = faults.of(read_text, "wanted", new.wanted, longest=LONGEST_WISH, needed=False)
        text = faults.of(read_text, "text", new.text, longest=LONGEST_TEXT)
        attachments = faults.of(read_attachments, new.files)
        faults.tell()
        found, registration = about
        page = sha256(f"form\0{caller.account}\0{new.once}".encode("utf-8", "replace")).digest()
        entry = Entry(
            tenant_id=caller.tenant_scope,
            desk=OPERATOR,
            page=page,
            kind=_one_of(Kind, new.kind) or Kind.OTHER,
            typed=Typed(text, wanted, _one_of(Reach, new.reach) or ""),
            account_id=caller.account,
            launch=found.record.named if found else None,
            registration_id=new.registration or _registration_of(found),
            found_by=[registration] if registration else [],
        )
        return self._database.write(
            lambda connection: self._add(caller, connection, entry, attachments)
        )

    def _about(
        self, caller: Caller, new: NewReport
    ) -> tuple[AcceptedLaunch | RefusedLaunch | None, str | None]:
        try:
            return self.about(caller, launch=new.launch, registration=new.registration)
        except LaunchNotFound as error:
            raise Invalid("launch", str(error)) from None
        except RegistrationNotFound as error:
            raise Invalid("registration", str(error)) from None

    def _add(
        self,
        caller: Caller,
        connection: Connection,
        entry: Entry,
        attachments: Sequence[Attachment],
    ) -> str:
        if sent := stored.get_by_page(connection, entry.page):
            return sent.reference
        self._book.count(connection, f"account\0{caller.account}", most=PER_ACCOUNT)
        # Counted, and so locked: of two that come at once the second sees the first.
        if sent := stored.get_by_page(connection, entry.page):
            return sent.reference
        _require_room(connection, entry.tenant_id, attachments)
        account = accounts.get(connection, caller.account)
        found_by = (*entry.found_by, account.name if account else "")
        # What an administrator reports, the others there could not mend either.
        is_theirs = caller.role is Role.EDUCATOR
        desk = desk_for(connection, caller.tenant_scope) if is_theirs else OPERATOR
        entry = replace(entry, desk=desk, found_by=found_by)
        report = self._book.add(connection, entry, attachments)
        self._record(caller, connection, Tag.PROBLEM_REPORTED, report)
        return report.reference

    # ------------------------------------------------------------------- reading

    def inbox(
        self, caller: Caller, *, state: str = "", search: str = "", before: str | None = None
    ) -> ReportPage:
        caller.must_administer()

        def read(connection: Connection) -> ReportPage:
            rows = stored.list_for_desk(
                connection,
                _desk_of(caller),
                state=_one_of(State, state),
                words=self._book.words(search),
                before=before,
                limit=PAGE + 1,
            )
            return self._page(connection, rows)

        return self._database.read(read)

    def mine(self, caller: Caller, *, before: str | None = None) -> ReportPage:
        """Those that the caller has sent."""
        return self._database.read(
            lambda connection: self._page(
                connection,
                stored.list_of_account(connection, caller.account, before=before, limit=PAGE + 1),
            )
        )

    def count_new(self, caller: Caller) -> int:
        """Those that wait for this caller's desk; no more than `MOST_COUNTED` are counted."""
        if caller.role is Role.EDUCATOR:
            return 0
        return self._database.read(
            lambda connection: stored.count_in_state(
                connection, _desk_of(caller), State.NEW, most=MOST_COUNTED
            )
        )

    def show(self, caller: Caller, reference: str) -> ReportView:
        caller.must_administer()
        return self._database.read(
            lambda connection: self._view(
                caller, connection, _at_desk(caller, connection, reference)
            )
        )

    def show_mine(self, caller: Caller, reference: str) -> ReportView:
        """What its sender sees of a report: nothing of what those who answer tell each other."""
        return self._database.read(
            lambda connection: self._view(
                caller, connection, _own(caller, connection, reference), is_sender=True
            )
        )

    def file(self, caller: Caller, reference: str, file_id: str) -> Attachment:
        """An attachment, for the desk and for the sender."""

        def write(connection: Connection) -> Attachment:
            report = _seen_by(caller, connection, reference)
            found = stored.get_attachment(connection, report.id, file_id)
            if found is None:
                raise ReportNotFound(file_id)
            row, sealed = found
            self._record(caller, connection, Tag.PROBLEM_FILE_TAKEN, report, file=row.id)
            content = self._book.file_content(row, sealed)
            return Attachment(self._book.file_name(row), row.content_type, content)

        return self._database.write(write)

    # ------------------------------------------------------------------- answering

    def answer(
        self, caller: Caller, reference: str, *, seen: int, state: str, text: str, note: bool
    ) -> None:
        """An answer, or a ``note`` for the caller's desk alone; and how it stands from now on."""
        caller.must_administer()
        said = read_text("text", text, longest=LONGEST_TEXT, needed=False)
        new_state = _one_of(State, state)

        def write(connection: Connection) -> None:
            report = _at_desk(caller, connection, reference)
            changed = new_state if new_state != report.state else None
            if not said and changed is None:
                raise Invalid("text", "It says nothing, and changes nothing.")
            sender = None if note or not said else _sender(connection, report)
            kind = "state" if not said else "note" if note else "answer"
            self._change(caller, connection, report, kind, said, seen=seen, state=changed)
            if sender and sender.account_id != caller.account:
                self._book.tell_sender(connection, report, sender)

        self._database.write(write)

    def reply(self, caller: Caller, reference: str, *, seen: int, text: str) -> None:
        """More from the sender: whoever answers has to look again."""
        said = read_text("text", text, longest=LONGEST_TEXT)

        def write(connection: Connection) -> None:
            self._book.count(connection, f"words\0{caller.account}", most=WORDS_PER_ACCOUNT)
            report = _own(caller, connection, reference)
            state = State.NEW if report.state != State.NEW else None
            self._change(caller, connection, report, "reply", said, seen=seen, state=state)
            self._book.tell_desk(connection, report, REPLIED)

        self._database.write(write)

    def pass_on(self, caller: Caller, reference: str, *, seen: int, text: str) -> None:
        """To the operator, who answers it from then on; the tenant goes on seeing it."""
        caller.must_administer()
        said = read_text("text", text, longest=LONGEST_TEXT, needed=False)

        def write(connection: Connection) -> None:
            report = _at_desk(caller, connection, reference)
            if report.desk == OPERATOR:
                raise ReportChanged
            state = State.NEW if report.state != State.NEW else None
            self._change(
                caller, connection, report, "passed_on", said, seen=seen, state=state, desk=OPERATOR
            )
            passed_on = stored.get_for_desk(connection, OPERATOR, report.reference)
            assert passed_on is not None  # noqa: S101 - it was put there just now
            self._book.tell_desk(connection, passed_on, PASSED_ON)

        self._database.write(write)

    def _change(
        self,
        caller: Caller,
        connection: Connection,
        report: ReportRow,
        kind: str,
        text: str,
        *,
        seen: int,
        state: State | None,
        desk: str | None = None,
    ) -> None:
        now = self._book.now()
        if not stored.change(connection, report.id, seen=seen, now=now, state=state, desk=desk):
            raise ReportChanged
        self._book.add_message(
            connection, report, kind, text, account_id=caller.account, role=caller.role, state=state
        )
        if kind in ("answer", "reply", "note"):
            self._record(caller, connection, Tag.PROBLEM_ANSWERED, report, how=kind)
        if desk is not None:
            self._record(caller, connection, Tag.PROBLEM_PASSED_ON, report)
        if state is not None:
            self._record(caller, connection, Tag.PROBLEM_STATE_CHANGED, report, state=state)

    # ------------------------------------------------------------------- parts

    def _record(
        self, caller: Caller, connection: Connection, tag: Tag, report: ReportRow, **details: str
    ) -> None:
        self._audit.record(
            caller, connection, tag, report.id, tenant_id=report.tenant_id, **details
        )

    def _page(self, connection: Connection, rows: Sequence[ReportRow]) -> ReportPage:
        shown = rows[:PAGE]
        return ReportPage(
            tuple(self._lines(connection, shown)), shown[-1].id if len(rows) > PAGE else None
        )

    def _lines(self, connection: Connection, rows: Sequence[ReportRow]) -> list[ReportLine]:
        senders = stored.names_of(connection, {row.account_id for row in rows if row.account_id})
        named = {row.registration_id for row in rows if row.registration_id}
        names = overviews.names_of(connection, tenants=set(), tools=set(), registrations=named)
        return [
            ReportLine(
                reference=row.reference,
                state=State(row.state),
                kind=Kind(row.kind),
                summary=_summary(self._book.typed(row)),
                sender=senders.get(row.account_id or ""),
                registration=names.registrations.get(row.registration_id or ""),
                created_at=row.created_at,
                changed_at=row.changed_at,
                is_passed_on=row.tenant_id is not None and row.desk == OPERATOR,
            )
            for row in rows
        ]

    def _view(
        self, caller: Caller, connection: Connection, row: ReportRow, *, is_sender: bool = False
    ) -> ReportView:
        [line] = self._lines(connection, [row])
        typed = self._book.typed(row)
        messages = [
            self._said(caller, each, by, is_sender=is_sender)
            for each, by in stored.messages_of(connection, row.id)
            if each.kind != "note" or (not is_sender and _is_of_desk(caller, each))
        ]
        return ReportView(
            line=line,
            version=row.version,
            wanted=typed.wanted,
            text=typed.text,
            reach=Reach(typed.reach) if typed.reach else None,
            launch=row.launch,
            registration_id=row.registration_id,
            messages=tuple(messages),
            files=tuple(map(self._file, stored.attachments_of(connection, row.id))),
            can_be_told=row.account_id is not None,
        )

    def _said(self, caller: Caller, row: MessageRow, by: str | None, *, is_sender: bool) -> Said:
        """Who the operators are is told to operators alone, and words among desks to desks alone."""
        state = State(row.state) if row.state else None
        is_named = row.role != Role.OPERATOR or caller.role is Role.OPERATOR
        is_read = row.kind != "passed_on" or not is_sender
        return Said(
            row.kind,
            by if is_named else None,
            row.role,
            self._book.said(row) if is_read else "",
            state,
            row.created_at,
        )

    def _file(self, row: AttachmentRow) -> FileLine:
        return FileLine(row.id, self._book.file_name(row), row.size)


# ----------------------------------------------------------------------- whose


def _desk_of(caller: Caller) -> str:
    return caller.tenant_scope or OPERATOR


def _is_of_desk(caller: Caller, message: MessageRow) -> bool:
    """Whether it was written at the caller's own desk; a tenant and the operator share a report."""
    return (message.role == Role.OPERATOR) == (caller.role is Role.OPERATOR)


def _at_desk(caller: Caller, connection: Connection, reference: str) -> ReportRow:
    found = stored.get_for_desk(connection, _desk_of(caller), reference)
    if found is None:
        raise ReportNotFound(reference)
    return found


def _own(caller: Caller, connection: Connection, reference: str) -> ReportRow:
    found = stored.get_of_account(connection, caller.account, reference)
    if found is None:
        raise ReportNotFound(reference)
    return found


def _seen_by(caller: Caller, connection: Connection, reference: str) -> ReportRow:
    if caller.role is Role.EDUCATOR:
        return _own(caller, connection, reference)
    found = stored.get_for_desk(connection, _desk_of(caller), reference)
    return found or _own(caller, connection, reference)


def _sender(connection: Connection, report: ReportRow) -> Receiver | None:
    account = accounts.get(connection, report.account_id) if report.account_id else None
    if account is None or account.disabled_at is not None or not account.email:
        return None
    return Receiver(account.id, account.email, account.language)


def _registration_of(found: AcceptedLaunch | RefusedLaunch | None) -> str | None:
    match found:
        case AcceptedLaunch():
            return found.launch.registration_id
        case RefusedLaunch():
            return found.refusal.registration_id
    return None


def _one_of(kinds: type[Named], name: str) -> Named | None:
    return next((each for each in kinds if each == name), None)


def _summary(typed: Typed) -> str:
    line = " ".join((typed.wanted or typed.text).split())
    return line if len(line) <= _SUMMARY else f"{line[: _SUMMARY - 1].rstrip()}…"


def _require_room(
    connection: Connection, tenant_id: str | None, attachments: Sequence[Attachment]
) -> None:
    if attachments:
        most = MOST_BYTES_OF_A_TENANT if tenant_id else MOST_BYTES_OF_NOBODY
        kept = stored.size_of_files(connection, tenant_id)
        if kept + sum(len(each.content) for each in attachments) > most:
            raise NoRoomForFiles
