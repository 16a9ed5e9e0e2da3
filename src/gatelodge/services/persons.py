"""One person: what is kept of them is found, and erased.

Somebody is found by what an LMS calls them, by what we call them towards tools, or by an e-mail
address. No index leads from a person to their launches, for each launch would pay for it; so both
are done in the background, a window of launches at a time, and go on where a process died.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import msgspec
from msgspec import Struct

from gatelodge.services.audit import Audit, Tag
from gatelodge.services.caller import Caller
from gatelodge.services.errors import Invalid, PersonRequestNotFound, TooManyPersonRequests
from gatelodge.services.inputs import Inputs
from gatelodge.services.launches import PERSONAL_PURPOSE
from gatelodge.services.ports import Clock, Ids
from gatelodge.services.sealing import Sealer
from gatelodge.services.tenants import find_tenant
from gatelodge.storage import exports, persons
from gatelodge.storage.database import Connection, Database
from gatelodge.storage.persons import PersonRequest, SeenLaunch

WINDOW = 500
MOST_PEOPLE = 50
MOST_UNFINISHED = 5
SHOWN = 20
SEARCH_DAYS = 1
"""How long a search is kept that nothing was erased after."""

_PURPOSE = "person request"


class State:
    FINDING = "finding"
    FOUND = "found"
    ERASING = "erasing"
    ERASED = "erased"


class FoundPerson(Struct, frozen=True):
    """Who was launched. ``subject`` is our name for them; ``personal`` counts launches with values."""

    subject: str
    issuer: str
    person_id: str | None
    last_at: int
    personal: int


class FoundAccount(Struct, frozen=True):
    id: str
    name: str
    email: str | None


class Sought(Struct, frozen=True):
    """What is sealed of a request; ``numbers`` are launches of nobody that hold what is looked for."""

    wanted: str
    people: dict[str, FoundPerson] = {}
    accounts: tuple[FoundAccount, ...] = ()
    numbers: tuple[int, ...] = ()
    is_cut: bool = False


class Counts(Struct, frozen=True):
    """What was erased. ``mentions`` are launches of others that named the person."""

    launches: int = 0
    personal: int = 0
    mentions: int = 0
    accounts: int = 0
    places: int = 0
    kept: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            *(getattr(self, each) + getattr(other, each) for each in self.__struct_fields__)
        )


@dataclass(frozen=True, slots=True)
class PersonView:
    """``sought`` is None once it is erased."""

    request: PersonRequest
    sought: Sought | None
    counts: Counts


class Persons:
    def __init__(
        self, database: Database, clock: Clock, ids: Ids, sealer: Sealer, audit: Audit
    ) -> None:
        self._database = database
        self._clock = clock
        self._ids = ids
        self._sealer = sealer
        self._audit = audit

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
            chosen = Sought(
                "",
                people={each: one for each, one in sought.people.items() if each in subjects},
                accounts=tuple(
                    FoundAccount(each.id, "", None)
                    for each in sought.accounts
                    if each.id in accounts
                ),
                numbers=sought.numbers,
            )
            if not (chosen.people or chosen.accounts or chosen.numbers):
                raise Invalid("person", "Choose who is to be erased.")
            if caller.account in [each.id for each in chosen.accounts]:
                raise Invalid("person", "Nobody erases their own account: ask somebody else.")
            begun = replace(
                self._sealed(request, _without_values(chosen)),
                state=State.ERASING,
                looked_to=0,
                erased_by=caller.account,
            )
            if not persons.change(connection, request, begun):
                raise PersonRequestNotFound(request_id)
            self._record(caller, connection, Tag.PERSON_ERASURE_BEGUN, request)
            return begun

        return self._view(self._database.write(write))

    def receipt(self, caller: Caller, request_id: str) -> str:
        """What was erased, when and by whom: ids and numbers alone."""
        view = self.show(caller, request_id)
        if view.request.state != State.ERASED:
            raise PersonRequestNotFound(request_id)
        return _receipt(view)

    # ------------------------------------------------------------------- doing it

    def work(self, until: float) -> int:
        """Look through windows of launches for what was asked, until that time; how many."""
        windows = 0
        while self._clock() < until:
            request_id = self._database.read(
                lambda connection: persons.next_in(connection, _UNFINISHED)
            )
            if request_id is None or not self._go_on(request_id):
                break
            windows += 1
        return windows

    def _go_on(self, request_id: str) -> bool:
        request = self._database.read(lambda connection: persons.get(connection, None, request_id))
        if request is None:
            return False
        if request.state == State.FINDING:
            return self._look(request)
        try:
            erased = self._database.write_over(lambda connection: self._erase(connection, request))
        except Overtaken:
            return False
        if erased == State.ERASED:
            self._database.empty_journal()
        return erased is not None

    def _look(self, request: PersonRequest) -> bool:
        seen = self._database.read(lambda connection: _window(connection, request))
        sought = self._opened(request)
        if sought is None:
            return False
        is_over = len(seen) < WINDOW
        after = replace(
            self._sealed(request, self._noticed(sought, seen)),
            state=State.FOUND if is_over else State.FINDING,
            looked_to=seen[-1].number if seen else request.looked_to,
        )
        return self._database.write(lambda connection: persons.change(connection, request, after))

    def _erase(self, connection: Connection, request: PersonRequest) -> str | None:
        """The state after a window; None when somebody else went on with it meanwhile."""
        sought = self._opened(request)
        if sought is None:
            return None
        seen = _window(connection, request)
        counts = _counts(request) + _erased_from(connection, sought, seen)
        after = replace(
            request,
            looked_to=seen[-1].number if seen else request.looked_to,
            changed_at=int(self._clock()),
        )
        if len(seen) < WINDOW:
            counts += self._erased_accounts(connection, request, sought)
            exports.remove_of(connection, request.tenant_id)
            after = replace(after, state=State.ERASED, sealed=None)
        after = replace(after, counts=msgspec.json.encode(counts).decode())
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
        """An operator's account stays, and one that stands elsewhere loses its place here alone."""
        named = {each.id for each in sought.accounts}
        there = set(persons.accounts_at(connection, request.tenant_id, named))
        kept = persons.operators_among(connection, there)
        elsewhere: set[str] = set()
        if request.tenant_id is not None:
            elsewhere = persons.stands_elsewhere(connection, request.tenant_id, there)
            persons.take_from_tenant(connection, request.tenant_id, elsewhere)
            kept -= elsewhere
        gone = persons.erase_accounts(connection, there - kept - elsewhere)
        return Counts(accounts=gone, places=len(elsewhere), kept=len(kept))

    # ------------------------------------------------------------------- looking

    def _noticed(self, sought: Sought, seen: Sequence[SeenLaunch]) -> Sought:
        people, numbers = dict(sought.people), list(sought.numbers)
        named = f'"person_id":{msgspec.json.encode(sought.wanted).decode()}'
        is_cut = sought.is_cut
        for launch in seen:
            if not (
                launch.subject in people
                or launch.subject == sought.wanted
                or named in launch.facts
                or self._holds(launch, sought.wanted)
            ):
                continue
            if launch.subject is None:
                numbers.append(launch.number)
            elif launch.subject in people or len(people) < MOST_PEOPLE:
                people[launch.subject] = _person(people.get(launch.subject), launch)
            else:
                is_cut = True
        return Sought(sought.wanted, people, sought.accounts, tuple(numbers), is_cut)

    def _holds(self, launch: SeenLaunch, wanted: str) -> bool:
        """Whether the launch's personal values have this e-mail address or number of the person."""
        if launch.sealed is None:
            return False
        plain = self._sealer.open(launch.sealed, purpose=PERSONAL_PURPOSE, about=launch.id)
        personal: dict[str, Any] = msgspec.json.decode(plain)
        person = personal.get("person", {})
        values = [person.get("email"), person.get("sourced_id")]
        if "@" in wanted:
            values += personal.get("custom", {}).values()
        folded = wanted.casefold()
        return any(isinstance(each, str) and each.casefold() == folded for each in values)

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
            looked_to=0,
            counts=msgspec.json.encode(Counts()).decode(),
            erased_by=None,
            changed_at=now,
        )
        return self._sealed(request, sought)

    def _sealed(self, request: PersonRequest, sought: Sought) -> PersonRequest:
        plain = msgspec.json.encode(sought)
        sealed = self._sealer.seal(plain, purpose=_PURPOSE, about=request.id)
        return replace(request, sealed=sealed, changed_at=int(self._clock()))

    def _opened(self, request: PersonRequest) -> Sought | None:
        if request.sealed is None:
            return None
        plain = self._sealer.open(request.sealed, purpose=_PURPOSE, about=request.id)
        return msgspec.json.decode(plain, type=Sought)

    def _view(self, request: PersonRequest) -> PersonView:
        return PersonView(request, self._opened(request), _counts(request))

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


