"""The book of reported problems: what is written into it and read out of it, whoever reports.

What was typed is sealed, and found again by MACs of its words. Who may ask for what is in
`gatelodge.services.problems` and, for people without an account, in `problem_pages`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import msgspec
from msgspec import Struct

from gatelodge.lti.macs import mac
from gatelodge.services.addresses import Addresses
from gatelodge.services.attachments import Attachment
from gatelodge.services.caller import Role
from gatelodge.services.desk_mails import DeskMails, Told
from gatelodge.services.errors import Invalid
from gatelodge.services.mails import Outbox
from gatelodge.services.ports import Clock, Ids
from gatelodge.services.problem_errors import TooManyReports
from gatelodge.services.sealing import Sealer
from gatelodge.storage import accounts, sign_ins
from gatelodge.storage import problem_reports as stored
from gatelodge.storage.database import Connection
from gatelodge.storage.problem_reports import (
    OPERATOR,
    AttachmentRow,
    MessageRow,
    Receiver,
    ReportRow,
)
from gatelodge.storage.search_words import words_of
from gatelodge.words import N_, Sentence

HOUR = 3600
MAILS_A_DESK = 20
"""Mails about new reports that the people of a desk are sent in an hour; the inbox has them all.

Those of people without an account are counted apart: anybody can send them.
"""

FURTHER_MAILS_A_DESK = 60
"""The same of what is told about a report that is there already."""

REPORT_PURPOSE = "problem report"
MESSAGE_PURPOSE = "report message"
FILE_PURPOSE = "report attachment"
WORD_PURPOSE = "words of reports"
COUNT_PURPOSE = "report counts"

_WORD_BYTES = 12

__all__ = ["OPERATOR", "Kind", "ProblemBook", "Reach", "State"]


class Kind(StrEnum):
    LAUNCH = "launch"
    REGISTRATION = "registration"
    PORTAL = "portal"
    OTHER = "other"


class State(StrEnum):
    NEW = "new"
    IN_WORK = "in_work"
    WAITING = "waiting"
    SOLVED = "solved"


class Reach(StrEnum):
    """Whom it holds up."""

    PERSON = "person"
    COURSE = "course"
    EVERYONE = "everyone"


class Typed(Struct, frozen=True):
    """What is sealed of a report."""

    text: str
    wanted: str = ""
    reach: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A report that is about to be written; it can be sent once from its ``page``."""

    tenant_id: str | None
    desk: str
    page: bytes
    kind: Kind
    typed: Typed
    account_id: str | None = None
    launch: str | None = None
    registration_id: str | None = None
    found_by: Sequence[str] = ()


