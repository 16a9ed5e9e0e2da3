"""One person: what is kept of them is found, and erased.

Somebody is found by what an LMS calls them, by what we call them towards tools, or by an e-mail
address. No index leads from a person to their launches, for each launch would pay for it, and none
to what people typed of them; so both are done in the background, a window of rows at a time, and
go on where a process died.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import NamedTuple

import msgspec
import structlog

from gatelodge.services.audit import Audit, Tag
from gatelodge.services.caller import Caller
from gatelodge.services.errors import (
    Invalid,
    PersonRequestNotFound,
    SealBroken,
    TooManyPersonRequests,
)
from gatelodge.services.inputs import Inputs
from gatelodge.services.person_launches import MOST_PEOPLE, erased_from, noticed
from gatelodge.services.person_names import Names
from gatelodge.services.person_requests import (
    PERSON_PURPOSE,
    Counts,
    FoundAccount,
    FoundPerson,
    PersonView,
    Sought,
    State,
    written_receipt,
)
from gatelodge.services.person_texts import COUNTED, PersonTexts
from gatelodge.services.ports import Clock, Ids
from gatelodge.services.problem_book import ProblemBook
from gatelodge.services.sealing import Sealer
from gatelodge.services.tenants import find_tenant
from gatelodge.storage import accounts, exports, person_texts, persons
from gatelodge.storage.database import Connection, Database
from gatelodge.storage.person_texts import TextRow
from gatelodge.storage.persons import PersonRequest, SeenLaunch

WINDOW = 500
MOST_UNFINISHED = 5
SHOWN = 20
SEARCH_DAYS = 1
"""How long a search is kept that nothing was erased after."""

_log = structlog.get_logger("gatelodge.people")

LAUNCHES, FILES = "launches", "files"
_LOOKED_AT = (LAUNCHES, *COUNTED)
_ERASED_FROM = (LAUNCHES, *person_texts.PARTS)


class Persons:
    def __init__(
        self,
        database: Database,
        clock: Clock,
        ids: Ids,
        sealer: Sealer,
        audit: Audit,
        book: ProblemBook,
    ) -> None:
        self._database = database
        self._clock = clock
        self._ids = ids
        self._sealer = sealer
        self._audit = audit
        self._texts = PersonTexts(sealer, book)

    # ------------------------------------------------------------------- for people

    def find(self, caller: Caller, wanted: str, tenant: str | None = None) -> PersonView:
        """Begin to look; the operator may name a tenant, and else looks through all of them."""
        caller.must_administer()
        wanted = Inputs().identifier("person", wanted)

        def write(connection: Connection) -> PersonRequest:
            tenant_id = _place(caller, connection, tenant)
            recent = persons.list_recent(connection, tenant_id, limit=SHOWN)
            unfinished = [each for each in recent if each.state in _UNFINISHED]
            if len(unfinished) >= MOST_UNFINISHED:
                raise TooManyPersonRequests
            found = persons.find_accounts(connection, tenant_id, wanted, limit=MOST_PEOPLE)
            accounts = tuple(FoundAccount(*each) for each in found)
            request = self._new(caller, tenant_id, Sought(wanted, accounts=accounts))
            persons.add(connection, request)
            self._record(caller, connection, Tag.PERSON_SOUGHT, request)
            return request

        return self._view(self._database.write(write))

    def list(self, caller: Caller, tenant: str | None = None) -> list[PersonRequest]:
        """The newest, of the tenant or of the whole gateway."""
        caller.must_administer()

        def read(connection: Connection) -> list[PersonRequest]:
            tenant_id = _place(caller, connection, tenant)
            return persons.list_recent(connection, tenant_id, limit=SHOWN)

        return self._database.read(read)

    def show(self, caller: Caller, request_id: str) -> PersonView:
        caller.must_administer()
        return self._database.read(
            lambda connection: self._view(_find(caller, connection, request_id))
        )

    def erase(
        self, caller: Caller, request_id: str, subjects: Collection[str], accounts: Collection[str]
    ) -> PersonView:
        """Begin to erase those of the found who are named. There is no way back."""
        caller.must_administer()

        def write(connection: Connection) -> PersonRequest:
            request = _find(caller, connection, request_id)
            sought = self._opened(request)
            if request.state != State.FOUND or sought is None:
                raise PersonRequestNotFound(request_id)
            chosen = _chosen(connection, sought, subjects, accounts)
            if not chosen.is_anybody:
                raise Invalid("person", "Choose who is to be erased.")
            if caller.account in [each.id for each in chosen.accounts]:
                raise Invalid("person", "Nobody erases their own account: ask somebody else.")
            begun = replace(
                self._sealed(request, chosen),
                state=State.ERASING,
                part=LAUNCHES,
                after="",
                erased_by=caller.account,
            )
            if not persons.change(connection, request, begun):
                raise PersonRequestNotFound(request_id)
            self._record(caller, connection, Tag.PERSON_ERASURE_BEGUN, request)
            return begun

        return self._view(self._database.write(write))

    def receipt(self, caller: Caller, request_id: str, word: Callable[[str], str] = str) -> str:
        """What was erased, when and by whom: ids and numbers alone; ``word`` translates the rest."""
        view = self.show(caller, request_id)
        if view.request.state != State.ERASED:
            raise PersonRequestNotFound(request_id)
        return written_receipt(view, word)

    # ------------------------------------------------------------------- doing it

    def work(self, until: float) -> int:
        """Look through windows of rows for what was asked, until that time; how many."""
        windows = 0
        while self._clock() < until:
            request_id = self._database.read(
                lambda connection: persons.next_in(connection, _UNFINISHED)
            )
            if request_id is None or not self._go_on(request_id):
                break
            windows += 1
        return windows

    def purge_roleless(self, connection: Connection, before: float, *, limit: int) -> int:
        """Nobody can sign in with them, and no institution finds them; returns how many."""
        accounts.one_at_a_time(connection)
        persons.note_roleless(connection, self._clock())
        gone = persons.roleless(connection, before, limit=limit)
        return self._texts.erase_accounts(connection, gone) if gone else 0

    def _go_on(self, request_id: str) -> bool:
        request = self._database.read(lambda connection: persons.get(connection, None, request_id))
        if request is None:
            return False
        if self._opened(request) is None:
            # Nobody knows any more whom it is about, and others wait behind it.
            _log.error("request_unreadable", request=request_id)
            self._database.write(lambda connection: persons.remove(connection, [request_id]))
            return True
        if request.state == State.FINDING:
            return self._look(request)
        try:
            if request.part == FILES:
                erased = self._erase_files(request)
            else:
                erased = self._database.write(lambda connection: self._erase(connection, request))
        except Overtaken:
            return False
        if erased == State.ERASED:
            self._database.empty_journal()
        return erased is not None

    def _look(self, request: PersonRequest) -> bool:
        sought = self._opened(request)
        if sought is None:
            return False
        rows = self._database.read(lambda connection: _window(connection, request))
        after = _moved_on(request, rows, _LOOKED_AT)
        if isinstance(rows, Launches):
            sought = noticed(self._sealer, sought, rows.seen)
        else:
            count = self._texts.count(request.part, rows.seen, _names_of(sought))
            sought = msgspec.structs.replace(sought, texts=sought.texts + count)
        if after is None:
            after = replace(request, state=State.FOUND)
        after = self._sealed(after, sought)
        return self._database.write(lambda connection: persons.change(connection, request, after))

    def _erase_files(self, request: PersonRequest) -> str | None:
        sought = self._opened(request)
        if sought is None:
            return None
        rows = self._database.read(lambda connection: _window(connection, request))
        assert isinstance(rows, Texts)  # noqa: S101 - files are no launches
        gone = self._texts.files_to_go(rows.seen, sought)

        def write(connection: Connection) -> str:
            person_texts.remove_files(connection, gone)
            return self._ended(connection, request, sought, rows, Counts(files=len(gone)))

        return self._database.write(write)

    def _erase(self, connection: Connection, request: PersonRequest) -> str | None:
        """The state after a window; None when there is nothing to erase any more."""
        sought = self._opened(request)
        if sought is None:
            return None
        # Two that rewrite the same text at once would each put back what the other took out.
        accounts.one_at_a_time(connection)
        rows = _window(connection, request)
        if isinstance(rows, Launches):
            erased = erased_from(connection, sought, rows.seen)
        else:
            erased = self._texts.erase_from(connection, request.part, rows.seen, sought)
        return self._ended(connection, request, sought, rows, erased)

    def _ended(
        self,
        connection: Connection,
        request: PersonRequest,
        sought: Sought,
        rows: "Launches | Texts",
        erased: Counts,
    ) -> str:
        """A window, and after the last one all of it; raises `Overtaken`."""
        counts = _counts(request) + erased
        after = _moved_on(request, rows, _ERASED_FROM)
        if after is None:
            counts += self._erased_accounts(connection, request, sought)
            exports.remove_of(connection, request.tenant_id)
            after = replace(request, state=State.ERASED, sealed=None)
        written = msgspec.json.encode(counts).decode()
        after = replace(after, counts=written, changed_at=int(self._clock()))
        if not persons.change(connection, request, after):
            raise Overtaken
        if after.state == State.ERASED:
            self._audit.record_by(
                request.erased_by or "worker",
                connection,
                Tag.PERSON_ERASED,
                request.id,
                tenant_id=request.tenant_id,
            )
        return after.state

    def _erased_accounts(
        self, connection: Connection, request: PersonRequest, sought: Sought
    ) -> Counts:
        """An operator's account stays, and one that stands elsewhere loses its place here alone.

        So does one without which nobody would administer the institution.
        """
        accounts.one_at_a_time(connection)
        named = {each.id for each in sought.accounts}
        there = set(persons.accounts_at(connection, request.tenant_id, named))
        kept = persons.operators_among(connection, there)
        elsewhere: set[str] = set()
        if request.tenant_id is not None:
            admins = persons.admins_at(connection, request.tenant_id)
            last = {min(admins)} if admins and admins <= there else set()
            elsewhere = persons.stands_elsewhere(connection, request.tenant_id, there) - last
            self._texts.take_from_tenant(connection, request.tenant_id, elsewhere)
            kept = (kept | last) - elsewhere
        gone = self._texts.erase_accounts(connection, there - kept - elsewhere)
        return Counts(accounts=gone, places=len(elsewhere), kept=len(kept))

    # ------------------------------------------------------------------- parts

    def _new(self, caller: Caller, tenant_id: str | None, sought: Sought) -> PersonRequest:
        now = int(self._clock())
        request = PersonRequest(
            id=self._ids.new(),
            tenant_id=tenant_id,
            asked_by=caller.account,
            asked_at=now,
            state=State.FINDING,
            sealed=None,
            part=LAUNCHES,
            after="",
            counts=msgspec.json.encode(Counts()).decode(),
            erased_by=None,
            changed_at=now,
        )
        return self._sealed(request, sought)

    def _sealed(self, request: PersonRequest, sought: Sought) -> PersonRequest:
        plain = msgspec.json.encode(sought)
        sealed = self._sealer.seal(plain, purpose=PERSON_PURPOSE, about=request.id)
        return replace(request, sealed=sealed, changed_at=int(self._clock()))

    def _opened(self, request: PersonRequest) -> Sought | None:
        if request.sealed is None:
            return None
        try:
            plain = self._sealer.open(request.sealed, purpose=PERSON_PURPOSE, about=request.id)
        except SealBroken:
            return None
        return msgspec.json.decode(plain, type=Sought)

    def _view(self, request: PersonRequest) -> PersonView:
        sought = self._opened(request)
        if sought is None and request.state == State.FOUND:
            raise PersonRequestNotFound(request.id)
        return PersonView(request, sought, _counts(request))

    def _record(
        self, caller: Caller, connection: Connection, tag: Tag, request: PersonRequest
    ) -> None:
        self._audit.record(caller, connection, tag, request.id, tenant_id=request.tenant_id)


_UNFINISHED = (State.FINDING, State.ERASING)


class Overtaken(Exception):
    """Somebody else erased the same window; what this one did is undone."""


def _place(caller: Caller, connection: Connection, tenant: str | None) -> str | None:
    if caller.tenant_scope is not None:
        return find_tenant(caller, connection, tenant or caller.tenant_scope).id
    return find_tenant(caller, connection, tenant).id if tenant else None


def _find(caller: Caller, connection: Connection, request_id: str) -> PersonRequest:
    found = persons.get(connection, caller.tenant_scope, request_id)
    if found is None:
        raise PersonRequestNotFound(request_id)
    return found


class Launches(NamedTuple):
    seen: Sequence[SeenLaunch]
    is_last: bool
    last: str


class Texts(NamedTuple):
    seen: Sequence[TextRow]
    is_last: bool
    last: str


def _window(connection: Connection, request: PersonRequest) -> Launches | Texts:
    """What is to be looked at next; ``last`` is the key of its last row."""
    if request.part == LAUNCHES:
        number = int(request.after or 0)
        seen = persons.window(connection, request.tenant_id, after=number, limit=WINDOW)
        return Launches(seen, len(seen) < WINDOW, str(seen[-1].number if seen else number))
    rows, is_last = person_texts.window(
        connection, request.part, request.tenant_id, after=request.after
    )
    return Texts(rows, is_last, rows[-1].id if rows else request.after)


def _moved_on(
    request: PersonRequest, rows: Launches | Texts, parts: Sequence[str]
) -> PersonRequest | None:
    """Behind these rows, in this part or at the beginning of the next; None after the last."""
    if not rows.is_last:
        return replace(request, after=rows.last)
    place = parts.index(request.part) + 1
    return replace(request, part=parts[place], after="") if place < len(parts) else None


def _chosen(
    connection: Connection, sought: Sought, subjects: Collection[str], accounts: Collection[str]
) -> Sought:
    """What erasing needs of it, and no more."""
    people = {each: one for each, one in sought.people.items() if each in subjects}
    those = tuple(each for each in sought.accounts if each.id in accounts)
    chosen = msgspec.structs.replace(sought, people=people, accounts=those)
    known = persons.names_of_accounts(connection, [each.id for each in those])
    return Sought(
        "",
        people={each: FoundPerson(each, "", None, 0, 0) for each in people},
        accounts=tuple(FoundAccount(each.id, "", None) for each in those),
        numbers=sought.numbers,
        texts=sought.texts,
        names=Names([*_names_of(chosen).all, *known]).all,
    )


def _names_of(sought: Sought) -> Names:
    """What those who were found are called, wherever it is known from."""
    told: list[str | None] = [sought.wanted]
    for person in sought.people.values():
        told += [person.subject, person.person_id, *person.names]
    for account in sought.accounts:
        told += [account.name, account.email]
    return Names(told)


def _counts(request: PersonRequest) -> Counts:
    return msgspec.json.decode(request.counts, type=Counts)
