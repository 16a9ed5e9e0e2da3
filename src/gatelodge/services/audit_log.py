"""The audit log as people read it: whose events, narrowed how, and what everything in them is called.

Administrators see what was done in their tenant, the operator all. A tenant knows its own people by
name, and neither the operator's nor those of others.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

import msgspec

from gatelodge.services.audit import Tag
from gatelodge.services.caller import Caller
from gatelodge.services.ports import Ids
from gatelodge.services.tenants import find_tenant
from gatelodge.storage import accounts, audit, audit_names, registrations
from gatelodge.storage.audit import AuditEvent, Sought
from gatelodge.storage.database import Connection, Database
from gatelodge.storage.paging import PAGE as AT_ONCE

PAGE = 50
MOST_PEOPLE = MOST_REGISTRATIONS = 200
"""People and registrations to choose from; others are found by an event of theirs."""

GATEWAY, NOBODY, COMMAND = "worker", "nobody", "cli:"
"""Who acts without an account."""


class Who(StrEnum):
    PERSON = "person"
    OPERATOR = "operator"
    COMMAND = "command"
    GATEWAY = "gateway"
    STRANGER = "stranger"
    FORMER = "former"


class Kind(StrEnum):
    """What events are about, for people to choose from."""

    REGISTRATIONS = "registrations"
    LAUNCHES = "launches"
    PEOPLE = "people"
    SIGN_INS = "sign-ins"
    PROBLEMS = "problems"
    TOOLS = "tools"
    KEYS = "keys"
    TENANTS = "tenants"


_SIGN_INS = {
    Tag.ACCOUNT_SIGNED_IN,
    Tag.ACCOUNT_SIGNED_OUT,
    Tag.ACCOUNT_SESSION_ENDED,
    Tag.ACCOUNT_SIGN_IN_REFUSED,
    Tag.ACCESS_REFUSED,
}

_KINDS = {
    "draft": Kind.REGISTRATIONS,
    "registration": Kind.REGISTRATIONS,
    "deployment": Kind.REGISTRATIONS,
    "platform_client": Kind.REGISTRATIONS,
    "launch": Kind.LAUNCHES,
    "problem": Kind.PROBLEMS,
    "tool": Kind.TOOLS,
    "key": Kind.KEYS,
    "tenant": Kind.TENANTS,
    "tenant_request": Kind.TENANTS,
}


def kind_of(tag: Tag) -> Kind:
    """What is about nothing else is about people."""
    if tag in _SIGN_INS:
        return Kind.SIGN_INS
    return _KINDS.get(tag.partition(".")[0], Kind.PEOPLE)


@dataclass(frozen=True, slots=True)
class Asked:
    """``since`` and ``until`` are seconds; ``tenant`` narrows what the operator sees."""

    kind: Kind | None = None
    person: str = ""
    thing: str = ""
    tenant: str = ""
    since: int | None = None
    until: int | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """``id`` and ``name`` are empty where the reader may not know them."""

    who: Who
    id: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """``thing`` and ``registration`` are names, and empty for what is gone or has none."""

    event: AuditEvent
    actor: Actor
    subject: Actor | None
    thing: str
    registration: str
    tenant: str
    details: Mapping[str, str]

    @property
    def may_name_subject(self) -> bool:
        """Not somebody of the operator's, whose id is nobody else's business."""
        return self.subject is None or bool(self.subject.id)


@dataclass(frozen=True, slots=True)
class AuditPage:
    """``older`` is the id with which the next page begins, None at the end.

    ``people`` and ``registrations`` are pairs of id and name to choose from. ``person`` and ``thing`` name those that
    were asked for, if the reader may know them.
    """

    entries: Sequence[Entry]
    older: str | None
    people: Sequence[tuple[str, str]]
    registrations: Sequence[tuple[str, str]]
    person: str
    thing: str
    tenant: str


class AuditLog:
    def __init__(self, database: Database, ids: Ids) -> None:
        self._database = database
        self._ids = ids

    def look(self, caller: Caller, asked: Asked, before: str | None = None) -> AuditPage:
        caller.must_administer()
        return self._database.read(partial(self._page, caller, asked, before))

    def each(self, caller: Caller, asked: Asked, *, limit: int | None = None) -> Iterator[Entry]:
        """All of them, newest first, a read at a time; who may not is refused before the first."""
        caller.must_administer()
        sought = self._database.read(partial(self._sought, caller, asked))
        return self._each(caller, sought, limit)

    # ------------------------------------------------------------------- steps

    def _page(
        self, caller: Caller, asked: Asked, before: str | None, connection: Connection
    ) -> AuditPage:
        sought = self._sought(caller, asked, connection)
        rows = audit.find(connection, sought, before=before, limit=PAGE + 1) if sought else []
        shown = rows[:PAGE]
        entries = _entries(caller, connection, shown)
        tenant = find_tenant(caller, connection, asked.tenant) if asked.tenant else None
        return AuditPage(
            entries=entries,
            older=shown[-1].id if len(rows) > PAGE else None,
            people=_people(connection, tenant.id if tenant else caller.tenant_scope),
            person=_people_known(caller, connection, [asked.person]).get(asked.person, ""),
            registrations=_registrations(connection, tenant.id if tenant else caller.tenant_scope),
            thing=next(filter(None, (_called(each, asked.thing) for each in entries)), ""),
            tenant=tenant.name if tenant else "",
        )

    def _each(self, caller: Caller, sought: Sought | None, limit: int | None) -> Iterator[Entry]:
        before, left = None, limit
        while sought and (left is None or left > 0):
            count = AT_ONCE if left is None else min(left, AT_ONCE)
            entries = self._database.read(partial(_next, caller, sought, before, count))
            yield from entries
            if len(entries) < count:
                return
            before = entries[-1].event.id
            left = None if left is None else left - count

    def _sought(self, caller: Caller, asked: Asked, connection: Connection) -> Sought | None:
        """None where a person is asked for whom the caller may not know."""
        tenant_id = caller.tenant_scope
        if asked.tenant:
            tenant_id = find_tenant(caller, connection, asked.tenant).id
        if asked.person and not _may_know(caller, connection, asked.person):
            return None
        return Sought(
            tenant_id=tenant_id,
            actor=asked.person or None,
            subject=asked.thing or None,
            parts=audit.parts_of(connection, asked.thing) if asked.thing else (),
            tags=[tag for tag in Tag if kind_of(tag) is asked.kind],
            since=None if asked.since is None else self._ids.first_at(asked.since),
            until=None if asked.until is None else self._ids.first_at(asked.until),
        )


def _next(
    caller: Caller, sought: Sought, before: str | None, count: int, connection: Connection
) -> Sequence[Entry]:
    rows = audit.find(connection, sought, before=before, limit=count)
    return _entries(caller, connection, rows)


def _may_know(caller: Caller, connection: Connection, person: str) -> bool:
    return caller.is_operator or person in _people_known(caller, connection, [person])


def _people(connection: Connection, tenant_id: str | None) -> Sequence[tuple[str, str]]:
    rows = accounts.list_all(connection, tenant_id, limit=MOST_PEOPLE)
    return sorted(((row.id, row.name) for row in rows), key=lambda each: each[1].casefold())


def _registrations(connection: Connection, tenant_id: str | None) -> Sequence[tuple[str, str]]:
    rows = registrations.list_all(connection, tenant_id, limit=MOST_REGISTRATIONS)
    return sorted(((row.id, row.name) for row in rows), key=lambda each: each[1].casefold())


# ----------------------------------------------------------------------- names


def _called(entry: Entry, thing: str) -> str:
    """What this thing is called, if the event is about it, or tells of it."""
    if entry.event.subject == thing:
        return entry.thing
    return entry.registration if entry.details.get("registration") == thing else ""


def _entries(
    caller: Caller, connection: Connection, events: Sequence[AuditEvent]
) -> Sequence[Entry]:
    """With a fixed number of look-ups, however many events there are."""
    details = {each.id: _details(each) for each in events}
    wanted: dict[str, set[str]] = {"registration": set(), "tenant": set()}
    for event in events:
        wanted.setdefault(_noun(event.tag), set()).add(event.subject)
        wanted["registration"].add(details[event.id].get("registration") or "")
        wanted["tenant"].add(event.tenant_id or "")
    actors = {each.actor for each in events}
    about = wanted.pop("account", set())
    wanted.pop("", None)
    known = _people_known(caller, connection, actors | about)
    operators = _operators(connection, (actors | about) - known.keys())
    names = audit_names.names_of(connection, wanted)

    def entry(event: AuditEvent) -> Entry:
        told, noun = details[event.id], _noun(event.tag)
        is_person = noun == "account"
        return Entry(
            event=event,
            actor=_actor(caller, event.actor, known, operators),
            subject=_actor(caller, event.subject, known, operators) if is_person else None,
            thing=names.get(noun, {}).get(event.subject, ""),
            registration=names["registration"].get(told.get("registration") or "", ""),
            tenant=names["tenant"].get(event.tenant_id or "", ""),
            details=told,
        )

    return [entry(each) for each in events]


def _details(event: AuditEvent) -> Mapping[str, str]:
    """What somebody edited in the database may be no JSON any more; the chain tells of that."""
    try:
        found = msgspec.json.decode(event.details, type=dict[str, str | None])
    except msgspec.DecodeError:
        return {}
    return {name: value for name, value in found.items() if value is not None}


_REQUESTS = {Tag.DEPLOYMENT_REQUESTED, Tag.DEPLOYMENT_REQUEST_DISMISSED}
_NOUNS = {
    "draft": "registration",
    "access": "account",
    **{
        name: name
        for name in (
            *("account", "tenant", "tool", "registration"),
            *("platform_client", "deployment", "problem"),
        )
    },
}


def _noun(tag: str) -> str:
    """The kind of thing that an event's subject is; empty for what nobody gave a name."""
    if tag in _REQUESTS:
        return "request"
    return _NOUNS.get(tag.partition(".")[0], "")


