"""The list of registrations: a to-do list. What needs the administrator comes first, and says why.

Whether a registration works is told by its launches: refused ones of the last 24 hours that
somebody has to mend, against the last accepted one. Educators see the same without client ids.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from gatelodge import platforms
from gatelodge.lti.errors import Mender, all_refusals
from gatelodge.lti.registration import RegistrationState
from gatelodge.services.background import BIN_DAYS, DAY
from gatelodge.services.caller import Caller, Role
from gatelodge.services.drafts import Draft, Drafts
from gatelodge.services.ports import Clock, Ids
from gatelodge.services.tenants import find_tenant
from gatelodge.storage import catalogue, key_set_failures
from gatelodge.storage import registration_index as index
from gatelodge.storage import registration_list as stored
from gatelodge.storage.database import Connection, Database
from gatelodge.storage.registration_list import (
    BinRow,
    FailureRow,
    Filters,
    ListedRow,
    Match,
    ToolInUse,
)
from gatelodge.storage.search_words import has_words, sort_key, words_of

PAGE = 50
HOURS = 24
MANY = 10
"""So many failures in a day are more than a slip in one course, though others come through."""

LONGEST_SEARCH = 200


class Standing(StrEnum):
    """How a registration is doing, in the order in which it needs somebody."""

    FAILING = "failing"
    WARNING = "warning"
    WAITING = "waiting"
    DRAFT = "draft"
    ACTIVE = "active"
    DISABLED = "disabled"


class Show(StrEnum):
    ALL = "all"
    ATTENTION = "attention"
    DRAFTS = "drafts"
    DISABLED = "disabled"


class Sort(StrEnum):
    STATE = "state"
    NAME = "name"
    LAUNCH = "launch"
    FAILURES = "failures"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for; whatever makes no sense is left out. ``tenant`` is for the operator."""

    words: str = ""
    show: Show = Show.ALL
    platform: str = ""
    tool: str = ""
    sort: Sort = Sort.STATE
    page: int = 1
    tenant: str = ""

    @property
    def is_narrow(self) -> bool:
        return bool(self.words or self.platform or self.tool or self.show is not Show.ALL)


@dataclass(frozen=True, slots=True)
class Failures:
    """Of the last 24 hours, the oldest hour first; ``code`` is the newest cause that needs mending."""

    hours: tuple[int, ...] = (0,) * HOURS
    code: str | None = None
    newest_at: int = 0
    to_mend: int = 0

    @property
    def total(self) -> int:
        return sum(self.hours)


