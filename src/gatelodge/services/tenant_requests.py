"""Institutions ask to be registered: who may ask, what is kept of it, and what the operator decides.

No account is made for who asks. What their provider has proven goes with the form, sealed, and
comes back with it; it opens in the browser that it was given to, for half an hour.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from uuid import UUID

import msgspec
from msgspec import Struct

from gatelodge.lti.macs import mac
from gatelodge.services.addresses import Addresses
from gatelodge.services.audit import Audit, Tag
from gatelodge.services.caller import Caller, Role
from gatelodge.services.desk_mails import DeskMails, Told
from gatelodge.services.errors import SealBroken, TenantRequestDecided, TenantRequestNotFound
from gatelodge.services.inputs import LONGEST_SLUG, Faults, Inputs, slug_of
from gatelodge.services.mails import Letter, Outbox
from gatelodge.services.ports import Clock, Ids
from gatelodge.services.problem_book import read_text
from gatelodge.services.provider_sign_in import Proven
from gatelodge.services.providers import Provider
from gatelodge.services.sealing import Sealer
from gatelodge.services.sign_in_errors import SignInStateLost, TooManyTenantRequests
from gatelodge.services.sign_in_limits import network_of
from gatelodge.services.tenants import Tenants, find_tenant
from gatelodge.storage import accounts, sign_ins
from gatelodge.storage import tenant_requests as stored
from gatelodge.storage.database import Connection, Database
from gatelodge.storage.problem_reports import OPERATOR
from gatelodge.storage.tenant_requests import Institution, RequestRow
from gatelodge.storage.tenants import Tenant
from gatelodge.words import N_, Sentence

LIFETIME = 30 * 60
"""Seconds in which the form may be filled in."""

HOUR = 3600
PER_ADDRESS = 10
PER_PROVIDER = 100
PER_INSTITUTION = 3
"""Requests in an hour."""

MAILS = 20
"""Mails about requests that operators are sent in an hour; the list has them all."""

MOST_COUNTED = 100
"""Where the header stops counting."""

LONGEST_NOTE = 1000

_ASKER_PURPOSE = "institution that asks"
REQUEST_PURPOSE = "tenant request"
WORD_PURPOSE = "word on a tenant request"
_COUNT_PURPOSE = "tenant request counts"

_GATEWAY = Caller.operator("worker")
"""Who approves where the settings say that nobody has to."""

_NAMELESS = "institution"
_RANDOM_PART = 10


class Mode(StrEnum):
    ASK = "ask"
    AT_ONCE = "at_once"
    OFF = "off"


class State(StrEnum):
    WAITING = "waiting"
    APPROVED = "approved"
    DECLINED = "declined"


class Door(Struct, frozen=True):
    """What an administrator of an unknown institution is offered; with ``sealed`` they may ask.

    ``since`` is when somebody of it asked, ``word`` what the operator said to that.
    """

    name: str
    sealed: str = ""
    state: State | None = None
    since: int = 0
    word: str = ""


class _Asker(Struct, frozen=True):
    """What a provider has proven; ``name`` and ``email`` are a person's."""

    issuer: str
    institution: str
    subject: str
    name: str | None
    email: str | None
    at: int


class Details(Struct, frozen=True):
    """What is sealed of a request: a person's, save for the note."""

    name: str | None
    email: str | None
    language: str
    note: str


@dataclass(frozen=True, slots=True)
class RequestView:
    row: RequestRow
    details: Details
    word: str