class ProblemBook:
    def __init__(
        self, clock: Clock, ids: Ids, sealer: Sealer, outbox: Outbox, addresses: Addresses
    ) -> None:
        self._clock = clock
        self._ids = ids
        self._sealer = sealer
        self._outbox = outbox
        self._desk_mails = DeskMails(clock, sealer, outbox)
        self._addresses = addresses
        self._word_keys = sealer.mac_keys(WORD_PURPOSE)
        self._count_key = sealer.mac_keys(COUNT_PURPOSE)[0]

    # ------------------------------------------------------------------- writing

    def add(
        self, connection: Connection, entry: Entry, attachments: Iterable[Attachment] = ()
    ) -> ReportRow:
        report_id, now = self._ids.new(), int(self._clock())
        row = ReportRow(
            id=report_id,
            reference=f"P-{self._ids.trace_id()}",
            tenant_id=entry.tenant_id,
            desk=entry.desk,
            account_id=entry.account_id,
            state=State.NEW,
            version=1,
            kind=entry.kind,
            sealed=self._sealed(msgspec.json.encode(entry.typed), REPORT_PURPOSE, report_id),
            launch=entry.launch,
            registration_id=entry.registration_id,
            page=entry.page,
            created_at=now,
            changed_at=now,
        )
        texts = (row.reference, entry.launch or "", entry.typed.wanted, entry.typed.text)
        words = words_of(*entry.found_by, *texts)
        stored.add(
            connection, row, sorted({self._word(each, self._word_keys[0]) for each in words})
        )
        for attachment in attachments:
            self._attach(connection, report_id, attachment)
        self.tell_desk(connection, row, _NEW)
        return row

    def type_anew(
        self, connection: Connection, report_id: str, typed: Typed, found_by: Iterable[str]
    ) -> None:
        """In place of what was typed: an erased person was named in it."""
        sealed = self._sealed(msgspec.json.encode(typed), REPORT_PURPOSE, report_id)
        words = words_of(*found_by, typed.wanted, typed.text)
        macs = sorted({self._word(each, self._word_keys[0]) for each in words})
        stored.retype(connection, report_id, sealed, macs)

    def add_message(
        self,
        connection: Connection,
        report: ReportRow,
        kind: str,
        text: str,
        *,
        account_id: str,
        role: str,
        state: State | None = None,
    ) -> None:
        message_id = self._ids.new()
        sealed = self._sealed(text.encode(), MESSAGE_PURPOSE, message_id) if text else None
        stored.add_message(
            connection,
            MessageRow(
                id=message_id,
                report_id=report.id,
                account_id=account_id,
                role=role,
                kind=kind,
                state=state,
                sealed=sealed,
                created_at=int(self._clock()),
            ),
        )

    def count(self, connection: Connection, name: str, *, most: int) -> None:
        """One more of ``name`` in this hour; raises `TooManyReports`."""
        if not self._is_within(connection, name, most):
            raise TooManyReports

    def now(self) -> int:
        return int(self._clock())

    # ------------------------------------------------------------------- reading

    def typed(self, row: ReportRow) -> Typed:
        plain = self._sealer.open(row.sealed, purpose=REPORT_PURPOSE, about=row.id)
        return msgspec.json.decode(plain, type=Typed)

    def said(self, row: MessageRow) -> str:
        if row.sealed is None:
            return ""
        return self._sealer.open(row.sealed, purpose=MESSAGE_PURPOSE, about=row.id).decode()

    def file_name(self, row: AttachmentRow) -> str:
        return self._sealer.open(row.sealed_name, purpose=FILE_PURPOSE, about=row.id).decode()

    def file_content(self, row: AttachmentRow, sealed: bytes) -> bytes:
        return self._sealer.open(sealed, purpose=FILE_PURPOSE, about=row.id)

    def words(self, search: str) -> list[list[bytes]]:
        """The words that are asked for, each as any of our keys would have written it."""
        return [[self._word(each, key) for key in self._word_keys] for each in words_of(search)]

    # ------------------------------------------------------------------- telling by mail

    def tell_desk(self, connection: Connection, report: ReportRow, news: "News") -> None:
        """Those who answer there, until they have had many mails of the kind in an hour."""
        whose = "account" if report.account_id else "nobody"
        kind = whose if news is _NEW else "further"
        self._desk_mails.tell(
            connection,
            [report.desk],
            news.told(report.reference, self._addresses.problem(report.reference)),
            about=f"report\0{report.desk}\0{kind}",
            most=MAILS_A_DESK if news is _NEW else FURTHER_MAILS_A_DESK,
            without=report.account_id,
        )

    def tell_sender(self, connection: Connection, report: ReportRow, sender: Receiver) -> None:
        address = self._addresses.own_problem(report.reference)
        self._outbox.post(connection, [ANSWERED.told(report.reference, address).to(sender)])

    # ------------------------------------------------------------------- parts

    def _attach(self, connection: Connection, report_id: str, file: Attachment) -> None:
        file_id = self._ids.new()
        row = AttachmentRow(
            id=file_id,
            report_id=report_id,
            content_type=file.content_type,
            size=len(file.content),
            sealed_name=self._sealed(file.name.encode(), FILE_PURPOSE, file_id),
        )
        stored.add_attachment(connection, row, self._sealed(file.content, FILE_PURPOSE, file_id))

    def _sealed(self, plain: bytes, purpose: str, about: str) -> bytes:
        return self._sealer.seal(plain, purpose=purpose, about=about)

    def _word(self, word: str, key: bytes) -> bytes:
        return mac(key, word.encode())[:_WORD_BYTES]

    def _is_within(self, connection: Connection, name: str, most: int) -> bool:
        counted = f"report {mac(self._count_key, name.encode()).hex()}"
        times, _ = sign_ins.count(connection, counted, self._clock(), window=HOUR)
        return times <= most


def desk_for(connection: Connection, tenant_id: str | None) -> str:
    """The tenant's where it has somebody who answers; the operator's otherwise."""
    if tenant_id and accounts.count_holders(connection, Role.ADMIN, tenant_id):
        return tenant_id
    return OPERATOR


# ----------------------------------------------------------------------- words


class News(Struct, frozen=True):
    subject: str
    text: str

    def told(self, reference: str, address: str) -> Told:
        values = {"reference": reference, "address": address}
        return Told(
            Sentence(self.subject, values),
            (Sentence(self.text, values), Sentence(_READ_IT, values)),
        )


_NEW = News(
    N_("A problem was reported: {reference}"),
    N_("Somebody reported a problem that is yours to answer."),
)
PASSED_ON = News(
    N_("A problem was passed on to you: {reference}"),
    N_("The administrators of an institution passed a report on to you."),
)
REPLIED = News(
    N_("More about the problem {reference}"), N_("The sender of a report wrote more about it.")
)
ANSWERED = News(
    N_("An answer to your report {reference}"), N_("The problem that you reported has an answer.")
)
_READ_IT = N_("Read it here: {address}")


def read_text(field: str, text: str, *, longest: int, needed: bool = True) -> str:
    """What somebody typed into a large field: lines stay, what nobody sees goes."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(each for each in lines if each in "\n\t" or each.isprintable()).strip()
    if needed and not kept:
        raise Invalid(field, "It says nothing.")
    if len(kept) > longest:
        raise Invalid(field, f"It is longer than {longest} characters.")
    return kept
