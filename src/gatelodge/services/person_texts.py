"""One person in texts: reports, answers, files, notes, requests, mails that wait, and refused launches.

A text that names somebody stays without the names; a file that does, or that the person sent, goes
whole. What can't be read as text, like a picture, isn't searched.
"""

from collections.abc import Callable, Collection, Sequence

import msgspec

from gatelodge.services.errors import SealBroken
from gatelodge.services.mails import MAIL_PURPOSE
from gatelodge.services.person_names import Names
from gatelodge.services.person_requests import PERSON_PURPOSE, Counts, Sought
from gatelodge.services.problem_book import (
    FILE_PURPOSE,
    MESSAGE_PURPOSE,
    REPORT_PURPOSE,
    ProblemBook,
    Typed,
)
from gatelodge.services.sealing import Sealer
from gatelodge.services.tenant_requests import REQUEST_PURPOSE, WORD_PURPOSE, Details
from gatelodge.storage import person_texts, persons
from gatelodge.storage.database import Connection
from gatelodge.storage.person_texts import TextRow

COUNTED = ("reports", "messages", "files", "invitations", "requests")
"""What whoever looks for a person is told of; the rest is of no use to anybody but us."""

Erase = Callable[[Connection, Sequence[TextRow], Sought, Names], Counts]