def _window(connection: Connection, request: PersonRequest) -> list[SeenLaunch]:
    return persons.window(connection, request.tenant_id, after=request.looked_to, limit=WINDOW)


def _counts(request: PersonRequest) -> Counts:
    return msgspec.json.decode(request.counts, type=Counts)


def _person(known: FoundPerson | None, launch: SeenLaunch) -> FoundPerson:
    platform = msgspec.json.decode(launch.facts)["launch"]["platform"]
    return FoundPerson(
        subject=launch.subject or "",
        issuer=platform["issuer"],
        person_id=platform["person_id"],
        last_at=launch.launched_at,
        personal=(known.personal if known else 0) + (launch.sealed is not None),
    )


def _without_values(sought: Sought) -> Sought:
    """What erasing needs, and no more."""
    people = {each: FoundPerson(each, "", None, 0, 0) for each in sought.people}
    return Sought("", people, sought.accounts, sought.numbers)


def _erased_from(connection: Connection, sought: Sought, seen: Sequence[SeenLaunch]) -> Counts:
    theirs = [
        each for each in seen if each.subject in sought.people or each.number in sought.numbers
    ]
    mentions = [
        each
        for each in seen
        if each not in theirs and any(subject in each.facts for subject in sought.people)
    ]
    persons.rewrite_launches(
        connection,
        [
            (each.number, None, _faceless(each.facts, sought.people, is_theirs=True))
            for each in theirs
        ]
        + [(each.number, each.subject, _faceless(each.facts, sought.people)) for each in mentions],
    )
    personal = persons.delete_personal(connection, [each.number for each in theirs])
    return Counts(launches=len(theirs), personal=personal, mentions=len(mentions))