@dataclass(frozen=True, slots=True)
class Line:
    """``client_id`` is None for who may not know it; ``draft`` is set, and nothing failed, for a draft."""

    id: str
    tenant: str
    name: str
    tool: str
    platform: str
    issuer: str
    client_id: str | None
    standing: Standing
    failures: Failures
    waiting: int = 0
    last_launch_at: int | None = None
    draft: Draft | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of the list. ``first`` counts from 1; ``counts`` are of all that pass the filters."""

    lines: tuple[Line, ...]
    counts: Mapping[Show, int]
    total: int
    first: int
    pages: int
    wanted: Wanted
    tools: Sequence[ToolInUse]
    in_bin: int
    waiting: int
    has_more: bool = False
    """More than were looked at have the words."""

    @property
    def last(self) -> int:
        return self.first + len(self.lines) - 1


@dataclass(frozen=True, slots=True)
class InBin:
    row: BinRow
    until: int


@dataclass(frozen=True, slots=True)
class Stopping:
    """What stops when a registration is deleted. ``is_more``: there were more launches than were counted."""

    name: str
    tool: str
    launches: int
    people: int
    is_more: bool
    until: int


_SLIPS: Final = frozenset(kind.code for kind in all_refusals() if kind.mender is Mender.PERSON)
"""Causes that nobody has to mend: somebody went back, or waited for long."""

_MOST_COUNTED = 10_000
MOST_FOUND = 200
"""A search shows so many at most: who looks for one of more types more of it."""


class RegistrationList:
    def __init__(self, database: Database, clock: Clock, ids: Ids, drafts: Drafts) -> None:
        self._database = database
        self._clock = clock
        self._ids = ids
        self._drafts = drafts

    def look(self, caller: Caller, wanted: Wanted) -> Listing:
        drafts = self._drafts_of(caller, wanted)
        if wanted.sort is Sort.LAUNCH and not self._database.read(index.knows_last_launches):
            self._database.write(index.note_last_launches)
        return self._database.read(
            lambda connection: self._listing(caller, connection, wanted, drafts)
        )

    def standing(self, caller: Caller, registration_id: str) -> Line | None:
        """One line of the list; None if there is no such registration, or it is in the bin."""

        def read(connection: Connection) -> Line | None:
            scope = caller.tenant_scope
            rows = stored.some(connection, scope, [registration_id])
            if not rows:
                return None
            # Of the whole tenant: refusals have no index by registration.
            failed = self._failures(connection, rows[0].tenant_id)
            waiting = stored.count_waiting(connection, rows[0].tenant_id)
            return _line(caller, rows[0], failed, waiting)

        return self._database.read(read)

    def _listing(
        self, caller: Caller, connection: Connection, wanted: Wanted, drafts: Sequence[Draft]
    ) -> Listing:
        scope = caller.tenant_scope
        if caller.is_operator and wanted.tenant:
            scope = find_tenant(caller, connection, wanted.tenant).id
        tools = stored.tools_in_use(connection, scope)
        filters = Filters(
            platform=wanted.platform,
            # A tool that isn't registered is one that nothing has.
            tool_id=wanted.tool and next((t.id for t in tools if t.key == wanted.tool), "-"),
        )
        found = _search(caller, connection, scope, wanted, filters)
        failed = self._failures(connection, scope)
        waiting = stored.count_waiting(connection, scope)
        needy = self._needy(caller, connection, scope, filters, failed, waiting)
        states = stored.count_by_state(connection, scope, filters)
        if found is not None:
            needy = [each for each in needy if each.id in found]
            states = Counter(each.state for each in found.values())
        in_draft = [_draft_line(each, tools) for each in drafts]
        sections = _Sections(connection, scope, filters, needy, in_draft, states, found)
        pages = max(1, -(-sections.total(wanted) // PAGE))
        page = min(max(1, wanted.page), pages)
        rows = sections.page(wanted, (page - 1) * PAGE)
        lines = tuple(
            each if isinstance(each, Line) else _line(caller, each, failed, waiting)
            for each in rows
        )
        return Listing(
            lines=lines,
            counts={
                Show.ALL: sum(states.values()) + len(drafts),
                Show.ATTENTION: len(needy),
                Show.DRAFTS: len(drafts),
                Show.DISABLED: states.get(RegistrationState.DISABLED, 0),
            },
            total=sections.total(wanted),
            first=(page - 1) * PAGE + 1 if lines else 0,
            pages=pages,
            wanted=wanted,
            tools=tools,
            in_bin=stored.count_bin(connection, scope),
            waiting=sum(waiting.values()),
            has_more=found is not None and len(found) == MOST_FOUND,
        )

    def _needy(
        self,
        caller: Caller,
        connection: Connection,
        scope: str | None,
        filters: Filters,
        failed: Mapping[str, Failures],
        waiting: Mapping[str, int],
    ) -> list[Line]:
        """Those that need somebody, the worst first: as many as there are, and mostly few."""
        ids = {each for each, failures in failed.items() if failures.to_mend} | set(waiting)
        rows = stored.some(connection, scope, ids, filters, state=RegistrationState.ACTIVE)
        lines = [_line(caller, row, failed, waiting) for row in rows]
        needy = [each for each in lines if each.standing in _NEEDY]
        return sorted(
            needy,
            key=lambda each: (
                _RANK[each.standing],
                -each.failures.total,
                sort_key(each.name),
                each.id,
            ),
        )

    def _failures(self, connection: Connection, scope: str | None) -> dict[str, Failures]:
        now = int(self._clock())
        # Whole hours, so that a bar is an hour of the clock; the last one is not over yet.
        since = (now // 3600 - HOURS + 1) * 3600
        since_id = self._ids.first_at(since)
        rows = stored.failures(connection, scope, since_id=since_id, since=since)
        rows += key_set_failures.failures(connection, scope, since_id=since_id, since=since)
        by_registration: dict[str, list[FailureRow]] = {}
        for row in rows:
            by_registration.setdefault(row.registration_id, []).append(row)
        return {each: _failures(found) for each, found in by_registration.items()}

    def _drafts_of(self, caller: Caller, wanted: Wanted) -> list[Draft]:
        if caller.role is not Role.ADMIN:
            return []
        return [each for each in self._drafts.list(caller) if _passes(each, wanted)]

    def homes(
        self, caller: Caller, platform_client_ids: Collection[str]
    ) -> dict[str, list[tuple[str, str]]]:
        """Id and name of the registrations on each client: where its deployments may belong."""
        caller.must_administer()

        def read(connection: Connection) -> dict[str, list[tuple[str, str]]]:
            return {
                each: [
                    (found.id, found.name)
                    for found in catalogue.registrations_of_client(connection, each)
                    if caller.tenant_scope in (None, found.tenant_id)
                ]
                for each in platform_client_ids
            }

        return self._database.read(read)

    # ------------------------------------------------------------------- deleting, and the bin

    def what_stops(self, caller: Caller, registration_id: str) -> Stopping | None:
        """Before somebody deletes it; None if there is no such registration, or it is in the bin."""
        caller.must_administer()
        now = self._clock()

        def read(connection: Connection) -> Stopping | None:
            rows = stored.some(connection, caller.tenant_scope, [registration_id])
            if not rows:
                return None
            launches, people = stored.count_launches(
                connection, registration_id, since=now - 7 * DAY, most=_MOST_COUNTED
            )
            is_more = launches == _MOST_COUNTED
            until = int(now) + BIN_DAYS * DAY
            return Stopping(rows[0].name, rows[0].tool_name, launches, people, is_more, until)

        return self._database.read(read)

    def look_into_bin(self, caller: Caller, *, limit: int, offset: int) -> tuple[list[InBin], int]:
        """What was deleted last comes first; and how much there is in all."""
        caller.must_administer()

        def read(connection: Connection) -> tuple[list[InBin], int]:
            scope = caller.tenant_scope
            rows = stored.list_bin(connection, scope, offset=offset, limit=limit)
            found = [InBin(row, row.deleted_at + BIN_DAYS * DAY) for row in rows]
            return found, stored.count_bin(connection, scope)

        return self._database.read(read)


# ----------------------------------------------------------------------- how it is doing

_NEEDY: Final = frozenset({Standing.FAILING, Standing.WARNING, Standing.WAITING})
_RANK: Final = {each: place for place, each in enumerate(Standing)}


def _line(
    caller: Caller, row: ListedRow, failed: Mapping[str, Failures], waiting: Mapping[str, int]
) -> Line:
    failures = failed.get(row.id, Failures())
    waits = waiting.get(row.id, 0)
    return Line(
        id=row.id,
        tenant=row.tenant_name,
        name=row.name,
        tool=row.tool_name,
        platform=platforms.get(row.platform).name,
        issuer=row.issuer,
        client_id=None if caller.role is Role.EDUCATOR else row.client_id,
        standing=_standing(row, failures, waits),
        failures=failures,
        waiting=waits,
        last_launch_at=row.last_launch_at,
    )


def _standing(row: ListedRow, failures: Failures, waiting: int) -> Standing:
    if row.state != RegistrationState.ACTIVE:
        return Standing.DRAFT if row.state == RegistrationState.DRAFT else Standing.DISABLED
    if failures.to_mend:
        nobody_came_since = (row.last_launch_at or 0) <= failures.newest_at
        is_failing = nobody_came_since or failures.to_mend >= MANY
        return Standing.FAILING if is_failing else Standing.WARNING
    return Standing.WAITING if waiting else Standing.ACTIVE


def _failures(rows: Sequence[FailureRow]) -> Failures:
    hours = [0] * HOURS
    for row in rows:
        hours[min(max(row.hour, 0), HOURS - 1)] += row.count
    to_mend = [row for row in rows if row.code not in _SLIPS]
    newest = max(to_mend, key=lambda row: row.newest_id, default=None)
    return Failures(
        tuple(hours),
        newest.code if newest else None,
        newest.newest_at if newest else 0,
        sum(row.count for row in to_mend),
    )


# ----------------------------------------------------------------------- words


def _search(
    caller: Caller, connection: Connection, scope: str | None, wanted: Wanted, filters: Filters
) -> dict[str, Match] | None:
    """By their ids those that have the words, in no order; None if no words are looked for."""
    if not wanted.words:
        return None
    found = stored.search(
        connection,
        scope,
        words_of(wanted.words),
        filters,
        client_ids=caller.role is not Role.EDUCATOR,
        limit=MOST_FOUND,
    )
    return {each.id: each for each in found}


# ----------------------------------------------------------------------- the order of the list


class _Sections:
    """The list as parts that follow one another, so that no part is read that isn't shown."""

    def __init__(
        self,
        connection: Connection,
        scope: str | None,
        filters: Filters,
        needy: Sequence[Line],
        drafts: Sequence[Line],
        states: Mapping[str, int],
        found: Mapping[str, Match] | None,
    ) -> None:
        self._connection = connection
        self._scope = scope
        self._filters = filters
        self._needy = needy
        self._drafts = drafts
        self._states = states
        self._found = found

    def total(self, wanted: Wanted) -> int:
        match wanted.show:
            case Show.ATTENTION:
                return len(self._needy)
            case Show.DRAFTS:
                return len(self._drafts)
            case Show.DISABLED:
                return self._states.get(RegistrationState.DISABLED, 0)
            case Show.ALL:
                return sum(self._states.values()) + len(self._drafts)

    def page(self, wanted: Wanted, offset: int) -> list[Line | ListedRow]:
        found: list[Line | ListedRow] = []
        for part, state in self._parts(wanted):
            room = PAGE - len(found)
            if room == 0:
                break
            if state is None:
                found += part[offset : offset + room]
                offset = max(0, offset - len(part))
                continue
            size = self._size(state)
            if offset < size:
                found += self._rows(wanted, state, offset, room)
            offset = max(0, offset - size)
        return found

    def _parts(self, wanted: Wanted) -> list[tuple[Sequence[Line], str | None]]:
        """Lines at hand, or the state of those to be read ("" for any)."""
        match wanted.show:
            case Show.ATTENTION:
                return [(_sorted(self._needy, wanted.sort), None)]
            case Show.DRAFTS:
                return [(_sorted(self._drafts, wanted.sort), None)]
            case Show.DISABLED:
                return [((), RegistrationState.DISABLED)]
            case Show.ALL:
                pass
        if wanted.sort in (Sort.NAME, Sort.LAUNCH):
            return [((), ""), (_sorted(self._drafts, wanted.sort), None)]
        first = _sorted(self._needy, wanted.sort)
        states = [RegistrationState.DRAFT, RegistrationState.ACTIVE, RegistrationState.DISABLED]
        return [(first, None), (self._drafts, None), *(((), state) for state in states)]

    def _size(self, state: str) -> int:
        if not state:
            return sum(self._states.values())
        known = self._states.get(state, 0)
        return known - len(self._needy) if state == RegistrationState.ACTIVE else known

    def _rows(self, wanted: Wanted, state: str, offset: int, limit: int) -> list[ListedRow]:
        without = [each.id for each in self._needy] if state == RegistrationState.ACTIVE else []
        by_launch = wanted.sort is Sort.LAUNCH
        if self._found is not None:
            matches = [
                each
                for each in self._found.values()
                if state in ("", each.state) and each.id not in without
            ]
            matches.sort(
                key=lambda each: (-each.last_launch if by_launch else 0, each.sort_name, each.id)
            )
            ids = [each.id for each in matches[offset : offset + limit]]
            return stored.in_order(self._connection, self._scope, ids)
        return stored.page(
            self._connection,
            self._scope,
            self._filters,
            order="launch" if by_launch else "name",
            state=RegistrationState(state) if state else None,
            without=without,
            offset=offset,
            limit=limit,
            total=self._size(state),
        )