class PersonTexts:
    def __init__(self, sealer: Sealer, book: ProblemBook) -> None:
        self._sealer = sealer
        self._book = book
        self._texts: dict[str, Callable[[TextRow], tuple[str, ...]]] = {
            "refusals": lambda row: (row.plain or "",),
            "reports": self._of_report,
            "messages": lambda row: (self._opened(row.sealed, MESSAGE_PURPOSE, row.id),),
            "files": self._of_file,
            "invitations": lambda row: (row.plain or "",),
            "requests": self._of_request,
            "mails": lambda row: (self._opened(row.sealed, MAIL_PURPOSE, row.id),),
            "searches": lambda row: (self._opened(row.sealed, PERSON_PURPOSE, row.id),),
        }
        self._erase: dict[str, Erase] = {
            "refusals": self._erase_refusals,
            "reports": self._erase_reports,
            "messages": self._erase_messages,
            "invitations": self._erase_notes,
            "requests": self._erase_requests,
            "mails": self._erase_mails,
            "searches": self._erase_searches,
        }

    def count(self, part: str, rows: Sequence[TextRow], names: Names) -> int:
        """How many of these rows name the person."""
        return len(self._naming(part, rows, names))

    def erase_from(
        self, connection: Connection, part: str, rows: Sequence[TextRow], sought: Sought
    ) -> Counts:
        return self._erase[part](connection, rows, sought, Names(sought.names))

    def erase_accounts(self, connection: Connection, ids: Collection[str]) -> int:
        """Their reports stay, found by what is written in them."""
        reports = person_texts.reports_by(connection, None, ids)
        gone = persons.erase_accounts(connection, ids)
        self._type_anew(connection, reports, Names([]))
        return gone

    def take_from_tenant(
        self, connection: Connection, tenant_id: str, ids: Collection[str]
    ) -> None:
        """Their place there; what they wrote there stays, from nobody."""
        reports = person_texts.reports_by(connection, tenant_id, ids)
        persons.take_from_tenant(connection, tenant_id, ids)
        persons.unsign_reports(connection, tenant_id, ids)
        self._type_anew(connection, reports, Names([]))

    # ------------------------------------------------------------------- each kind

    def _erase_refusals(
        self, connection: Connection, rows: Sequence[TextRow], _sought: Sought, names: Names
    ) -> Counts:
        naming = self._naming("refusals", rows, names)
        for row in naming:
            details = names.taken_out_of_all(msgspec.json.decode(row.plain or "{}"))
            person_texts.set_details(connection, row.id, msgspec.json.encode(details).decode())
        return Counts(mentions=len(naming))

    def _erase_reports(
        self, connection: Connection, rows: Sequence[TextRow], _sought: Sought, names: Names
    ) -> Counts:
        naming = self._naming("reports", rows, names)
        self._type_anew(connection, naming, names)
        return Counts(texts=len(naming))

    def _type_anew(self, connection: Connection, rows: Sequence[TextRow], names: Names) -> None:
        """Without these names, and found by what is left."""
        about = person_texts.registration_names(connection, [row.id for row in rows])
        for row in rows:
            plain = self._opened(row.sealed, REPORT_PURPOSE, row.id)
            if not plain:
                continue
            typed = msgspec.json.decode(plain, type=Typed)
            without = msgspec.structs.replace(
                typed,
                text=names.taken_out_of(typed.text),
                wanted=names.taken_out_of(typed.wanted),
            )
            found_by = (row.plain or "", about.get(row.id, ""))
            self._book.type_anew(connection, row.id, without, found_by)

    def _erase_messages(
        self, connection: Connection, rows: Sequence[TextRow], _sought: Sought, names: Names
    ) -> Counts:
        naming = self._naming("messages", rows, names)
        for row in naming:
            text = names.taken_out_of(self._opened(row.sealed, MESSAGE_PURPOSE, row.id))
            sealed = self._sealed(text, MESSAGE_PURPOSE, row.id)
            person_texts.set_message(connection, row.id, sealed)
        return Counts(texts=len(naming))

    def files_to_go(self, rows: Sequence[TextRow], sought: Sought) -> list[str]:
        """Asked before the transaction that deletes them, for it takes a while with large ones."""
        theirs = {each.id for each in sought.accounts}
        naming = self._naming("files", rows, Names(sought.names))
        return [row.id for row in rows if row in naming or row.account_id in theirs]

    def _erase_notes(
        self, connection: Connection, rows: Sequence[TextRow], _sought: Sought, names: Names
    ) -> Counts:
        naming = self._naming("invitations", rows, names)
        for row in naming:
            person_texts.set_note(connection, row.id, names.taken_out_of(row.plain or ""))
        return Counts(texts=len(naming))

    def _erase_requests(
        self, connection: Connection, rows: Sequence[TextRow], _sought: Sought, names: Names
    ) -> Counts:
        """Who asked is forgotten with the words; the institution's request itself stays."""
        naming = self._naming("requests", rows, names)
        for row in naming:
            details = self._details(row)
            is_asker = names.are_in(row.plain, details.name, details.email)
            kept = msgspec.structs.replace(
                details,
                name=None if is_asker else details.name,
                email=None if is_asker else details.email,
                note=names.taken_out_of(details.note),
            )
            word = names.taken_out_of(self._opened(row.beside, WORD_PURPOSE, row.id))
            person_texts.set_request(
                connection,
                row.id,
                subject=persons.NOBODY if is_asker else row.plain or "",
                sealed=self._sealed(msgspec.json.encode(kept).decode(), REQUEST_PURPOSE, row.id),
                sealed_word=self._sealed(word, WORD_PURPOSE, row.id) if row.beside else None,
            )
        return Counts(texts=len(naming))

    def _erase_mails(
        self, connection: Connection, rows: Sequence[TextRow], _sought: Sought, names: Names
    ) -> Counts:
        gone = [row.id for row in self._naming("mails", rows, names)]
        person_texts.remove_mails(connection, gone)
        return Counts()

    def _erase_searches(
        self, connection: Connection, rows: Sequence[TextRow], sought: Sought, names: Names
    ) -> Counts:
        """Other searches for the same person, which would go by themselves a day later."""
        them = (*sought.people, *(each.id for each in sought.accounts))
        plains = {row.id: self._texts["searches"](row)[0] for row in rows}
        gone = [
            each
            for each, plain in plains.items()
            if names.are_in(plain) or any(one in plain for one in them)
        ]
        persons.remove(connection, gone)
        return Counts()

    # ------------------------------------------------------------------- reading

    def _naming(self, part: str, rows: Sequence[TextRow], names: Names) -> list[TextRow]:
        texts = self._texts[part]
        return [row for row in rows if names.are_in(*texts(row))]

    def _of_report(self, row: TextRow) -> tuple[str, ...]:
        plain = self._opened(row.sealed, REPORT_PURPOSE, row.id)
        if not plain:
            return ()
        typed = msgspec.json.decode(plain, type=Typed)
        return typed.text, typed.wanted

    def _of_file(self, row: TextRow) -> tuple[str, ...]:
        name = self._opened(row.sealed, FILE_PURPOSE, row.id)
        return name, self._opened(row.beside, FILE_PURPOSE, row.id)

    def _of_request(self, row: TextRow) -> tuple[str, ...]:
        details = self._details(row)
        word = self._opened(row.beside, WORD_PURPOSE, row.id)
        told = (row.plain, details.name, details.email, details.note, word)
        return tuple(each for each in told if each)

    def _details(self, row: TextRow) -> Details:
        plain = self._opened(row.sealed, REQUEST_PURPOSE, row.id)
        return msgspec.json.decode(plain, type=Details) if plain else Details(None, None, "", "")

    def _opened(self, sealed: bytes | None, purpose: str, about: str) -> str:
        """What no key of ours opens any more nobody can read, and there is nothing to erase."""
        if sealed is None:
            return ""
        try:
            plain = self._sealer.open(sealed, purpose=purpose, about=about)
        except SealBroken:
            return ""
        return plain.decode("utf-8", "replace")

    def _sealed(self, text: str, purpose: str, about: str) -> bytes:
        return self._sealer.seal(text.encode(), purpose=purpose, about=about)