class TenantRequests:
    def __init__(
        self,
        database: Database,
        clock: Clock,
        ids: Ids,
        sealer: Sealer,
        audit: Audit,
        tenants: Tenants,
        outbox: Outbox,
        addresses: Addresses,
        *,
        mode: Mode,
    ) -> None:
        self._database = database
        self._clock = clock
        self._ids = ids
        self._sealer = sealer
        self._audit = audit
        self._tenants = tenants
        self._outbox = outbox
        self._desk_mails = DeskMails(clock, sealer, outbox)
        self._addresses = addresses
        self._mode = mode
        self._count_key = sealer.mac_keys(_COUNT_PURPOSE)[0]

    @property
    def is_on(self) -> bool:
        return self._mode is not Mode.OFF

    # ------------------------------------------------------------------- at the door

    def door(self, proven: Proven, browser: str) -> Door | None:
        """For somebody whose institution isn't known; None for who can't ask.

        ``browser`` is something that only this browser knows.
        """
        institution = proven.institution
        if not self.is_on or institution is None or Role.ADMIN not in proven.said.roles:
            return None
        row = self._database.read(lambda connection: stored.newest_of(connection, institution))
        name = _suggested(institution.value)
        if row is not None and row.state == State.WAITING:
            return Door(name=row.name, state=State.WAITING, since=row.created_at)
        asker = _Asker(
            issuer=proven.issuer,
            institution=institution.value,
            subject=proven.subject,
            name=proven.said.name,
            email=proven.said.email,
            at=int(self._clock()),
        )
        plain = msgspec.json.encode(asker)
        about = _bound(proven.provider, browser)
        sealed = self._sealer.seal(plain, purpose=_ASKER_PURPOSE, about=about)
        door = Door(name, urlsafe_b64encode(sealed).decode())
        if row is not None and row.state == State.DECLINED:
            return msgspec.structs.replace(
                door,
                name=row.name,
                state=State.DECLINED,
                since=row.changed_at,
                word=self._word(row),
            )
        return door

    def ask(
        self,
        provider: Provider,
        sealed: str,
        browser: str,
        *,
        name: str,
        note: str,
        language: str,
        address: str,
    ) -> State:
        """How it stands then: a second one of the same institution is no second request.

        Raises `SignInStateLost` for who didn't come from their provider in this browser lately,
        `Invalid`, and `TooManyTenantRequests`.
        """
        asker = self._opened(provider, sealed, browser)
        faults = Faults()
        read_name = faults.of(Inputs().name, "name", name)
        read_note = faults.of(read_text, "note", note, longest=LONGEST_NOTE, needed=False)
        faults.tell()
        institution = Institution(provider.key, asker.issuer, asker.institution)
        details = Details(asker.name, asker.email, language, read_note)
        row = self._row(institution, asker.subject, read_name, details)
        at_once = self._at_once(read_name) if self._mode is Mode.AT_ONCE else None

        def write(connection: Connection) -> State:
            accounts.one_at_a_time(connection)
            newest = stored.newest_of(connection, institution)
            if newest is not None and newest.state == State.WAITING:
                return State.WAITING
            if stored.tenant_of(connection, institution) is not None:
                return State.APPROVED
            self._count(connection, f"address\0{network_of(address)}", PER_ADDRESS)
            self._count(connection, "\0".join(("institution", *institution)), PER_INSTITUTION)
            self._count(connection, f"provider\0{provider.key}", PER_PROVIDER)
            if not stored.add(connection, row):
                return State.WAITING
            self._audit.record_by(
                "nobody",
                connection,
                Tag.TENANT_REQUEST_MADE,
                row.id,
                tenant_id=None,
                provider=provider.key,
            )
            if at_once is None:
                self._tell_operators(connection, row)
                return State.WAITING
            self._approve(_GATEWAY, connection, row, at_once)
            return State.APPROVED

        return self._database.write(write)

    def greet(self, proven: Proven) -> str | None:
        """The name of the institution that this person had asked for; once, when it is registered."""
        institution = proven.institution
        if institution is None:
            return None
        row = self._database.read(lambda connection: stored.newest_of(connection, institution))
        if row is None or row.state != State.APPROVED or row.told_at is not None:
            return None
        if row.subject != proven.subject:
            return None
        is_first = self._database.write(partial(self._mark_told, request_id=row.id))
        return row.name if is_first else None

    # ------------------------------------------------------------------- the operator's

    def count_waiting(self, caller: Caller) -> int:
        caller.must_operate()
        return self._database.read(partial(stored.count_waiting, most=MOST_COUNTED))

    def search(
        self, caller: Caller, search: str, state: State | None, *, limit: int, offset: int
    ) -> tuple[Sequence[RequestRow], int]:
        """A page of them, those that wait first, and how many there are in all."""
        caller.must_operate()
        return self._database.read(
            lambda connection: (
                stored.search(connection, search, state, limit=limit, offset=offset),
                stored.count_found(connection, search, state),
            )
        )

    def show(self, caller: Caller, request_id: str) -> RequestView:
        caller.must_operate()
        row = self._database.read(lambda connection: stored.get(connection, request_id))
        if row is None:
            raise TenantRequestNotFound(request_id)
        return RequestView(row, self._details(row), self._word(row))

    def approve(self, caller: Caller, request_id: str, name: str, slug: str | None) -> Tenant:
        """As an institution that is new here."""
        tenant = self._tenants.prepare(caller, name, slug)

        def write(connection: Connection) -> Tenant:
            row = _get(connection, request_id)
            self._approve(caller, connection, row, tenant)
            return tenant

        return self._database.write(write)

    def join(self, caller: Caller, request_id: str, named: str) -> Tenant:
        """It is one of ours, and its people come by another way than before, or by one more."""
        caller.must_operate()

        def write(connection: Connection) -> Tenant:
            row = _get(connection, request_id)
            tenant = find_tenant(caller, connection, named)
            self._decide(caller, connection, row, State.APPROVED)
            self._lead(caller, connection, row, tenant)
            return tenant

        return self._database.write(write)

    def decline(self, caller: Caller, request_id: str, word: str) -> None:
        """``word`` is for who asked."""
        caller.must_operate()
        read_word = read_text("word", word, longest=LONGEST_NOTE)
        sealed = self._sealer.seal(read_word.encode(), purpose=WORD_PURPOSE, about=request_id)

        def write(connection: Connection) -> None:
            row = _get(connection, request_id)
            self._decide(caller, connection, row, State.DECLINED, sealed)
            self._record(caller, connection, Tag.TENANT_REQUEST_DECLINED, row, None)
            self._tell_asker(connection, row, _DECLINED)

        self._database.write(write)

    # ------------------------------------------------------------------- steps

    def _opened(self, provider: Provider, sealed: str, browser: str) -> _Asker:
        try:
            content = urlsafe_b64decode(sealed.encode("ascii"))
            about = _bound(provider, browser)
            plain = self._sealer.open(content, purpose=_ASKER_PURPOSE, about=about)
        except (ValueError, SealBroken):
            raise _lost("it was not given to this browser") from None
        asker = msgspec.json.decode(plain, type=_Asker)
        if self._clock() - asker.at > LIFETIME:
            raise _lost("it is too old")
        return asker

    def _row(
        self, institution: Institution, subject: str, name: str, details: Details
    ) -> RequestRow:
        request_id, now = self._ids.new(), int(self._clock())
        plain = msgspec.json.encode(details)
        return RequestRow(
            id=request_id,
            provider=institution.provider,
            issuer=institution.issuer,
            institution=institution.value,
            subject=subject,
            name=name,
            state=State.WAITING,
            sealed=self._sealer.seal(plain, purpose=REQUEST_PURPOSE, about=request_id),
            sealed_word=None,
            created_at=now,
            changed_at=now,
            decided_by=None,
            tenant_id=None,
            told_at=None,
        )

    def _at_once(self, name: str) -> Tenant:
        """Nobody looks at it, so its short name is one that nobody could have wished for.

        Else an asker could take the name by which another institution's people are recognised.
        """
        chance = self._ids.trace_id().replace("-", "").lower()
        beginning = (slug_of(name) or _NAMELESS)[: LONGEST_SLUG - _RANDOM_PART].strip("-")
        return self._tenants.prepare(_GATEWAY, name, f"{beginning}-{chance}")

    def _approve(
        self, caller: Caller, connection: Connection, row: RequestRow, tenant: Tenant
    ) -> None:
        # First of all: of two who decide at once the second one waits here, and then learns of it.
        self._decide(caller, connection, row, State.APPROVED)
        self._tenants.add_within(caller, connection, tenant)
        self._lead(caller, connection, row, tenant)

    def _decide(
        self,
        caller: Caller,
        connection: Connection,
        row: RequestRow,
        state: State,
        sealed_word: bytes | None = None,
    ) -> None:
        if not stored.decide(
            connection,
            row.id,
            state,
            by=caller.account,
            now=int(self._clock()),
            sealed_word=sealed_word,
        ):
            raise TenantRequestDecided

    def _lead(
        self, caller: Caller, connection: Connection, row: RequestRow, tenant: Tenant
    ) -> None:
        stored.set_tenant(connection, row.id, tenant.id)
        institution = Institution(row.provider, row.issuer, row.institution)
        now = int(self._clock())
        stored.lead(connection, self._ids.new(), institution, tenant.id, now=now)
        self._record(caller, connection, Tag.TENANT_REQUEST_APPROVED, row, tenant.id)
        self._tell_asker(connection, row, _APPROVED)

    def _record(
        self,
        caller: Caller,
        connection: Connection,
        tag: Tag,
        row: RequestRow,
        tenant_id: str | None,
    ) -> None:
        self._audit.record(
            caller, connection, tag, row.id, tenant_id=tenant_id, provider=row.provider
        )

    def _mark_told(self, connection: Connection, request_id: str) -> bool:
        return stored.mark_told(connection, request_id, int(self._clock()))

    def _details(self, row: RequestRow) -> Details:
        plain = self._sealer.open(row.sealed, purpose=REQUEST_PURPOSE, about=row.id)
        return msgspec.json.decode(plain, type=Details)

    def _word(self, row: RequestRow) -> str:
        if row.sealed_word is None:
            return ""
        return self._sealer.open(row.sealed_word, purpose=WORD_PURPOSE, about=row.id).decode()

    def _count(self, connection: Connection, name: str, most: int) -> None:
        now = int(self._clock())
        counted = f"tenant request {mac(self._count_key, name.encode()).hex()}"
        times, since = sign_ins.count(connection, counted, now, window=HOUR)
        if times > most:
            raise TooManyTenantRequests(max(1, since + HOUR - now))

    # ------------------------------------------------------------------- telling by mail

    def _tell_operators(self, connection: Connection, row: RequestRow) -> None:
        self._desk_mails.tell(
            connection,
            [OPERATOR],
            _ASKED.told(self._addresses.tenant_request(row.id)),
            about="tenant requests",
            most=MAILS,
        )

    def _tell_asker(self, connection: Connection, row: RequestRow, news: "_News") -> None:
        """What was typed stays out of it: an e-mail in a claim may be anybody's."""
        details = self._details(row)
        if details.email:
            told = news.told(self._addresses.portal)
            letter = Letter(details.email, told.subject, told.paragraphs, details.language)
            self._outbox.post(connection, [letter])


class _News(Struct, frozen=True):
    subject: str
    text: str

    def told(self, address: str) -> Told:
        return Told(Sentence(self.subject), (Sentence(self.text, {"address": address}),))


_ASKED = _News(
    N_("An institution asks to be registered"),
    N_("An administrator asks you to register their institution. Decide here: {address}"),
)
_APPROVED = _News(
    N_("Your institution is registered"),
    N_("You asked for it, and it was done. Sign in here, and you administer it: {address}"),
)
_DECLINED = _News(
    N_("Your institution wasn't registered"),
    N_("You asked for it, and it was declined. Sign in here to read why: {address}"),
)


def _get(connection: Connection, request_id: str) -> RequestRow:
    row = stored.get(connection, request_id)
    if row is None:
        raise TenantRequestNotFound(request_id)
    return row


def _suggested(value: str) -> str:
    """What the provider calls the institution, unless only machines call it so."""
    try:
        UUID(value)
    except ValueError:
        return "" if value.isdigit() else value
    return ""


def _bound(provider: Provider, browser: str) -> str:
    return f"{provider.key}\0{browser}"


def _lost(reason: str) -> SignInStateLost:
    return SignInStateLost("Your sign-in took too long, or began somewhere else.", reason=reason)