def _people_known(
    caller: Caller, connection: Connection, ids: Collection[str]
) -> Mapping[str, str]:
    """Names of those whom the caller may know: for the operator all, else the tenant's own."""
    if not caller.is_operator:
        held = accounts.roles_of(connection, ids)
        ids = {each.account_id for each in held if each.tenant_id == caller.tenant_id}
    return audit_names.names_of(connection, {"account": ids})["account"]


def _operators(connection: Connection, ids: Collection[str]) -> Collection[str]:
    held = accounts.roles_of(connection, ids) if ids else []
    return {each.account_id for each in held if each.tenant_id is None}


def _actor(
    caller: Caller, actor: str, known: Mapping[str, str], operators: Collection[str]
) -> Actor:
    if actor in known:
        return Actor(Who.PERSON, actor, known[actor])
    if actor == GATEWAY:
        return Actor(Who.GATEWAY)
    if actor in (NOBODY, "unknown"):
        return Actor(Who.STRANGER)
    if actor.startswith(COMMAND):
        return (
            Actor(Who.COMMAND, actor, actor.removeprefix(COMMAND))
            if caller.is_operator
            else Actor(Who.OPERATOR)
        )
    if actor in operators:
        return Actor(Who.OPERATOR)
    return Actor(Who.FORMER, actor)