def _faceless(facts: str, people: Collection[str], *, is_theirs: bool = False) -> str:
    """The facts of a launch without the names that we and the LMS have for these people."""
    both = msgspec.json.decode(facts)
    launch = both["launch"]
    if is_theirs:
        launch["person"]["id"] = launch["platform"]["person_id"] = None
    launch["mentored"] = [each for each in launch.get("mentored", ()) if each not in people]
    if launch.get("for_person") in people:
        launch["for_person"] = None
    return msgspec.json.encode(both).decode()


def _receipt(view: PersonView) -> str:
    request, counts = view.request, view.counts

    def moment(seconds: int) -> str:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")

    return "\n".join(
        (
            "Receipt of an erasure",
            "",
            f"Request:                       {request.id}",
            f"Asked for by account:          {request.asked_by}, {moment(request.asked_at)}",
            f"Erased by account:             {request.erased_by}, {moment(request.changed_at)}",
            f"Institution:                   {request.tenant_id or 'all'}",
            "",
            f"Launches without a person now: {counts.launches}",
            f"  of these with names or other personal values: {counts.personal}",
            f"Launches of others that named the person: {counts.mentions}",
            f"Accounts erased:               {counts.accounts}",
            f"Accounts that only lost their place here: {counts.places}",
            f"Operators' accounts, kept:     {counts.kept}",
            "",
        )
    )