def _sorted(lines: Sequence[Line], sort: Sort) -> Sequence[Line]:
    match sort:
        case Sort.NAME:
            return sorted(lines, key=lambda each: (sort_key(each.name), each.id))
        case Sort.LAUNCH:
            return sorted(lines, key=lambda each: -(each.last_launch_at or 0))
        case Sort.FAILURES:
            return sorted(lines, key=lambda each: -each.failures.total)
        case Sort.STATE:
            return lines


def _draft_line(draft: Draft, tools: Sequence[ToolInUse]) -> Line:
    names = {each.key: each.name for each in tools}
    return Line(
        id=draft.id,
        tenant="",
        # What was typed is kept whole, however long; a list needs no more than this.
        name=draft.name[:LONGEST_SEARCH],
        tool=names.get(draft.tool_id, draft.tool_id),
        platform=draft.platform.name if draft.platform else "",
        issuer=draft.value("issuer")[:LONGEST_SEARCH],
        client_id=draft.value("client_id")[:LONGEST_SEARCH] or None,
        standing=Standing.DRAFT,
        failures=Failures(),
        draft=draft,
    )


def _passes(draft: Draft, wanted: Wanted) -> bool:
    texts = (draft.name, draft.value("issuer"), draft.value("client_id"))
    return (
        has_words(wanted.words, *(each[:LONGEST_SEARCH] for each in texts))
        and wanted.platform in ("", draft.value("platform"))
        and wanted.tool in ("", draft.tool_id)
    )
